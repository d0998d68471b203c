"""Agreement against scikit-learn and hand-made tables; intervals against the textbook."""

from __future__ import annotations

import numpy as np
import pytest

from servicequal.stats.agreement import macro_f1, weighted_kappa
from servicequal.stats.intervals import cluster_bootstrap


def test_equals_scikit_learn() -> None:
    from sklearn.metrics import cohen_kappa_score, f1_score

    draw = np.random.default_rng(3)
    first, second = draw.integers(0, 3, 80), draw.integers(0, 3, 80)
    assert weighted_kappa(first, second, levels=3) == pytest.approx(cohen_kappa_score(first, second, weights="linear"))
    assert macro_f1(first, second, levels=3) == pytest.approx(f1_score(first, second, average="macro"))


def test_one_level_only_is_nan() -> None:
    assert np.isnan(weighted_kappa(np.zeros(5, int), np.zeros(5, int), levels=3))


def test_clusters_widen_the_interval() -> None:
    values = np.repeat(np.random.default_rng(4).normal(size=20), 10)
    rows = cluster_bootstrap(lambda r: float(values[r].mean()), [str(n) for n in range(200)])
    clusters = cluster_bootstrap(lambda r: float(values[r].mean()), [str(n // 10) for n in range(200)])
    assert clusters.high - clusters.low > 2 * (rows.high - rows.low)
