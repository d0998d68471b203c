"""Google Conversational Insights and Dialogflow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.files import insights


def read(document: Any) -> Contact:
    assert insights.recognises(document)
    (contact,) = insights.read(document, Path("export.json"))
    assert isinstance(contact, Contact), contact
    return contact


def entries(*times: int) -> dict[str, Any]:
    roles = ("AUTOMATED_AGENT", "CUSTOMER", "AGENT")
    return {
        "entries": [
            {"start_timestamp_usec": time, "text": f"Text {user}.", "role": role, "user_id": user}
            for user, (time, role) in enumerate(zip(times, roles, strict=True))
        ]
    }


def test_entries_counted_from_the_beginning() -> None:
    contact = read(entries(1_000_000, 5_000_000, 7_500_000))
    assert (contact.id, contact.channel) == ("export", "chat")
    assert [(turn.speaker, turn.start) for turn in contact.turns] == [
        ("system", 1.0),
        ("customer", 5.0),
        ("agent", 7.5),
    ]
    assert contact.attributes == {}


def test_entries_dated_since_1970() -> None:
    contact = read(entries(1_777_803_120_000_000, 1_777_803_124_000_000, 1_777_803_126_500_000))
    assert [turn.start for turn in contact.turns] == [0.0, 4.0, 6.5]
    assert contact.attributes == {"started_at": "2026-05-03T10:12:00Z"}


def test_keys_in_camel_case_are_the_same() -> None:
    said = {"startTimestampUsec": 2_000_000, "text": "Hello?", "role": "END_USER", "userId": 1}
    assert read({"entries": [said]}).turns[0].start == 2.0


def test_an_exported_call() -> None:
    contact = read(
        {
            "name": "projects/p/locations/l/conversations/c-7",
            "startTime": "2026-05-03T12:12:00.123456789+02:00",
            "languageCode": "pl-PL",
            "medium": "PHONE_CALL",
            "labels": {"company": "voltana", "colour": "red"},
            "qualityMetadata": {
                "customerSatisfactionRating": 4,
                "agentInfo": [{"agentId": "a-1", "displayName": "Anna", "team": "North"}],
            },
            "transcript": {
                "transcriptSegments": [
                    {
                        "text": "Dzień dobry!",
                        "channelTag": 2,
                        "segmentParticipant": {"role": "HUMAN_AGENT"},
                        "words": [
                            {"startOffset": "1.200s", "endOffset": "1.5s"},
                            {"startOffset": "1.5s", "endOffset": "2s"},
                        ],
                    },
                    {"text": "Halo?", "channelTag": 1, "segmentParticipant": {"role": "END_USER"}},
                ]
            },
        }
    )
    assert (contact.id, contact.channel, contact.language) == ("c-7", "phone", "pl")
    assert [(turn.speaker, turn.start, turn.end) for turn in contact.turns] == [
        ("agent", 1.2, 2.0),
        ("customer", None, None),
    ]
    assert contact.attributes == {
        "company": "voltana",
        "agent": "Anna",
        "team": "North",
        "rating": 4,
        "started_at": "2026-05-03T10:12:00Z",
    }


def test_channels_have_the_roles_of_the_call_metadata() -> None:
    contact = read(
        {
            "callMetadata": {"customerChannel": 1, "agentChannel": 2},
            "transcript": {
                "transcriptSegments": [{"text": "Hello!", "channelTag": 2}, {"text": "Hi.", "channelTag": 1}]
            },
        }
    )
    assert contact.channel == "phone"
    assert [turn.speaker for turn in contact.turns] == ["agent", "customer"]


def test_messages_are_put_in_the_order_of_time() -> None:
    contact = read(
        {
            "messages": [
                {"content": "Hello!", "participantRole": "HUMAN_AGENT", "createTime": "2026-05-03T10:12:30Z"},
                {"content": "Anybody?", "participantRole": "END_USER", "createTime": "2026-05-03T10:12:00Z"},
            ]
        }
    )
    assert [(turn.speaker, turn.start) for turn in contact.turns] == [("customer", 0.0), ("agent", 30.0)]


def test_other_entries_are_not_recognised() -> None:
    assert not insights.recognises({"entries": [{"title": "a"}, None, "b"]})
    assert not insights.recognises({"transcript": "Hello"})
