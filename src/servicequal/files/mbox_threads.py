"""Mails of a mailbox → threads: by their references, else by subject and correspondents."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime

from servicequal.files.mail_headers import Headers

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def group(mails: Sequence[Headers]) -> list[list[int]]:
    r"""Group mails into threads; a mail stored twice counts once.

    A mail belongs with those that it names in References or In-Reply-To, even through a mail that is missing; a
    reply that names none belongs with the mails of the same subject between the same correspondents.

    Returns:
        Positions in ``mails``: each thread by date, the threads by their first mails' place in the mailbox.

    Example:
        >>> from servicequal.files.mail_headers import read_headers
        >>> heads = (b"Message-ID: <1>", b"Message-ID: <2>", b"Message-ID: <3>\nReferences: <1>")
        >>> group([read_headers(head + b"\n\n") for head in heads])
        [[0, 2], [1]]
    """
    leader: dict[Hashable, Hashable] = {}
    for at, mail in enumerate(mails):
        for reference in filter(None, (mail.identity, *mail.references)):
            leader[_find(leader, reference)] = _find(leader, at)
    _join_by_subject(mails, leader)
    threads: dict[Hashable, list[int]] = {}
    seen: set[str] = set()
    for at, mail in enumerate(mails):
        if mail.identity in seen or not (mail.identity or mail.correspondents):
            continue  # stored twice, or no mail
        seen |= {mail.identity} - {""}
        threads.setdefault(_find(leader, at), []).append(at)
    return [sorted(thread, key=lambda at: (mails[at].sent or _LONG_AGO, at)) for thread in threads.values()]


def _join_by_subject(mails: Sequence[Headers], leader: dict[Hashable, Hashable]) -> None:
    openers: dict[Hashable, int] = {}
    for at, mail in enumerate(mails):
        topic = (mail.subject.casefold(), mail.correspondents)
        if not mail.subject or mail.references:
            continue
        if mail.is_reply and topic in openers:
            leader[_find(leader, at)] = _find(leader, openers[topic])
        else:
            openers[topic] = at


def _find(leader: dict[Hashable, Hashable], node: Hashable) -> Hashable:
    """Follow a mail, or the id of one, to its thread's leader; shortens the way for the next time."""
    while (up := leader.setdefault(node, node)) != node:
        leader[node] = leader[up]
        node = up
    return node
