"""A Report's tables → Arrow, and from there CSV, Parquet or a database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from servicequal.files.whole_file import written_whole
from servicequal.reporting.report import Report
from servicequal.reporting.section import Cell, Column, Estimate, Table, Text
from servicequal.reporting.words import Words

# of a contact's attributes; a team or a time beside each single contact would lead to its agent
ATTRIBUTES = ("company", "wave", "area", "case", "mystery", "rating")


@dataclass(frozen=True, slots=True)
class Exported:
    """A table to write.

    Attributes:
        name: ``<section>_<table>``, ``contacts`` or ``ratings``.
        data: its columns.
    """

    name: str
    data: pa.Table


def exported(report: Report) -> Iterator[Exported]:
    """Give every table of a report but the fact sheet's, and all contacts with their ratings.

    Words are English and ids as they are, whatever the page's language, so that queries keep working.

    Args:
        report: past the privacy gate.
    """
    for section in report.sections:
        for table in section.tables:
            if section.id != "facts":
                yield Exported(f"{section.id}_{table.id}", _flat(table))
    agents = any("agent" in card.attributes for card in report.cards)
    yield Exported("contacts", _contacts(report, (*ATTRIBUTES, *(("team", "agent") if agents else ()))))
    yield Exported("ratings", _ratings(report))


def write_tables(report: Report, folder: Path) -> list[Path]:
    """Write each table of a report as CSV and Parquet into a folder; gives the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table in exported(report):
        for suffix, write in ((".csv", pa.csv.write_csv), (".parquet", pa.parquet.write_table)):
            path = folder / f"{table.name}{suffix}"
            with written_whole(path) as scratch:
                write(_safe(table.data) if suffix == ".csv" else table.data, scratch)
            written.append(path)
    return written


def _flat(table: Table) -> pa.Table:
    words = Words()
    columns: dict[str, pa.Array] = {}
    for number, column in enumerate(table.columns):
        cells = [row[number] for row in table.rows]
        if any(isinstance(cell, Estimate) for cell in cells):
            columns |= _spread(column.name, cells)
        else:
            columns[column.name] = _array([words(cell) if isinstance(cell, Text) else cell for cell in cells], column)
    return pa.table(columns)


def _spread(name: str, cells: list[Cell]) -> dict[str, pa.Array]:
    found = [cell if isinstance(cell, Estimate) else None for cell in cells]
    parts = {"": "value", "_low": "low", "_high": "high", "_n": "n", "_shrunken": "shrunken"}
    types = {"n": pa.int64(), "shrunken": pa.bool_()}
    return {
        name + suffix: pa.array([cell and getattr(cell, part) for cell in found], types.get(part, pa.float64()))
        for suffix, part in parts.items()
    }


def _array(cells: list[Any], column: Column) -> pa.Array:
    known = {type(cell) for cell in cells if cell is not None}
    if known <= {int, float} and (known or column.unit):
        return pa.array(cells, pa.int64() if known == {int} else pa.float64())
    if known == {bool}:
        return pa.array(cells, pa.bool_())
    return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())


def _contacts(report: Report, attributes: tuple[str, ...]) -> pa.Table:
    cards = report.cards
    columns = {"contact": [card.contact for card in cards], "channel": [card.channel for card in cards]}
    columns["language"] = [card.language for card in cards]
    arrays = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    for name in attributes:
        values = [card.attributes.get(name) for card in cards]
        if any(value is not None for value in values):
            arrays[name] = _array(values, Column(name))
    for name in ("score", "low", "high"):
        arrays[name] = pa.array([getattr(card.overall, name) for card in cards], pa.float64())
    return pa.table(arrays)


def _ratings(report: Report) -> pa.Table:
    rows = [(card, name, rating) for card in report.cards for name, rating in card.ratings.items()]
    levels = ("not_met", "partly_met", "fully_met")
    return pa.table(
        {
            "contact": pa.array([card.contact for card, _, _ in rows], pa.string()),
            "criterion": pa.array([name for _, name, _ in rows], pa.string()),
            "level": pa.array([rating.level for _, _, rating in rows], pa.string()),
            "applicable": pa.array([rating.applicable for _, _, rating in rows], pa.float64()),
            **{level: pa.array([rating.levels[level] for _, _, rating in rows], pa.float64()) for level in levels},
            "decision": pa.array([rating.decision for _, _, rating in rows], pa.string()),
        }
    )


def _safe(table: pa.Table) -> pa.Table:
    """Put an apostrophe before text that a spreadsheet would run as a formula (OWASP, "CSV Injection")."""
    for number, field in enumerate(table.schema):
        if field.type == pa.string():
            cells = [f"'{cell}" if cell and cell[0] in "=+-@\t\r" else cell for cell in table[number].to_pylist()]
            table = table.set_column(number, field, pa.array(cells, pa.string()))
    return table
