"""AssemblyAI transcripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from servicequal.contact import Contact
from servicequal.files import assemblyai
from servicequal.files.rejected import Rejected

AGENT = "Thank you for calling Voltana customer service, my name is Anna. How can I help you today?"
CUSTOMER = "Hi, I ordered a coffee machine last week and it has still not arrived. Where is my parcel?"


def document(**more: Any) -> dict[str, Any]:
    said = [
        {"speaker": "A", "text": AGENT, "start": 1437, "end": 4597, "confidence": 1},
        {"speaker": "B", "text": CUSTOMER, "start": 5630, "end": 9822, "confidence": 1},
    ]
    known = {"id": "t-1", "status": "completed", "audio_url": "x", "language_code": "en_us", "text": "all"}
    return known | {"utterances": said} | more


def read(given: Any) -> Contact | Rejected:
    assert assemblyai.recognises(given)
    (result,) = assemblyai.read(given, Path("export.json"))
    return result


def test_utterances_in_milliseconds() -> None:
    contact = read(document())
    assert isinstance(contact, Contact)
    assert (contact.id, contact.channel, contact.language) == ("export", "phone", "en")
    assert [(turn.speaker, turn.start, turn.end) for turn in contact.turns] == [
        ("agent", 1.437, 4.597),
        ("customer", 5.63, 9.822),
    ]
    assert "roles_inferred" in contact.attributes


def test_named_roles_are_not_inferred() -> None:
    said = [{"speaker": "Customer", "text": "Hi.", "start": 0}, {"speaker": "Agent", "text": "Hello!", "start": 900}]
    contact = read({"utterances": said})
    assert isinstance(contact, Contact)
    assert [turn.speaker for turn in contact.turns] == ["customer", "agent"]
    assert "roles_inferred" not in contact.attributes


def test_without_utterances_the_text_is_one_turn() -> None:
    contact = read(document(utterances=None, text=AGENT))
    assert isinstance(contact, Contact)
    assert [turn.text for turn in contact.turns] == [AGENT]


@pytest.mark.parametrize("status", ["error", "queued"])
def test_a_transcription_that_is_not_done_is_rejected(status: str) -> None:
    rejected = read(document(status=status, utterances=None, text=None))
    assert isinstance(rejected, Rejected)
    assert status in rejected.reason


def test_times_in_seconds_are_of_another_format() -> None:
    assert not assemblyai.recognises({"utterances": [{"speaker": 0, "text": "Hi.", "start": 0.5}]})
