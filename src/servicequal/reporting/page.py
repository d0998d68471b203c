"""Scorecards with their contacts → one readable HTML page, without scripts or anything from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from jinja2 import Environment, PackageLoader

from servicequal.contact import Contact, Turn
from servicequal.scheme import LEVELS, Scheme
from servicequal.scorecard import Scorecard

MOST = 500  # contacts on one page; more than a person reads and a browser likes


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a turn's text, with what it is evidence for."""

    text: str
    marks: tuple[str, ...]


def render_page(cards: Iterable[Scorecard], contacts: Mapping[str, Contact], scheme: Scheme) -> str:
    """Render scorecards as HTML: a table of all, and each contact with its evidence marked.

    Args:
        cards: the first ``MOST`` are shown.
        contacts: by id; a scorecard without its contact is shown without text.
        scheme: names and weights of the criteria.
    """
    every = list(cards)
    environment = Environment(loader=PackageLoader("servicequal.reporting"), autoescape=True, trim_blocks=True)
    return environment.get_template("page.html").render(
        cards=[(card, _marked(card, contacts.get(card.contact))) for card in every[:MOST]],
        left_out=len(every) - len(every[:MOST]),
        criteria=scheme.criteria,
        summary=summarise(every, scheme),
        scorer=every[0].scorer if every else "",
    )


def summarise(cards: Sequence[Scorecard], scheme: Scheme) -> list[dict[str, Any]]:
    """Count, for each criterion, the contacts at each level, the automatic ones, and the mean level as 0–100.

    Example:
        >>> from servicequal.scheme import Criterion
        >>> scheme = Scheme("s", (Criterion("courtesy", "always", dict.fromkeys(LEVELS, "…"), always=True),), ())
        >>> summarise([], scheme)[0]["applicable"]
        0
    """
    rows = []
    for criterion in scheme.criteria:
        ratings = [card[criterion.id] for card in cards]
        counts = {level: sum(rating.level == level for rating in ratings) for level in LEVELS}
        applicable = sum(counts.values())
        points = sum(LEVELS.index(level) * count for level, count in counts.items())
        rows.append(
            {
                "criterion": criterion.id,
                **counts,
                "applicable": applicable,
                "not_applicable": len(ratings) - applicable,
                "mean": 50 * points / applicable if applicable else None,
                "automatic": sum(rating.decision == "auto" for rating in ratings),
            }
        )
    return rows


def _marked(card: Scorecard, contact: Contact | None) -> list[tuple[Turn, list[_Piece]]]:
    if contact is None:
        return []
    marks: dict[int, list[tuple[int, int, str]]] = {}
    for name, rating in card.ratings.items():
        for item in rating.evidence:
            marks.setdefault(item.turn, []).append((item.start, item.end, f"{name}: {item.indicator}"))
    for claim in card.claims:
        label = f"{claim.verdict}: {claim.fact}" if claim.fact else claim.verdict
        marks.setdefault(claim.turn, []).append((claim.start, claim.end, label))
    return [(turn, _pieces(turn.text, marks.get(number, []))) for number, turn in enumerate(contact.turns)]


def _pieces(text: str, marks: Sequence[tuple[int, int, str]]) -> list[_Piece]:
    edges = sorted({0, len(text), *(edge for start, end, _ in marks for edge in (start, end))})
    return [
        _Piece(text[start:end], tuple(dict.fromkeys(label for a, b, label in marks if a <= start and end <= b)))
        for start, end in pairwise(edges)
    ]
