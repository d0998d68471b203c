"""Our fits against scikit-learn, and what must always hold."""

from __future__ import annotations

import numpy as np
import pytest

from servicequal.stats.logistic import fit_logistic, fit_ordinal, ordinal_probabilities, sigmoid


def test_equals_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    draw = np.random.default_rng(1)
    x = draw.normal(size=(300, 4))
    y = (draw.random(300) < sigmoid(x @ [1.0, -2.0, 0.0, 0.5] + 0.3)).astype(float)
    weight, bias = fit_logistic(x, y[:, None], penalty=2.0)
    other = LogisticRegression(C=0.5, tol=1e-8).fit(x, y)
    np.testing.assert_allclose(weight, other.coef_, atol=5e-3)
    np.testing.assert_allclose(bias, other.intercept_, atol=5e-3)


def test_soft_targets_equal_repeated_rows() -> None:
    x = np.array([[0.0], [1.0], [2.0]])
    soft, soft_bias = fit_logistic(x, np.array([[0.25], [0.5], [1.0]]), penalty=1.0)
    repeated = np.repeat(x, 4, axis=0)
    hard = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1]]).reshape(-1, 1)
    weight, bias = fit_logistic(repeated, hard, penalty=1.0, weights=np.full(12, 0.25))
    np.testing.assert_allclose(soft, weight, atol=1e-3)
    np.testing.assert_allclose(soft_bias, bias, atol=1e-3)


def test_ordinal_recovers_its_own_model() -> None:
    draw = np.random.default_rng(2)
    x = draw.normal(size=(4000, 2))
    true = ordinal_probabilities(x @ np.array([1.5, -0.5]), np.array([1.0, -1.0]))
    levels = np.array([draw.choice(3, p=p / p.sum()) for p in true])
    weight, steps = fit_ordinal(x, np.eye(3)[levels], penalty=0.0)
    np.testing.assert_allclose(weight, [1.5, -0.5], atol=0.12)
    np.testing.assert_allclose(steps, [1.0, -1.0], atol=0.12)


@pytest.mark.parametrize("score", [-50.0, 0.0, 3.0, 50.0])
def test_ordinal_probabilities_sum_to_one(score: float) -> None:
    probabilities = ordinal_probabilities(np.array([score]), np.array([2.0, -2.0]))
    assert probabilities.min() >= 0
    assert probabilities.sum() == pytest.approx(1)
