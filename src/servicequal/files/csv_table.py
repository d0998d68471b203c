"""CSV: one row a turn, grouped by contact, or one row a contact with its transcript in one column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.files.assemble import assemble
from servicequal.files.clock import iso
from servicequal.files.csv_columns import Columns, channel_named, columns_of, language_named
from servicequal.files.csv_rows import Row, rows_of
from servicequal.files.encoding import HEAD, encoding_of, undecodable
from servicequal.files.named_after import named_after
from servicequal.files.plain_text import read_contact
from servicequal.files.rejected import Rejected
from servicequal.files.turn_times import turn_times

_BROKEN = "broken quotes in a row; expected quotes within a cell doubled"


def recognises(path: Path, head: bytes) -> bool:  # noqa: ARG001 - every format has this signature
    """Tell a table of contacts by its header row."""
    return columns_of(_first_line(head)).tell


def read(path: Path) -> Iterator[Contact | Rejected]:
    r"""Read contacts; the rows of one may lie anywhere in the file. Columns of other names become attributes.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "turns.csv"
        ...     _ = path.write_text("contact;speaker;text\nc-1;agent;Hello!\nc-1;customer;Hi!\n")
        ...     list(read(path))
        [Contact('c-1', chat, 2 turns)]
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    columns = columns_of(_first_line(head))
    if "text" not in columns.known:
        reason = "a header row without 'text' or 'transcript'; expected contact, speaker, text, parted by , ; or tab"
        yield Rejected(path.name, reason)
        return
    rows = partial(rows_of, path, columns.delimiter, encoding_of(head))
    try:
        if "speaker" in columns.known:
            yield from _grouped(path, columns, rows)
        else:
            yield from (_whole(path, columns, number, row) for number, row in enumerate(rows(), start=1))
    except UnicodeDecodeError as error:
        yield Rejected(path.name, str(undecodable(error)))


def _first_line(head: bytes) -> str:
    lines = head.decode(encoding_of(head), errors="replace").splitlines()  # rows tell which bytes are wrong
    return next((line for line in lines if line.strip()), "")


def _grouped(path: Path, columns: Columns, rows: Callable[[], Iterator[Row]]) -> Iterator[Contact | Rejected]:
    """Group rows by contact: once to see where each ends, then again to read them."""
    last: dict[str, int] = {}
    broken: dict[int, str] = {}
    for row in rows():
        if row.whole:
            last[_name(path, columns, row)] = row.line
        else:
            broken[row.line] = _name(path, columns, row)
    for line, name in broken.items():
        yield Rejected(path.name, _BROKEN, line, name if name in last else None)
    parted = set(broken.values())
    begun: dict[str, list[Row]] = {}
    for row in rows():
        name = _name(path, columns, row)
        if not name and row.whole:
            yield Rejected(path.name, "no contact id in a row; expected one in each", row.line)
        elif name not in parted:
            begun.setdefault(name, []).append(row)
            if last[name] == row.line:
                yield _turns(path, columns, name, begun.pop(name))


def _name(path: Path, columns: Columns, row: Row) -> str:
    return columns.value(row.cells, "contact") if "contact" in columns.known else named_after(path)


def _turns(path: Path, columns: Columns, name: str, rows: Sequence[Row]) -> Contact | Rejected:
    """Build a contact of its rows, one a turn."""
    cells = [row.cells for row in rows]
    times = turn_times([(columns.value(row, "start"), columns.value(row, "end")) for row in cells])
    turns = [
        (columns.value(row, "speaker") or "unknown", columns.value(row, "text"), *span)
        for row, span in zip(cells, times.spans, strict=True)
    ]
    channel = _first(columns, cells, "channel")
    return assemble(
        path,
        name,
        channel_named(channel) or ("phone" if times.recording else "chat"),
        turns,
        language=language_named(_first(columns, cells, "language")),
        attributes={"started_at": iso(times.begun)} | _attributes(columns, cells),
        line=rows[0].line,
    )


def _whole(path: Path, columns: Columns, number: int, row: Row) -> Contact | Rejected:
    """Build a contact of one row that holds its transcript."""
    if not row.whole:
        return Rejected(path.name, _BROKEN, row.line)
    cells = row.cells
    text = columns.value(cells, "text").replace("\r\n", "\n")
    return read_contact(
        text if "\n" in text else text.replace("\\n", "\n"),
        path,
        columns.value(cells, "contact") or named_after(path, number),
        channel=channel_named(columns.value(cells, "channel")),
        language=language_named(columns.value(cells, "language")),
        attributes=_attributes(columns, [cells]),
        line=row.line,
    )


def _first(columns: Columns, rows: Sequence[list[str]], name: str) -> str:
    return next((value for row in rows if (value := columns.value(row, name))), "")


def _attributes(columns: Columns, rows: Sequence[list[str]]) -> dict[str, Any]:
    """Keep what the other columns say of the whole contact; what changes from turn to turn is left out."""
    found: dict[str, Any] = {}
    for name, at in columns.others.items():
        values = {row[at].strip() for row in rows if at < len(row)} - {""}
        if len(values) == 1:
            value = values.pop()
            found[name] = float(value) if name == "rating" and value.replace(".", "", 1).isdecimal() else value
    return found
