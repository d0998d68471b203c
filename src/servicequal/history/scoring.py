"""A shard → its scorecards as the bytes of a Parquet file: the piece of work that every engine hands out."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from io import BytesIO
from os import PathLike
from pathlib import Path

from servicequal.files.rejected import Rejected
from servicequal.files.scorecards import write_table
from servicequal.history.shards import Shard
from servicequal.history.vectors import Place, VectorStore
from servicequal.reference import Reference
from servicequal.scorer import Scorer


@dataclass(frozen=True, slots=True)
class Task:
    """A shard to be scored.

    Attributes:
        shard: its contacts.
        places: where the vectors of each contact are stored, None where they are not.
    """

    shard: Shard
    places: tuple[Place | None, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """A shard that is scored.

    Attributes:
        shard: as it was handed out, without its contacts.
        records: contacts and rejections that came in.
        table: the scorecards, as a Parquet file.
        rows: scorecards in it.
        rejected: what could not be read, then what could not be scored; records = rows + rejected.
        notes: what was found broken and mended.
    """

    shard: int
    digest: str
    records: int
    table: bytes
    rows: int
    rejected: tuple[Rejected, ...]
    notes: tuple[str, ...]


class ShardScorer:
    """Scores shards; the scorer is loaded with the first one.

    Args:
        scorer: loaded, or its folder; None for the bundled one.
        device: ``auto``, ``cpu``, ``cuda``; used when the scorer is loaded here.
        backend: what runs the encoder, likewise.
        workers: processes that split and tokenise beside it, likewise.
        reference: what is true at the companies.
        vectors: the folder of stored vectors and the digest of their encoding, if they are to be used and kept.
    """

    def __init__(
        self,
        scorer: Scorer | str | PathLike[str] | None,
        *,
        device: str,
        backend: str,
        workers: int,
        reference: Reference | None,
        vectors: tuple[Path, str] | None,
    ) -> None:
        self._given = scorer
        self.device = device
        self._backend = backend
        self._workers = workers
        self._reference = reference
        self._vectors = vectors

    def score(self, task: Task) -> Done:
        """Score one shard."""
        shard, rejected, notes = task.shard, list(task.shard.rejected), list[str]()
        if self._store is None:
            encoded = self._scorer.encode(shard.contacts, reject=rejected.append)
        else:
            known = self._store.load(shard.contacts, task.places, notes.append)
            encoded = self._store.complete(known, partial(self._scorer.encode, reject=rejected.append))
        table = BytesIO()
        cards = self._scorer.rate(encoded, reference=self._reference)
        with _nothing_old_searched():
            rows = write_table(cards, table, self._scorer.scheme)
        records = len(shard.contacts) + len(shard.rejected)
        return Done(shard.number, shard.digest, records, table.getvalue(), rows, tuple(rejected), tuple(notes))

    @cached_property
    def _scorer(self) -> Scorer:
        if isinstance(self._given, Scorer):
            return self._given
        return Scorer.load(self._given, device=self.device, backend=self._backend, workers=self._workers)

    @cached_property
    def _store(self) -> VectorStore | None:
        return None if self._vectors is None else VectorStore(*self._vectors)


@contextmanager
def _nothing_old_searched() -> Iterator[None]:
    """Keep the garbage collector from going through libraries and scorer again and again: a tenth of the rating.

    Who has frozen what was there before keeps it so.
    """
    ours = gc.get_freeze_count() == 0
    if ours:
        gc.freeze()
    try:
        yield
    finally:
        if ours:
            gc.unfreeze()
