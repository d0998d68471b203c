"""A stream of contacts → shards: pieces by their place in the stream, each scored and written as a whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from servicequal.contact import Contact
from servicequal.files.rejected import Rejected
from servicequal.records import to_json

SHARD = 2_000  # records: minutes of a CPU, and what a kill can cost
CHARACTERS = 8_000_000  # of text in one shard, so that memory is bounded by texts too


@dataclass(frozen=True, slots=True)
class Shard:
    """Consecutive records of a history.

    Attributes:
        number: its place among the shards, from 0.
        contacts: to be scored, in order.
        rejected: records between them that are no contacts.
        digest: sha256 of contacts and rejections, by which a later run knows that it reads the same.
    """

    number: int
    contacts: tuple[Contact, ...]
    rejected: tuple[Rejected, ...]
    digest: str


def cut(items: Iterable[Contact | Rejected], size: int) -> Iterator[Shard]:
    """Cut a stream into shards of ``size`` records, or fewer where texts are long.

    Example:
        >>> from servicequal.contact import Turn
        >>> stream = [Contact(f"c-{n}", "chat", (Turn("agent", "Hi!"),)) for n in range(5)]
        >>> [len(shard.contacts) for shard in cut(stream, 2)]
        [2, 2, 1]
    """
    number, held, characters = 0, list[Contact | Rejected](), 0
    for item in items:
        held.append(item)
        characters += sum(len(turn.text) for turn in item.turns) if isinstance(item, Contact) else 0
        if len(held) == size or characters >= CHARACTERS:
            yield _shard(number, held)
            number, held, characters = number + 1, [], 0
    if held:
        yield _shard(number, held)


def _shard(number: int, items: list[Contact | Rejected]) -> Shard:
    digest = hashlib.sha256()
    for item in items:
        digest.update(to_json(item.to_dict()).encode() + b"\n")
    contacts = tuple(item for item in items if isinstance(item, Contact))
    rejected = tuple(item for item in items if isinstance(item, Rejected))
    return Shard(number, contacts, rejected, digest.hexdigest())
