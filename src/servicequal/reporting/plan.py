"""How many contacts, cases or annotations a difference takes to be seen, from the spread in the data at hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from servicequal.annotation import Annotation
from servicequal.reporting.means import ON_THEIR_OWN
from servicequal.reporting.measures import Measures, clusters, measure
from servicequal.reporting.section import Cell, Column, Estimate, Section, Table, Text
from servicequal.scheme import Scheme
from servicequal.scorecard import Scorecard
from servicequal.stats.planning import contacts_needed, difference_seen


def analyse_plan(
    cards: Sequence[Scorecard],
    *,
    scheme: Scheme,
    annotations: Sequence[Annotation] = (),
    difference: float = 5.0,
    power: float = 0.8,
) -> Section:
    """Say how many contacts of each of two groups show a difference, with and without a scorer's help.

    Args:
        cards: past the privacy gate.
        scheme: that they were scored with.
        annotations: the spread of people's ratings is taken from them, and how well the scorer foresees them.
        difference: to be seen, in points of 0–100.
        power: chance to see it if it is there, at a level of 5 %.

    Raises:
        ServicequalError: without a scorecard.
        ValueError: if the difference is not above 0.
    """
    measures = measure(cards, annotations, scheme)
    clustered, _ = clusters(cards, np.zeros(len(cards), dtype=int))
    rows = tuple(row for name in measures.names if (row := _row(measures, name, clustered, difference, power)))
    columns = (
        Column("criterion"),
        Column("spread", "points"),
        Column("design_effect", "ratio"),
        Column("correlation", "ratio"),
        Column("contacts_needed", "count"),
        Column("annotations_needed", "count"),
        Column("difference_now", "points"),
    )
    warnings = () if measures.annotated else (Text("plan.uncorrected"),)
    seen = Estimate(float(difference), None, None, len(cards))
    lead = Text("plan.lead", {"difference": seen, "power": round(100 * power)})
    return Section(
        "plan",
        Text("plan.title"),
        (lead, Text("plan.how")),
        (Table("needed", Text("plan.needed", {"difference": seen}), columns, rows),),
        (),
        warnings,
    )


def _row(
    measures: Measures, name: str, clustered: np.ndarray, difference: float, power: float
) -> tuple[Cell, ...] | None:
    spread, correlation = spread_and_correlation(measures, name)
    if not spread > 0:
        return None
    plain = _error(measures, name, np.arange(len(clustered)))
    together = _error(measures, name, clustered)
    effect = max(1.0, (together / plain) ** 2) if plain > 0 and together > 0 else 1.0
    counted = (measures.annotated or len(clustered)) / 2
    plain_need = contacts_needed(difference, spread, design_effect=effect, power=power)
    helped = contacts_needed(difference, spread, design_effect=effect, correlation=correlation, power=power)
    return (
        name,
        spread,
        effect,
        correlation if measures.annotated else None,
        plain_need,
        max(helped, ON_THEIR_OWN) if measures.annotated else None,
        difference_seen(counted, spread, design_effect=effect, power=power),
    )


def spread_and_correlation(measures: Measures, name: str) -> tuple[float, float]:
    """Give a contact's standard deviation around the mean, per contact that counts, and the scorer's correlation.

    Both are of the linearised ratio: a contact to which the criterion does not apply adds nothing but its absence.
    """
    number = measures.names.index(name)
    predicted, labelled = measures.predicted[number], measures.labelled[number]
    known = ~np.isnan(labelled[:, 0])
    truth = labelled[known] if known.any() else predicted
    applicable = truth[:, 1].sum()
    if not applicable:
        return float("nan"), 0.0
    centre = truth[:, 0].sum() / applicable
    rated = truth[:, 0] - centre * truth[:, 1]
    spread = float(np.std(rated) / truth[:, 1].mean())
    if not known.any():
        return spread, 0.0
    foreseen = predicted[known, 0] - centre * predicted[known, 1]
    if not (np.std(foreseen) > 0 and np.std(rated) > 0):
        return spread, 0.0
    return spread, max(0.0, float(np.corrcoef(rated, foreseen)[0, 1]))


def _error(measures: Measures, name: str, clustered: np.ndarray) -> float:
    return measures.means(name, np.zeros(len(clustered), dtype=int), clustered).contrast([1]).error
