"""Google Conversational Insights and Dialogflow: conversations as uploaded, as exported, and as lists of messages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.files.assemble import Labelled, assemble
from servicequal.files.loose_json import child, children, identifier, language, number, rating, text
from servicequal.files.moments import moment_of, seconds_between, started_at
from servicequal.files.named_after import named_after
from servicequal.files.rejected import Rejected

NAME = "Google Conversational Insights"

_ROLES = {
    "AGENT": "agent",
    "HUMAN_AGENT": "agent",
    "ANY_AGENT": "agent",
    "AUTOMATED_AGENT": "system",
    "CUSTOMER": "customer",
    "END_USER": "customer",
}
_LABELS = ("company", "team", "queue", "agent", "customer", "case", "area", "wave")
_SENT = ("sendTime", "createTime", "send_time", "create_time")
_DATED = 1e14  # microseconds: a smaller number counts from the conversation's beginning, not from 1970


def recognises(document: Any) -> bool:
    """Tell by entries with a role, by transcript segments, or by messages of a participant."""
    if not isinstance(document, dict):
        return False
    if {"transcriptSegments", "transcript_segments"} & child(document, "transcript").keys():
        return True
    return any("role" in entry and "text" in entry for entry in children(document, "entries")) or any(
        text(message, "participantRole", "participant_role") for message in children(document, "messages")
    )


def read(document: Any, path: Path) -> Iterator[Contact | Rejected]:
    """Read one conversation; it is a chat unless the file says that it was a call.

    Example:
        >>> said = [
        ...     {"start_timestamp_usec": 1000000, "text": "Hello?", "role": "CUSTOMER", "user_id": 1},
        ...     {"start_timestamp_usec": 5000000, "text": "Good morning!", "role": "AGENT", "user_id": 2},
        ... ]
        >>> list(read({"entries": said}, Path("c-1.json")))
        [Contact('c-1', chat, 2 turns)]
    """
    segments, messages = _segments(document), children(document, "messages")
    turns: list[Labelled]
    began: str | float | None
    turns, began = _of_entries(document)
    if segments:
        turns, began = _of_segments(document, segments), None
    elif messages:
        turns, began = _of_messages(messages)
    spoken = (language(item, "languageCode", "language_code") for item in [document, *segments, *messages])
    yield assemble(
        path,
        (identifier(document, "name", "conversationId") or "").rpartition("/")[2] or named_after(path),
        "phone" if _is_call(document) else "chat",
        turns,
        attributes=_attributes(document) | {"started_at": started_at(text(document, "startTime", "start_time"), began)},
        language=next(filter(None, spoken), None),
    )


def _attributes(document: Any) -> dict[str, Any]:
    labels = child(document, "labels")
    quality = child(document, "qualityMetadata") or child(document, "quality_metadata")
    agents = children(quality, "agentInfo") or children(quality, "agent_info")
    agent = agents[0] if agents else {}
    found = {
        "agent": text(agent, "displayName", "display_name", "agentId") or identifier(document, "agentId", "agent_id"),
        "team": text(agent, "team"),
        "customer": identifier(document, "obfuscatedUserId", "obfuscated_user_id"),
        "rating": rating(quality, "customerSatisfactionRating", "customer_satisfaction_rating"),
    }
    return {key: text(labels, key) for key in _LABELS} | {key: value for key, value in found.items() if value}


def _is_call(document: Any) -> bool:
    medium = text(document, "medium")
    if medium:
        return medium.upper() == "PHONE_CALL"
    source = child(child(document, "dataSource"), "gcsSource") or child(child(document, "data_source"), "gcs_source")
    return bool({"callMetadata", "call_metadata"} & document.keys() or text(source, "audioUri", "audio_uri"))


def _segments(document: Any) -> list[dict[str, Any]]:
    transcript = child(document, "transcript")
    return children(transcript, "transcriptSegments") or children(transcript, "transcript_segments")


def _of_segments(document: Any, segments: list[dict[str, Any]]) -> list[Labelled]:
    call = child(document, "callMetadata") or child(document, "call_metadata")
    channels = {
        identifier(call, "customerChannel", "customer_channel"): "customer",
        identifier(call, "agentChannel", "agent_channel"): "agent",
    }
    moments = [moment_of(text(segment, "messageTime", "message_time")) for segment in segments]
    began = next(filter(None, moments), None)
    turns = []
    for segment, moment in zip(segments, moments, strict=True):
        person = child(segment, "segmentParticipant") or child(segment, "segment_participant")
        channel = identifier(segment, "channelTag", "channel_tag")
        label = _ROLES.get(text(person, "role") or "") or channels.get(channel) or f"channel {channel}"
        words = children(segment, "words")
        start = _offset(words[0], "startOffset", "start_offset") if words else seconds_between(began, moment)
        end = _offset(words[-1], "endOffset", "end_offset") if words else None
        turns.append((label, text(segment, "text") or "", start, end))
    return turns


def _offset(word: dict[str, Any], *keys: str) -> float | None:
    """Read a duration such as ``1.500s``."""
    seconds = number({"seconds": (text(word, *keys) or "").removesuffix("s")}, "seconds")
    return None if seconds is None else round(seconds, 3)


def _of_messages(messages: list[dict[str, Any]]) -> tuple[list[Labelled], str | None]:
    """Give the turns of a list of messages, which Dialogflow lists from the last to the first, and their beginning."""
    ordered = sorted(messages, key=lambda message: text(message, *_SENT) or "")
    began = text(ordered[0], *_SENT)
    turns: list[Labelled] = []
    for message in ordered:
        role = text(message, "participantRole", "participant_role") or ""
        start = seconds_between(moment_of(began), moment_of(text(message, *_SENT)))
        turns.append((_ROLES.get(role, role), text(message, "content") or "", start, None))
    return turns, began


def _of_entries(document: Any) -> tuple[list[Labelled], float | None]:
    """Give the turns of an upload, and the moment it began if its times count from 1970."""
    turns: list[Labelled] = []
    first: float | None = None
    for entry in children(document, "entries"):
        micros = number(entry, "start_timestamp_usec", "startTimestampUsec")
        if first is None and micros is not None:
            first = micros if micros >= _DATED else 0.0
        start = None if micros is None or first is None else round((micros - first) / 1e6, 3)
        role = (text(entry, "role") or "").upper()
        label = _ROLES.get(role) or identifier(entry, "user_id", "userId") or role
        turns.append((label, text(entry, "text") or "", start, None))
    return turns, first or None
