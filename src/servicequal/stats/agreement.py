"""How far two sets of ratings agree, beyond chance and weighted by distance."""

from __future__ import annotations

import numpy as np


def weighted_kappa(first: np.ndarray, second: np.ndarray, *, levels: int, weights: np.ndarray | None = None) -> float:
    """Give Cohen's kappa with linear weights: 1 − observed / expected disagreement (Cohen 1968).

    Args:
        first: int [items], levels from 0.
        second: int [items].
        levels: how many levels there are.
        weights: float [items], 1 by default.

    Returns:
        At most 1; 0 is chance; NaN where both used one level only.

    Example:
        >>> weighted_kappa(np.array([0, 1, 2, 2]), np.array([0, 1, 2, 1]), levels=3)
        0.7142857142857143
    """
    observed = np.zeros((levels, levels))
    np.add.at(observed, (first, second), np.ones(len(first)) if weights is None else weights)
    total = observed.sum()
    expected = np.outer(observed.sum(1), observed.sum(0)) / total if total else observed
    distance = np.abs(np.subtract.outer(np.arange(levels), np.arange(levels)))
    chance = float((distance * expected).sum())
    return 1 - float((distance * observed).sum()) / chance if chance else float("nan")


def macro_f1(truth: np.ndarray, answer: np.ndarray, *, levels: int, weights: np.ndarray | None = None) -> float:
    """Give the mean F1 over the levels that occur in truth or answer.

    Example:
        >>> macro_f1(np.array([0, 0, 1]), np.array([0, 1, 1]), levels=3)
        0.6666666666666666
    """
    weights = np.ones(len(truth)) if weights is None else weights
    scores = []
    for level in range(levels):
        hit = weights[(truth == level) & (answer == level)].sum()
        either = weights[truth == level].sum() + weights[answer == level].sum()
        if either:
            scores.append(2 * hit / either)
    return float(np.mean(scores)) if scores else float("nan")


def krippendorff_alpha(counts: np.ndarray, *, ordinal: bool = False) -> float:
    """Give Krippendorff's alpha: 1 − observed / expected disagreement among any number of raters.

    Krippendorff (2011), "Computing Krippendorff's alpha-reliability". Items with one rating say nothing.

    Args:
        counts: float [items, levels], how many raters gave the item each level.
        ordinal: whether a disagreement weighs by how many ratings lie between the two levels; else all weigh alike.

    Returns:
        At most 1; 0 is chance; NaN where all ratings are of one level, or no item has two.

    Example:
        >>> round(krippendorff_alpha(np.array([[2, 0, 0], [0, 3, 0], [0, 1, 2], [0, 0, 2]])), 3)
        0.719
    """
    rated = counts.sum(axis=1, keepdims=True)
    counts, rated = counts[rated[:, 0] > 1], rated[rated[:, 0] > 1]
    coincidence = (counts / (rated - 1)).T @ counts - np.diag((counts / (rated - 1)).sum(axis=0))
    totals = coincidence.sum(axis=1)
    distance = _ordinal_distance(totals) if ordinal else 1 - np.eye(counts.shape[1])
    chance = float((distance * np.outer(totals, totals)).sum())
    if not chance:
        return float("nan")
    return 1 - float((distance * coincidence).sum()) * float(totals.sum() - 1) / chance


def _ordinal_distance(totals: np.ndarray) -> np.ndarray:
    """Square how many ratings lie between two levels, each end counted by half."""
    middle = np.cumsum(totals) - totals / 2
    return np.asarray(np.subtract.outer(middle, middle) ** 2)


def gwet_ac(counts: np.ndarray, *, ordinal: bool = False) -> float:
    """Give Gwet's AC1, or AC2 with linear weights: agreement beyond chance that rare levels do not distort.

    Gwet (2014), "Handbook of inter-rater reliability", 4th ed., chapters 4 and 5. Where nearly all ratings are of one
    level, alpha and kappa fall towards 0 however well raters agree; AC does not.

    Args:
        counts: float [items, levels], how many raters gave the item each level.
        ordinal: whether neighbouring levels count as partial agreement (AC2); else only equal ones count (AC1).

    Returns:
        At most 1; 0 is chance; NaN where no item has two ratings.

    Example:
        >>> almost_all_yes = np.array([[2, 0]] * 48 + [[1, 1]] * 2)
        >>> round(gwet_ac(almost_all_yes), 2), round(krippendorff_alpha(almost_all_yes), 2)
        (0.96, -0.01)
    """
    levels = counts.shape[1]
    apart = np.abs(np.subtract.outer(np.arange(levels), np.arange(levels)))
    weights = 1 - apart / (levels - 1) if ordinal else (apart == 0).astype(float)
    rated = counts.sum(axis=1)
    shares = (counts[rated > 0] / rated[rated > 0, None]).mean(axis=0)
    chance = float(weights.sum() * (shares * (1 - shares)).sum()) / (levels * (levels - 1))
    twice, times = counts[rated > 1], rated[rated > 1]
    if not len(twice):
        return float("nan")
    observed = float(((twice * (twice @ weights - 1)).sum(axis=1) / (times * (times - 1))).mean())
    return float((observed - chance) / (1 - chance))
