"""Intercom conversations and tickets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from servicequal.contact import Contact
from servicequal.files import intercom
from servicequal.files.rejected import Rejected

BEGAN = 1_777_803_120  # 2026-05-03T10:12:00Z


def part(kind: str, body: str | None, seconds: float = 0, **more: Any) -> dict[str, Any]:
    person = {"type": kind, "id": "p-1", "name": "Anna"}
    return {
        "type": "conversation_part",
        "part_type": "comment",
        "body": body,
        "created_at": BEGAN + seconds,
        "author": person,
    } | more


PARTS = [
    part("bot", "<p>You will hear from us.</p>", 2),
    part("admin", "<p>Private.</p>", 30, part_type="note"),
    part("admin", "<p>Private.</p>", 31, part_type="note_and_reopen"),
    part("admin", "<p>Private.</p>", 32, part_type="conversation_summary"),
    part("admin", None, 40, part_type="assignment"),
    part("admin", "<p>It is on its way.</p><p>Anna &amp; team</p>", 60),
    part("lead", "<p>Thank you!</p>", 90.5),
]


def conversation(**more: Any) -> dict[str, Any]:
    source = {
        "type": "conversation",
        "subject": "<p>Parcel</p>",
        "body": "<p>Where is it?</p>",
        "author": {"type": "user", "id": "u-1"},
    }
    return {
        "type": "conversation",
        "id": "4711",
        "created_at": BEGAN,
        "source": source,
        "contacts": {"contacts": [{"id": "u-1", "external_id": "x-1"}]},
        "team_assignee_id": 5,
        "conversation_rating": {"rating": 4},
        "conversation_parts": {"conversation_parts": PARTS},
    } | more


def read(document: Any) -> list[Contact | Rejected]:
    assert intercom.recognises(document)
    return list(intercom.read(document, Path("export.json")))


def contact_of(document: Any) -> Contact:
    (contact,) = read(document)
    assert isinstance(contact, Contact), contact
    return contact


def test_a_conversation_with_what_the_customer_saw() -> None:
    contact = contact_of(conversation())
    assert (contact.id, contact.channel) == ("4711", "chat")
    assert [(turn.speaker, turn.text, turn.start) for turn in contact.turns] == [
        ("customer", "Where is it?", 0.0),
        ("system", "You will hear from us.", 2.0),
        ("agent", "It is on its way.\nAnna & team", 60.0),
        ("customer", "Thank you!", 90.5),
    ]
    assert contact.attributes == {
        "agent": "Anna",
        "team": "5",
        "customer": "x-1",
        "subject": "Parcel",
        "rating": 4,
        "started_at": "2026-05-03T10:12:00Z",
    }


def test_an_answer_of_the_machine_is_the_system_s() -> None:
    author = {"type": "admin", "name": "Fin", "from_ai_agent": True}
    contact = contact_of(conversation(conversation_parts=[part("admin", "<p>Hello!</p>", author=author)]))
    assert [turn.speaker for turn in contact.turns] == ["customer", "system"]


def test_a_campaign_in_an_agent_s_name_is_the_system_s() -> None:
    source = {"type": "email", "body": "<p>News!</p>", "author": {"type": "admin"}, "delivered_as": "automated"}
    contact = contact_of(conversation(source=source))
    assert (contact.channel, contact.turns[0].speaker) == ("email", "system")


def test_bodies_asked_for_as_plain_text_keep_their_lines() -> None:
    contact = contact_of(conversation(conversation_parts=[part("admin", "One\n\ntwo")]))
    assert contact.turns[1].text == "One\n\ntwo"


def test_a_ticket_begins_with_its_description() -> None:
    ticket = {
        "type": "ticket",
        "id": "9",
        "created_at": BEGAN,
        "ticket_attributes": {"_default_title_": "Parcel", "_default_description_": "Where is it?"},
        "ticket_parts": {"ticket_parts": [part("admin", "<p>Here.</p>", 60)]},
    }
    contact = contact_of(ticket)
    assert (contact.id, contact.channel, contact.attributes["subject"]) == ("9", "email", "Parcel")
    assert [turn.speaker for turn in contact.turns] == ["customer", "agent"]


@pytest.mark.parametrize(
    "wrap", [lambda one: {"data": {"item": one}}, lambda one: {"type": "conversation.list", "conversations": [one]}]
)
def test_notifications_and_lists(wrap: Any) -> None:
    assert contact_of(wrap(conversation())).id == "4711"


def test_notes_alone_are_no_speech() -> None:
    (rejected,) = read(conversation(source=None, conversation_parts=PARTS[1:5]))
    assert isinstance(rejected, Rejected)
    assert (rejected.contact, "Private" in rejected.reason) == ("4711", False)
