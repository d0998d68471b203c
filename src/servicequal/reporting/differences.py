"""Two groups of contacts compared on every measure, with one correction for all the comparisons of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.reporting.measures import MINIMUM, OVERALL, Measures, estimate, mean_estimate
from servicequal.reporting.section import Cell, Column, Estimate, Text
from servicequal.stats.significance import Effect, holm

SURE = 0.05  # level of the corrected tests
COLUMNS = (Column("first", "points"), Column("second", "points"), Column("difference", "points"), Column("p_holm", "p"))


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean of one group less that of another, on one measure.

    Attributes:
        measure: ``overall`` or a criterion.
        first: mean of the first group.
        second: mean of the second group.
        contrast: first minus second.
    """

    measure: str
    first: Estimate
    second: Estimate
    contrast: Effect

    @property
    def estimate(self) -> Estimate:
        """The difference in points."""
        return estimate(self.contrast.interval, self.first.n + self.second.n)


def differences(
    measures: Measures,
    sides: np.ndarray,
    clustered: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    names: Sequence[str] = (),
) -> list[Difference]:
    """Compare two groups on the given measures, all by default; a measure with too few contacts is left out.

    Args:
        measures: of all contacts.
        sides: int [contacts]: 0 in the first group, 1 in the second, −1 in neither.
        clustered: int [contacts]; a cluster in both groups makes the comparison paired.
        weights: float [contacts].
        names: of measures.
    """
    found = []
    for name in names or measures.names:
        number = measures.names.index(name)
        applies = np.where(
            np.isnan(measures.labelled[number, :, 1]), measures.predicted[number, :, 1], measures.labelled[number, :, 1]
        )
        if any(applies[sides == side].sum() < MINIMUM for side in (0, 1)):
            continue
        domains = measures.means(name, sides, clustered, weights=weights)
        means = [
            mean_estimate(domains.contrast(np.eye(2)[side]).interval, round(applies[sides == side].sum()))
            for side in (0, 1)
        ]
        found.append(Difference(name, means[0], means[1], domains.contrast([1, -1])))
    return found


def corrected(found: Sequence[Difference]) -> np.ndarray:
    """Give the p-values corrected for their number (Holm), those of overall scores apart from those of criteria.

    The overall score is the first question that a comparison answers; the criteria are many, and say where.

    Returns:
        Float [differences].
    """
    p_values = np.array([one.contrast.p_value for one in found])
    overall = np.array([one.measure == OVERALL for one in found], dtype=bool)
    fixed = np.full(len(found), np.nan)
    for family in (overall, ~overall):
        fixed[family] = holm(p_values[family].tolist())
    return fixed


def verdict(one: Difference, p_value: float) -> Text:
    """Say in a word whether the first group is stronger or weaker, or whether that cannot be told."""
    if not p_value < SURE:
        return Text("word.not_told_apart")
    return Text("word.strength" if one.contrast.value > 0 else "word.weakness")


def cells(one: Difference, p_value: float) -> tuple[Cell, ...]:
    """Write a difference as cells for ``COLUMNS``."""
    return (one.first, one.second, one.estimate, None if np.isnan(p_value) else float(p_value))
