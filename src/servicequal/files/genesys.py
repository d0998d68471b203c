"""Genesys Cloud: the transcript of a conversation, from speech and text analytics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.files.assemble import Labelled, assemble
from servicequal.files.loose_json import child, children, identifier, language, number, text
from servicequal.files.moments import started_at
from servicequal.files.named_after import named_after
from servicequal.files.rejected import Rejected

NAME = "Genesys Cloud"

_CHANNELS = {"call": "phone", "voice": "phone", "callback": "phone", "email": "email"}
_ROLES = {
    "external": "customer",
    "customer": "customer",
    "internal": "agent",
    "agent": "agent",
    "user": "agent",
    "acd": "system",
    "bot": "system",
    "botflow": "system",
    "ivr": "system",
    "system": "system",
    "voicemail": "system",
    "workflow": "system",
}
_DATED = 1e11  # milliseconds: a smaller number counts from the conversation's beginning, not from 1970


def recognises(document: Any) -> bool:
    """Tell by transcripts that hold phrases."""
    return any("phrases" in transcript for transcript in children(document, "transcripts"))


def read(document: Any, path: Path) -> Iterator[Contact | Rejected]:
    """Read one conversation; the transcripts of its parts are put in the order of time.

    Example:
        >>> said = [
        ...     {"text": "hello", "decoratedText": "Hello.", "startTimeMs": 500, "participantPurpose": "internal"},
        ...     {"text": "hi", "startTimeMs": 4200, "participantPurpose": "external"},
        ... ]
        >>> list(read({"conversationId": "c-1", "transcripts": [{"phrases": said}]}, Path("a.json")))
        [Contact('c-1', phone, 2 turns)]
    """
    people = children(document, "participants")
    internal = next((one for one in people if one.get("participantPurpose") in ("internal", "agent", "user")), {})
    customer = next((one for one in people if one.get("participantPurpose") in ("external", "customer")), {})
    transcripts = children(document, "transcripts")
    yield assemble(
        path,
        identifier(document, "conversationId") or named_after(path),
        _CHANNELS.get((text(document, "mediaType") or "call").lower(), "chat"),
        _turns(document, transcripts),
        attributes={
            "agent": identifier(internal, "userId"),
            "team": identifier(internal, "teamId"),
            "queue": identifier(internal, "queueId"),
            "customer": identifier(customer, "externalContactId"),
            "started_at": started_at(document.get("conversationStartTime"), document.get("startTime")),
        },
        language=next((found for one in transcripts if (found := language(one, "language"))), None),
    )


def _turns(document: Any, transcripts: list[dict[str, Any]]) -> list[Labelled]:
    phrases = [phrase for transcript in transcripts for phrase in children(transcript, "phrases")]
    times = [number(phrase, "startTimeMs") for phrase in phrases]
    known = [time for time in times if time is not None]
    began = 0.0
    if known and known[0] >= _DATED:
        began = min(number(document, "conversationStartTime", "startTime") or known[0], *known)
    turns = []
    for phrase, time in zip(phrases, times, strict=True):
        purpose = text(phrase, "participantPurpose") or ""
        start = None if time is None else round((time - began) / 1000, 3)
        lasts = number(child(phrase, "duration"), "milliseconds")
        end = None if start is None or lasts is None else round(start + lasts / 1000, 3)
        said = text(phrase, "decoratedText", "text") or ""
        turns.append((_ROLES.get(purpose.lower(), purpose), said, start, end))
    return sorted(turns, key=lambda turn: turn[2] or 0.0) if len(known) == len(times) else turns
