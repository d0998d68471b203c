"""The folder of a scored history: files of scorecards, and a journal that becomes the manifest when all are there.

Each step is forced to disk before the next: a shard's file, then its line in the journal; at the end the rejections,
the manifest, and only then the journal goes. A run that is killed anywhere finds what is done and does the rest. The
journal is also the lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from servicequal.errors import ServicequalError
from servicequal.files.durable import force_folder, write_durably
from servicequal.files.scorecards import JOURNAL, MANIFEST
from servicequal.history.plan import check_plan
from servicequal.history.scoring import Done
from servicequal.history.shards import Shard
from servicequal.records import to_json


@dataclass(frozen=True, slots=True)
class History:
    """A history that is scored.

    Attributes:
        folder: of the scorecards, with their manifest; ``read_scorecards`` reads it.
        contacts: records that came in.
        scored: scorecards that came out.
        rejected: records that could not be read or scored; each is in ``rejections`` with its reason.
        rejections: their file; None if there are none.
    """

    folder: Path
    contacts: int
    scored: int
    rejected: int
    rejections: Path | None

    def __str__(self) -> str:
        refused = f", {self.rejected:,} rejected, see {self.rejections}" if self.rejected else ""
        return f"{self.folder}: {self.scored:,} contacts scored{refused}"


@contextmanager
def open_folder(path: Path, plan: Mapping[str, Any]) -> Iterator[CardsFolder]:
    """Open a folder for one run: a new one, or one that an earlier run of the same plan left unfinished or finished.

    Raises:
        ServicequalError: if another run is at it, if it was begun with something else, or holds something else.
    """
    path.mkdir(parents=True, exist_ok=True)
    with _locked(path / JOURNAL) as journal:
        try:
            yield CardsFolder(path, plan, journal)
        finally:
            if not journal.seek(0, os.SEEK_END):  # nothing was begun
                (path / JOURNAL).unlink()


class CardsFolder:
    """The folder while a run is at it."""

    def __init__(self, path: Path, plan: Mapping[str, Any], journal: BinaryIO) -> None:
        self.path = path
        self._plan = plan
        self._journal = journal
        self._lines: dict[int, int] = {}  # shard → where its line begins in the journal
        self._shards: dict[int, dict[str, Any]] = {}
        self._finished = (path / MANIFEST).is_file()
        if self._finished:
            manifest = _parsed(path / MANIFEST)
            check_plan(manifest, plan, str(path))
            self._shards = dict(enumerate(manifest["shards"]))
        elif not self._resumed():
            self._begin()

    def has(self, shard: Shard) -> bool:
        """Say whether a shard has been scored.

        Raises:
            ServicequalError: if it was scored from other records than the inputs give now.
        """
        known = self._shards.get(shard.number)
        if known is None and self._finished:
            raise ServicequalError(f"{self.path}: finished, and the inputs give more records now; {_REMEDY}")
        if known is None:
            return False
        if known["input"] != shard.digest:
            raise ServicequalError(
                f"{self.path}: {known['file']} was scored from other records than the inputs give now; {_REMEDY}"
            )
        file = self.path / known["file"]
        return file.is_file() and bool(file.stat().st_size == known["bytes"])

    def commit(self, done: Done) -> None:
        """Write the scorecards of a shard, and then into the journal that they are there."""
        name = f"cards-{done.shard:05}.parquet"
        entry = {
            "file": name,
            "records": done.records,
            "rows": done.rows,
            "rejected": len(done.rejected),
            "bytes": len(done.table),
            "sha256": hashlib.sha256(done.table).hexdigest(),
            "input": done.digest,
        }
        known = self._shards.setdefault(done.shard, entry)
        if known != entry:  # its file was lost
            raise ServicequalError(
                f"{self.path / name}: was lost, and the same contacts give another file now; score into another folder"
            )
        write_durably(self.path / name, [done.table])
        if done.shard not in self._lines and not self._finished:
            self._note(done.shard, {"shard": done.shard, **entry, "reasons": [one.to_dict() for one in done.rejected]})

    def finish(self, shards: int) -> History:
        """Write rejections and manifest, when the inputs have given all their shards.

        Raises:
            ServicequalError: if an earlier run has scored more shards than the inputs give now.
        """
        if len(self._shards) > shards:
            raise ServicequalError(f"{self.path}: an earlier run scored more records than there are now; {_REMEDY}")
        entries = [self._shards[number] for number in range(shards)]
        scored, rejected = (sum(entry[key] for entry in entries) for key in ("rows", "rejected"))
        rejections = self.path.with_name(f"{self.path.name}.rejected.jsonl")
        if not self._finished:
            rejections.unlink(missing_ok=True)  # of an earlier run
            if rejected:
                write_durably(rejections, self._rejections())
            counts = {"contacts": scored + rejected, "scored": scored, "rejected": rejected, "truncated": 0}
            manifest = json.dumps({**self._plan, **counts, "shards": entries}, ensure_ascii=False, indent=1) + "\n"
            write_durably(self.path / MANIFEST, [manifest.encode()])
        self._journal.truncate(0)  # whoever closes it removes it
        return History(self.path, scored + rejected, scored, rejected, rejections if rejected else None)

    def _resumed(self) -> bool:
        """Read the journal of an earlier run; a last line that is half there is cut off."""
        whole = 0
        for line in self._journal:
            record = _line(line)
            if record is None:
                break
            if whole == 0:
                check_plan(record, self._plan, str(self.path))
            else:
                self._lines[record["shard"]] = whole
                self._shards[record["shard"]] = {key: record[key] for key in _ENTRY}
            whole += len(line)
        self._journal.truncate(whole)
        return whole > 0

    def _begin(self) -> None:
        if others := sorted(one.name for one in self.path.iterdir() if one.name != JOURNAL):
            raise ServicequalError(
                f"{self.path}: holds {others[0]!r}, and neither {MANIFEST} nor {JOURNAL}; choose a new folder"
            )
        self._journal.write(to_json(self._plan).encode() + b"\n")
        self._settle()
        force_folder(self.path)

    def _note(self, shard: int, record: Mapping[str, Any]) -> None:
        self._lines[shard] = self._journal.seek(0, os.SEEK_END)
        self._journal.write(to_json(record).encode() + b"\n")
        self._settle()

    def _settle(self) -> None:
        self._journal.flush()
        os.fsync(self._journal.fileno())

    def _rejections(self) -> Iterator[bytes]:
        for _, place in sorted(self._lines.items()):
            self._journal.seek(place)
            for reason in json.loads(self._journal.readline())["reasons"]:
                yield to_json(reason).encode() + b"\n"


_ENTRY = ("file", "records", "rows", "rejected", "bytes", "sha256", "input")
_REMEDY = (
    "give what it was begun with to go on (a query needs an ORDER BY where the order is not certain), or choose "
    "another --out"
)


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    while True:
        with path.open("a+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ServicequalError(f"{path.parent}: another run is writing here; wait for it or stop it") from None
            if path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno())):
                file.seek(0)
                yield file
                return


def _line(line: bytes) -> dict[str, Any] | None:
    try:
        return dict(json.loads(line)) if line.endswith(b"\n") else None
    except ValueError:
        return None


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError:
        raise ServicequalError(f"{path}: not JSON in UTF-8; score into another folder") from None
