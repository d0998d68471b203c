"""Why criteria are missed: knowledge, recognition or execution; and which topics the wrong answers are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.annotation import Annotation
from servicequal.reference import Reference
from servicequal.reporting.marks import best_known, marked, shown
from servicequal.reporting.measures import check_rated
from servicequal.reporting.section import Cell, Column, Estimate, Example, Plot, Point, Section, Table, Text
from servicequal.scheme import LEVELS, NOT_APPLICABLE, Criterion, Scheme
from servicequal.scorecard import Scorecard

KINDS = ("wrong", "deferred", "missed", "left_out", "against", "half_done")
DEFERS = "defers_answer"
SEEN = 0.5  # share of raters, or probability, from which on an indicator counts as shown
SHOWN_TOPICS = 10
QUOTES = 4


@dataclass(frozen=True)
class Misses:
    """The contacts in which a criterion applies and is not fully met.

    Attributes:
        criterion: which.
        kinds: for each such contact what went wrong, and how many points (0–100) it lost.
    """

    criterion: Criterion
    kinds: tuple[tuple[Scorecard, str, float], ...]


def analyse_causes(
    cards: Sequence[Scorecard],
    *,
    scheme: Scheme,
    annotations: Sequence[Annotation] = (),
    reference: Reference | None = None,
    company: str | None = None,
) -> Section:
    """Say what each criterion lacks.

    Of a contact that misses points: *knowledge*, where a statement contradicts the reference or the answer is
    deferred; *recognition*, where the customer gives the trigger and no agent's indicator of the criterion follows;
    *execution*, where the agent does something of it, but too little, or something against it. Of criteria without a
    trigger, what was not done at all is named as left out.

    Args:
        cards: past the privacy gate.
        scheme: that they were scored with.
        annotations: what raters marked goes before what the scorer's evidence shows.
        reference: names the topics.
        company: whose contacts; all by default.

    Raises:
        ServicequalError: without a scorecard.
    """
    kept = [card for card in cards if company is None or card.attributes.get("company") == company]
    check_rated(kept, scheme)
    names = [*(one.id for one in scheme.indicators if one.id != DEFERS), DEFERS]
    seen = dict(zip(names, (best_known(shown(kept, names), marked(kept, annotations, names)) >= SEEN).T, strict=True))
    misses = [find_misses(kept, criterion, scheme, annotations, seen) for criterion in scheme.criteria]
    misses.sort(key=lambda one: -_lost(one) * one.criterion.weight)
    rows: list[tuple[Cell, ...]] = []
    points: list[Point] = []
    for one in misses:
        total = _lost(one)
        if not total:
            continue
        shares = {kind: sum(lost for _, which, lost in one.kinds if which == kind) / total for kind in KINDS}
        rows.append((one.criterion.id, len(one.kinds), total / len(kept), *(shares[kind] for kind in KINDS)))
        points += [
            Point(
                one.criterion.id,
                Estimate(shares[kind], None, None, len(one.kinds), unit="share"),
                Text(f"causes.{kind}"),
            )
            for kind in KINDS
            if shares[kind]
        ]
    columns = (
        Column("criterion"),
        Column("contacts", "count"),
        Column("points_lost", "points"),
        *(Column(kind, "share") for kind in KINDS),
    )
    table = Table("causes", Text("causes.causes"), columns, tuple(rows))
    known = {fact.id: fact.topic for fact in reference.facts if fact.topic} if reference else {}
    topics = _topics(kept, known)
    texts = [_lead(rows[0])] if rows else [Text("causes.nothing")]
    if topics.rows:
        texts.append(Text("causes.topic", {"topic": topics.rows[0][0], "wrong": topics.rows[0][2]}))
    return Section(
        "causes",
        Text("causes.title"),
        (*texts, Text("causes.how")),
        (table, topics),
        (Plot("causes", "bars", Text("causes.causes"), tuple(points)),),
        (Text("causes.evidence"),),
        tuple(_wrong_answers(kept)),
    )


def find_misses(
    cards: Sequence[Scorecard],
    criterion: Criterion,
    scheme: Scheme,
    annotations: Sequence[Annotation],
    seen: Mapping[str, np.ndarray],
) -> Misses:
    """Find the contacts in which a criterion applies and is not fully met, and what went wrong there.

    Args:
        cards: of the contacts.
        criterion: of the scheme.
        scheme: names the criterion's indicators.
        annotations: whose levels go before the scorer's.
        seen: for each indicator whether each contact shows it, bool [cards].
    """
    serving = [one for one in scheme.indicators if one.serves == criterion.id and one.id != DEFERS]
    nowhere = np.zeros(len(cards), dtype=bool)
    good, bad = (
        np.logical_or.reduce([nowhere, *(seen[one.id] for one in serving if one.polarity * sign > 0)])
        for sign in (1, -1)
    )
    levels = _levels(cards, criterion, annotations)
    found = []
    for row in np.flatnonzero(levels < len(LEVELS) - 1).tolist():
        kind = _kind(cards[row], criterion, good=bool(good[row]), bad=bool(bad[row]), deferred=bool(seen[DEFERS][row]))
        found.append((cards[row], kind, 50.0 * (len(LEVELS) - 1 - levels[row])))
    return Misses(criterion, tuple(found))


def _kind(card: Scorecard, criterion: Criterion, *, good: bool, bad: bool, deferred: bool) -> str:
    if criterion.grounded:
        wrong = any(claim.verdict == "contradicted" and claim.probability >= SEEN for claim in card.claims)
        return "wrong" if wrong else "deferred" if deferred else "half_done"
    if bad:
        return "against"
    if good:
        return "half_done"
    return "missed" if criterion.trigger else "left_out"


def _levels(cards: Sequence[Scorecard], criterion: Criterion, annotations: Sequence[Annotation]) -> np.ndarray:
    """Give the level of each contact: the mean of its raters, else the most probable; NaN where it does not apply."""
    given: dict[str, list[str]] = {}
    for one in annotations:
        if one.blind and criterion.id in one.ratings:
            given.setdefault(one.contact, []).append(one.ratings[criterion.id])
    found = np.full(len(cards), np.nan)
    for row, card in enumerate(cards):
        rating = card.ratings.get(criterion.id)
        named = given.get(card.contact) or ([rating.level] if rating else [])
        applying = [LEVELS.index(level) for level in named if level != NOT_APPLICABLE]
        if len(applying) * 2 > len(named):
            found[row] = sum(applying) / len(applying)
    return found


def _lost(one: Misses) -> float:
    return sum(lost for _, _, lost in one.kinds)


def _lead(row: tuple[Cell, ...]) -> Text:
    shares = dict(zip(KINDS, row[3:], strict=True))
    most = max(KINDS, key=lambda kind: float(str(shares[kind])))
    share = round(100 * float(str(shares[most])))
    return Text("causes.lead", {"criterion": row[0], "cause": Text(f"causes.{most}"), "share": share})


def _topics(cards: Sequence[Scorecard], known: dict[str, str]) -> Table:
    """Count statements of fact and wrong ones by topic; by fact where no reference names topics."""
    stated, wrong = Counter[str](), Counter[str]()
    for card in cards:
        for claim in card.claims:
            if claim.fact is None or claim.probability < SEEN:
                continue
            topic = known.get(claim.fact, claim.fact)
            stated[topic] += 1
            wrong[topic] += claim.verdict == "contradicted"
    order = sorted(stated, key=lambda topic: (-wrong[topic], topic))[:SHOWN_TOPICS]
    rows = tuple((topic, stated[topic], wrong[topic], wrong[topic] / stated[topic]) for topic in order)
    columns = (Column("topic"), Column("stated", "count"), Column("wrong", "count"), Column("share_wrong", "share"))
    return Table("topics", Text("causes.topics"), columns, rows)


def _wrong_answers(cards: Sequence[Scorecard]) -> list[Example]:
    """Quote the surest wrong answers, one for each fact."""
    wrong = [
        (claim.probability, card, claim)
        for card in cards
        for claim in card.claims
        if claim.verdict == "contradicted" and claim.fact and claim.probability >= SEEN
    ]
    wrong.sort(key=lambda one: (-one[0], one[1].contact))
    facts: dict[str, Example] = {}
    for _, card, claim in wrong:
        label = Text("causes.wrong_answer", {"fact": claim.fact})
        example = Example(card.contact, claim.turn, claim.start, claim.end, claim.text, label, good=False)
        facts.setdefault(str(claim.fact), example)
    return list(facts.values())[:QUOTES]
