"""Rows to measure on: each with its cluster and its weight, and every figure with its interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.annotation import Annotation
from servicequal.scheme import LEVELS, NOT_APPLICABLE
from servicequal.scorecard import Rating
from servicequal.stats.intervals import Interval, cluster_bootstrap

LEAST = 20  # contacts below which nothing is said
ANSWERS = (NOT_APPLICABLE, *LEVELS)


@dataclass(frozen=True, slots=True)
class Rows:
    """What is measured, a row each.

    Attributes:
        clusters: what varies together: the case, the customer or the contact.
        weight: float [rows], such that each contact weighs the same however many raters it has.
    """

    clusters: Sequence[str]
    weight: np.ndarray

    def figure(self, of: Callable[[np.ndarray], float], where: np.ndarray | None = None) -> Interval:
        """Give a figure of row numbers with its interval, on the rows where ``where`` is true."""

        def masked(rows: np.ndarray) -> float:
            rows = rows if where is None else rows[where[rows]]
            return of(rows) if len(rows) else float("nan")

        return cluster_bootstrap(masked, self.clusters) if self.clusters else UNTOLD

    def mean(self, values: np.ndarray, where: np.ndarray | None = None) -> Interval:
        """Give the weighted mean of values, float [rows]."""
        return self.figure(lambda rows: float(np.average(values[rows], weights=self.weight[rows])), where)

    def share(self, part: np.ndarray, whole: np.ndarray) -> Interval:
        """Give the weighted sum of counts by that of other counts, float [rows] each."""

        def ratio(rows: np.ndarray) -> float:
            total = float(self.weight[rows] @ whole[rows])
            return float(self.weight[rows] @ part[rows]) / total if total else float("nan")

        return self.figure(ratio)


UNTOLD = Interval(float("nan"), float("nan"), float("nan"))


def distribution(rating: Rating) -> np.ndarray:
    """Give the probability of each of ``ANSWERS``: float [4].

    Example:
        >>> distribution(Rating("fully_met", 0.5, {"not_met": 0.0, "partly_met": 0.2, "fully_met": 0.8}, "auto"))
        array([0.5, 0. , 0.1, 0.4])
    """
    levels = [rating.applicable * rating.levels[level] for level in LEVELS]
    return np.array([1 - rating.applicable, *levels])


def answer_in(annotation: Annotation, criterion: str) -> int:
    """Give a rater's answer as a number of ``ANSWERS``; the criterion must be rated."""
    return ANSWERS.index(annotation.ratings[criterion])
