"""Ranks with intervals, and which groups cannot be told apart."""

from __future__ import annotations

import numpy as np

_DRAWS = 4000


def told_apart(values: np.ndarray, errors: np.ndarray, *, confidence_level: float = 0.95, seed: int = 0) -> np.ndarray:
    """Say of each pair whether the first is above the second, all pairs at once.

    Mogstad, Romano, Shaikh & Wilhelm (2024), "Inference for ranks", § 3: simultaneous intervals for all differences,
    whose critical value is the quantile of the largest studentised difference, simulated from independent normals.

    Args:
        values: float [groups].
        errors: float [groups], standard errors, above 0.
        confidence_level: 0–1, that no pair is told apart wrongly.
        seed: of the simulation.

    Returns:
        bool [groups, groups].

    Example:
        >>> told_apart(np.array([1.0, 1.1, 5.0]), np.array([0.3, 0.3, 0.3])).astype(int).tolist()
        [[0, 0, 0], [0, 0, 0], [1, 1, 0]]
    """
    count = len(values)
    scale = np.sqrt(errors[:, None] ** 2 + errors[None, :] ** 2)
    noise = np.random.default_rng(seed).normal(size=(_DRAWS, count)) * errors
    largest = np.zeros(_DRAWS)
    for group in range(count):  # one row of pairs at a time: all at once would fill the memory
        largest = np.maximum(largest, (np.abs(noise - noise[:, [group]]) / scale[group]).max(axis=1))
    return np.asarray((values[:, None] - values[None, :]) > np.quantile(largest, confidence_level) * scale)


def rank_intervals(above: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the best and the worst rank that each group may have, from 1; they hold for all groups together.

    Args:
        above: bool [groups, groups], as ``told_apart`` gives it.

    Example:
        >>> best, worst = rank_intervals(told_apart(np.array([1.0, 1.1, 5.0]), np.array([0.3, 0.3, 0.3])))
        >>> best.tolist(), worst.tolist()
        ([2, 2, 1], [3, 3, 1])
    """
    return 1 + above.sum(axis=0), len(above) - above.sum(axis=1)


def alike(values: np.ndarray, above: np.ndarray) -> list[list[int]]:
    """Give the largest runs of groups, from the best, within which no two can be told apart.

    Example:
        >>> values = np.array([1.0, 1.1, 5.0])
        >>> alike(values, told_apart(values, np.array([0.3, 0.3, 0.3])))
        [[2], [1, 0]]
    """
    order = np.argsort(-values, kind="stable")
    runs: list[list[int]] = []
    reached = 0
    for first in range(len(order)):
        last = first + 1
        while last < len(order) and not above[np.ix_(order[first:last], order[[last]])].any():
            last += 1
        if last > reached:
            runs.append([int(group) for group in order[first:last]])
            reached = last
    return runs
