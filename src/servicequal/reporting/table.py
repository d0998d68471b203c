"""A Report → tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from servicequal.reporting.report import Report
from servicequal.reporting.section import Section, Table
from servicequal.reporting.words import Words

WIDTH = 118  # where there is no terminal
MOST_ROWS = 30


def printed(report: Report, words: Words) -> str:
    """Write a report as text: the notes on privacy, then each section but the fact sheet."""
    notes = [words(note) for note in report.notes]
    return "\n".join([*notes, "", printed_sections((s for s in report.sections if s.id != "facts"), words)])


def printed_sections(sections: Iterable[Section], words: Words) -> str:
    """Write sections as text: findings, warnings and tables."""
    out = StringIO()
    console = Console(file=out, width=WIDTH, highlight=False)
    for section in sections:
        console.print(f"[bold]{escape(words(section.title))}[/bold]")
        for text in (*section.text, *section.warnings):
            console.print(escape(words(text)))
        for table in section.tables:
            console.print()
            console.print(_rich(table, words))
        console.print()
    return out.getvalue().rstrip()


def _rich(table: Table, words: Words) -> RichTable:
    rich = RichTable(title=escape(words(table.title)), title_justify="left")
    for number, column in enumerate(table.columns):
        rich.add_column(escape(words.column(column.name)), justify="right" if number else "left")
    for row in table.rows[:MOST_ROWS]:
        cells = zip(row, table.columns, strict=True)
        rich.add_row(*(escape(words(cell, column.unit)) for cell, column in cells))
    if len(table.rows) > MOST_ROWS:
        rich.caption = escape(words.say("page.more_rows", rows=len(table.rows) - MOST_ROWS))
    return rich
