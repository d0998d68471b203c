"""Contacts of one customer that follow one another: the same matter, as far as attributes tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from servicequal.scorecard import Scorecard

WITHIN = timedelta(days=30)  # between one contact and the next of the same chain


def chains(cards: Sequence[Scorecard]) -> list[tuple[Scorecard, ...]]:
    """Find the chains: contacts of one customer with one company, each at most 30 days after the one before.

    Contacts without the attributes ``customer`` and ``started_at`` are in none. Where contacts name a ``case``, one
    chain has one case.

    Example:
        >>> from servicequal.scorecard import Overall
        >>> def card(name, day):
        ...     when = {"customer": "c", "started_at": f"2026-01-{day}"}
        ...     return Scorecard(name, "chat", "en", Overall(50, 0, 100), {}, attributes=when)
        >>> [[one.contact for one in chain] for chain in chains([card("b", "20"), card("a", "02")])]
        [['a', 'b']]
    """
    by_customer: dict[tuple[str, str, str], list[tuple[datetime, Scorecard]]] = {}
    for card in cards:
        customer, when = card.attributes.get("customer"), started(card)
        if customer is None or when is None:
            continue
        key = (str(customer), str(card.attributes.get("company")), str(card.attributes.get("case")))
        by_customer.setdefault(key, []).append((when, card))
    found: list[tuple[Scorecard, ...]] = []
    for timed in by_customer.values():
        timed.sort(key=lambda pair: (pair[0], pair[1].contact))
        chain = [timed[0][1]]
        for (before, _), (when, card) in pairwise(timed):
            if when - before > WITHIN:
                found.append(tuple(chain))
                chain = []
            chain.append(card)
        found.append(tuple(chain))
    return [chain for chain in found if len(chain) > 1]


def repeats(cards: Sequence[Scorecard]) -> list[bool]:
    """Say of each contact whether the same customer had been in touch in the 30 days before."""
    again = {card.contact for chain in chains(cards) for card in chain[1:]}
    return [card.contact in again for card in cards]


def started(card: Scorecard) -> datetime | None:
    """Give when a contact started (ISO 8601, UTC where it names no zone); None where that is missing or no time."""
    try:
        when = datetime.fromisoformat(str(card.attributes.get("started_at")))
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
