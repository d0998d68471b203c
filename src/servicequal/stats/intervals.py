"""Intervals for any figure, resampling whole clusters because what belongs together varies together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any

import numpy as np

MOST_LEFT_OUT = 500  # groups of a jackknife; it takes as many evaluations


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its confidence interval.

    Attributes:
        value: on all data.
        low: lower end, NaN where it cannot be told.
        high: upper end.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        value, low, high = (round(number, 2) + 0.0 for number in (self.value, self.low, self.high))  # never -0.00
        return f"{value:.2f} [{low:.2f}, {high:.2f}]"


def cluster_bootstrap(
    figure: Callable[[np.ndarray], float],
    clusters: Sequence[str] | Sequence[int],
    *,
    confidence_level: float = 0.95,
    draws: int = 500,
    seed: int = 0,
) -> Interval:
    """Bootstrap a figure over clusters (percentile method; Davison & Hinkley 1997, § 3.8).

    Args:
        figure: of row numbers, int [rows]; may give NaN, which is left out.
        clusters: the cluster of each row.
        confidence_level: 0–1.
        draws: how many resamples.
        seed: of the resampling.

    Example:
        >>> values = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 1.0])
        >>> cluster_bootstrap(lambda rows: float(values[rows].mean()), ["a", "a", "b", "b", "c", "c"]).value
        0.6666666666666666
    """
    rows = np.arange(len(clusters))
    _, member = np.unique(np.array(clusters), return_inverse=True)
    order, sizes = np.argsort(member, kind="stable"), np.bincount(member)
    starts, generator = np.cumsum(sizes) - sizes, np.random.default_rng(seed)
    resampled = []
    for _ in range(draws):
        drawn = generator.integers(len(sizes), size=len(sizes))
        size = sizes[drawn]
        stops = np.cumsum(size)
        resampled.append(figure(order[np.arange(stops[-1]) + np.repeat(starts[drawn] + size - stops, size)]))
    kept = np.array(resampled)[~np.isnan(resampled)]
    if len(kept) < draws / 2:
        return Interval(figure(rows), float("nan"), float("nan"))
    tail = (1 - confidence_level) / 2
    return Interval(figure(rows), float(np.quantile(kept, tail)), float(np.quantile(kept, 1 - tail)))


def cluster_jackknife(figure: Callable[[np.ndarray], float], clusters: Sequence[str] | Sequence[int]) -> Interval:
    """Give a figure ± 1.96 standard errors, leaving out one cluster at a time (Efron & Tibshirani 1993, § 11).

    For figures that resampling would bias, because drawing a row twice adds to them: a calibration error.

    Args:
        figure: of row numbers, int [rows]; never below 0.
        clusters: the cluster of each row.

    Example:
        >>> values = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 1.0])
        >>> str(cluster_jackknife(lambda rows: float(values[rows].mean()), range(6)))
        '0.67 [0.25, 1.08]'
    """
    rows = np.arange(len(clusters))
    _, member = np.unique(np.array(clusters), return_inverse=True)
    member = member % MOST_LEFT_OUT  # many clusters are left out in groups
    count = int(member.max(initial=-1)) + 1
    value = figure(rows)
    if count < 2:
        return Interval(value, float("nan"), float("nan"))
    without = np.array([figure(rows[member != number]) for number in range(count)])
    error = float(np.sqrt((count - 1) / count * ((without - without.mean()) ** 2).sum()))
    return Interval(value, max(0.0, value - 1.96 * error), value + 1.96 * error)


def exact_share(hits: int, of: int, *, confidence_level: float = 0.95) -> Interval:
    """Give a share with its exact interval (Clopper & Pearson 1934), for counts of independent things.

    Args:
        hits: at most ``of``.
        of: at least 1.
        confidence_level: 0–1.

    Example:
        >>> str(exact_share(0, 30))
        '0.00 [0.00, 0.12]'
    """
    from scipy.stats import binomtest

    interval = binomtest(hits, of).proportion_ci(confidence_level, method="exact")
    return Interval(hits / of, float(interval.low), float(interval.high))


def to_plain(figures: Any) -> Any:
    """Turn figures, however nested, into what JSON can hold: four digits, and null for what cannot be told.

    Example:
        >>> to_plain({"kappa": Interval(0.71234, float("nan"), 0.9)})
        {'kappa': {'value': 0.7123, 'low': None, 'high': 0.9}}
    """
    if is_dataclass(figures) and not isinstance(figures, type):
        return to_plain(asdict(figures))
    if isinstance(figures, Mapping):
        return {key: to_plain(item) for key, item in figures.items()}
    if isinstance(figures, float):
        return None if np.isnan(figures) else round(figures, 4)
    return figures
