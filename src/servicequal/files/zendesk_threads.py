"""Zendesk's tickets and comments, wherever a document keeps them, paired."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from servicequal.files.loose_json import child, children, identifier, objects

Thread = tuple[dict[str, Any], list[dict[str, Any]]]
"""A ticket, of which perhaps no more is known than its id, and its comments."""

_PEOPLE = {"requester_id", "requester", "submitter_id", "submitter"}
_CONTENT = {"subject", "raw_subject", "description", "comments"}
_BODIES = {"body", "plain_body", "html_body"}


def is_ticket(record: Any) -> bool:
    """Tell a ticket by who asks and what is asked.

    Example:
        >>> is_ticket({"id": 7, "requester_id": 1, "subject": "Parcel"}), is_ticket({"subject": "Parcel"})
        (True, False)
    """
    return isinstance(record, dict) and bool(_PEOPLE & record.keys() and _CONTENT & record.keys())


def is_comment(record: Any) -> bool:
    """Tell a comment by its author and its body.

    Example:
        >>> is_comment({"author_id": 1, "body": "Where is it?"}), is_comment({"body": "Where is it?"})
        (True, False)
    """
    return isinstance(record, dict) and "author_id" in record and bool(_BODIES & record.keys())


def threads(document: Any) -> Iterator[Thread]:
    """Pair each ticket with its comments.

    They may be within it, beside it, in two lists that refer to each other by ``ticket_id``, or there may be comments
    and no ticket at all.

    Example:
        >>> comments = [{"ticket_id": 8, "body": "b"}, {"ticket_id": 7, "body": "a"}]
        >>> for ticket, own in threads({"tickets": [{"id": 7}, {"id": 9}], "comments": comments}):
        ...     print(ticket, [comment["body"] for comment in own])
        {'id': 7} ['a']
        {'id': 9} []
        {'id': '8'} ['b']
    """
    comments, tickets = children(document, "comments"), children(document, "tickets")
    ticket = child(document, "ticket") or (document if is_ticket(document) else {})
    if ticket:
        yield ticket, comments or children(ticket, "comments")
        return
    by_ticket = _by_ticket(comments or objects(document) or ([] if tickets else [document]))
    for one in tickets:
        own = by_ticket.pop(identifier(one, "id"), []) or children(one, "comments")
        yield one, own or (by_ticket.pop(None, []) if len(tickets) == 1 else [])
    for name, thread in by_ticket.items():
        yield {"id": name}, thread


def _by_ticket(comments: list[dict[str, Any]]) -> dict[str | None, list[dict[str, Any]]]:
    found: dict[str | None, list[dict[str, Any]]] = {}
    for comment in comments:
        found.setdefault(identifier(comment, "ticket_id"), []).append(comment)
    return found
