"""Phrase: a sentence written to show an indicator, or to come near it without showing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from servicequal.errors import AnnotationError, nearest
from servicequal.records import check_keys, read_records
from servicequal.scheme import Indicator, Scheme

REGISTERS = ("spoken", "written")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One line of a phrase bank; it teaches one indicator and says nothing of the others.

    Attributes:
        language: ISO 639-1 code.
        indicator: which one it is about; its speaker says the phrase.
        shows: whether the phrase shows it, or is a near miss.
        text: one sentence.
        register: ``spoken`` or ``written``.
        before: what the other side said just before, if the phrase lives from it.

    Example:
        >>> Phrase.from_dict({"language": "en", "indicator": "apologises", "shows": False, "register": "written",
        ...                   "text": "Sorry, which order number was that?"}).shows
        False
    """

    language: str
    indicator: str
    shows: bool
    text: str
    register: str
    before: str | None = None

    @classmethod
    def from_dict(cls, record: Any) -> Phrase:
        """Read a phrase from a JSON object.

        Raises:
            AnnotationError: naming the key that is wrong.
        """
        types: dict[str, type] = {**dict.fromkeys(cls.__slots__, str), "shows": bool}
        required = set(cls.__slots__) - {"before"}
        check_keys(record, required=required, optional={"before"}, where="phrase", error=AnnotationError, types=types)
        if record["register"] not in REGISTERS:
            hint = nearest(record["register"], REGISTERS)
            raise AnnotationError(f"phrase: unknown register {record['register']!r}; {hint}")
        if not record["text"].strip():
            raise AnnotationError("phrase: the text is empty; expected a sentence")
        return cls(**record)

    def indicator_of(self, scheme: Scheme) -> Indicator:
        """Find the phrase's indicator in a scheme.

        Raises:
            AnnotationError: if the scheme does not have it.
        """
        known: Mapping[str, Indicator] = {indicator.id: indicator for indicator in scheme.indicators}
        if self.indicator not in known:
            raise AnnotationError(f"phrase: unknown indicator {self.indicator!r}; {nearest(self.indicator, known)}")
        return known[self.indicator]


def read_phrases(path: str | PathLike[str]) -> list[Phrase]:
    """Read a phrase bank: a JSONL file, or all ``.jsonl`` files of a folder.

    Raises:
        AnnotationError: naming the file and the line that is wrong.
    """
    return list(located_phrases(path).values())


def located_phrases(path: str | PathLike[str]) -> dict[str, Phrase]:
    """Read a phrase bank as ``read_phrases`` does, each phrase under its file and line."""
    root = Path(path)
    files = sorted(root.glob("*.jsonl")) if root.is_dir() else [root]
    if not files:
        raise AnnotationError(f"{root}: no .jsonl file in this folder; expected a phrase bank")
    phrases = {}
    for file in files:
        for where, record in read_records(file, AnnotationError):
            try:
                phrases[where] = Phrase.from_dict(record)
            except AnnotationError as error:
                raise AnnotationError(f"{where}: {error}") from None
    return phrases
