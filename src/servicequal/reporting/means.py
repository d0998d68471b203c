"""Means of the groups: with the annotated contacts' help where there are enough, shrunken where there are few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.annotation import Annotation
from servicequal.reporting.measures import (
    MINIMUM,
    OVERALL,
    Measures,
    clusters,
    groups,
    how_measured,
    mean_estimate,
    measure,
)
from servicequal.reporting.section import Cell, Column, Estimate, Plot, Point, Section, Table, Text
from servicequal.scheme import Scheme
from servicequal.scorecard import Scorecard
from servicequal.stats.intervals import Interval
from servicequal.stats.prediction_powered import Domains
from servicequal.stats.ranks import alike, rank_intervals, told_apart
from servicequal.stats.shrinkage import shrink

BY = ("company", "team", "channel", "area", "wave")
AGENT = "agent"  # single people are looked at only where that was asked for
ON_THEIR_OWN = 40  # annotated contacts from which on a group's own interval holds what it promises
_FEWEST_GROUPS = 3


@dataclass(frozen=True)
class GroupMeans:
    """One measure in all groups.

    Attributes:
        estimates: one for each group.
        values: float [groups], before any shrinking; NaN where nothing may be said.
        errors: float [groups], their standard errors.
    """

    estimates: tuple[Estimate, ...]
    values: np.ndarray
    errors: np.ndarray


def analyse_means(
    cards: Sequence[Scorecard],
    *,
    scheme: Scheme,
    annotations: Sequence[Annotation] = (),
    by: Sequence[str] = BY,
) -> Section:
    """Estimate the mean overall score and criteria of each group, with ranks.

    Args:
        cards: past the privacy gate.
        scheme: that they were scored with.
        annotations: the blind ones correct the scorer's errors (PPI++).
        by: attributes to group by; one that fewer than two groups have gives no table.

    Raises:
        ServicequalError: without a scorecard.
    """
    measures = measure(cards, annotations, scheme)
    tables: list[Table] = []
    plots: list[Plot] = []
    ways: list[str] = []
    for name in by:
        names, domains = groups(cards, name)
        if len(names) < 2:
            continue
        clustered, way = clusters(cards, domains)
        ways.append(way)
        table, plot = _group_table(name, names, measures, domains, clustered)
        tables.append(table)
        plots.append(plot)
    way = "agent" if ways and all(one == "agent" for one in ways) else "customer"
    texts, warnings = how_measured(measures, way)
    whole = _whole(measures, cards)
    lead = Text("means.overall", {"overall": whole})
    notes = [Text("means.few", {"minimum": MINIMUM})]
    if any(isinstance(cell, Estimate) and cell.shrunken for table in tables for row in table.rows for cell in row):
        notes.append(Text("means.shrunken", {"enough": ON_THEIR_OWN}))
    if tables:
        notes.append(Text("means.ranks"))
    return Section("means", Text("means.title"), (lead, *notes, *texts), tuple(tables), tuple(plots), warnings)


def group_means(measures: Measures, name: str, domains: np.ndarray, clustered: np.ndarray) -> GroupMeans:
    """Estimate one measure in all groups.

    A group of ``ON_THEIR_OWN`` annotated contacts or more (contacts, where none is annotated) has its own estimate. A
    smaller one is drawn towards the others; its error comes from the spread within all groups, because its own
    contacts are too few to tell. Below ``MINIMUM`` contacts nothing is said.
    """
    found = measures.means(name, domains, clustered)
    rests_on = np.where(found.labelled > 0, found.labelled, found.contacts)
    if measures.annotated:
        rests_on = found.labelled  # beside corrected groups, an uncorrected one would be no fair comparison
    said = (found.contacts >= MINIMUM) & (rests_on > 0) & ~np.isnan(found.values)
    own = said & (rests_on >= ON_THEIR_OWN) & ~np.isnan(found.errors)
    errors = np.where(own, found.errors, _pooled(found, rests_on, said))
    shown = [_own(found, group) for group in range(len(found.values))]
    small = said & ~own & (errors > 0)
    usable = said & (errors > 0)
    if small.any() and usable.sum() >= _FEWEST_GROUPS:
        drawn = shrink(found.values[usable], errors[usable])
        low, high = drawn.bounds()
        for place, group in enumerate(np.flatnonzero(usable)):
            if small[group]:
                interval = Interval(float(drawn.values[place]), float(low[place]), float(high[place]))
                shown[group] = mean_estimate(interval, found.contacts[group], shrunken=True)
    else:
        said = said & ~small
    hidden = [not (own[group] or (said[group] and small[group])) for group in range(len(shown))]
    return GroupMeans(
        tuple(
            Estimate(None, None, None, int(found.contacts[group])) if hidden[group] else one
            for group, one in enumerate(shown)
        ),
        np.where(hidden, np.nan, found.values),
        np.where(hidden, np.nan, errors),
    )


def _pooled(found: Domains, rests_on: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Standard errors from the variance within all groups: float [groups]."""
    told = said & ~np.isnan(found.errors) & (found.errors > 0) & (found.clusters > 2)
    if not told.any():
        return np.full(len(found.values), np.nan)
    weights = rests_on[told] - 1
    variance = float(np.average(found.errors[told] ** 2 * rests_on[told], weights=np.maximum(weights, 1)))
    return np.asarray(np.sqrt(variance / np.maximum(rests_on, 1)))


def _own(found: Domains, group: int) -> Estimate:
    weights = np.zeros(len(found.values))
    weights[group] = 1
    return mean_estimate(found.contrast(weights).interval, found.contacts[group])


def _whole(measures: Measures, cards: Sequence[Scorecard]) -> Estimate:
    domains = np.zeros(len(cards), dtype=int)
    clustered, _ = clusters(cards, domains)
    return _own(measures.means(OVERALL, domains, clustered), 0)


def _group_table(
    by: str, names: Sequence[str], measures: Measures, domains: np.ndarray, clustered: np.ndarray
) -> tuple[Table, Plot]:
    found = {name: group_means(measures, name, domains, clustered) for name in measures.names}
    overall = found[OVERALL]
    ranks = _ranks(overall)
    order = (
        np.argsort(-np.nan_to_num(overall.values, nan=-np.inf), kind="stable") if by != "wave" else range(len(names))
    )
    labelled = ~np.isnan(measures.labelled[0, :, 0])
    rows: list[tuple[Cell, ...]] = []
    for group in order:
        inside = domains == group
        rows.append(
            (
                names[group],
                int(inside.sum()),
                int((inside & labelled).sum()),
                *ranks.get(int(group), (None, None)),
                *(found[name].estimates[group] for name in measures.names),
            )
        )
    columns = (
        Column(by),
        *(Column(name, "count") for name in ("contacts", "annotated")),
        Column("rank"),
        Column("alike"),
        *(Column(name, "points") for name in measures.names),
    )
    points = tuple(Point(names[group], overall.estimates[group]) for group in order)
    title = Text(f"means.by_{by}") if by in (*BY, AGENT) else Text("means.by", {"attribute": by})
    return Table(f"by_{by}", title, columns, tuple(rows)), Plot(f"by_{by}", "dots", title, points)


def _ranks(overall: GroupMeans) -> dict[int, tuple[Cell, Cell]]:
    """Give each group's ranks that cannot be ruled out, and the letters of the runs that it cannot be told apart in."""
    ranked = np.flatnonzero(~np.isnan(overall.values) & (overall.errors > 0))
    if len(ranked) < 2:
        return {}
    values = overall.values[ranked]
    above = told_apart(values, overall.errors[ranked])
    best, worst = rank_intervals(above)
    runs = alike(values, above)
    found: dict[int, tuple[Cell, Cell]] = {}
    for place, group in enumerate(ranked):
        letters = " ".join(_letter(run) for run, members in enumerate(runs) if place in members)
        span = f"{best[place]}" if best[place] == worst[place] else f"{best[place]}–{worst[place]}"
        found[int(group)] = (span, letters)
    return found


def _letter(number: int) -> str:
    """Name a run by one letter, or two where the alphabet ends.

    Example:
        >>> _letter(0), _letter(25), _letter(26)
        ('A', 'Z', 'AA')
    """
    return (_letter(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)
