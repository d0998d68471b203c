"""Comparisons of two models against statsmodels and scipy."""

from __future__ import annotations

import numpy as np
import pytest

from servicequal.stats.comparison import paired_gain


def test_swaps_equal_scipys_permutation_test() -> None:
    from scipy.stats import permutation_test

    draw = np.random.default_rng(1)
    first = draw.random(60)
    second = first - 0.03 + 0.1 * draw.normal(size=60)

    def statistic(a: np.ndarray, b: np.ndarray, axis: int) -> np.ndarray:
        return np.mean(a - b, axis=axis)

    found = paired_gain(first, second, range(60), draws=20_000)
    for alternative, p_value in (("greater", found.p_better), ("less", found.p_worse)):
        other = permutation_test(
            (first, second), statistic, permutation_type="samples", vectorized=True, n_resamples=20_000,
            alternative=alternative, rng=np.random.default_rng(2),
        )  # fmt: skip
        assert p_value == pytest.approx(other.pvalue, abs=0.015)


def test_rows_of_one_cluster_are_one_piece_of_evidence() -> None:
    draw = np.random.default_rng(3)
    drawn = draw.normal(0, 0.2, 20)
    gain = np.repeat(drawn - drawn.mean() + 0.05, 10)
    loose = paired_gain(gain, np.zeros(200), range(200))
    tight = paired_gain(gain, np.zeros(200), np.repeat(np.arange(20), 10))
    assert loose.value == pytest.approx(tight.value)
    assert loose.low > tight.low
    assert loose.p_better < tight.p_better < 1


def test_weights_and_alike_models() -> None:
    draw = np.random.default_rng(4)
    losses, weights = draw.random(50), draw.random(50)
    alike = paired_gain(losses, losses, range(50), weights=weights)
    assert (alike.value, alike.low, alike.p_better, alike.p_worse) == (0, 0, 1, 1)
    found = paired_gain(losses, np.zeros(50), range(50), weights=weights)
    assert found.value == pytest.approx(np.average(losses, weights=weights))
    assert np.isnan(paired_gain(losses, losses, np.zeros(50, int)).low)
