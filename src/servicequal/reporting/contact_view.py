"""A contact as the page shows it: its turns in pieces, each with what it is evidence for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from servicequal.contact import Contact
from servicequal.reporting.privacy.redaction import BLACK
from servicequal.scorecard import Scorecard

MOST_CHARACTERS = 8_000  # of one contact on the page; the rest is in the contact itself

_BLACKENED = re.compile(f"{BLACK}+")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a piece is evidence for: a criterion and an indicator, or a verdict and a fact."""

    kind: str
    of: str
    shows: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a turn's text."""

    text: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class TurnView:
    """What one speaker says, in pieces."""

    speaker: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class ContactView:
    """A scorecard with its contact's text.

    Attributes:
        card: past the privacy gate.
        turns: none where the contact was not given.
        cut: whether the contact is longer than what is shown.
    """

    card: Scorecard
    turns: tuple[TurnView, ...]
    cut: bool


def contact_view(card: Scorecard, contact: Contact | None) -> ContactView:
    """Mark the evidence of a scorecard in its contact."""
    marks: dict[int, list[tuple[int, int, Mark]]] = {}
    for name, rating in card.ratings.items():
        for item in rating.evidence:
            marks.setdefault(item.turn, []).append((item.start, item.end, Mark("evidence", name, item.indicator)))
    for claim in card.claims:
        mark = Mark(claim.verdict, claim.fact or "", claim.verdict)
        marks.setdefault(claim.turn, []).append((claim.start, claim.end, mark))
    turns, room = [], MOST_CHARACTERS
    for number, turn in enumerate(contact.turns if contact else ()):
        if room <= 0:
            break
        turns.append(TurnView(turn.speaker, _pieces(turn.text[:room], marks.get(number, []))))
        room -= len(turn.text)
    return ContactView(card, tuple(turns), cut=room < 0)


def contact_views(cards: Sequence[Scorecard], contacts: Mapping[str, Contact]) -> list[ContactView]:
    """Mark the evidence of several scorecards; one without its contact has no text."""
    return [contact_view(card, contacts.get(card.contact)) for card in cards]


def unmeasured(text: str) -> str:
    """Give each blackened name the same length: how long it is, is nobody's business.

    Example:
        >>> unmeasured("I am ██████████.")
        'I am ███.'
    """
    return _BLACKENED.sub(3 * BLACK, text)


def _pieces(text: str, marks: Sequence[tuple[int, int, Mark]]) -> tuple[Piece, ...]:
    inside = {edge for start, end, _ in marks for edge in (start, end) if edge < len(text)}
    edges = sorted({0, len(text), *inside})
    return tuple(
        Piece(
            unmeasured(text[start:end]),
            tuple(dict.fromkeys(mark for a, b, mark in marks if a <= start and end <= b)),
        )
        for start, end in pairwise(edges)
    )
