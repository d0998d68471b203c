"""Deepgram: a transcription of a recording, with speakers or channels."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.files.assemble import Labelled, assemble
from servicequal.files.loose_json import child, children, identifier, language, scaled, text
from servicequal.files.named_after import named_after
from servicequal.files.rejected import Rejected

NAME = "Deepgram"


def recognises(document: Any) -> bool:
    """Tell by channels with alternatives."""
    return any("alternatives" in channel for channel in children(child(document, "results"), "channels"))


def read(document: Any, path: Path) -> Iterator[Contact | Rejected]:
    """Read one call: its utterances, or what the words make of it. Where there are several channels, each is a speaker.

    Example:
        >>> said = [
        ...     {"start": 3.04, "end": 3.5, "channel": 0, "transcript": "Hello.", "speaker": 0},
        ...     {"start": 4.64, "end": 7.6, "channel": 0, "transcript": "Hi there.", "speaker": 1},
        ... ]
        >>> _turns({"channels": [{"alternatives": [{"transcript": "Hello. Hi there."}]}], "utterances": said})
        [('speaker 0', 'Hello.', 3.04, 3.5), ('speaker 1', 'Hi there.', 4.64, 7.6)]
    """
    results = child(document, "results")
    channel = (children(results, "channels") or [{}])[0]
    spoken = language(channel, "detected_language") or language(child(document, "metadata"), "language")
    yield assemble(path, named_after(path), "phone", _turns(results), language=spoken)


def _turns(results: dict[str, Any]) -> list[Labelled]:
    channels = children(results, "channels")
    several = len(channels) > 1
    turns = []
    for utterance in children(results, "utterances"):
        label = _label(utterance, several, identifier(utterance, "channel"))
        start, end = scaled(utterance, 1, "start"), scaled(utterance, 1, "end")
        turns.append((label, text(utterance, "transcript") or "", start, end))
    if not turns:
        for number, channel in enumerate(channels):
            turns += _of_words(channel, several, number)
    return sorted(turns, key=lambda turn: turn[2] or 0.0)


def _of_words(channel: dict[str, Any], several: bool, number: int) -> list[Labelled]:
    """Join the words that one speaker says in a row; without words, take the channel's whole transcript."""
    best = (children(channel, "alternatives") or [{}])[0]
    words = children(best, "words")
    turns = []
    for label, group in groupby(words, key=lambda word: _label(word, several, str(number))):
        row = list(group)
        said = " ".join(text(word, "punctuated_word", "word") or "" for word in row)
        turns.append((label, said.strip(), scaled(row[0], 1, "start"), scaled(row[-1], 1, "end")))
    return turns or [(_label({}, several, str(number)), text(best, "transcript") or "", None, None)]


def _label(record: dict[str, Any], several: bool, channel: str | None) -> str:
    return f"channel {channel}" if several else f"speaker {identifier(record, 'speaker')}"
