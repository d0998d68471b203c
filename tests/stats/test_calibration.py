"""Scores of probabilities against scikit-learn and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest

from servicequal.stats.calibration import brier_score, calibration_slope, log_loss
from servicequal.stats.intervals import exact_share
from servicequal.stats.logistic import logit, sigmoid


def test_proper_scores_equal_scikit_learn() -> None:
    from sklearn.metrics import brier_score_loss
    from sklearn.metrics import log_loss as other_log_loss

    draw = np.random.default_rng(1)
    probabilities, truth = draw.dirichlet(np.ones(4), 200), draw.integers(0, 4, 200)
    weights = draw.random(200)
    assert log_loss(probabilities, truth, weights=weights) == pytest.approx(
        other_log_loss(truth, probabilities, sample_weight=weights)
    )
    assert brier_score(probabilities, truth, weights=weights) == pytest.approx(
        brier_score_loss(truth, probabilities, sample_weight=weights, scale_by_half=False)
    )
    assert log_loss(np.array([[1.0, 0.0]]), np.array([1])) == pytest.approx(-np.log(1e-6))


def test_slope_equals_statsmodels() -> None:
    import statsmodels.api as sm

    draw = np.random.default_rng(2)
    confidence = draw.uniform(0.3, 0.99, 400)
    right = (draw.random(400) < sigmoid(0.6 * logit(confidence) + 0.2)).astype(float)
    weights = draw.uniform(0.2, 1, 400)
    design = sm.add_constant(logit(confidence))
    fitted = sm.GLM(right, design, family=sm.families.Binomial(), freq_weights=weights).fit()
    assert calibration_slope(confidence, right, weights=weights) == pytest.approx(fitted.params[1], abs=1e-6)


def test_slope_tells_boasts_from_modesty_and_what_it_cannot_tell() -> None:
    draw = np.random.default_rng(3)
    honest = draw.uniform(0.4, 0.98, 4000)
    right = (draw.random(4000) < honest).astype(float)
    assert calibration_slope(honest, right) == pytest.approx(1, abs=0.1)
    assert calibration_slope(sigmoid(2 * logit(honest)), right) == pytest.approx(0.5, abs=0.05)
    assert calibration_slope(sigmoid(logit(honest) / 2), right) == pytest.approx(2, abs=0.2)
    for confidence, hit in ((honest, np.ones(4000)), (np.full(9, 0.8), np.arange(9) % 2), (honest, honest > 0.7)):
        assert np.isnan(calibration_slope(confidence, hit.astype(float)))


def test_exact_share_equals_statsmodels() -> None:
    from statsmodels.stats.proportion import proportion_confint

    for hits, of in ((0, 9), (3, 40), (40, 40)):
        found = exact_share(hits, of)
        assert (found.low, found.high) == pytest.approx(proportion_confint(hits, of, method="beta"), nan_ok=True)
