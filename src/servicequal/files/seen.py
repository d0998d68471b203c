"""Which ids have been seen: in memory while they are few, on disk from then on, so that memory stays bounded."""

from __future__ import annotations

import sqlite3
from hashlib import blake2b

from servicequal.files.scratch_database import scratch_database

_HELD = 100_000  # ids in memory: a few megabytes


class SeenIds:
    """A set of ids that grows on disk: by their 16-byte hashes, in a database that goes when the object does.

    Two ids of ten million share a hash with a probability of 1.5e-25 (birthday bound n²/2¹²⁹).

    Example:
        >>> seen = SeenIds()
        >>> seen.add("c-1"), seen.add("c-2"), seen.add("c-1")
        (True, True, False)
        >>> "c-2" in seen, "c-3" in seen
        (True, False)
    """

    def __init__(self, held: int = _HELD) -> None:
        self._held = held
        self._recent: set[bytes] = set()
        self._older: sqlite3.Connection | None = None

    def __contains__(self, name: object) -> bool:
        return self._knows(_hash(str(name)))

    def add(self, name: str) -> bool:
        """Add an id and say whether it is new."""
        key = _hash(name)
        if self._knows(key):
            return False
        self._recent.add(key)
        if len(self._recent) >= self._held:
            self._spill()
        return True

    def _knows(self, key: bytes) -> bool:
        if key in self._recent:
            return True
        if self._older is None:
            return False
        return self._older.execute("SELECT 1 FROM seen WHERE id = ?", (key,)).fetchone() is not None

    def _spill(self) -> None:
        if self._older is None:
            self._older = scratch_database("seen (id BLOB PRIMARY KEY)")
        self._older.execute("BEGIN")
        self._older.executemany("INSERT INTO seen VALUES (?)", ((key,) for key in sorted(self._recent)))
        self._older.execute("COMMIT")
        self._recent.clear()


def _hash(name: str) -> bytes:
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest()
