"""AssemblyAI: a transcript with the utterances of its speakers or channels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.files.assemble import assemble
from servicequal.files.loose_json import children, language, scaled, text
from servicequal.files.named_after import named_after
from servicequal.files.rejected import Rejected

NAME = "AssemblyAI"


def recognises(document: Any) -> bool:
    """Tell by the audio's address beside a status, or by utterances with a speaker and whole milliseconds."""
    if not isinstance(document, dict):
        return False
    if {"audio_url", "status"} <= document.keys():
        return True
    return any("speaker" in one and isinstance(one.get("start"), int) for one in children(document, "utterances"))


def read(document: Any, path: Path) -> Iterator[Contact | Rejected]:
    """Read one call; without utterances, its whole text is one turn.

    Example:
        >>> said = [
        ...     {"speaker": "Agent", "text": "Hello!", "start": 1437, "end": 1597},
        ...     {"speaker": "Customer", "text": "Hi.", "start": 1630, "end": 1822},
        ... ]
        >>> list(read({"status": "completed", "utterances": said}, Path("c-1.json")))
        [Contact('c-1', phone, 2 turns)]
    """
    if document.get("status") in ("error", "queued", "processing"):
        yield Rejected(path.name, f"the transcription's status is {document['status']!r}; expected 'completed'")
        return
    turns = []
    for one in children(document, "utterances"):
        start, end = scaled(one, 0.001, "start"), scaled(one, 0.001, "end")
        turns.append((text(one, "speaker", "channel") or "", text(one, "text") or "", start, end))
    turns = turns or [("", text(document, "text") or "", None, None)]
    yield assemble(path, named_after(path), "phone", turns, language=language(document, "language_code"))
