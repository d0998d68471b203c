"""Early warnings: topics and teams whose complaints or critical failures rise faster than chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from servicequal.errors import ServicequalError
from servicequal.reference import Reference
from servicequal.reporting.chains import started
from servicequal.reporting.demand import COMPLAINT
from servicequal.reporting.marks import topics
from servicequal.reporting.section import Cell, Column, Section, Table, Text
from servicequal.scheme import NOT_APPLICABLE, Scheme
from servicequal.scorecard import Scorecard
from servicequal.stats.significance import holm, rise_p_value

LEVEL = 0.05  # chance of any false alarm in a report
FEWEST_EVENTS = 3  # in the new period, below which nothing is tested
SHOWN = 15
_NOT = "not_met"


def analyse_alarms(
    cards: Sequence[Scorecard], *, scheme: Scheme, reference: Reference | None = None, company: str | None = None
) -> Section:
    """Test for each topic and team whether complaints and critical ``not_met`` are more frequent in the last period.

    Fisher's exact test of the last period against all before, with Holm's correction over all tests, so that a report
    without any real rise gives a false alarm in at most 5 of 100 cases. Several contacts of one customer in a period
    count once. Periods are waves, or months where no contact names its wave. Shoppers' contacts do not count.

    Args:
        cards: past the privacy gate.
        scheme: names the critical criteria, and the one that a complaint triggers.
        reference: names the topics of contacts without the attributes ``reason`` and ``area``.
        company: whose contacts; all by default.

    Raises:
        ServicequalError: if there are not two periods.
    """
    kept = [card for card in cards if company is None or card.attributes.get("company") == company]
    kept = [card for card in kept if card.attributes.get("mystery") is not True]
    periods = [_period(card) for card in kept]
    named = sorted({period for period in periods if period})
    if len(named) < 2:
        raise ServicequalError(f"{len(named)} periods (attributes 'wave' or 'started_at'); a rise needs two")
    known = {fact.id: fact.topic for fact in reference.facts if fact.topic} if reference else {}
    groupings = {"topic": topics(kept, known), "team": [card.attributes.get("team") for card in kept]}
    now = np.array([period == named[-1] for period in periods])
    timed = np.array([bool(period) for period in periods])
    tests: list[tuple[str, str, str, tuple[int, int], tuple[int, int]]] = []
    for by, values in groupings.items():
        for group in sorted({str(value) for value in values if value}):
            inside = np.array([str(value) == group for value in values]) & timed
            for event, happens in _events(scheme).items():
                counts = [_count(kept, inside & side, happens) for side in (~now, now)]
                if counts[0][1] and counts[1][0] >= FEWEST_EVENTS:
                    tests.append((by, group, event, counts[0], counts[1]))
    p_values = holm([rise_p_value(before, after) for _, _, _, before, after in tests])
    order = np.argsort(p_values, kind="stable")
    rows: list[tuple[Cell, ...]] = []
    for place in order[:SHOWN]:
        by, group, event, before, after = tests[place]
        share_before, share_after = before[0] / before[1], after[0] / after[1]
        alarm = bool(p_values[place] < LEVEL)
        rows.append((by, group, event, share_before, share_after, after[0], float(p_values[place]), alarm))
    raised = int((p_values < LEVEL).sum())
    columns = (
        Column("attribute"),
        Column("group"),
        Column("event"),
        Column("before", "share"),
        Column("now", "share"),
        Column("events", "count"),
        Column("p_holm", "p"),
        Column("alarm"),
    )
    lead = (
        Text("alarms.raised", {"alarms": raised, "period": named[-1]})
        if raised
        else Text("alarms.none", {"period": named[-1]})
    )
    return Section(
        "alarms",
        Text("alarms.title"),
        (lead, Text("alarms.how", {"tests": len(tests)})),
        (Table("alarms", Text("alarms.tests"), columns, tuple(rows)),),
    )


def _events(scheme: Scheme) -> dict[str, Callable[[Scorecard], bool]]:
    """Name what may rise: a complaint, and each critical criterion being not met."""

    def failing(name: str) -> Callable[[Scorecard], bool]:
        return lambda card: name in card.ratings and card.ratings[name].level == _NOT

    def applying(name: str) -> Callable[[Scorecard], bool]:
        return lambda card: name in card.ratings and card.ratings[name].level != NOT_APPLICABLE

    triggered = [one.id for one in scheme.criteria if one.trigger == COMPLAINT][:1]
    critical = [one.id for one in scheme.criteria if one.critical]
    found = {name: failing(name) for name in critical}
    return {COMPLAINT: applying(triggered[0]), **found} if triggered else found


def _count(cards: Sequence[Scorecard], inside: np.ndarray, happens: Callable[[Scorecard], bool]) -> tuple[int, int]:
    """Count customers with the event, and customers."""
    seen: dict[str, bool] = {}
    for card, one in zip(cards, inside, strict=True):
        if one:
            who = str(card.attributes.get("customer") or card.contact)
            seen[who] = seen.get(who, False) or happens(card)
    return sum(seen.values()), len(seen)


def _period(card: Scorecard) -> str | None:
    if wave := card.attributes.get("wave"):
        return str(wave)
    when = started(card)
    return None if when is None else f"{when:%Y-%m}"
