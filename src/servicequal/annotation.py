"""Annotation: what one rater says of one contact."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.errors import AnnotationError, nearest
from servicequal.records import check_keys, kind, read_records
from servicequal.scheme import LEVELS, NOT_APPLICABLE, Scheme

VERDICTS = ("supported", "contradicted", "not_in_reference")


@dataclass(frozen=True, slots=True)
class Span:
    """An indicator that a rater marked: ``contact.turns[turn].text[start:end]``."""

    turn: int
    start: int
    end: int
    indicator: str


@dataclass(frozen=True, slots=True)
class MarkedClaim:
    """An agent's statement that a rater held against the reference.

    Attributes:
        fact: the fact it was held against; None where the reference has none.
        verdict: ``supported``, ``contradicted`` or ``not_in_reference``.
    """

    turn: int
    start: int
    end: int
    fact: str | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """One rater's ratings, indicators and verdicts for one contact.

    Attributes:
        contact: the contact's id.
        rater: who rated.
        ratings: a level, or ``not_applicable``, for each criterion rated.
        blind: False if the rater saw a model's answer first or wrote the contact: it trains, but never measures.

    Example:
        >>> Annotation.from_dict({"contact": "c", "rater": "r", "ratings": {"tone": "met"}})
        Traceback (most recent call last):
        servicequal.errors.AnnotationError: contact 'c', rater 'r', tone: unknown level 'met'; did you mean 'not_met'?
    """

    contact: str
    rater: str
    ratings: Mapping[str, str]
    indicators: tuple[Span, ...] = ()
    verdicts: tuple[MarkedClaim, ...] = ()
    wave: str | None = None
    blind: bool = True
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """Name the annotation for a message."""
        return f"contact {self.contact!r}, rater {self.rater!r}"

    @classmethod
    def from_dict(cls, record: Any) -> Annotation:
        """Read an annotation from a JSON object.

        Raises:
            AnnotationError: naming the contact, the rater and the key that is wrong.
        """
        optional = {"indicators", "verdicts", "wave", "blind", "attributes"}
        required = {"contact", "rater", "ratings"}
        types: dict[str, type] = {"contact": str, "rater": str, "ratings": dict, "indicators": list, "verdicts": list}
        types |= {"wave": str, "blind": bool, "attributes": dict}
        check_keys(record, required=required, optional=optional, where="annotation", error=AnnotationError, types=types)
        where = f"contact {record['contact']!r}, rater {record['rater']!r}"
        for criterion, level in record["ratings"].items():
            if level not in (*LEVELS, NOT_APPLICABLE):
                hint = nearest(str(level), (*LEVELS, NOT_APPLICABLE))
                raise AnnotationError(f"{where}, {criterion}: unknown level {level!r}; {hint}")
        spans = tuple(_part(Span, item, where) for item in record.get("indicators") or ())
        claims = tuple(_part(MarkedClaim, item, where) for item in record.get("verdicts") or ())
        for claim in claims:
            if claim.fact is not None and not isinstance(claim.fact, str):
                raise AnnotationError(f"{where}: fact is {kind(claim.fact)}; expected a fact's id or null")
            if claim.verdict not in VERDICTS:
                hint = nearest(str(claim.verdict), VERDICTS)
                raise AnnotationError(f"{where}: unknown verdict {claim.verdict!r}; {hint}")
        return cls(
            record["contact"], record["rater"], dict(record["ratings"]), spans, claims,
            record.get("wave"), record.get("blind") is not False, record.get("attributes") or {},
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Write the annotation as a JSON object."""
        record: dict[str, Any] = {"contact": self.contact, "rater": self.rater}
        if self.wave:
            record["wave"] = self.wave
        record |= {"blind": self.blind, "ratings": dict(self.ratings)}
        for name, parts in (("indicators", self.indicators), ("verdicts", self.verdicts)):
            if parts:
                record[name] = [{key: getattr(part, key) for key in type(part).__slots__} for part in parts]
        return record | ({"attributes": dict(self.attributes)} if self.attributes else {})

    def check(self, contact: Contact, scheme: Scheme) -> None:
        """Refuse an annotation that names what the contact or the scheme does not have.

        Raises:
            AnnotationError: naming the part and the nearest known name.
        """
        for problem in self.problems(contact, scheme):
            raise AnnotationError(f"{self.where}: {problem}")

    def problems(self, contact: Contact, scheme: Scheme) -> Iterator[str]:
        """Name all that the contact or the scheme does not have."""
        criteria = {criterion.id for criterion in scheme.criteria}
        indicators = {indicator.id for indicator in scheme.indicators}
        for criterion in self.ratings:
            if criterion not in criteria:
                yield f"unknown criterion {criterion!r}; {nearest(criterion, criteria)}"
        parts: tuple[Span | MarkedClaim, ...] = (*self.indicators, *self.verdicts)
        for part in parts:
            if isinstance(part, Span) and part.indicator not in indicators:
                yield f"unknown indicator {part.indicator!r}; {nearest(part.indicator, indicators)}"
            if not 0 <= part.turn < len(contact.turns):
                yield f"turn {part.turn}; the contact has {len(contact.turns)} turns"
                continue
            length = len(contact.turns[part.turn].text)
            if not 0 <= part.start < part.end <= length:
                yield f"span {part.start}–{part.end} of turn {part.turn}; its text has {length} characters"


def read_annotations(
    path: str | PathLike[str],
    *,
    name: str = "annotations.jsonl",
    reject: Callable[[AnnotationError], None] | None = None,
) -> list[Annotation]:
    """Read annotations from a JSONL file, or from all ``annotations.jsonl`` below a folder.

    Args:
        path: of the file or folder.
        name: of the files to read below a folder; ``adjudications.jsonl`` for what an adjudicator decided.
        reject: is handed the error of each record that cannot be read; without it the first one is raised.

    Raises:
        AnnotationError: naming the file and the line that is wrong.
    """
    root = Path(path)
    files = sorted(root.rglob(name)) if root.is_dir() else [root]
    if not files:
        raise AnnotationError(f"{root}: no {name} in this folder")
    return [annotation for file in files for annotation in _read(file, reject)]


def _read(file: Path, reject: Callable[[Any], None] | None) -> Iterator[Annotation]:
    for where, record in read_records(file, AnnotationError, reject):
        try:
            yield Annotation.from_dict(record)
        except AnnotationError as error:
            wrong = AnnotationError(f"{where}: {error}")
            if reject is None:
                raise wrong from None
            reject(wrong)


def _part(noun: Any, record: Any, where: str) -> Any:
    types = dict.fromkeys(("turn", "start", "end"), int) | ({"indicator": str} if noun is Span else {})
    check_keys(record, required=set(noun.__slots__), where=where, error=AnnotationError, types=types)
    return noun(**record)
