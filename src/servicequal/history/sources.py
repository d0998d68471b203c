"""Where a history comes from: files, or a query; what it is called in the manifest, how long it is, its contacts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import pyarrow.parquet as pq

from servicequal.contact import Contact
from servicequal.errors import ContactError
from servicequal.files import datasets_folder
from servicequal.files.inputs import check_inputs, distinct, read_inputs, with_attributes
from servicequal.files.rejected import Rejected
from servicequal.files.seen import SeenIds
from servicequal.files.source_paths import is_data_set, paths_of
from servicequal.history.query import read_query, without_password

_COUNTED = 1 << 30  # bytes of JSONL whose lines are counted; more of them would delay the start
_PIECE = 1 << 20


@runtime_checkable
class Source(Protocol):
    """A history to be scored; it must give the same contacts in the same order when it is asked again."""

    def keep_apart(self, folders: Iterable[Path]) -> None:
        """Refuse to read what is written in a run."""

    def describe(self) -> dict[str, Any]:
        """Say what it is, as JSON, so that a later run can tell whether it is still the same."""

    def total(self) -> int | None:
        """Count its records where that is cheap; None where it is not."""

    def items(self) -> Iterator[Contact | Rejected]:
        """Read it from the start: each id once, anything else rejected."""


@dataclass(frozen=True, slots=True)
class Files:
    """Files, folders, globs and data sets, one after another.

    Attributes:
        inputs: paths and patterns.
        attributes: for contacts that lack them.

    Raises:
        ContactError: if an input does not exist.
    """

    inputs: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_inputs(self.inputs)

    def keep_apart(self, folders: Iterable[Path]) -> None:
        """Refuse to read what is written in a run.

        Raises:
            ContactError: if one of the folders is among the inputs.
        """
        for folder in folders:
            inside = [one for one in self.inputs if Path(one).is_dir() and _within(folder, Path(one))]
            inside += [str(path) for path in self._paths() if _within(path, folder)]
            if inside:
                raise ContactError(f"{folder}: would be read as an input ({inside[0]}); choose a folder elsewhere")

    def describe(self) -> dict[str, Any]:
        """Name the inputs, and each file with its size in bytes."""
        files = {path.as_posix(): _size(path) for path in self._paths()}
        return {"inputs": list(self.inputs), "files": files, "attributes": dict(self.attributes)}

    def total(self) -> int | None:
        """Count from Parquet footers, saved data sets and the lines of JSONL up to 1 GiB; None for other formats."""
        paths = self._paths()
        if sum(path.stat().st_size for path in paths if path.suffix in _LINES and path.is_file()) > _COUNTED:
            return None
        counts = [_count(path) for path in paths]
        return None if None in counts else sum(count for count in counts if count is not None)

    def items(self) -> Iterator[Contact | Rejected]:
        """Read all inputs in the order given."""
        return with_attributes(read_inputs(self.inputs), self.attributes)

    def _paths(self) -> list[Path]:
        found = []
        for one in self.inputs:
            try:
                found += paths_of(one)[1]
            except ContactError:  # no file there; read_inputs rejects it
                continue
        return found


@dataclass(frozen=True, slots=True)
class Query:
    """The rows of a DuckDB query over files, or over a PostgreSQL database.

    Attributes:
        sql: gives the columns of a contact: ``id``, ``channel``, ``turns``, and ``language``, ``attributes``, ``facts``
            where there are any; with an ORDER BY wherever the order is not certain.
        database: ``postgresql://…``; None for files, which the query names.
        attributes: for contacts that lack them.

    Example:
        >>> Query("SELECT * FROM 'calls/*.parquet' WHERE channel = 'phone' ORDER BY id").describe()["database"]
    """

    sql: str
    database: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def keep_apart(self, folders: Iterable[Path]) -> None:
        """Do nothing: only the query knows what it reads; if that changes, a later run notices."""

    def describe(self) -> dict[str, Any]:
        """Name the query, and the database without its password."""
        database = None if self.database is None else without_password(self.database)
        return {"query": self.sql, "database": database, "attributes": dict(self.attributes)}

    def total(self) -> int | None:
        """Give None: counting would run the query twice."""
        return None

    def items(self) -> Iterator[Contact | Rejected]:
        """Run the query and give its rows while they come."""
        rows = distinct(read_query(self.sql, self.database), "query", SeenIds())
        return with_attributes(rows, self.attributes)


_LINES = (".jsonl", ".ndjson")


def _within(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _size(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(part.stat().st_size for part in sorted(path.rglob("*")) if part.is_file())
        return path.stat().st_size
    except OSError:  # it is rejected when it is read
        return -1


def _count(path: Path) -> int | None:
    try:
        if is_data_set(path):
            return sum(len(split) for split in datasets_folder.splits_of(path).values())
        if path.suffix == ".parquet":
            return int(pq.read_metadata(path).num_rows)
        return _lines(path) if path.suffix in _LINES else None
    except (OSError, ValueError):  # a broken file counts as nothing; it is rejected when it is read
        return 0


def _lines(path: Path) -> int:
    count, last = 0, b"\n"
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            count += piece.count(b"\n")
            last = piece[-1:]
    return count + (last != b"\n")
