"""Azure: speech transcriptions (batch, fast, call centre) and conversations of the Language service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.files.assemble import Labelled, assemble
from servicequal.files.loose_json import child, children, identifier, language, scaled, text
from servicequal.files.named_after import named_after
from servicequal.files.rejected import Rejected

NAME = "Azure speech or conversation"

_TICK = 1e-7
_DURATION = re.compile(r"PT(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?")


def recognises(document: Any) -> bool:
    """Tell by recognised phrases, or by conversations with items."""
    speech = _speech(document)
    return "recognizedPhrases" in speech or "combinedPhrases" in speech or bool(_conversations(document))


def read(document: Any, path: Path) -> Iterator[Contact | Rejected]:
    """Read the call of a transcription, or every conversation of a request or result.

    Recordings with two channels have a speaker in each; otherwise the speakers are those of the diarisation.

    Example:
        >>> said = [
        ...     {"channel": 0, "speaker": 1, "offsetInTicks": 400000, "nBest": [{"display": "Hello!"}]},
        ... ]
        >>> _turns_of_speech({"recognizedPhrases": said})
        [('speaker 1', 'Hello!', 0.04, None)]
    """
    speech = _speech(document)
    if "recognizedPhrases" in speech or "combinedPhrases" in speech:
        spoken = language((_phrases(speech) or [{}])[0], "locale")
        yield assemble(path, named_after(path), "phone", _turns_of_speech(speech), language=spoken)
        return
    for number, conversation in enumerate(_conversations(document), start=1):
        items = children(conversation, "conversationItems")
        written = text(conversation, "modality") == "text" or any(text(item, "modality") == "text" for item in items)
        yield assemble(
            path,
            identifier(conversation, "id") or named_after(path, number),
            "chat" if written else "phone",
            [_turn_of_item(item) for item in items],
            language=language(conversation, "language"),
        )


def _speech(document: Any) -> dict[str, Any]:
    """Give the transcription, which the call centre client puts beside its analyses."""
    return child(document, "transcription") or (document if isinstance(document, dict) else {})


def _phrases(speech: dict[str, Any]) -> list[dict[str, Any]]:
    return children(speech, "recognizedPhrases") or children(speech, "phrases")


def _conversations(document: Any) -> list[dict[str, Any]]:
    """Find conversations on their own, in a request, in a result, or in a call centre's analyses."""
    analyses = child(child(document, "conversationAnalyticsResults"), "conversationPiiResults")
    for place in ({"conversations": [document]}, document, child(document, "analysisInput"), analyses):
        found = [one for one in children(place, "conversations") if "conversationItems" in one]
        if found:
            return found
    return []


def _turns_of_speech(speech: dict[str, Any]) -> list[Labelled]:
    phrases = _phrases(speech)
    channels = {identifier(phrase, "channel") for phrase in phrases}
    by = "channel" if len(channels) > 1 else "speaker"
    turns = []
    for phrase in phrases:
        best = (children(phrase, "nBest") or [phrase])[0]
        start, lasts = _time(phrase, "offset"), _time(phrase, "duration")
        end = None if start is None or lasts is None else round(start + lasts, 3)
        said = text(best, "display", "text", "lexical") or ""
        turns.append((f"{by} {identifier(phrase, by)}", said, start, end))
    return sorted(turns, key=lambda turn: turn[2] or 0.0)


def _time(record: dict[str, Any], name: str) -> float | None:
    """Read a time in ticks, in milliseconds, or as an ISO duration."""
    for factor, key in ((_TICK, f"{name}InTicks"), (0.001, f"{name}Milliseconds"), (_TICK, name)):
        if (found := scaled(record, factor, key)) is not None:
            return found
    written = _DURATION.fullmatch(text(record, name) or "")
    if not written:
        return None
    hours, minutes, seconds = (float(part or 0) for part in written.groups())
    return round(hours * 3600 + minutes * 60 + seconds, 3)


def _turn_of_item(item: dict[str, Any]) -> Labelled:
    role = text(item, "role") or ""
    label = role if role.lower() in ("agent", "customer") else text(item, "participantId") or ""
    if not label:
        label = f"channel {identifier(item, 'channel')}"
    timing = child(item, "conversationItemLevelTiming") or item
    start, lasts = _time(timing, "offset"), _time(timing, "duration")
    end = None if start is None or lasts is None else round(start + lasts, 3)
    said = text(item, "text") or text(child(item, "redactedContent"), "text", "itn") or text(item, "itn", "lexical")
    return label, said or "", start, end
