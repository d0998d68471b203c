"""Zendesk: tickets with their comments, as the API gives them or as exports write them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.files.assemble import Labelled, assemble
from servicequal.files.html_text import html_to_text
from servicequal.files.loose_json import child, children, identifier, rating, text
from servicequal.files.moments import moment_of, seconds_between, started_at
from servicequal.files.named_after import named_after
from servicequal.files.rejected import Rejected
from servicequal.files.zendesk_threads import is_comment, is_ticket, threads

NAME = "Zendesk"

_CHAT = {"chat", "native_messaging", "messaging", "whatsapp", "facebook", "twitter", "sms", "instagram_dm", "line"}
_USER_ROLES = {"end-user": "customer", "agent": "agent", "admin": "agent"}


def recognises(document: Any) -> bool:
    """Tell by a ticket, comments of authors, or lists of these."""
    if isinstance(document, list):
        return bool(document) and all(map(is_comment, document))
    tickets = [document, child(document, "ticket"), *children(document, "tickets")]
    return any(map(is_ticket, tickets)) or any(map(is_comment, [document, *children(document, "comments")]))


def read(document: Any, path: Path) -> Iterator[Contact | Rejected]:
    """Read every ticket; private notes are dropped, and the requester is the customer.

    Example:
        >>> ticket = {"id": 7, "requester_id": 1, "subject": "Parcel", "comments": [
        ...     {"author_id": 1, "body": "Where is it?", "public": True},
        ...     {"author_id": 2, "body": "Angry one.", "public": False},
        ...     {"author_id": 2, "body": "On its way.", "public": True},
        ... ]}
        >>> list(read(ticket, Path("tickets.json")))
        [Contact('7', email, 2 turns)]
    """
    users = {identifier(user, "id"): user for user in children(document, "users")}
    listed = bool(children(document, "tickets"))
    for number, (ticket, comments) in enumerate(threads(document), start=1):
        if listed and ticket == {"id": None}:
            reason = (
                f"{len(comments)} comments of no known ticket; expected the ticket's id and a ticket_id in each comment"
            )
            yield Rejected(path.name, reason, number)
        else:
            yield _contact(path, named_after(path, number), ticket, comments, users)


def _contact(
    path: Path,
    stem: str,
    ticket: dict[str, Any],
    comments: list[dict[str, Any]],
    users: dict[str | None, dict[str, Any]],
) -> Contact | Rejected:
    name = identifier(ticket, "id") or stem
    public = [comment for comment in comments or _description(ticket) if _is_public(comment)]
    if not any(map(_body, public)):
        found = f"{len(comments)} comments, of them {len(public)} public" if comments else "no comments"
        return Rejected(
            path.name, f"{found}; expected a public comment with text, or the customer's description", contact=name
        )
    turns: list[Labelled] = []
    began = None
    for moment, comment in _in_time(public):
        began = began or moment
        turns.append((_speaker(comment, ticket, users), _body(comment), seconds_between(began, moment), None))
    channel = _channel(text(child(ticket, "via") or child(public[0], "via"), "channel"))
    return assemble(path, name, channel, turns, attributes=_attributes(ticket, users))


def _is_public(comment: dict[str, Any]) -> bool:
    """Tell what the customer could read; when in doubt it is private."""
    return comment.get("public", True) in (True, "true", "True")


def _in_time(comments: list[dict[str, Any]]) -> list[tuple[datetime | None, dict[str, Any]]]:
    dated = [(moment_of(comment.get("created_at")), comment) for comment in comments]
    return dated if any(moment is None for moment, _ in dated) else sorted(dated, key=lambda pair: str(pair[0]))


def _description(ticket: dict[str, Any]) -> list[dict[str, Any]]:
    """Give a ticket's first comment, which its description repeats; an agent's may be a private note."""
    requester, submitter = _person(ticket, "requester"), _person(ticket, "submitter")
    if submitter not in (None, requester):
        return []
    dated = {"created_at": ticket.get("created_at"), "public": ticket.get("is_public", True)}
    return [{"author_id": requester, "body": ticket.get("description")} | dated]


def _person(record: dict[str, Any], role: str) -> str | None:
    return identifier(record, f"{role}_id") or identifier(child(record, role), "id")


def _speaker(comment: dict[str, Any], ticket: dict[str, Any], users: dict[str | None, dict[str, Any]]) -> str:
    """Give the author's role; without a requester or a list of users, a label of their own."""
    author, requester = _person(comment, "author"), _person(ticket, "requester")
    if author == "-1" or comment.get("type") == "VoiceComment":  # Zendesk itself; the data of a call
        return "system"
    if author and author == requester:
        return "customer"
    known = _USER_ROLES.get(text(users.get(author, {}), "role") or "")
    return known or ("agent" if requester else f"author {author}")


def _body(comment: dict[str, Any]) -> str:
    plain = text(comment, "body", "plain_body")
    return plain.replace("&nbsp;", " ") if plain else html_to_text(text(comment, "html_body") or "")


def _channel(via: str | None) -> str:
    if via in ("voice", "phone"):
        return "phone"
    return "chat" if via in _CHAT else "email"


def _attributes(ticket: dict[str, Any], users: dict[str | None, dict[str, Any]]) -> dict[str, Any]:
    agent, group = child(ticket, "assignee"), child(ticket, "group")
    assignee = _person(ticket, "assignee")
    satisfaction = child(ticket, "satisfaction_rating")
    score = text(satisfaction, "score")
    return {
        "agent": text(agent, "name") or text(users.get(assignee, {}), "name") or assignee,
        "team": text(group, "name") or identifier(ticket, "group_id"),
        "customer": _person(ticket, "requester"),
        "organization": text(child(ticket, "organization"), "name") or identifier(ticket, "organization_id"),
        "brand": text(child(ticket, "brand"), "name") or identifier(ticket, "brand_id"),
        "subject": text(ticket, "subject", "raw_subject"),
        "rating": score if score in ("good", "bad") else rating(satisfaction, "score"),
        "started_at": started_at(ticket.get("created_at")),
    }
