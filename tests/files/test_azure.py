"""Azure transcriptions and conversations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from servicequal.contact import Contact
from servicequal.files import azure

SAMPLES = Path(__file__).parents[3] / "shared" / "formats"
AGENT = "Thank you for calling Voltana customer service, my name is Anna. How can I help you today?"
CUSTOMER = "Hi, I ordered a coffee machine last week and it has still not arrived. Where is my parcel?"


def phrase(speaker: dict[str, int], ticks: int, display: str) -> dict[str, Any]:
    return speaker | {
        "recognitionStatus": "Success",
        "locale": "en-US",
        "offsetInTicks": ticks,
        "durationInTicks": 21_800_000.0,
        "nBest": [{"display": display, "lexical": display.lower()}, {"display": "worse"}],
    }


def read(document: Any) -> list[Contact]:
    assert azure.recognises(document)
    contacts = list(azure.read(document, Path("export.json")))
    assert all(isinstance(contact, Contact) for contact in contacts), contacts
    return [contact for contact in contacts if isinstance(contact, Contact)]


@pytest.mark.parametrize(
    "labels", [({"channel": 0, "speaker": 1}, {"channel": 0, "speaker": 2}), ({"channel": 0}, {"channel": 1})]
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_batch_transcription_has_its_roles_inferred(
    labels: tuple[dict[str, int], dict[str, int]], wrapped: bool
) -> None:
    speech = {"recognizedPhrases": [phrase(labels[1], 22_800_000, CUSTOMER), phrase(labels[0], 400_000, AGENT)]}
    (contact,) = read({"transcription": speech, "conversationAnalyticsResults": {}} if wrapped else speech)
    assert (contact.id, contact.channel, contact.language) == ("export", "phone", "en")
    assert [(turn.speaker, turn.start, turn.end) for turn in contact.turns] == [
        ("agent", 0.04, 2.22),
        ("customer", 2.28, 4.46),
    ]
    assert 0 <= contact.attributes["roles_inferred"] <= 1


def test_a_fast_transcription() -> None:
    phrases = [
        {"speaker": 1, "offsetMilliseconds": 40, "durationMilliseconds": 320, "text": AGENT, "locale": "en-GB"},
        {"speaker": 2, "offsetMilliseconds": 500, "durationMilliseconds": 100, "text": CUSTOMER},
    ]
    (contact,) = read({"durationMilliseconds": 600, "combinedPhrases": [{"text": "x"}], "phrases": phrases})
    assert [(turn.start, turn.end) for turn in contact.turns] == [(0.04, 0.36), (0.5, 0.6)]


def test_iso_durations_serve_where_ticks_are_missing() -> None:
    said = {"offset": "PT1M2.5S", "duration": "PT0.5S", "speaker": 1, "nBest": [{"display": AGENT}]}
    (contact,) = read({"recognizedPhrases": [said]})
    assert (contact.turns[0].start, contact.turns[0].end) == (62.5, 63.0)


def test_conversations_of_a_request() -> None:
    items = [
        {"id": "1", "role": "Agent", "participantId": "a-1", "text": "Hello!"},
        {"id": "2", "role": "Customer", "participantId": "c-1", "text": "Hi."},
    ]
    conversations = [
        {"id": "c-7", "language": "en", "modality": "text", "conversationItems": items},
        {"language": "en", "modality": "transcript", "conversationItems": items},
    ]
    first, second = read({"displayName": "x", "analysisInput": {"conversations": conversations}})
    assert (first.id, first.channel, second.id, second.channel) == ("c-7", "chat", "export#2", "phone")
    assert [turn.speaker for turn in first.turns] == ["agent", "customer"]


def test_a_call_centre_result_with_redacted_content() -> None:
    items = [
        {"id": "0", "channel": "0", "offset": "PT0.77S", "redactedContent": {"text": AGENT}},
        {"id": "1", "channel": "1", "offset": "PT4.55S", "redactedContent": {"text": CUSTOMER}},
    ]
    results = {"conversationPiiResults": {"conversations": [{"id": "conversation1", "conversationItems": items}]}}
    (contact,) = read({"conversationAnalyticsResults": results})
    assert [(turn.speaker, turn.start) for turn in contact.turns] == [("agent", 0.77), ("customer", 4.55)]


@pytest.mark.skipif(not SAMPLES.exists(), reason="no shared samples here")
def test_the_published_transcription() -> None:
    (contact,) = read(json.loads((SAMPLES / "azure_batch_transcription.json").read_text()))
    assert [(turn.text, turn.start, turn.end) for turn in contact.turns] == [
        ("Run Alabama drivers license.", 0.04, 2.22),
        ("0030", 2.28, 5.36),
        ("669", 5.4, 7.46),
    ]
    assert contact.turns[0].speaker == contact.turns[2].speaker
