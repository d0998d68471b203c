"""Whisper and its kin (whisper-timestamped, WhisperX): segments, with or without speakers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.files.assemble import assemble
from servicequal.files.loose_json import children, identifier, language, objects, scaled, text
from servicequal.files.named_after import named_after
from servicequal.files.rejected import Rejected

NAME = "Whisper"


def recognises(document: Any) -> bool:
    """Tell by segments, in an object or a bare list, with text and times."""
    return any({"start", "end", "text"} <= segment.keys() for segment in _segments(document))


def read(document: Any, path: Path) -> Iterator[Contact | Rejected]:
    """Read one call; a segment without a speaker goes on with the one before.

    Example:
        >>> said = [
        ...     {"start": 0.12, "end": 7.62, "text": " Hello.", "speaker": "Agent"},
        ...     {"start": 8.54, "end": 12.36, "text": " Hi.", "speaker": "Customer"},
        ... ]
        >>> list(read({"segments": said, "language": "en"}, Path("c-1.json")))
        [Contact('c-1', phone, 2 turns)]
    """
    turns = []
    segments = _segments(document)
    label = next(filter(None, map(_speaker, segments)), "")
    for segment in segments:
        label = _speaker(segment) or label
        start, end = scaled(segment, 1, "start"), scaled(segment, 1, "end")
        turns.append((label, text(segment, "text") or "", start, end))
    yield assemble(path, named_after(path), "phone", turns, language=language(document, "language"))


def _segments(document: Any) -> list[dict[str, Any]]:
    return objects(document) or children(document, "segments")


def _speaker(segment: dict[str, Any]) -> str | None:
    """Give the segment's speaker, or else the one of most of its words."""
    words = Counter(filter(None, (identifier(word, "speaker") for word in children(segment, "words"))))
    return identifier(segment, "speaker") or (words.most_common(1)[0][0] if words else None)
