"""Amazon Connect Contact Lens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from servicequal.contact import Contact
from servicequal.files import contact_lens
from servicequal.files.rejected import Rejected

SAMPLES = Path(__file__).parents[3] / "shared" / "formats"
VOICE = {
    "Version": "VOICE-2022-11-30",
    "Channel": "VOICE",
    "LanguageCode": "de-DE",
    "JobStatus": "COMPLETED",
    "CustomerMetadata": {"ContactId": "c-17", "InstanceId": "i"},
    "Participants": [
        {"ParticipantId": "P1", "ParticipantRole": "CUSTOMER"},
        {"ParticipantId": "P2", "ParticipantRole": "AGENT"},
    ],
    "Transcript": [
        {"ParticipantId": "P2", "Content": "Guten Tag!", "BeginOffsetMillis": 0, "EndOffsetMillis": 900},
        {"ParticipantId": "P1", "Content": "Hallo, hier [PII].", "BeginOffsetMillis": 1160, "EndOffsetMillis": 4640},
        {"ParticipantId": "P1", "Content": " ", "BeginOffsetMillis": 5000, "EndOffsetMillis": 5100},
    ],
}


def chat(*items: dict[str, Any]) -> dict[str, Any]:
    return {"Channel": "CHAT", "CustomerMetadata": {"ContactId": "c-18"}, "Transcript": list(items)}


def item(role: str, content: str | None, second: int, **more: str) -> dict[str, Any]:
    time = f"2026-05-03T12:12:{second:02}.500Z"
    return {
        "Type": "MESSAGE",
        "ParticipantRole": role,
        "ParticipantId": role,
        "AbsoluteTime": time,
        "Content": content,
    } | more


def read(document: Any) -> Contact:
    assert contact_lens.recognises(document)
    (contact,) = contact_lens.read(document, Path("export.json"))
    assert isinstance(contact, Contact), contact
    return contact


def test_a_call_has_its_roles_and_times_in_seconds() -> None:
    contact = read(VOICE)
    assert (contact.id, contact.channel, contact.language) == ("c-17", "phone", "de")
    assert [(turn.speaker, turn.start, turn.end) for turn in contact.turns] == [
        ("agent", 0.0, 0.9),
        ("customer", 1.16, 4.64),
    ]
    assert contact.turns[1].text == "Hallo, hier [PII]."
    assert "roles_inferred" not in contact.attributes


def test_a_chat_has_bots_as_system_and_no_events() -> None:
    contact = read(
        chat(
            item(
                "CUSTOMER",
                None,
                1,
                Type="EVENT",
                ContentType="application/vnd.amazonaws.connect.event.participant.joined",
            ),
            item("CUSTOM_BOT", "Please hold the line.", 3),
            item(
                "CUSTOM_BOT",
                '{"templateType": "ListPicker"}',
                4,
                ContentType="application/vnd.amazonaws.connect.message.interactive",
            ),
            item("AGENT", "Hello!", 5, DisplayName="Jane"),
            item("CUSTOMER", "Hi.", 9, DisplayName="John"),
        )
    )
    assert [turn.speaker for turn in contact.turns] == ["system", "agent", "customer"]
    assert [turn.start for turn in contact.turns] == [2.0, 4.0, 8.0]
    assert contact.attributes == {"agent": "Jane", "started_at": "2026-05-03T12:12:01Z"}


def test_a_redacted_name_is_no_name() -> None:
    assert "agent" not in read(chat(item("AGENT", "Hello!", 5, DisplayName="[PII]"))).attributes


def test_a_job_without_speech_is_rejected() -> None:
    document = {"JobStatus": "FAILED", "CustomerMetadata": {"ContactId": "c-19"}}
    (rejected,) = contact_lens.read(document, Path("export.json"))
    assert isinstance(rejected, Rejected)
    assert (rejected.source, rejected.contact) == ("export.json", "c-19")
    assert "no turn with text" in rejected.reason


@pytest.mark.skipif(not SAMPLES.exists(), reason="no shared samples here")
@pytest.mark.parametrize("name", ["aws_contact_lens_chat_original", "aws_contact_lens_chat_redacted"])
def test_the_published_chats(name: str) -> None:
    contact = read(json.loads((SAMPLES / f"{name}.json").read_text()))
    assert contact.id == "b49644f6-672f-445c-b209-f76b36482830"
    assert len(contact.turns) == 31
    assert [turn.speaker for turn in contact.turns[:5]] == ["system", "system", "system", "agent", "customer"]
    assert contact.turns[3].start == 12.727
