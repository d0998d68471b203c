"""Genesys Cloud transcripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from servicequal.contact import Contact
from servicequal.files import genesys

BEGAN = 1_777_803_120_000  # 2026-05-03T10:12:00Z


def document(offset: int = 0, **more: Any) -> dict[str, Any]:
    later = [{"text": "bye", "startTimeMs": offset + 90_000, "participantPurpose": "external"}]
    phrases = [
        {"text": "press one", "startTimeMs": offset, "participantPurpose": "ivr"},
        {"text": "hello", "decoratedText": "Hello!", "startTimeMs": offset + 500, "participantPurpose": "internal"}
        | {"duration": {"milliseconds": 1500}},
        {"text": "hi", "startTimeMs": offset + 4200, "participantPurpose": "external"},
    ]
    return {
        "conversationId": "conv-1",
        "mediaType": "call",
        "conversationStartTime": BEGAN,
        "transcripts": [{"language": "de-de", "phrases": later}, {"language": "de-de", "phrases": phrases}],
        "participants": [
            {"participantPurpose": "external", "externalContactId": "x-9"},
            {"participantPurpose": "internal", "userId": "u-1", "queueId": "q-1", "teamId": "t-1"},
        ],
    } | more


def read(given: Any) -> Contact:
    assert genesys.recognises(given)
    (contact,) = genesys.read(given, Path("export.json"))
    assert isinstance(contact, Contact), contact
    return contact


@pytest.mark.parametrize("offset", [0, BEGAN])
def test_phrases_of_all_parts_in_the_order_of_time(offset: int) -> None:
    contact = read(document(offset))
    assert (contact.id, contact.channel, contact.language) == ("conv-1", "phone", "de")
    assert [(turn.speaker, turn.text, turn.start, turn.end) for turn in contact.turns] == [
        ("system", "press one", 0.0, None),
        ("agent", "Hello!", 0.5, 2.0),
        ("customer", "hi", 4.2, None),
        ("customer", "bye", 90.0, None),
    ]


def test_who_took_part() -> None:
    assert read(document()).attributes == {
        "agent": "u-1",
        "team": "t-1",
        "queue": "q-1",
        "customer": "x-9",
        "started_at": "2026-05-03T10:12:00Z",
    }


@pytest.mark.parametrize(("media", "channel"), [("email", "email"), ("webmessaging", "chat"), ("callback", "phone")])
def test_the_channel_is_that_of_the_media(media: str, channel: str) -> None:
    assert read(document(mediaType=media)).channel == channel
