"""The certificate holds as often as it promises, and a naive threshold does not."""

from __future__ import annotations

import numpy as np
import pytest

from servicequal.stats.logistic import sigmoid
from servicequal.stats.selective import certified_threshold

MAX_ERROR, RISK, CONTACTS, TRIALS = 0.10, 0.10, 300, 400


def draw(generator: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """An honest but imperfect model: confidence between 0.5 and 1, right a little less often than it says."""
    confidence = 0.5 + 0.5 * sigmoid(generator.normal(1.0, 1.5, count))
    return confidence, generator.random(count) > confidence - 0.02


def true_error(threshold: float) -> float:
    confidence, wrong = draw(np.random.default_rng(99), 200_000)
    return float(wrong[confidence >= threshold].mean())


@pytest.mark.slow
def test_certificate_holds_and_naive_threshold_does_not() -> None:
    generator = np.random.default_rng(0)
    broken = naive_broken = found = 0
    for _ in range(TRIALS):
        confidence, wrong = draw(generator, CONTACTS)
        certified = certified_threshold(confidence, wrong, max_error=MAX_ERROR, risk=RISK)
        found += certified is not None
        broken += certified is not None and true_error(certified) > MAX_ERROR
        order = np.argsort(-confidence)
        running = np.cumsum(wrong[order]) / np.arange(1, CONTACTS + 1)
        fits = np.flatnonzero(running <= MAX_ERROR)
        naive_broken += len(fits) > 0 and true_error(float(confidence[order][fits[-1]])) > MAX_ERROR
    assert found / TRIALS > 0.3
    assert broken / TRIALS <= RISK
    assert naive_broken / TRIALS > 2 * RISK
