"""One file of stored vectors: Arrow, mapped into memory, a row per contact with a checksum of its own."""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from servicequal.contact import Contact
from servicequal.inference.pipeline import Encoded, layout_of
from servicequal.inference.segments import Sentence

FORMAT = 1  # to be raised when contacts are split into sentences otherwise, or stored otherwise
_SCHEMA = pa.schema({
    "key": pa.binary(16),
    "language": pa.string(),
    "spans": pa.large_binary(),  # int32 [sentences, 3]: turn, start, end
    "vectors": pa.large_binary(),  # float16 [sentences, width], which the encoder rounds to: nothing is lost
    "check": pa.uint32(),
})  # fmt: skip
BROKEN = (pa.ArrowException, OSError, ValueError, KeyError)  # what reading a damaged or foreign file raises


def encoding_digest(encoder: str, backend: str, *, prefix: str, languages: Iterable[str]) -> str:
    """Give the sha256 of all that decides a contact's sentences and vectors; the backend decides the last digits."""
    spacy = version("spacy").split(".")[:2]
    settings = [FORMAT, encoder, backend, prefix, sorted(languages), spacy]
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()


def contact_key(contact: Contact) -> bytes:
    """Give sixteen bytes of a hash of a contact's language and of who says what."""
    said = json.dumps([contact.language, [(turn.speaker, turn.text) for turn in contact.turns]])
    return hashlib.blake2b(said.encode(), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Stored:
    """A contact with what is stored of it.

    Attributes:
        spans: int32 [sentences, 3]: turn, start, end.
        vectors: float16 [sentences, width], mapped from the file.
    """

    contact: Contact
    language: str
    spans: np.ndarray
    vectors: np.ndarray

    def encoded(self) -> Encoded:
        """Give the contact as if it had just been encoded."""
        turns = self.contact.turns
        sentences = [
            Sentence(turn, start, end, turns[turn].speaker, turns[turn].text[start:end])
            for turn, start, end in self.spans.tolist()
        ]
        vectors = self.vectors.astype(np.float32)
        return Encoded(self.contact, self.language, sentences, vectors, layout_of(self.contact, sentences))


class VectorFile:
    """A file of stored vectors, open for reading.

    Raises:
        ValueError: if it is of another encoding; ``BROKEN`` if it cannot be read.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        if table.schema.remove_metadata() != _SCHEMA or table.schema.metadata != {b"encoding": encoding.encode()}:
            raise ValueError("of another encoding")
        self._columns = {name: table.column(name) for name in _SCHEMA.names}

    def keys(self) -> list[bytes]:
        """Give the key of each row."""
        return list(self._columns["key"].to_pylist())

    def row(self, number: int, contact: Contact) -> Stored | None:
        """Give what is stored of a contact; None if the row is not its own, or damaged."""
        key, language = (self._columns[name][number].as_py() for name in ("key", "language"))
        spans, vectors = (self._columns[name][number].as_buffer() for name in ("spans", "vectors"))
        if key != contact_key(contact) or _check(key, language, spans, vectors) != self._checksum(number):
            return None
        table = np.frombuffer(spans, dtype=np.int32).reshape(-1, 3)
        return Stored(contact, language, table, np.frombuffer(vectors, dtype=np.float16).reshape(len(table), -1))

    def _checksum(self, number: int) -> int:
        return int(self._columns["check"][number].as_py())


class VectorWriter:
    """Writes a file of stored vectors; it gets its name when all is written, and is removed if the writing fails."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._path = path
        self._scratch = path.with_name(f".{path.name}.{os.uname().nodename}.{os.getpid()}.part")
        self._encoding = encoding
        self._writer: Any = None

    def __enter__(self) -> VectorWriter:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        schema = _SCHEMA.with_metadata({"encoding": self._encoding})
        self._writer = pa.ipc.new_file(str(self._scratch), schema)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            self._writer.close()
            if kind is None:
                self._scratch.replace(self._path)
        finally:
            self._scratch.unlink(missing_ok=True)

    def write(self, block: Iterable[Encoded]) -> None:
        """Add contacts."""
        self._writer.write_batch(pa.RecordBatch.from_pylist([_row(one) for one in block], schema=_SCHEMA))


def _row(encoded: Encoded) -> dict[str, Any]:
    spans = np.array([(s.turn, s.start, s.end) for s in encoded.sentences], dtype=np.int32).tobytes()
    vectors = encoded.vectors.astype(np.float16).tobytes()
    key = contact_key(encoded.contact)
    check = _check(key, encoded.language, spans, vectors)
    return {"key": key, "language": encoded.language, "spans": spans, "vectors": vectors, "check": check}


def _check(key: bytes, language: str, spans: Any, vectors: Any) -> int:
    return zlib.crc32(vectors, zlib.crc32(spans, zlib.crc32(key + language.encode())))
