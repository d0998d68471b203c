"""Scorecard, Rating, Evidence and Claim: what the scorer found in one contact, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from servicequal.contact import group_of
from servicequal.errors import ServicequalError, nearest
from servicequal.records import check_keys
from servicequal.scheme import LEVELS, NOT_APPLICABLE

SEEN_IN_TRAINING = "seen in training"  # the warning on a card of a contact that the scorer learned from


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that a rating rests on: ``contact.turns[turn].text[start:end] == text``.

    Attributes:
        indicator: what it shows; the criterion's own id where the scheme has no indicator for it.
        probability: 0–1, that it shows it.
    """

    turn: int
    start: int
    end: int
    text: str
    indicator: str
    probability: float

    def __repr__(self) -> str:
        return f"Evidence(turn {self.turn}, {self.start}–{self.end}, {self.indicator} {self.probability:.2f})"


@dataclass(frozen=True, slots=True)
class Claim:
    """An agent's statement of fact, held against the reference.

    Attributes:
        fact: id of the fact it was held against; None where the reference has none.
        verdict: ``supported``, ``contradicted`` or ``not_in_reference``.
        probability: 0–1, that the verdict is right.
    """

    turn: int
    start: int
    end: int
    text: str
    fact: str | None
    verdict: str
    probability: float

    def __repr__(self) -> str:
        return f"Claim(turn {self.turn}, {self.fact} {self.verdict} {self.probability:.2f})"


@dataclass(frozen=True, slots=True)
class Rating:
    """One criterion of one contact.

    Attributes:
        level: the most probable level, or ``not_applicable`` where ``applicable`` is below 0.5.
        applicable: 0–1, that the criterion applies.
        levels: probability of each level given that it applies; they sum to 1.
        decision: ``auto`` where the certified bound on the error holds, else ``review``.
        evidence: the sentences it rests on, the weightiest first.
    """

    level: str
    applicable: float
    levels: Mapping[str, float]
    decision: str
    evidence: tuple[Evidence, ...] = ()

    @property
    def confidence(self) -> float:
        """Probability (0–1) that the level is right."""
        if self.level == NOT_APPLICABLE:
            return 1 - self.applicable
        return self.applicable * self.levels[self.level]


UNRATED = Rating("not_applicable", 0.0, {"not_met": 0.3333, "partly_met": 0.3333, "fully_met": 0.3334}, "review")
"""A grounded criterion without a reference: it does not apply, but nobody judged that, and nothing can be measured."""


@dataclass(frozen=True, slots=True)
class Overall:
    """The overall score: 100 × weighted mean of level/2 over the applicable criteria.

    Attributes:
        score: 0–100, from the most probable levels; None where no criterion applies.
        low: 5th percentile of the score under the ratings' probabilities.
        high: 95th percentile.
        capped_by: the critical criterion whose confident ``not_met`` capped the score, if one did.
    """

    score: float | None
    low: float | None
    high: float | None
    capped_by: str | None = None


@dataclass(frozen=True)
class Scorecard:
    """All that was found in one contact.

    Example:
        >>> rating = Rating("fully_met", 1.0, {"not_met": 0.1, "partly_met": 0.2, "fully_met": 0.7}, "review")
        >>> card = Scorecard("c-1", "chat", "en", Overall(100.0, 50.0, 100.0), {"courtesy": rating})
        >>> card["courtesy"].level
        'fully_met'
        >>> Scorecard.from_dict(card.to_dict()) == card
        True
    """

    contact: str
    channel: str
    language: str
    overall: Overall
    ratings: Mapping[str, Rating]
    claims: tuple[Claim, ...] = ()
    warnings: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    scorer: str = ""

    def __getitem__(self, criterion: str) -> Rating:
        if criterion not in self.ratings:
            raise KeyError(f"no criterion {criterion!r}; {nearest(criterion, self.ratings)}")
        return self.ratings[criterion]

    def __repr__(self) -> str:
        levels = ", ".join(f"{name} {rating.level}" for name, rating in self.ratings.items())
        return f"Scorecard({self.contact!r}, {self.overall.score}, {levels})"

    def to_dict(self) -> dict[str, Any]:
        """Write the scorecard as a JSON object."""
        return {
            "contact": self.contact,
            "channel": self.channel,
            "language": self.language,
            "attributes": dict(self.attributes),
            "overall": _plain(self.overall),
            "ratings": {
                name: _plain(rating)
                | {"levels": dict(rating.levels), "evidence": [_plain(item) for item in rating.evidence]}
                for name, rating in self.ratings.items()
            },
            "claims": [_plain(claim) for claim in self.claims],
            "warnings": list(self.warnings),
            "scorer": self.scorer,
        }

    @classmethod
    def from_dict(cls, record: Any) -> Scorecard:
        """Read a scorecard from a JSON object.

        Raises:
            ServicequalError: naming the key or the level that is wrong.
        """
        names = {"contact", "channel", "language", "overall", "ratings"}
        optional = {"claims", "warnings", "attributes", "scorer"}
        check_keys(record, required=names, optional=optional, where="scorecard", error=ServicequalError)
        return cls(
            record["contact"],
            record["channel"],
            record["language"],
            Overall(**record["overall"]),
            {name: _rating(rating, f"{record['contact']!r}, {name}") for name, rating in record["ratings"].items()},
            tuple(Claim(**claim) for claim in record.get("claims", ())),
            tuple(record.get("warnings", ())),
            record.get("attributes") or {},
            record.get("scorer", ""),
        )


def cluster_of(card: Scorecard) -> str:
    """Name what a contact varies together with: its case, else its customer, else itself."""
    return group_of(card.attributes, card.contact)


def _plain(part: Any) -> dict[str, Any]:
    return {name: getattr(part, name) for name in type(part).__slots__}


def _rating(record: Any, where: str) -> Rating:
    where = f"scorecard of contact {where}"
    check_keys(record, required=set(Rating.__slots__), where=where, error=ServicequalError)
    if record["level"] not in (*LEVELS, NOT_APPLICABLE):
        raise ServicequalError(f"{where}: unknown level {record['level']!r}")
    return Rating(**{**record, "evidence": tuple(Evidence(**item) for item in record["evidence"])})
