"""Amazon Transcribe Call Analytics, and the aws-samples made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from servicequal.contact import Contact
from servicequal.files import call_analytics, contact_lens

SAMPLES = Path(__file__).parents[3] / "shared" / "formats"
JOB = {
    "JobName": "call-4711",
    "JobStatus": "COMPLETED",
    "LanguageCode": "en-US",
    "Channel": "VOICE",
    "Participants": [{"ParticipantRole": "AGENT"}, {"ParticipantRole": "CUSTOMER"}],
    "Transcript": [
        {
            "Content": "Hello!",
            "BeginOffsetMillis": 440,
            "EndOffsetMillis": 4960,
            "ParticipantRole": "AGENT",
            "Items": [],
        },
        {"Content": "Hi.", "BeginOffsetMillis": 5000, "EndOffsetMillis": 5100, "ParticipantRole": "CUSTOMER"},
    ],
}


def post_call(**about: Any) -> dict[str, Any]:
    labels = [{"Speaker": "spk_0", "DisplayText": "Customer"}, {"Speaker": "spk_1", "DisplayText": "Agent"}]
    segments = [
        {"SegmentStartTime": 0.04, "SegmentEndTime": 0.25, "SegmentSpeaker": "spk_1", "DisplayText": "Hello!"},
        {"SegmentStartTime": 0.64, "SegmentEndTime": 3.7, "SegmentSpeaker": "spk_0", "OriginalText": "Hi."},
    ]
    return {"ConversationAnalytics": {"SpeakerLabels": labels} | about, "SpeechSegments": segments}


def read(document: Any) -> Contact:
    assert call_analytics.recognises(document)
    (contact,) = call_analytics.read(document, Path("export.json"))
    assert isinstance(contact, Contact), contact
    return contact


def test_a_job_has_its_roles() -> None:
    contact = read(JOB)
    assert (contact.id, contact.channel, contact.language) == ("call-4711", "phone", "en")
    assert [(turn.speaker, turn.start, turn.end) for turn in contact.turns] == [
        ("agent", 0.44, 4.96),
        ("customer", 5.0, 5.1),
    ]


def test_contact_lens_output_is_left_to_contact_lens() -> None:
    document = JOB | {"CustomerMetadata": {"ContactId": "c-1"}}
    assert contact_lens.recognises(document)
    assert not call_analytics.recognises(document)


def test_post_call_analytics_keep_the_roles_that_the_file_states() -> None:
    contact = read(post_call(GUID="g-1", Agent="anna", Cust="None", LanguageCode="en-US"))
    assert contact.id == "g-1"
    assert [(turn.speaker, turn.text, turn.start) for turn in contact.turns] == [
        ("agent", "Hello!", 0.04),
        ("customer", "Hi.", 0.64),
    ]
    assert contact.attributes == {"agent": "anna"}


def test_the_word_none_is_no_id_and_no_agent() -> None:
    contact = read(post_call(GUID="None", Agent="None"))
    assert (contact.id, dict(contact.attributes)) == ("export", {})


@pytest.mark.parametrize(
    ("time", "place", "started_at"),
    [
        ("2026-05-03 08:12:00", "America/New_York", "2026-05-03T12:12:00Z"),
        ("2026-05-03 08:12:00", "Nowhere/Else", None),
        ("2026-05-03 08:12:00", "../etc", None),
        ("soon", "America/New_York", None),
        ("2026-05-04 00:00:00", "America/New_York", None),  # the time of processing
    ],
)
def test_the_beginning_is_local_time(time: str, place: str, started_at: str | None) -> None:
    about = {"ConversationTime": time, "ConversationLocation": place, "ProcessTime": "2026-05-04 00:00:00"}
    assert read(post_call(**about)).attributes.get("started_at") == started_at


@pytest.mark.skipif(not SAMPLES.exists(), reason="no shared samples here")
def test_the_published_result() -> None:
    contact = read(json.loads((SAMPLES / "aws_pca_output_call.json").read_text()))
    assert len(contact.turns) == 12
    assert {turn.speaker for turn in contact.turns} == {"agent", "customer"}
