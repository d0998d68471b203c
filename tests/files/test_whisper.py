"""Whisper, whisper-timestamped and WhisperX."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from servicequal.contact import Contact
from servicequal.files import whisper

SAMPLES = Path(__file__).parents[3] / "shared" / "formats"
AGENT = "Thank you for calling Voltana customer service, my name is Anna. How can I help you today?"
CUSTOMER = "Hi, I ordered a coffee machine last week and it has still not arrived. Where is my parcel?"


def segment(said: str, start: float, **more: Any) -> dict[str, Any]:
    return {"start": start, "end": start + 2, "text": f" {said}"} | more


def read(document: Any) -> Contact:
    assert whisper.recognises(document)
    (contact,) = whisper.read(document, Path("export.json"))
    assert isinstance(contact, Contact), contact
    return contact


def test_speakers_of_whisperx() -> None:
    segments = [
        segment(AGENT, 0.12, speaker="SPEAKER_00"),
        segment("One moment.", 3.0),
        segment(CUSTOMER, 8.54, words=[{"word": "Hi,", "speaker": "SPEAKER_01"}, {"word": "I"}]),
    ]
    contact = read({"segments": segments, "word_segments": [], "language": "en"})
    assert (contact.id, contact.channel, contact.language) == ("export", "phone", "en")
    assert [turn.speaker for turn in contact.turns] == ["agent", "agent", "customer"]
    assert (contact.turns[0].text, contact.turns[0].start, contact.turns[0].end) == (AGENT, 0.12, 2.12)
    assert "roles_inferred" in contact.attributes


@pytest.mark.parametrize("wrap", [lambda segments: {"text": "all", "segments": segments}, list])
def test_without_speakers_all_is_one_speaker(wrap: Any) -> None:
    contact = read(wrap([segment(AGENT, 0.12), segment("Let me check that for you.", 3.0)]))
    assert len({turn.speaker for turn in contact.turns}) == 1
    assert contact.attributes["roles_inferred"] == 0.5
    assert contact.language is None


def test_a_language_by_its_name_is_left_to_detection() -> None:
    assert read({"segments": [segment(AGENT, 0.0)], "language": "english"}).language is None


@pytest.mark.skipif(not SAMPLES.exists(), reason="no shared samples here")
def test_the_published_segments() -> None:
    contact = read(json.loads((SAMPLES / "whisper_timestamped.json").read_text()))
    assert (len(contact.turns), contact.language, contact.turns[0].start) == (4, "en", 0.12)
