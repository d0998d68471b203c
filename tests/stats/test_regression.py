"""The regressions agree with statsmodels, and weights count as repeated rows."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from servicequal.errors import ServicequalError
from servicequal.stats.regression import fit_regression


@pytest.fixture
def data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    x = draw.normal(size=(300, 3))
    outcome = np.digitize(x @ [1.0, 0.5, 0.0] + draw.logistic(size=300), [-1.0, 0.0, 1.5]) + 1.0
    return x, outcome, np.arange(300) // 5


def test_linear_agrees_with_statsmodels(data: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    x, outcome, clusters = data
    ours = fit_regression(x, outcome, clusters, ordinal=False)
    theirs = sm.OLS(outcome, np.column_stack([x, np.ones(300)])).fit(cov_type="cluster", cov_kwds={"groups": clusters})
    np.testing.assert_allclose(ours.coefficients, theirs.params)
    np.testing.assert_allclose(ours.covariance, theirs.cov_params())


def test_ordinal_agrees_with_stacked_logistic_regressions(data: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    x, outcome, clusters = data
    ours = fit_regression(x, outcome, clusters, ordinal=True)
    stacked = np.hstack([np.repeat(x, 3, axis=0), np.tile(np.eye(3), (300, 1))])
    above = (outcome[:, None] >= [2, 3, 4]).astype(float).ravel()
    theirs = sm.GLM(above, stacked, family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": np.repeat(clusters, 3)}
    )
    np.testing.assert_allclose(ours.coefficients, theirs.params, atol=1e-8)
    np.testing.assert_allclose(ours.covariance, theirs.cov_params(), atol=1e-8)
    assert ours.coefficients[:3] == pytest.approx([1.0, 0.5, 0.0], abs=0.25)


@pytest.mark.parametrize("ordinal", [False, True])
def test_a_weight_counts_as_repeated_rows(data: tuple[np.ndarray, np.ndarray, np.ndarray], *, ordinal: bool) -> None:
    x, outcome, clusters = data
    times = np.random.default_rng(1).integers(1, 4, 300)
    weighted = fit_regression(x, outcome, clusters, ordinal=ordinal, weights=times.astype(float))
    again = np.repeat(np.arange(300), times)
    repeated = fit_regression(x[again], outcome[again], clusters[again], ordinal=ordinal)
    np.testing.assert_allclose(weighted.coefficients, repeated.coefficients, atol=1e-8)
    np.testing.assert_allclose(weighted.covariance, repeated.covariance, rtol=0.03)  # rows in the small-sample factor


def test_an_effect_is_the_change_of_the_expected_outcome(data: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    x, outcome, clusters = data
    linear = fit_regression(x, outcome, clusters, ordinal=False)
    ordinal = fit_regression(x, outcome, clusters, ordinal=True)
    effects = [one.effect(x, 0, low=-0.5, high=0.5, weights=np.ones(300)) for one in (linear, ordinal)]
    assert effects[0].value == pytest.approx(linear.coefficients[0])
    assert effects[0].error == pytest.approx(np.sqrt(linear.covariance[0, 0]), rel=1e-4)
    assert effects[1].value == pytest.approx(effects[0].value, rel=0.15)
    assert effects[1].error == pytest.approx(effects[0].error, rel=0.3)


def test_what_tells_the_outcome_or_another_feature_is_refused() -> None:
    x = np.linspace(-1, 1, 40)[:, None]
    with pytest.raises(ServicequalError, match="without error"):
        fit_regression(x, (x[:, 0] > 0).astype(float), np.arange(40), ordinal=True)
    with pytest.raises(ServicequalError, match="leave one"):
        fit_regression(np.hstack([x, 2 * x]), x[:, 0] ** 2, np.arange(40), ordinal=False)
