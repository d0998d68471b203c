"""The rows of a CSV file, with their lines; a row with broken quotes costs one line, not the rest of the file."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from servicequal.contact import MAX_CHARACTERS


class Row(NamedTuple):
    """One row.

    Attributes:
        line: 1-based, where it begins.
        cells: what can be made out of it, if its quotes are broken.
        whole: whether its quotes are in order.
    """

    line: int
    cells: list[str]
    whole: bool = True


def rows_of(path: Path, delimiter: str, encoding: str) -> Iterator[Row]:
    r"""Read the rows below the header row; blank ones are skipped.

    Raises:
        UnicodeDecodeError: if the bytes are of another encoding.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "a.csv"
        ...     _ = path.write_text('id,text\na,"open\nb,"He said ""no""."\n')
        ...     list(rows_of(path, ",", "utf-8"))
        [Row(line=2, cells=['a', 'open'], whole=False), Row(line=3, cells=['b', 'He said "no".'], whole=True)]
    """
    csv.field_size_limit(max(csv.field_size_limit(), MAX_CHARACTERS + 1))  # the module knows only one for all
    with path.open(encoding=encoding, newline="") as file:
        rows = (row for row in _parsed(file, delimiter) if any(cell.strip() for cell in row.cells) or not row.whole)
        next(rows, None)
        yield from rows


def _parsed(lines: Iterator[str], delimiter: str) -> Iterator[Row]:
    ahead: deque[str] = deque()
    taken: list[str] = []

    def feed() -> Iterator[str]:
        while line := ahead.popleft() if ahead else next(lines, ""):
            taken.append(line)
            yield line

    at = 1
    reader = csv.reader(feed(), delimiter=delimiter, strict=True)
    while True:
        taken.clear()
        try:
            row = Row(at, next(reader))
        except StopIteration:
            return
        except csv.Error:  # go on with the line after the first of this row
            ahead.extendleft(reversed(taken[1:]))
            del taken[1:]
            row = Row(at, _made_out(taken, delimiter), whole=False)
            reader = csv.reader(feed(), delimiter=delimiter, strict=True)
        yield row
        at += len(taken)


def _made_out(lines: list[str], delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader(lines, delimiter=delimiter), [])]
    except csv.Error:  # longer than any contact
        return []
