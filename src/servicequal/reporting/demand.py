"""What customers contact the company about, and how much of it need not have been: failure demand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from servicequal.annotation import Annotation
from servicequal.errors import ServicequalError
from servicequal.reference import Reference
from servicequal.reporting.chains import repeats
from servicequal.reporting.marks import marked, shown, topics
from servicequal.reporting.measures import MINIMUM, clusters, estimate, groups, number
from servicequal.reporting.section import Cell, Column, Estimate, Plot, Point, Section, Table, Text
from servicequal.scheme import NOT_APPLICABLE, Scheme
from servicequal.scorecard import Scorecard
from servicequal.stats.intervals import Interval
from servicequal.stats.prediction_powered import Domains, domain_means

COMPLAINT, REPEAT = "complaint", "repeat_contact"
OTHER = "demand.other"
BY = ("company", "wave", "channel")


def analyse_demand(
    cards: Sequence[Scorecard],
    *,
    scheme: Scheme,
    annotations: Sequence[Annotation] = (),
    reference: Reference | None = None,
) -> Section:
    """Count reasons for contact, and the failure demand among them.

    Failure demand (Seddon 2003) is demand caused by a failure to do something, or to do it right, for the customer:
    here every contact with a complaint, or that comes again in the same matter. Shoppers' contacts (``mystery``) do not
    count.

    Args:
        cards: past the privacy gate.
        scheme: that they were scored with; the criterion whose trigger is ``complaint`` tells of complaints.
        annotations: the blind ones correct the scorer's errors.
        reference: names the topics of contacts without the attributes ``reason`` and ``area``.

    Raises:
        ServicequalError: if there is no contact of a real customer.
    """
    real = [card for card in cards if card.attributes.get("mystery") is not True]
    if not real:
        raise ServicequalError("no contact of a real customer; demand cannot be told from shoppers' contacts")
    known = {fact.id: fact.topic for fact in reference.facts if fact.topic} if reference else {}
    reasons = [topic or "" for topic in topics(real, known)]
    predicted, labelled = failure(real, scheme, annotations)
    names = sorted(set(reasons) - {""}) + [""] * ("" in reasons)
    domains = np.array([names.index(reason) for reason in reasons])
    clustered, way = clusters(real, np.zeros(len(real), dtype=int))
    whole = domain_means(predicted, labelled, np.zeros(len(real), dtype=int), clustered)
    by_reason = domain_means(predicted, labelled, domains, number([_customer(card) for card in real]))
    shares = _shares(domains, len(names), clustered)
    order = np.argsort(-by_reason.contacts, kind="stable")
    labels = [name or Text(OTHER) for name in names]
    rows = tuple(
        (labels[place], int(by_reason.contacts[place]), shares[place], _share(by_reason, place)) for place in order
    )
    tables = [
        Table(
            "reasons",
            Text("demand.reasons"),
            (Column("reason"), Column("contacts", "count"), Column("share", "share"), Column("failure", "share")),
            rows,
        ),
        *_where(real, predicted, labelled),
    ]
    points = tuple(Point(labels[place], _share(by_reason, place)) for place in order)
    lead = Text("demand.lead", {"contacts": len(real), "failure": _share(whole, 0)})
    again = Text("demand.again", {"share": _repeat_share(real, clustered)})
    warnings = () if not np.isnan(labelled).all() else (Text("method.uncorrected"),)
    return Section(
        "demand",
        Text("demand.title"),
        (lead, again, Text("demand.how"), Text(f"method.by_{way}")),
        tuple(tables),
        (Plot("reasons", "dots", Text("demand.failure_by_reason"), points),),
        warnings,
    )


def failure(
    cards: Sequence[Scorecard], scheme: Scheme, annotations: Sequence[Annotation]
) -> tuple[np.ndarray, np.ndarray]:
    """Give whether each contact is failure demand, as scored and as rated: float [cards, 2] each, as ``domain_means``.

    As scored it is the probability that a criterion applies whose trigger is ``complaint``, or 1 where the customer was
    in touch before; as rated the share of raters who let that criterion apply or marked the indicator.
    """
    triggered = [criterion.id for criterion in scheme.criteria if criterion.trigger == COMPLAINT]
    again = np.array(repeats(cards), dtype=float)
    seen = shown(cards, (COMPLAINT, REPEAT)).max(axis=1)
    applies = [max([c.ratings[name].applicable for name in triggered if name in c.ratings], default=0.0) for c in cards]
    scored = np.maximum.reduce([np.array(applies), again, seen])
    given: dict[str, list[float]] = {}
    for one in annotations:
        if one.blind and any(name in one.ratings for name in triggered):
            complains = any(one.ratings.get(name, NOT_APPLICABLE) != NOT_APPLICABLE for name in triggered)
            given.setdefault(one.contact, []).append(float(complains))
    said = marked(cards, annotations, (COMPLAINT, REPEAT))
    rated = np.array([np.mean(given[card.contact]) if card.contact in given else np.nan for card in cards])
    rated = np.where(np.isnan(rated), np.nan, np.fmax(np.fmax(rated, np.fmax(said[:, 0], said[:, 1])), again))
    there = np.where(np.isnan(rated), np.nan, 1.0)
    return np.column_stack([scored, np.ones(len(cards))]), np.column_stack([rated, there])


def _where(cards: Sequence[Scorecard], predicted: np.ndarray, labelled: np.ndarray) -> list[Table]:
    tables = []
    for by in BY:
        names, domains = groups(cards, by)
        if len(names) < 2:
            continue
        clustered, _ = clusters(cards, domains)
        found = domain_means(predicted, labelled, domains, clustered)
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (name, int(found.contacts[place]), _share(found, place)) for place, name in enumerate(names)
        )
        columns = (Column(by), Column("contacts", "count"), Column("failure", "share"))
        tables.append(Table(f"by_{by}", Text(f"means.by_{by}"), columns, rows))
    return tables


def _shares(domains: np.ndarray, count: int, clustered: np.ndarray) -> list[Estimate]:
    """Give the share of all contacts that each reason has."""
    nobody = np.full((len(domains), 2), np.nan)
    found = []
    for place in range(count):
        inside = np.column_stack([domains == place, np.ones(len(domains))]).astype(float)
        found.append(_share(domain_means(inside, nobody, np.zeros(len(domains), dtype=int), clustered), 0))
    return found


def _repeat_share(cards: Sequence[Scorecard], clustered: np.ndarray) -> Estimate:
    return _shares(np.where(repeats(cards), 0, 1), 1, clustered)[0]


def _share(found: Domains, place: int) -> Estimate:
    contacts = int(found.contacts[place])
    if contacts < MINIMUM:
        return Estimate(None, None, None, contacts, unit="share")
    interval = found.contrast(np.eye(len(found.values))[place]).interval
    low, high = np.clip([interval.low, interval.high], 0.0, 1.0)
    return estimate(Interval(interval.value, low, high), contacts, unit="share")


def _customer(card: Scorecard) -> str:
    return str(card.attributes.get("customer") or card.contact)
