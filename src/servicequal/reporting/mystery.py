"""Shoppers' contacts beside real customers' with the same agents: is the score the customer's experience?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from servicequal.annotation import Annotation
from servicequal.errors import ServicequalError
from servicequal.reporting.differences import COLUMNS, SURE, Difference, cells, corrected, differences
from servicequal.reporting.measures import OVERALL, Measures, attribute, clusters, how_measured, measure
from servicequal.reporting.section import Column, Plot, Point, Section, Table, Text
from servicequal.scheme import Scheme
from servicequal.scorecard import Scorecard

WHERE = ("company", "team", "channel", "language")


def analyse_mystery(cards: Sequence[Scorecard], *, scheme: Scheme, annotations: Sequence[Annotation] = ()) -> Section:
    """Compare mystery contacts with real ones of the same agents, channels and, where known, areas.

    Both sides get the same weight in each such cell (that of the rarer kind), so that neither side's choice of agents
    or channels counts as a difference.

    Args:
        cards: past the privacy gate; those with the attribute ``mystery`` count.
        scheme: that they were scored with.
        annotations: the blind ones correct the scorer's errors.

    Raises:
        ServicequalError: if mystery and real contacts have no agent and channel in common.
    """
    kept = [card for card in cards if isinstance(card.attributes.get("mystery"), bool)]
    sides, weights = matched(kept)
    if not (sides >= 0).any():
        raise ServicequalError("no agent has both mystery and real contacts (attribute 'mystery') on the same channel")
    measures = measure(kept, annotations, scheme)
    clustered, way = clusters(kept, sides)
    found = differences(measures, sides, clustered, weights=weights)
    p_values = corrected(found)
    rows = tuple((one.measure, *cells(one, p)) for one, p in zip(found, p_values, strict=True))
    places = _where(kept, measures, sides, weights)
    place_p = corrected([one for _, _, one in places])
    place_rows = tuple((by, name, *cells(one, p)) for (by, name, one), p in zip(places, place_p, strict=True))
    texts, warnings = how_measured(measures, way)
    both = {cell for cell, side in zip(_cells(kept), sides, strict=True) if side >= 0}
    lead = Text(
        "mystery.lead", {"mystery": int((sides == 0).sum()), "real": int((sides == 1).sum()), "cells": len(both)}
    )
    sure = [one.measure for one, p in zip(found, p_values, strict=True) if p < SURE]
    finding = Text("mystery.differs", {"criteria": len(sure)}) if sure else Text("mystery.alike")
    return Section(
        "mystery",
        Text("mystery.title"),
        (lead, finding, *texts),
        (
            Table("differences", Text("mystery.differences"), (Column("criterion"), *COLUMNS), rows),
            Table("where", Text("mystery.where"), (Column("attribute"), Column("group"), *COLUMNS), place_rows),
        ),
        (
            Plot(
                "differences",
                "dots",
                Text("mystery.differences"),
                tuple(Point(one.measure, one.estimate) for one in found),
                reference=0.0,
            ),
        ),
        (*warnings, Text("mystery.mix")),
    )


def matched(cards: Sequence[Scorecard]) -> tuple[np.ndarray, np.ndarray]:
    """Find the cells of agent, channel and area that have both kinds.

    Returns:
        Sides, int [cards]: 0 mystery, 1 real, −1 in a cell of one kind only; weights, float [cards].
    """
    cells, mystery = _cells(cards), [bool(card.attributes["mystery"]) for card in cards]
    counts = Counter(zip(cells, mystery, strict=True))
    sides, weights = np.full(len(cards), -1), np.zeros(len(cards))
    for row, (cell, kind) in enumerate(zip(cells, mystery, strict=True)):
        rarer = min(counts[cell, True], counts[cell, False])
        if rarer:
            sides[row] = int(not kind)
            weights[row] = rarer / counts[cell, kind]
    return sides, weights


def _cells(cards: Sequence[Scorecard]) -> list[tuple[str, ...]]:
    """Name the cell of each contact."""
    real = [card for card in cards if not card.attributes["mystery"]]
    areas = any(card.attributes.get("area") for card in real)

    def cell(card: Scorecard) -> tuple[str, ...]:
        who = card.attributes.get("cluster", card.attributes.get("agent", card.attributes.get("team")))
        area = card.attributes.get("area") if areas else None
        return (str(card.attributes.get("company")), str(who), card.channel, str(area))

    return [cell(card) for card in cards]


def _where(
    cards: Sequence[Scorecard], measures: Measures, sides: np.ndarray, weights: np.ndarray
) -> list[tuple[str, str, Difference]]:
    found = []
    for by in WHERE:
        values = np.array([attribute(card, by) or "" for card in cards])
        for name in sorted(set(values.tolist()) - {""}):
            rows = np.flatnonzero((values == name) & (sides >= 0))  # the rest would only take time
            clustered, _ = clusters([cards[row] for row in rows.tolist()], sides[rows])
            some = measures.of(rows)
            found += [
                (by, name, one)
                for one in differences(some, sides[rows], clustered, weights=weights[rows], names=(OVERALL,))
            ]
    return found
