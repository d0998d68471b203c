"""Chains of contacts in one matter: told again, answered differently, promised and not kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from servicequal.annotation import Annotation
from servicequal.errors import ServicequalError
from servicequal.grounding.quantities import quantities
from servicequal.reference import Reference
from servicequal.reporting.chains import chains, started
from servicequal.reporting.demand import COMPLAINT, REPEAT
from servicequal.reporting.marks import best_known, evidence, marked, shown
from servicequal.reporting.section import Cell, Column, Example, Section, Table, Text
from servicequal.scheme import NOT_APPLICABLE, Scheme
from servicequal.scorecard import Claim, Evidence, Scorecard

SURE = 0.5  # probability that both verdicts are right, from which on answers are called contradictory
PROMISE = "commits"
QUIET = timedelta(days=14)  # without a further contact, after which nothing speaks against a promise kept
SHOWN = 10  # contradictions, with both quotes
_RIGHT, _WRONG = "supported", "contradicted"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two answers on one fact in one chain that differ.

    Attributes:
        first: the contact with the earlier answer, and the answer.
        second: the contact with the later one.
        probability: that both verdicts are right.
    """

    first: tuple[Scorecard, Claim]
    second: tuple[Scorecard, Claim]
    probability: float


def analyse_consistency(
    cards: Sequence[Scorecard],
    *,
    scheme: Scheme,
    annotations: Sequence[Annotation] = (),
    reference: Reference | None = None,
) -> Section:
    """Look at each customer's contacts in one matter together.

    Args:
        cards: past the privacy gate, with the attributes ``customer`` and ``started_at``.
        scheme: that they were scored with.
        annotations: where raters marked that a customer comes again.
        reference: by its days of validity a rule that changed in between is no contradiction.

    Raises:
        ServicequalError: if no customer has two contacts within 30 days.
    """
    found = chains(cards)
    if not found:
        raise ServicequalError(
            "no customer has two contacts within 30 days (attributes 'customer' and 'started_at'); there is no chain"
        )
    later = [card for chain in found for card in chain[1:]]
    told = [
        bool(value >= SURE)
        for value in best_known(shown(later, (REPEAT,)), marked(later, annotations, (REPEAT,)))[:, 0]
    ]
    contradictions = [one for chain in found for one in contradictory(chain, reference)]
    contradictions.sort(key=lambda one: -one.probability)
    end = max(when for card in cards if (when := started(card)))
    promises = [kept for chain in found for kept in _promises(chain, end, scheme)]
    counts: list[tuple[Cell, ...]] = [
        (Text("consistency.chains"), len(found)),
        (Text("consistency.later"), len(later)),
        (Text("consistency.told_again"), sum(told) if any(told) or annotations else None),
        (Text("consistency.contradicted"), len({_chain(one) for one in contradictions})),
        (Text("consistency.promised"), len(promises)),
        *((Text(f"consistency.promise_{way}"), promises.count(way)) for way in ("not_kept", "quiet", "unknown")),
    ]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.first[1].fact,
            one.first[0].contact,
            one.second[0].contact,
            one.first[1].verdict,
            one.second[1].verdict,
            one.probability,
        )
        for one in contradictions
    )
    columns = (
        Column("fact"),
        Column("first_contact"),
        Column("second_contact"),
        Column("first_answer"),
        Column("second_answer"),
        Column("probability", "share"),
    )
    lead = Text("consistency.lead", {"chains": len(found), "contradicted": len({_chain(o) for o in contradictions})})
    return Section(
        "consistency",
        Text("consistency.title"),
        (lead, Text("consistency.how")),
        (
            Table("counts", Text("consistency.counts"), (Column("what"), Column("count", "count")), tuple(counts)),
            Table("contradictions", Text("consistency.contradictions"), columns, rows),
        ),
        (),
        (Text("consistency.listen"),),
        tuple(quote for pair, one in enumerate(contradictions[:SHOWN]) for quote in _quotes(pair, one)),
    )


def contradictory(chain: Sequence[Scorecard], reference: Reference | None = None) -> list[Contradiction]:
    """Find the facts on which a customer got different answers in two contacts, each fact once.

    Two answers on one fact differ where one agrees with the reference and the other contradicts it, with a probability
    of ``SURE`` that both verdicts are right; or where at least one contradicts it and their numbers differ in the same
    unit, which the sentences themselves show. Of several such pairs the latter come first, then the surest.

    Args:
        chain: contacts of one customer, in order.
        reference: a fact whose version changed between the two contacts does not count.
    """
    best: dict[str, tuple[tuple[bool, float], Contradiction]] = {}
    for first, second in combinations(chain, 2):
        for one in first.claims:
            for other in second.claims:
                rank = _differ(one, other)
                if rank is None or _changed(str(one.fact), first, second, reference):
                    continue
                if str(one.fact) not in best or rank > best[str(one.fact)][0]:
                    best[str(one.fact)] = (rank, Contradiction((first, one), (second, other), rank[1]))
    return [one for _, one in best.values()]


def _differ(one: Claim, other: Claim) -> tuple[bool, float] | None:
    """Say whether the numbers differ, and how surely both verdicts are right; None where two answers do not differ."""
    verdicts = {one.verdict, other.verdict}
    if one.fact is None or one.fact != other.fact or _WRONG not in verdicts or not verdicts <= {_RIGHT, _WRONG}:
        return None
    numbers, probability = numbers_differ(one.text, other.text), one.probability * other.probability
    return (numbers, probability) if numbers or (len(verdicts) == 2 and probability >= SURE) else None


def numbers_differ(first: str, second: str) -> bool:
    """Say whether two sentences give different numbers in the same unit.

    Example:
        >>> numbers_differ("within 14 days", "three weeks, no less"), numbers_differ("14 days", "zwei Wochen")
        (True, False)
    """
    a, b = quantities(first), quantities(second)
    units = {one.unit for one in a} & {one.unit for one in b} - {"count"}
    return any(
        {x.value for x in a if x.unit == unit}.isdisjoint({x.value for x in b if x.unit == unit}) for unit in units
    )


def _changed(fact: str, first: Scorecard, second: Scorecard, reference: Reference | None) -> bool:
    if reference is None:
        return False
    company = first.attributes.get("company")
    versions = [one for one in reference.facts if one.id == fact and one.company in (None, company)]
    days = [str(card.attributes.get("started_at"))[:10] for card in (first, second)]
    valid = [[one.statement for one in versions if one.valid_on(day)] for day in days]
    return valid[0] != valid[1]


def _promises(chain: Sequence[Scorecard], end: datetime, scheme: Scheme) -> list[str]:
    """Say what became of each contact's promise, as far as contacts up to the end tell: not_kept, quiet or unknown."""
    ways = []
    for place, card in enumerate(chain):
        if promise(card) is None:
            continue
        if place + 1 < len(chain):
            ways.append("not_kept" if _complains(chain[place + 1], scheme) else "unknown")
            continue
        when = started(card)
        ways.append("quiet" if when is not None and end - when >= QUIET else "unknown")
    return ways


def promise(card: Scorecard) -> Evidence | None:
    """Give the surest sentence in which the agent says what will be done, if there is one."""
    found = [item for item in evidence(card) if item.indicator == PROMISE and item.probability >= SURE]
    return found[0] if found else None


def _complains(card: Scorecard, scheme: Scheme) -> bool:
    triggered = [criterion.id for criterion in scheme.criteria if criterion.trigger == COMPLAINT]
    return any(card.ratings[name].level != NOT_APPLICABLE for name in triggered if name in card.ratings)


def _quotes(pair: int, one: Contradiction) -> list[Example]:
    return [
        Example(
            card.contact, claim.turn, claim.start, claim.end, claim.text,
            Text("consistency.answer", {"fact": str(claim.fact), "verdict": claim.verdict}),
            good=claim.verdict == _RIGHT, pair=pair,
        )
        for card, claim in (one.first, one.second)
    ]  # fmt: skip


def _chain(one: Contradiction) -> tuple[str, str]:
    card = one.first[0]
    return str(card.attributes.get("customer")), str(card.attributes.get("company"))
