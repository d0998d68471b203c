"""A Report → tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from textwrap import fill

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from servicequal.reporting.report import Report
from servicequal.reporting.section import Section, Table
from servicequal.reporting.words import Words

WIDTH = 118  # of sentences; a table takes what it needs
MOST_ROWS = 30


def printed(report: Report, words: Words) -> str:
    """Write a report as text: the notes on privacy, then each section but the fact sheet."""
    notes = [fill(words(note), WIDTH) for note in report.notes]
    return "\n".join([*notes, "", printed_sections((s for s in report.sections if s.id != "facts"), words)])


def printed_sections(sections: Iterable[Section], words: Words) -> str:
    """Write sections as text: findings, warnings and tables."""
    out = StringIO()
    console = Console(file=out, width=1000, force_jupyter=False, color_system=None)
    for section in sections:
        title = words(section.title)
        out.write(f"{title}\n{'=' * len(title)}\n")
        for text in (*section.text, *section.warnings):
            out.write(fill(words(text), WIDTH) + "\n")
        for table in section.tables:
            out.write("\n")
            console.print(_rich(table, words))
        out.write("\n")
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().split("\n"))


def _rich(table: Table, words: Words) -> RichTable:
    rich = RichTable(title=escape(words(table.title)), title_justify="left", box=SIMPLE_HEAD)
    for number, column in enumerate(table.columns):
        rich.add_column(escape(words.column(column.name)), justify="right" if number else "left")
    for row in table.rows[:MOST_ROWS]:
        cells = zip(row, table.columns, strict=True)
        rich.add_row(*(escape(words(cell, column.unit)) for cell, column in cells))
    if len(table.rows) > MOST_ROWS:
        rich.caption = escape(words.say("page.more_rows", rows=len(table.rows) - MOST_ROWS))
    return rich
