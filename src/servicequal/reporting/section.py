"""Section, Table, Plot and Example: what an analysis found, as plain data, before anyone words or draws it.

    scorecards ─privacy gate─▶ scorecards ─analyse_…─▶ Section ─word, draw, write─▶ page, table, file

Every analysis is a pure function ``analyse_x(cards, *, …) -> Section``. It sees only scorecards that went through the
privacy gate, so it needs no rule of its own about persons:

- ``attributes["agent"]`` is a pseudonym where the agent level was switched on, and is missing otherwise;
- ``attributes["customer"]`` is a pseudonym;
- ``attributes["cluster"]`` is an opaque name of the agent, there even where ``agent`` is not: intervals are clustered
  by it, and it is never shown;
- ``attributes["inclusion"]``, the probability with which a contact was chosen to be annotated, and ``reason``, what a
  contact is about, pass as they are;
- a group (company, team, agent …) of fewer than k has its attribute taken away, and so belongs to no group.

Words live in ``reporting/words/{en,de,pl}.json``, one flat object a language, keys sorted: an analysis names a key and
hands over the numbers for its ``{placeholders}``. A plain ``str`` in a cell or a label is data (a criterion's id, a
company) and is shown as it is; what has to be translated is a ``Text``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Unit = Literal["points", "share", "levels", "count", "ratio", "p", ""]
"""Points are 0–100, shares 0–1, levels 0–2 (or differences of these); a ratio is 1 where nothing differs."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval and the number of contacts that it rests on.

    Attributes:
        value: None where nothing may be said, for want of contacts.
        low: lower end, None where there is no interval.
        high: upper end, likewise.
        n: contacts.
        unit: of all three.
        shrunken: whether a model drew it towards the other groups, because it rests on few contacts.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    unit: Unit = "points"
    shrunken: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence, a heading or a word to be translated.

    Attributes:
        key: of the words' table.
        values: for the placeholders in the words; a value may be a ``Text`` itself.
    """

    key: str
    values: Mapping[str, Cell] = field(default_factory=dict)


Cell = str | int | float | bool | None | Estimate | Text


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; its heading is the words' ``column.<name>``.

    Attributes:
        name: unique in the table, and the column's name in CSV and Parquet.
        unit: of plain numbers; an estimate knows its own.
    """

    name: str
    unit: Unit = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain values.

    Attributes:
        id: unique in the section, and the file's name in an export.
        title: its caption.
        columns: in order.
        rows: one cell for each column.

    Raises:
        ValueError: if a row is not as long as there are columns.
    """

    id: str
    title: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"table {self.id!r}: a row is not as long as there are columns")


@dataclass(frozen=True, slots=True)
class Point:
    """One mark of a plot.

    Attributes:
        label: what stands on the axis: a group, a criterion, a wave.
        estimate: what is drawn, with its interval where there is one.
        series: which line, colour or facet it belongs to; empty if there is one only.
    """

    label: str | Text
    estimate: Estimate
    series: str | Text = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """What to draw, without how.

    Attributes:
        id: unique in the section.
        kind: ``dots`` with intervals, one row a label; ``lines`` over the labels in order, one line a series; ``bars``,
            one group a label and one bar a series.
        title: its caption.
        points: in the order of their labels.
        reference: where to draw a line, such as 0 for differences; None for none.
    """

    id: str
    kind: Literal["dots", "lines", "bars"]
    title: Text
    points: tuple[Point, ...]
    reference: float | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A passage to read or listen to: ``contact.turns[turn].text[start:end] == quote``.

    Attributes:
        label: what it shows.
        good: whether it shows it as it should be; None where that is not the question.
        pair: the same number on passages that belong together, such as two contradictory answers.
    """

    contact: str
    turn: int
    start: int
    end: int
    quote: str
    label: Text
    good: bool | None = None
    pair: int | None = None

    def __repr__(self) -> str:
        return f"Example({self.contact!r}, turn {self.turn}, {self.start}–{self.end}, {self.label.key})"


@dataclass(frozen=True, slots=True)
class Section:
    """What one analysis found.

    Attributes:
        id: ``means``, ``benchmark``, ``trend``, ``drivers``, ``mystery``, ``demand``, ``consistency``, ``causes``,
            ``coaching``, ``alarms`` or ``plan``; its title is the words' ``<id>.title``.
        text: the main findings, then how they were reached; a sentence or two each.
        warnings: what a reader must know before believing it, and what was left out for want of data.
    """

    id: str
    title: Text
    text: tuple[Text, ...] = ()
    tables: tuple[Table, ...] = ()
    plots: tuple[Plot, ...] = ()
    warnings: tuple[Text, ...] = ()
    examples: tuple[Example, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Write the section as a JSON object.

        Example:
            >>> Section("means", Text("means.title"), (Text("means.few", {"n": 3}),)).to_dict()["text"]
            [{'key': 'means.few', 'values': {'n': 3}}]
        """
        return dict(_plain(self))


def _plain(part: Any) -> Any:
    if isinstance(part, (list, tuple)):
        return [_plain(item) for item in part]
    if isinstance(part, Mapping):
        return {key: _plain(item) for key, item in part.items()}
    if hasattr(type(part), "__slots__") and hasattr(type(part), "__dataclass_fields__"):
        return {name: _plain(getattr(part, name)) for name in type(part).__slots__}
    return round(part, 6) if isinstance(part, float) else part
