"""Zendesk tickets and comments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from servicequal.contact import Contact
from servicequal.files import zendesk
from servicequal.files.rejected import Rejected

SAMPLES = Path(__file__).parents[3] / "shared" / "formats"
CUSTOMER, AGENT = 11, 22


def comment(author: int, body: str | None, minute: int = 0, **more: Any) -> dict[str, Any]:
    time = f"2026-05-03T12:{minute:02}:00Z"
    return {"type": "Comment", "author_id": author, "body": body, "public": True, "created_at": time} | more


COMMENTS = [
    comment(CUSTOMER, "Where is my parcel?", 0),
    comment(AGENT, "Private: an angry one.", 5, public=False),
    comment(AGENT, "It is on its way.", 10),
]
TICKET = {
    "id": 7,
    "subject": "Parcel",
    "description": "Where is my parcel?",
    "requester_id": CUSTOMER,
    "submitter_id": CUSTOMER,
    "assignee_id": AGENT,
    "group_id": 33,
    "created_at": "2026-05-03T12:00:00Z",
    "via": {"channel": "web"},
    "satisfaction_rating": {"score": "good"},
}


def read(document: Any) -> list[Contact | Rejected]:
    assert zendesk.recognises(document)
    return list(zendesk.read(document, Path("export.json")))


def contact_of(document: Any) -> Contact:
    (contact,) = read(document)
    assert isinstance(contact, Contact), contact
    return contact


@pytest.mark.parametrize(
    "document",
    [
        TICKET | {"comments": COMMENTS},
        {"ticket": TICKET, "comments": COMMENTS},
        {"ticket": TICKET | {"comments": COMMENTS}},
        {"tickets": [TICKET], "comments": COMMENTS},
        {"tickets": [TICKET | {"comments": COMMENTS}]},
        {"ticket": TICKET, "comments": COMMENTS[::-1]},
    ],
)
def test_a_ticket_wherever_its_comments_are(document: Any) -> None:
    contact = contact_of(document)
    assert (contact.id, contact.channel) == ("7", "email")
    assert [(turn.speaker, turn.text, turn.start) for turn in contact.turns] == [
        ("customer", "Where is my parcel?", 0.0),
        ("agent", "It is on its way.", 600.0),
    ]
    assert contact.attributes == {
        "agent": str(AGENT),
        "team": "33",
        "customer": str(CUSTOMER),
        "subject": "Parcel",
        "rating": "good",
        "started_at": "2026-05-03T12:00:00Z",
    }


def test_comments_go_to_the_ticket_that_they_name() -> None:
    comments = [comment(CUSTOMER, "First?", ticket_id=7), comment(CUSTOMER, "Second?", ticket_id=8)]
    contacts = read({"tickets": [TICKET, TICKET | {"id": 8}], "comments": comments})
    assert [(str(one.id), one.turns[0].text) for one in contacts if isinstance(one, Contact)] == [
        ("7", "First?"),
        ("8", "Second?"),
    ]


def test_comments_of_no_ticket_are_not_lost() -> None:
    comments = [
        comment(CUSTOMER, "First?", ticket_id=7),
        comment(CUSTOMER, "Third?", ticket_id=9),
        comment(AGENT, "Whose?"),
    ]
    first, second, third, lost = read({"tickets": [TICKET, TICKET | {"id": 8}], "comments": comments})
    assert [one.id for one in (first, second, third) if isinstance(one, Contact)] == ["7", "8", "9"]
    assert isinstance(lost, Rejected)
    assert lost.reason.startswith("1 comments of no known ticket;")


@pytest.mark.parametrize("public", [False, None, "false", 0])
def test_what_may_be_private_never_gets_through(public: Any) -> None:
    secret = comment(AGENT, "Secret.", public=public)
    assert [turn.text for turn in contact_of(TICKET | {"comments": [*COMMENTS, secret]}).turns] == [
        "Where is my parcel?",
        "It is on its way.",
    ]
    for document in (TICKET | {"comments": [secret]}, secret, [secret]):
        (rejected,) = read(document)
        assert isinstance(rejected, Rejected)
        assert rejected.reason.startswith("1 comments, of them 0 public")
        assert "Secret" not in str(rejected)


def test_the_description_stands_for_missing_comments() -> None:
    assert [turn.speaker for turn in contact_of(TICKET).turns] == ["customer"]
    assert isinstance(read(TICKET | {"submitter_id": AGENT})[0], Rejected)  # it may repeat a private note
    assert isinstance(read(TICKET | {"is_public": False})[0], Rejected)


def test_a_ticket_without_speech_is_rejected() -> None:
    (rejected,) = read(TICKET | {"description": None})
    assert isinstance(rejected, Rejected)
    assert (rejected.contact, rejected.reason.split(";")[0]) == ("7", "no comments")


def test_users_tell_roles_and_names() -> None:
    users = [{"id": CUSTOMER, "role": "end-user", "name": "C"}, {"id": AGENT, "role": "admin", "name": "Anna"}]
    contact = contact_of({"comments": COMMENTS, "users": users})
    assert [turn.speaker for turn in contact.turns] == ["customer", "agent"]
    assert contact_of({"ticket": TICKET, "comments": COMMENTS, "users": users}).attributes["agent"] == "Anna"
    assert "roles_inferred" not in contact.attributes


def test_a_thread_of_comments_alone_has_its_roles_inferred() -> None:
    agent = "Thank you for contacting Voltana customer service, my name is Anna. How can I help you?"
    customer = "Hi, I ordered a coffee machine last week and it has still not arrived. Where is my parcel?"
    contact = contact_of([comment(AGENT, agent, 0), comment(CUSTOMER, customer, 1)])
    assert (contact.id, [turn.speaker for turn in contact.turns]) == ("export", ["agent", "customer"])
    assert "roles_inferred" in contact.attributes


def test_zendesk_itself_and_data_of_calls_are_the_system() -> None:
    comments = [*COMMENTS, comment(-1, "Merged.", 20), comment(AGENT, "Call from +49 …", 30, type="VoiceComment")]
    assert [turn.speaker for turn in contact_of(TICKET | {"comments": comments}).turns][2:] == ["system", "system"]


def test_bodies_in_html_become_text() -> None:
    said = comment(CUSTOMER, None, html_body="<p>Where<br>is it?</p>")
    assert contact_of(TICKET | {"comments": [said]}).turns[0].text == "Where\nis it?"


@pytest.mark.parametrize(
    ("via", "channel"), [("chat", "chat"), ("whatsapp", "chat"), ("voice", "phone"), ("email", "email")]
)
def test_the_channel_is_the_ticket_s(via: str, channel: str) -> None:
    assert contact_of(TICKET | {"via": {"channel": via}}).channel == channel


@pytest.mark.skipif(not SAMPLES.exists(), reason="no shared samples here")
def test_the_published_objects() -> None:
    ticket = contact_of(json.loads((SAMPLES / "zendesk_ticket_spec.json").read_text()))
    assert (ticket.id, [turn.speaker for turn in ticket.turns]) == ("1", ["customer"])
    lone = contact_of(json.loads((SAMPLES / "zendesk_comment_spec.json").read_text()))
    assert (lone.id, lone.turns[0].text) == ("export", "Thanks for your help!")
