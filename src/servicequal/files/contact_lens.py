"""Amazon Connect Contact Lens: the analysis file of a call or chat, original or redacted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.files.assemble import Labelled, assemble
from servicequal.files.loose_json import child, children, identifier, language, scaled, text
from servicequal.files.moments import moment_of, seconds_between, started_at
from servicequal.files.named_after import named_after
from servicequal.files.rejected import Rejected

NAME = "Amazon Connect Contact Lens"

_CHANNELS = {"VOICE": "phone", "CHAT": "chat", "EMAIL": "email"}
_ROLES = {"AGENT": "agent", "SUPERVISOR": "agent", "CUSTOMER": "customer", "SYSTEM": "system", "CUSTOM_BOT": "system"}


def recognises(document: Any) -> bool:
    """Tell by the participants' ids in the transcript, or by the metadata beside it."""
    if not isinstance(document, dict) or not {"Transcript", "JobStatus"} & document.keys():
        return False
    return "CustomerMetadata" in document or any("ParticipantId" in item for item in children(document, "Transcript"))


def read(document: Any, path: Path) -> Iterator[Contact | Rejected]:
    """Read one contact; events, attachments and interactive messages are no speech.

    Example:
        >>> said = [
        ...     {"ParticipantId": "AGENT", "Content": "Hello!", "BeginOffsetMillis": 0, "EndOffsetMillis": 90},
        ...     {"ParticipantId": "CUSTOMER", "Content": "Hi.", "BeginOffsetMillis": 160, "EndOffsetMillis": 4640},
        ... ]
        >>> list(read({"Channel": "VOICE", "Transcript": said}, Path("c-1.json")))
        [Contact('c-1', phone, 2 turns)]
    """
    items = children(document, "Transcript")
    began = next((item["AbsoluteTime"] for item in items if text(item, "AbsoluteTime")), None)
    yield assemble(
        path,
        identifier(child(document, "CustomerMetadata"), "ContactId") or named_after(path),
        _channel(document),
        turns(document),
        attributes={"agent": _agent(document), "started_at": started_at(began)},
        language=language(document, "LanguageCode"),
    )


def turns(document: Any) -> list[Labelled]:
    """Give what was said, with the roles that the file states.

    Example:
        >>> turns({"Transcript": [{"ParticipantRole": "CUSTOM_BOT", "Content": "Welcome!", "BeginOffsetMillis": 1500}]})
        [('system', 'Welcome!', 1.5, None)]
    """
    roles = {text(person, "ParticipantId"): text(person, "ParticipantRole") for person in _participants(document)}
    items = children(document, "Transcript")
    moments = [moment_of(item.get("AbsoluteTime")) for item in items]
    began = next(filter(None, moments), None)
    found = []
    for item, moment in zip(items, moments, strict=True):
        person = text(item, "ParticipantId")
        role = text(item, "ParticipantRole") or roles.get(person) or person or ""
        start = scaled(item, 0.001, "BeginOffsetMillis")
        start = seconds_between(began, moment) if start is None else start
        if (content := text(item, "Content")) and _is_speech(item):
            found.append((_ROLES.get(role.upper(), role), content, start, scaled(item, 0.001, "EndOffsetMillis")))
    return found


def _is_speech(item: dict[str, Any]) -> bool:
    """Interactive messages carry a form as JSON, events and attachments nothing that was said."""
    content_type = text(item, "ContentType") or ""
    return item.get("Type", "MESSAGE") == "MESSAGE" and not ("interactive" in content_type or "json" in content_type)


def _channel(document: Any) -> str:
    stated = (text(document, "Channel") or "").upper()
    timed = any("BeginOffsetMillis" in item for item in children(document, "Transcript"))
    return _CHANNELS.get(stated) or ("phone" if timed else "chat")


def _agent(document: Any) -> str | None:
    """Give the agent's name, unless it was redacted."""
    people = [*_participants(document), *children(document, "Transcript")]
    names = (text(person, "DisplayName") for person in people if person.get("ParticipantRole") == "AGENT")
    return next((name for name in names if name and not name.startswith("[")), None)


def _participants(document: Any) -> list[dict[str, Any]]:
    return children(document, "Participants")
