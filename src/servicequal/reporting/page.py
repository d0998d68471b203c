"""A Report → one HTML page: no network, a strict content policy, everything escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from servicequal.reporting.contact_view import unmeasured
from servicequal.reporting.plots import can_draw, draw
from servicequal.reporting.report import Report
from servicequal.reporting.section import Column, Estimate, Example, Plot, Section, Table
from servicequal.reporting.words import Words
from servicequal.scheme import LEVELS, NOT_APPLICABLE
from servicequal.scorecard import Rating

MOST_ROWS = 60  # of a table on the page; the export has all
NARROW = 4  # columns of a table that stands beside its plot; an interval is as wide as another column


def render_page(report: Report, words: Words) -> str:
    """Render a report as HTML.

    The page may load nothing and run nothing but its own style and script, which the policy knows by their hashes;
    it has no inline styles and no inline handlers. Without matplotlib there are no plots, and the page says so.

    Args:
        report: past the privacy gate.
        words: of its language.
    """
    environment = Environment(
        loader=PackageLoader("servicequal.reporting"), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=StrictUndefined,
    )  # fmt: skip
    style, script = (_source(environment, name) for name in ("style.css", "script.js"))
    drawn = can_draw()
    return environment.get_template("page.html").render(
        report=report,
        words=words,
        title=words.say("page.title" if report.cards else "facts.title"),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; "
        "form-action 'none'",
        sections=[(section, list(_exhibits(section, words, drawn))) for section in report.sections],
        passages=_passages,
        unmeasured=unmeasured,
        place={view.card.contact: f"contact-{number}" for number, view in enumerate(report.contacts, 1)},
        tokens=_tokens,
        numeric=_numeric,
        is_estimate=lambda cell: isinstance(cell, Estimate),
        most_rows=MOST_ROWS,
        drawn=drawn or not any(section.plots for section in report.sections),
        levels=(*reversed(LEVELS), NOT_APPLICABLE),
        criteria=list(report.cards[0].ratings) if report.cards else [],
    )


def _exhibits(section: Section, words: Words, drawn: bool) -> Iterator[tuple[Plot | None, Markup, Table | None, bool]]:
    """Give plots and tables in their order, each plot with the table of the same id, or the next one without a plot."""
    plots = list(section.plots)
    ids = {plot.id for plot in plots}
    loose = [plot for plot in plots if plot.id not in {table.id for table in section.tables}]
    for table in section.tables:
        plot = next((plot for plot in plots if plot.id == table.id), None)
        if plot is None and loose and table.id not in ids:
            plot = loose.pop(0)
        yield plot, _svg(plot, section, words, drawn), table, _width(table) <= NARROW
    for plot in loose:
        yield plot, _svg(plot, section, words, drawn), None, False


def _svg(plot: Plot | None, section: Section, words: Words, drawn: bool) -> Markup:
    if plot is None or not drawn:
        return Markup("")
    return Markup(draw(plot, words, name=f"{section.id}-{plot.id}-plot"))  # noqa: S704 - escaped by ElementTree


def _passages(section: Section) -> list[list[Example]]:
    """Group the examples that belong together."""
    groups: dict[object, list[Example]] = {}
    for number, example in enumerate(section.examples):
        groups.setdefault(("pair", example.pair) if example.pair is not None else number, []).append(example)
    return list(groups.values())


def _tokens(ratings: dict[str, Rating]) -> str:
    """Write ratings for the filter: criterion, level, decision."""
    return " ".join(f"{name}:{rating.level}:{rating.decision}" for name, rating in ratings.items())


def _numeric(table: Table, number: int) -> bool:
    """Tell whether a column holds figures."""
    cells: Sequence[Any] = [row[number] for row in table.rows]
    column: Column = table.columns[number]
    figures = any(isinstance(cell, Estimate | int | float) and not isinstance(cell, bool) for cell in cells)
    return bool(column.unit) or figures


def _width(table: Table) -> int:
    first = table.rows[0] if table.rows else ()
    return len(table.columns) + sum(isinstance(cell, Estimate) for cell in first)


def _source(environment: Environment, name: str) -> str:
    assert environment.loader is not None  # noqa: S101 - given above
    return environment.loader.get_source(environment, name)[0]


def _hash(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
