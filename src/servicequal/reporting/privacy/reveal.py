"""Pseudonyms back to names, for whoever holds the key and the scorecards."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from servicequal.errors import ServicequalError
from servicequal.reporting.privacy.gate import agent_name
from servicequal.reporting.privacy.pseudonyms import pseudonym
from servicequal.scorecard import Scorecard


def reveal(pseudonyms: Collection[str], cards: Iterable[Scorecard], key: bytes) -> dict[str, str]:
    """Find who or what pseudonyms stand for, by making those of everything in the scorecards.

    Args:
        pseudonyms: of a report.
        cards: that the report was made from, not past the gate.
        key: that the report was made with.

    Raises:
        ServicequalError: if one is of nothing in the scorecards, or was made with another key.

    Example:
        >>> reveal(["agent-mdms5ivrfb"], [], b"k" * 32)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        servicequal.errors.ServicequalError: 'agent-mdms5ivrfb' stands for nothing ...
    """
    found: dict[str, str] = {}
    for card in cards:
        names = {"contact": card.contact, "customer": card.attributes.get("customer"), "agent": agent_name(card)}
        for kind, value in names.items():
            if value is not None:
                found[pseudonym(kind, str(value), key)] = str(value).replace("\0", " / ")
    for one in pseudonyms:
        if one not in found:
            raise ServicequalError(
                f"{one!r} stands for nothing in these scorecards under this key; give those that the report was made of"
            )
    return {one: found[one] for one in pseudonyms}
