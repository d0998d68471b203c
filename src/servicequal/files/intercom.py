"""Intercom: conversations and tickets with their parts, as the API gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.files.assemble import Labelled, assemble
from servicequal.files.html_text import html_to_text
from servicequal.files.loose_json import child, children, identifier, rating, text
from servicequal.files.moments import moment_of, seconds_between, started_at
from servicequal.files.named_after import named_after
from servicequal.files.rejected import Rejected

NAME = "Intercom"

# Parts that the customer sees. Notes, summaries for teammates and parts of unknown kinds stay out.
_SPOKEN = {"comment", "conversation_part", "message", "quick_reply", "assignment", "assign_and_reopen", "open", "close"}
_ROLES = {
    "admin": "agent",
    "team": "agent",
    "bot": "system",
    "operator": "system",
    "user": "customer",
    "lead": "customer",
    "contact": "customer",
    "customer": "customer",
}
_AUTOMATIC = {"automated", "campaigns_initiated", "operator_initiated"}
_CHANNELS = {"email": "email", "phone_call": "phone"}
_TAG = re.compile(r"<[a-zA-Z/!]")


def recognises(document: Any) -> bool:
    """Tell by a conversation's or a ticket's parts, on their own, in a list, or in a notification."""
    return bool(_conversations(document))


def read(document: Any, path: Path) -> Iterator[Contact | Rejected]:
    """Read every conversation: its first message and the parts that the customer sees.

    Example:
        >>> parts = [
        ...     {"part_type": "note", "body": "<p>Angry.</p>", "author": {"type": "admin"}},
        ...     {"part_type": "comment", "body": "<p>On its way.</p>", "author": {"type": "admin"}},
        ... ]
        >>> source = {"type": "conversation", "body": "<p>Where is it?</p>", "author": {"type": "user"}}
        >>> conversation = {"id": "7", "source": source, "conversation_parts": {"conversation_parts": parts}}
        >>> list(read(conversation, Path("export.json")))
        [Contact('7', chat, 2 turns)]
    """
    for number, conversation in enumerate(_conversations(document), start=1):
        kind = "email" if "ticket_parts" in conversation else "conversation"
        yield assemble(
            path,
            identifier(conversation, "id") or named_after(path, number),
            _CHANNELS.get(text(child(conversation, "source"), "type") or kind, "chat"),
            _turns(conversation),
            attributes=_attributes(conversation),
        )


def _conversations(document: Any) -> list[dict[str, Any]]:
    item = child(child(document, "data"), "item")
    listed = children(document, "conversations") + children(document, "tickets")
    return [one for one in (document, item, child(item, "ticket"), *listed) if _is_conversation(one)]


def _is_conversation(record: Any) -> bool:
    if not isinstance(record, dict):
        return False
    stated = record.get("type") in ("conversation", "ticket") and {"source", "ticket_attributes"} & record.keys()
    return bool({"conversation_parts", "ticket_parts"} & record.keys() or stated)


def _parts(conversation: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        part
        for key in ("conversation_parts", "ticket_parts")
        for part in children(child(conversation, key), key) or children(conversation, key)
        if text(part, "part_type", "type") in _SPOKEN
    ]


def _turns(conversation: dict[str, Any]) -> list[Labelled]:
    began = moment_of(conversation.get("created_at"))
    first = child(conversation, "source")
    label = "system" if text(first, "delivered_as") in _AUTOMATIC else "customer"
    turns: list[Labelled] = [(_label(first, label), _body(first), None if began is None else 0.0, None)]
    if description := text(child(conversation, "ticket_attributes"), "_default_description_"):
        turns.append(("customer", _plain(description), None if began is None else 0.0, None))
    for part in _parts(conversation):
        start = seconds_between(began, moment_of(part.get("created_at")))
        turns.append((_label(part, ""), _body(part), start, None))
    return turns


def _label(message: dict[str, Any], otherwise: str) -> str:
    """Give the author's role; what machines write for a person, or in one's name, is the system's."""
    author = child(message, "author")
    role = _ROLES.get(text(author, "type") or "", otherwise)
    automatic = author.get("from_ai_agent") is True or author.get("is_ai_answer") is True
    return "system" if role == "agent" and (automatic or otherwise == "system") else role


def _body(message: dict[str, Any]) -> str:
    return _plain(text(message, "body") or "")


def _plain(body: str) -> str:
    """Write HTML as text; bodies that were asked for as plain text keep their lines."""
    return html_to_text(body) if _TAG.search(body) else unescape(body)


def _attributes(conversation: dict[str, Any]) -> dict[str, Any]:
    source, score = child(conversation, "source"), child(conversation, "conversation_rating")
    contacts = children(child(conversation, "contacts"), "contacts") or [{}]
    title = text(child(conversation, "ticket_attributes"), "_default_title_")
    return {
        "agent": _agent(conversation) or identifier(conversation, "admin_assignee_id"),
        "team": identifier(conversation, "team_assignee_id"),
        "customer": identifier(contacts[0], "external_id", "id"),
        "subject": _plain(text(source, "subject") or text(conversation, "title") or title or ""),
        "rating": rating(score, "rating") or rating(conversation, "conversation_rating"),
        "started_at": started_at(conversation.get("created_at")),
    }


def _agent(conversation: dict[str, Any]) -> str | None:
    """Give the name of the first person who answers."""
    answers = (child(part, "author") for part in _parts(conversation) if _label(part, "") == "agent")
    return next((name for author in answers if (name := text(author, "name") or identifier(author, "id"))), None)
