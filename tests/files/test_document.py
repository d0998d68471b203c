"""Any parsed JSON document: recognised, or rejected with what was found."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from servicequal.contact import Contact
from servicequal.files.document import FORMATS, read_document
from servicequal.files.rejected import Rejected

FILE = Path("export.json")
OWN = {"id": "c-1", "channel": "chat", "turns": [{"speaker": "agent", "text": "Hello!"}]}
PART = {"part_type": "comment", "body": "<p>Hello!</p>", "author": {"type": "admin"}, "created_at": 1777803120}
EXAMPLES: dict[str, Any] = {
    "Amazon Connect Contact Lens": {
        "Channel": "VOICE",
        "LanguageCode": "en-US",
        "CustomerMetadata": {"ContactId": "c-1"},
        "Participants": [{"ParticipantId": "P1", "ParticipantRole": "AGENT", "DisplayName": "Anna"}],
        "Transcript": [{"ParticipantId": "P1", "Content": "Hello!", "BeginOffsetMillis": 0, "EndOffsetMillis": 90}],
    },
    "Amazon Transcribe Call Analytics": {
        "ConversationAnalytics": {
            "SpeakerLabels": [{"Speaker": "spk_0", "DisplayText": "Agent"}],
            "ConversationTime": "2026-05-03 12:00:00",
            "ConversationLocation": "Europe/Berlin",
        },
        "SpeechSegments": [{"SegmentStartTime": 0.04, "SegmentSpeaker": "spk_0", "DisplayText": "Hello!"}],
    },
    "Google Conversational Insights": {
        "name": "projects/p/conversations/c-1",
        "qualityMetadata": {"agentInfo": [{"displayName": "Anna"}]},
        "entries": [{"start_timestamp_usec": 1_777_803_120_000_000, "text": "Hello!", "role": "AGENT", "user_id": 1}],
        "transcript": {
            "transcriptSegments": [
                {
                    "text": "Hello!",
                    "channelTag": 1,
                    "segmentParticipant": {"role": "AGENT"},
                    "words": [{"startOffset": "1s"}],
                }
            ]
        },
    },
    "Genesys Cloud": {
        "conversationId": "c-1",
        "conversationStartTime": 1_777_803_120_000,
        "participants": [{"participantPurpose": "internal", "userId": "u-1"}],
        "transcripts": [
            {
                "phrases": [
                    {
                        "text": "hello",
                        "startTimeMs": 500,
                        "participantPurpose": "internal",
                        "duration": {"milliseconds": 5},
                    }
                ]
            }
        ],
    },
    "Azure speech or conversation": {
        "conversations": [
            {"id": "c-1", "conversationItems": [{"role": "agent", "text": "Hello!", "offset": "PT0.77S"}]}
        ]
    },
    "Deepgram": {
        "results": {
            "channels": [
                {"alternatives": [{"transcript": "Hello!", "words": [{"word": "Hello!", "start": 0.5, "speaker": 0}]}]}
            ],
            "utterances": [{"start": 0.5, "end": 0.9, "transcript": "Hello!", "speaker": 0, "channel": 0}],
        }
    },
    "AssemblyAI": {
        "utterances": [{"speaker": "Agent", "text": "Hello!", "start": 1437, "end": 1597}],
        "language_code": "en",
    },
    "Whisper": {
        "segments": [{"start": 0.5, "end": 0.9, "text": " Hello!", "words": [{"speaker": "Agent"}]}],
        "language": "en",
    },
    "Zendesk": {
        "tickets": [{"id": 7, "requester_id": 1, "subject": "x", "satisfaction_rating": {"score": "good"}}],
        "comments": [
            {"ticket_id": 7, "author_id": 1, "body": "Hello!", "public": True, "created_at": "2026-05-03T12:00:00Z"}
        ],
        "users": [{"id": 1, "role": "end-user", "name": "C"}],
    },
    "Intercom": {
        "id": "c-1",
        "source": {"body": "<p>Hi.</p>", "author": {"type": "user"}, "delivered_as": "customer_initiated"},
        "contacts": {"contacts": [{"id": "u-1"}]},
        "conversation_parts": {"conversation_parts": [PART]},
    },
}


def results(document: Any) -> list[Contact | Rejected]:
    return list(read_document(document, FILE))


def test_there_is_an_example_of_every_format() -> None:
    assert [one.NAME for one in FORMATS] == list(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_one_format_alone_recognises_a_document(name: str) -> None:
    assert [one.NAME for one in FORMATS if one.recognises(EXAMPLES[name])] == [name]
    (contact,) = results(EXAMPLES[name])
    assert isinstance(contact, Contact), contact


def test_a_contact_of_our_own_and_a_list_of_anything() -> None:
    items = results([OWN, 5, EXAMPLES["Whisper"], {"id": "c-2", "channel": "post", "turns": []}, EXAMPLES["Whisper"]])
    assert [item.id if isinstance(item, Contact) else (item.line, item.contact) for item in items] == [
        "c-1",
        (2, None),
        "export#3",
        (4, "c-2"),
        "export#5",
    ]


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (None, "null;"),
        ("Hello, my name is Maria.", "a string;"),
        ([], "a list with nothing in it;"),
        ({}, "an object with nothing in it;"),
        ({"topic": 1, "messages": []}, "an object with the keys 'topic', 'messages';"),
        (dict.fromkeys("abcdefgh"), "an object with the keys 'a', 'b', 'c', 'd', 'e', 'f', …;"),
        ({"Hello, my name is Maria.": 1}, "an object with the keys (no plain word);"),
    ],
)
def test_an_unknown_document_is_rejected_with_what_was_found(document: Any, found: str) -> None:
    (rejected,) = results(document)
    assert isinstance(rejected, Rejected)
    assert rejected.reason.startswith(f"{found} expected ")
    assert all(one.NAME in rejected.reason for one in FORMATS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_damaged_documents_never_raise(name: str) -> None:
    chance = random.Random(name)
    for _ in range(400):
        document = copy.deepcopy(EXAMPLES[name])
        for _ in range(chance.randint(1, 3)):
            damage(document, chance)
        for item in results(document):
            assert isinstance(item, Contact | Rejected)
            json.dumps(item.to_dict(), allow_nan=False)


def damage(document: Any, chance: random.Random) -> None:
    """Remove a value somewhere in the document, or put one of another type in its place."""
    places = list(containers(document))
    container, key = chance.choice(places) if places else (document, "id")
    values: list[Any] = [
        None,
        True,
        0,
        -1,
        1e300,
        10**400,
        float("nan"),
        "",
        "x",
        "\ud83d",
        "9" * 30,
        [],
        {},
        [[]],
        [None],
        {"id": {}},
    ]
    container[key] = copy.deepcopy(chance.choice(values))
    if chance.random() < 0.2 and isinstance(container, dict):
        del container[key]


def containers(value: Any) -> Iterator[tuple[Any, Any]]:
    """Give each place in a document: its container, and its key or index there."""
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(inner, dict | list):
            yield from containers(inner)
