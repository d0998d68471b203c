"""Parquet: one contact a row, the columns as in JSON; read and written in pieces."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from servicequal.contact import Contact
from servicequal.errors import ContactError
from servicequal.files.rejected import Rejected
from servicequal.files.table_row import read_row, wrong_columns
from servicequal.files.whole_file import written_whole

SCHEMA = pa.schema({
    "id": pa.string(),
    "channel": pa.string(),
    "language": pa.string(),
    "turns": pa.list_(
        pa.struct({"speaker": pa.string(), "text": pa.string(), "start": pa.float64(), "end": pa.float64()})
    ),
    "attributes": pa.string(),
    "facts": pa.list_(pa.string()),
})  # fmt: skip

_ROWS, _CHARACTERS = 1000, 50_000_000  # of a row group, whichever comes first
_BROKEN = (pa.ArrowException, OSError, ValueError)


def recognises(path: Path, head: bytes) -> bool:  # noqa: ARG001 - every format has this signature
    """Tell Parquet by its magic number."""
    return head.startswith(b"PAR1")


def read(path: Path) -> Iterator[Contact | Rejected]:
    """Read contacts in pieces; a broken row gives one rejection, an unknown column one for the whole file."""
    with path.open("rb") as handle:  # a file that may not be read raises here
        try:
            file = pq.ParquetFile(handle)
        except _BROKEN:
            yield Rejected(path.name, "no footer that can be read; expected a whole Parquet file: is it cut off?")
            return
        if wrong := wrong_columns(file.schema_arrow.names):
            yield Rejected(path.name, wrong)
            return
        number = count(1)
        try:
            for batch in file.iter_batches(batch_size=256):
                for row in _rows(batch):
                    yield _contact(row, path, next(number))
        except _BROKEN:
            yield Rejected(path.name, "damaged data; expected a whole Parquet file: write it again", next(number))


def write_contacts_parquet(contacts: Iterable[Contact], path: str | Path) -> None:
    """Write contacts as Parquet, the attributes as a JSON string; the file appears when all are written.

    Raises:
        ContactError: if a contact's attributes hold what JSON cannot.

    Example:
        >>> import tempfile
        >>> from servicequal.contact import Turn
        >>> contact = Contact("c-1", "phone", (Turn("agent", "Dzień dobry!", 0.0, 1.2),), "pl", {"team": "A"})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_contacts_parquet([contact], Path(folder) / "contacts.parquet")
        ...     list(read(Path(folder) / "contacts.parquet")) == [contact]
        True
    """
    with written_whole(Path(path)) as scratch, pq.ParquetWriter(scratch, SCHEMA, compression="zstd") as writer:
        for rows in _groups(contacts):
            writer.write_table(pa.Table.from_pylist(rows, SCHEMA))


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | None]:
    """Give the rows; None for one whose text is no UTF-8."""
    try:
        yield from batch.to_pylist(maps_as_pydicts="lossy")
    except UnicodeDecodeError:
        for start in range(batch.num_rows):
            try:
                yield from batch.slice(start, 1).to_pylist(maps_as_pydicts="lossy")
            except UnicodeDecodeError:
                yield None


def _contact(row: dict[str, Any] | None, path: Path, number: int) -> Contact | Rejected:
    if row is None:
        return Rejected(path.name, "text that is no UTF-8; write the row again", number)
    return read_row(row, path.name, number)


def _groups(contacts: Iterable[Contact]) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    characters = 0
    for contact in contacts:
        rows.append(_row(contact))
        characters += sum(len(turn.text) for turn in contact.turns)
        if len(rows) == _ROWS or characters > _CHARACTERS:
            yield rows
            rows, characters = [], 0
    if rows:
        yield rows


def _row(contact: Contact) -> dict[str, Any]:
    try:
        attributes = json.dumps(dict(contact.attributes), allow_nan=False)
    except (TypeError, ValueError) as error:
        kind = type(error).__name__
        raise ContactError(
            f"contact {contact.id!r}: the attributes hold what JSON cannot ({kind}); expected plain values"
        ) from None
    return contact.to_dict() | {"attributes": attributes}
