"""Deepgram transcriptions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from servicequal.contact import Contact
from servicequal.files import deepgram

SAMPLES = Path(__file__).parents[3] / "shared" / "formats"
AGENT = "Thank you for calling Voltana customer service, my name is Anna. How can I help you today?"
CUSTOMER = "Hi, I ordered a coffee machine last week and it has still not arrived. Where is my parcel?"


def words(said: str, start: float, **more: int) -> list[dict[str, Any]]:
    return [
        {"word": word.lower(), "punctuated_word": word, "start": start + place, "end": start + place + 0.5} | more
        for place, word in enumerate(said.split())
    ]


def alternatives(transcript: str, *rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"alternatives": [{"transcript": transcript, "words": [word for row in rows for word in row]}]}


def read(results: Any) -> Contact:
    document = {"metadata": {"request_id": "r-1"}, "results": results}
    assert deepgram.recognises(document)
    (contact,) = deepgram.read(document, Path("export.json"))
    assert isinstance(contact, Contact), contact
    return contact


def test_utterances_of_speakers() -> None:
    said = [
        {"start": 3.04, "end": 3.54, "channel": 0, "transcript": AGENT, "speaker": 0},
        {"start": 4.64, "end": 7.58, "channel": 0, "transcript": CUSTOMER, "speaker": 1},
    ]
    contact = read({"channels": [alternatives("all")], "utterances": said})
    assert (contact.id, contact.channel) == ("export", "phone")
    assert [(turn.speaker, turn.start, turn.end) for turn in contact.turns] == [
        ("agent", 3.04, 3.54),
        ("customer", 4.64, 7.58),
    ]
    assert "roles_inferred" in contact.attributes


def test_words_of_one_speaker_in_a_row_are_a_turn() -> None:
    rows = words(AGENT, 0.0, speaker=0), words(CUSTOMER, 30.0, speaker=1), words("Anything else?", 60.0, speaker=0)
    contact = read({"channels": [alternatives("all", *rows) | {"detected_language": "en"}]})
    assert [turn.text for turn in contact.turns] == [AGENT, CUSTOMER, "Anything else?"]
    assert contact.turns[0].speaker == contact.turns[2].speaker == "agent"
    assert contact.language == "en"


def test_each_of_several_channels_is_a_speaker() -> None:
    first = alternatives("all", words(AGENT, 0.0, speaker=0))
    second = alternatives("all", words(CUSTOMER, 30.0, speaker=0))
    contact = read({"channels": [second, first]})
    assert [(turn.speaker, turn.text) for turn in contact.turns] == [("agent", AGENT), ("customer", CUSTOMER)]


def test_without_words_the_transcript_is_a_turn() -> None:
    contact = read({"channels": [alternatives(AGENT)]})
    assert [turn.text for turn in contact.turns] == [AGENT]
    assert contact.attributes["roles_inferred"] == 0.5


@pytest.mark.skipif(not SAMPLES.exists(), reason="no shared samples here")
def test_the_published_transcription() -> None:
    contact = read(json.loads((SAMPLES / "deepgram_speakers_utterances.json").read_text())["results"])
    assert len(contact.turns) == 22
    assert contact.turns[1].text == "Jessica, Christina, we are so proud of you."
