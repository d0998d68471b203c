"""Amazon Transcribe Call Analytics: a job's output, and what the aws-samples "post call analytics" make of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from servicequal.contact import Contact
from servicequal.files import contact_lens
from servicequal.files.assemble import assemble
from servicequal.files.clock import iso
from servicequal.files.loose_json import child, children, identifier, language, scaled, text
from servicequal.files.named_after import named_after
from servicequal.files.rejected import Rejected

NAME = "Amazon Transcribe Call Analytics"

_NOTHING = {"none", "unknown"}  # what the post call analytics write where they know nothing


def recognises(document: Any) -> bool:
    """Tell by the speech segments, or by a transcript whose items carry a role."""
    if not isinstance(document, dict):
        return False
    if "ConversationAnalytics" in document:
        return "SpeechSegments" in document
    spoken = any("ParticipantRole" in item for item in children(document, "Transcript"))
    return spoken and not contact_lens.recognises(document)


def read(document: Any, path: Path) -> Iterator[Contact | Rejected]:
    """Read one call; the speakers keep the roles that the file gives them.

    Example:
        >>> said = [{"SegmentSpeaker": "spk_0", "DisplayText": "Hello!", "SegmentStartTime": 0.04}]
        >>> labels = [{"Speaker": "spk_0", "DisplayText": "Agent"}]
        >>> document = {"ConversationAnalytics": {"SpeakerLabels": labels}, "SpeechSegments": said}
        >>> list(read(document, Path("c-1.json")))
        [Contact('c-1', phone, 1 turns)]
    """
    if "ConversationAnalytics" in document:
        yield _post_call(document, path)
        return
    yield assemble(
        path,
        identifier(document, "JobName") or named_after(path),
        "phone",
        contact_lens.turns(document),
        language=language(document, "LanguageCode"),
    )


def _post_call(document: dict[str, Any], path: Path) -> Contact | Rejected:
    about = child(document, "ConversationAnalytics")
    names = {text(label, "Speaker"): text(label, "DisplayText") for label in children(about, "SpeakerLabels")}
    turns = []
    for segment in children(document, "SpeechSegments"):
        speaker = text(segment, "SegmentSpeaker") or ""
        start, end = scaled(segment, 1, "SegmentStartTime"), scaled(segment, 1, "SegmentEndTime")
        said = text(segment, "DisplayText", "OriginalText") or ""
        turns.append((names.get(speaker) or speaker, said, start, end))
    return assemble(
        path,
        _known(about, "GUID") or named_after(path),
        "phone",
        turns,
        attributes={"agent": _known(about, "Agent"), "customer": _known(about, "Cust"), "started_at": _began(about)},
        language=language(about, "LanguageCode"),
    )


def _known(about: dict[str, Any], key: str) -> str | None:
    value = identifier(about, key)
    return None if value is None or value.casefold() in _NOTHING else value


def _began(about: dict[str, Any]) -> str | None:
    """Give the call's beginning, stated as local time; the time of processing stands for an unknown one."""
    stated, place = text(about, "ConversationTime"), text(about, "ConversationLocation")
    if not stated or not place or stated == text(about, "ProcessTime"):
        return None
    try:
        return iso(datetime.fromisoformat(stated).replace(tzinfo=ZoneInfo(place)))
    except (ValueError, OSError, KeyError, OverflowError):  # no date, or no such zone
        return None
