"""Stored sentence vectors: a later scorer of the same encoder rates contacts without splitting and encoding them again.

A folder per encoding (encoder, prefix, languages) holds a file for what each shard had to encode. A contact is found by
what is said in it, wherever it stands in whichever history.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from pathlib import Path

from servicequal.contact import Contact
from servicequal.files.scratch_database import scratch_database
from servicequal.history.vector_file import BROKEN, Stored, VectorFile, VectorWriter, contact_key
from servicequal.inference.pipeline import Encoded

_OPEN = 32  # files mapped into memory at once
_ROWS = 256  # contacts written at once

Place = tuple[str, int]
"""File and row of a contact's vectors."""
Encode = Callable[[Sequence[Contact]], Iterator[Encoded]]
"""Splits and encodes contacts, in order, but for those that it rejects."""


def encode_once(
    contacts: Sequence[Contact], encode: Encode, *, folder: Path, encoding: str, tell: Callable[[str], None]
) -> Iterator[Encoded]:
    """Encode contacts in order, but for those whose vectors are stored; store those of the others.

    Args:
        contacts: all held in memory, as are their vectors.
        encode: encodes those that are not stored.
        folder: as given; it holds a folder per encoding.
        encoding: digest of what makes the vectors, see ``encoding_digest``.
        tell: is handed a word on each file that cannot be read.
    """
    places = VectorIndex(folder, encoding, tell).places(contacts)
    store = VectorStore(folder, encoding)
    return store.complete(store.load(contacts, places, tell), encode)


class VectorIndex:
    """Where the vectors of which contact are, on disk: memory is bounded however many there are.

    Args:
        folder: as given; it holds a folder per encoding.
        encoding: digest of what makes the vectors, see ``encoding_digest``.
        tell: is handed a word on each file that cannot be read.
    """

    def __init__(self, folder: Path, encoding: str, tell: Callable[[str], None]) -> None:
        self._files: list[str] = []
        self._places = scratch_database("places (key BLOB PRIMARY KEY, file INT, row INT)")
        for path in sorted(_home(folder, encoding).glob("*.arrow")):
            try:
                keys = VectorFile(path, encoding).keys()
            except BROKEN:
                tell(f"{path}: no vectors of this encoder that can be read; its contacts are encoded again")
                continue
            rows = ((key, len(self._files), row) for row, key in enumerate(keys))
            self._places.execute("BEGIN")
            self._places.executemany("INSERT OR REPLACE INTO places VALUES (?, ?, ?)", sorted(rows))
            self._places.execute("COMMIT")
            self._files.append(path.name)

    def places(self, contacts: Iterable[Contact]) -> tuple[Place | None, ...]:
        """Say where the vectors of each contact are; None where they are not stored."""
        return tuple(self._place(contact_key(contact)) for contact in contacts)

    def _place(self, key: bytes) -> Place | None:
        found = self._places.execute("SELECT file, row FROM places WHERE key = ?", (key,)).fetchone()
        return None if found is None else (self._files[found[0]], found[1])


class VectorStore:
    """Reads stored vectors, and keeps those of contacts that had to be encoded.

    Args:
        folder: as given; it holds a folder per encoding.
        encoding: digest of what makes the vectors.
    """

    def __init__(self, folder: Path, encoding: str) -> None:
        self._encoding = encoding
        self._folder = _home(folder, encoding)
        self._open = lru_cache(maxsize=_OPEN)(self._opened)

    def load(
        self, contacts: Sequence[Contact], places: Sequence[Place | None], tell: Callable[[str], None]
    ) -> list[Stored | Contact]:
        """Give what is stored of each contact, or the contact itself where it is to be encoded.

        A file with a damaged row is removed, after a word to ``tell``; its contacts are encoded again.
        """
        known: list[Stored | Contact] = list(contacts)
        damaged: set[str] = set()
        for number, (contact, place) in enumerate(zip(contacts, places, strict=True)):
            if place is None or (file := self._open(place[0])) is None:  # not stored, or removed meanwhile
                continue
            if (found := file.row(place[1], contact)) is None:
                damaged.add(place[0])
            else:
                known[number] = found
        for name in sorted(damaged):
            tell(f"{self._folder / name}: damaged; its contacts are encoded again")
            (self._folder / name).unlink(missing_ok=True)
            self._open.cache_clear()
        pairs = zip(known, contacts, places, strict=True)
        return [contact if place is not None and place[0] in damaged else one for one, contact, place in pairs]

    def complete(self, known: Sequence[Stored | Contact], encode: Encode) -> Iterator[Encoded]:
        """Encode, and keep, what is not stored; gives all in order, without the contacts that are rejected."""
        missing = [one for one in known if isinstance(one, Contact)]
        fresh = self._keeping(encode(missing), missing)
        following = next(fresh, None)
        for one in known:
            if isinstance(one, Stored):
                yield one.encoded()
            elif following is not None and following.contact.id == one.id:
                yield following
                following = next(fresh, None)

    def _opened(self, name: str) -> VectorFile | None:
        with suppress(*BROKEN):
            return VectorFile(self._folder / name, self._encoding)
        return None

    def _keeping(self, encoded: Iterator[Encoded], missing: Sequence[Contact]) -> Iterator[Encoded]:
        """Pass encoded contacts on and store them, under a name that their keys give."""
        block = list(islice(encoded, _ROWS))
        if not block:
            return
        digest = hashlib.sha256(b"".join(contact_key(contact) for contact in missing)).hexdigest()
        with VectorWriter(self._folder / f"{digest[:32]}.arrow", self._encoding) as writer:
            while block:
                writer.write(block)
                yield from block
                block = list(islice(encoded, _ROWS))


def _home(folder: Path, encoding: str) -> Path:
    return folder / encoding[:32]
