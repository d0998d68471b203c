"""Intervals hold what they promise: 95 % of them cover the truth, also where contacts come in clusters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from servicequal.stats.agreement import weighted_kappa
from servicequal.stats.comparison import paired_gain
from servicequal.stats.intervals import Interval, cluster_bootstrap

TRIALS = 1000


def clustered(draw: np.random.Generator, clusters: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw rows in clusters of 1 to 4 that share half of what varies: cluster numbers and values around 0."""
    sizes = draw.integers(1, 5, clusters)
    member = np.repeat(np.arange(clusters), sizes)
    return member, draw.normal(size=clusters)[member] + draw.normal(size=len(member))


def coverage(one: Callable[[np.random.Generator], tuple[Interval, float]]) -> float:
    draw = np.random.default_rng(0)
    found = [one(draw) for _ in range(TRIALS)]
    return float(np.mean([interval.low <= truth <= interval.high for interval, truth in found]))


@pytest.mark.slow
def test_bootstrap_of_a_mean_covers_and_one_that_ignores_clusters_does_not() -> None:
    def mean(draw: np.random.Generator, *, whole: bool = True) -> tuple[Interval, float]:
        member, values = clustered(draw, 120)
        units = member if whole else np.arange(len(values))
        return cluster_bootstrap(lambda rows: float(values[rows].mean()), units.tolist(), draws=300), 0.0

    assert 0.93 <= coverage(mean) <= 0.97
    assert coverage(lambda draw: mean(draw, whole=False)) < 0.90


@pytest.mark.slow
def test_bootstrap_of_kappa_covers() -> None:
    def answers(draw: np.random.Generator, clusters: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        member, values = clustered(draw, clusters)
        first, second = (np.digitize(values + draw.normal(0, 0.8, len(values)), [-0.7, 0.7]) for _ in range(2))
        return member, first, second

    truth = weighted_kappa(*answers(np.random.default_rng(9), 100_000)[1:], levels=3)

    def kappa(draw: np.random.Generator) -> tuple[Interval, float]:
        member, first, second = answers(draw, 120)
        figure = cluster_bootstrap(lambda r: weighted_kappa(first[r], second[r], levels=3), member.tolist(), draws=300)
        return figure, truth

    assert 0.93 <= coverage(kappa) <= 0.97


@pytest.mark.slow
def test_bounds_of_a_paired_gain_cover_and_equal_models_are_seldom_told_apart() -> None:
    draw = np.random.default_rng(1)
    above, below, better, worse = 0, 0, 0, 0
    for trial in range(TRIALS):
        member, noise = clustered(draw, 60)
        loss = draw.exponential(0.4, len(noise))  # skewed, as losses are
        gain = paired_gain(loss, loss - 0.02 - 0.1 * noise, member.tolist(), draws=400, seed=trial)
        above += gain.low <= 0.02
        below += gain.high >= 0.02
        alike = paired_gain(loss, loss - 0.1 * noise, member.tolist(), draws=400, seed=trial)
        better += alike.p_better <= 0.05
        worse += alike.p_worse <= 0.05
    assert 0.93 <= above / TRIALS <= 0.97
    assert 0.93 <= below / TRIALS <= 0.97
    assert better / TRIALS <= 0.065
    assert worse / TRIALS <= 0.065
