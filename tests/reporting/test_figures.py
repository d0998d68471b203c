"""Every figure stands under its own heading: on the page, in the tables, in three languages."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from servicequal import Annotation, Report, Scorecard, report
from servicequal.reporting.section import Estimate
from servicequal.scheme import LEVELS, NOT_APPLICABLE
from tests.reporting.conftest import SCHEME, make_card

COUNTS = {"fully_met": 18, "partly_met": 11, "not_met": 7, NOT_APPLICABLE: 4}
ANNOTATED = {"voltana": 12, "zappio": 9}


@pytest.fixture(scope="module")
def cards() -> list[Scorecard]:
    """Two companies, and no two levels of the same number; only courtesy is decided without review."""
    levels = [level for level, count in COUNTS.items() for _ in range(count)]
    made = []
    for n, level in enumerate(levels):
        card = make_card(f"c-{n}", level if level in LEVELS else "partly_met", company="voltana" if n % 3 else "zappio")
        absent = {name: replace(one, level=level, applicable=0.1) for name, one in card.ratings.items()}
        made.append(card if level in LEVELS else replace(card, ratings=absent))
    return made


@pytest.fixture(scope="module")
def found(cards: list[Scorecard]) -> Report:
    left, annotations = dict(ANNOTATED), []
    for card in cards:
        if left[card.attributes["company"]]:
            left[card.attributes["company"]] -= 1
            rated = {one.id: card.ratings[one.id].level for one in SCHEME.criteria}
            annotations.append(Annotation(card.contact, "r1", rated))
    return report(cards, by="company", annotations=annotations)


def exported(found: Report, name: str, folder: Path) -> list[dict[str, str]]:
    (path,) = [path for path in found.write_tables(folder) if path.name == f"{name}.csv"]
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def page_rows(page: str, table: str) -> list[list[str]]:
    """The cells of a table of the page, its headings first."""
    (body,) = re.findall(rf'<table id="{table}">(.*?)</table>', page, re.DOTALL)
    return [_cells(row) for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)]


def _cells(row: str) -> list[str]:
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in cells]


def test_levels_are_counted_under_their_own_names(found: Report, tmp_path: Path) -> None:
    rows = {row["criterion"]: row for row in exported(found, "overview_criteria", tmp_path)}
    for name, automatic in (("empathy", 0.0), ("courtesy", 1.0)):
        assert {level: int(rows[name][level]) for level in COUNTS} == COUNTS
        assert float(rows[name]["automatic"]) == automatic
        assert float(rows[name]["mean"]) == pytest.approx(100 * (18 + 11 / 2) / 36)


def test_contacts_and_annotated_ones_are_counted_under_their_own_names(
    cards: list[Scorecard], found: Report, tmp_path: Path
) -> None:
    rows = exported(found, "means_by_company", tmp_path)
    sizes = {name: sum(card.attributes["company"] == name for card in cards) for name in ANNOTATED}
    assert {row["company"]: (int(row["contacts"]), int(row["annotated"])) for row in rows} == {
        name: (sizes[name], ANNOTATED[name]) for name in ANNOTATED
    }


@pytest.mark.parametrize(
    ("language", "headings", "courtesy"),
    [
        ("en", ["fully met", "partly met", "not met", "not applicable"], "courtesy"),
        ("de", ["ganz erfüllt", "teilweise erfüllt", "nicht erfüllt", "nicht anwendbar"], "Höflichkeit"),
        ("pl", ["w pełni spełnione", "częściowo spełnione", "niespełnione", "nie dotyczy"], "uprzejmość"),
    ],
)
def test_the_page_has_each_figure_below_its_heading(
    found: Report, language: str, headings: list[str], courtesy: str
) -> None:
    heading, *rows = page_rows(found.to_html(language), "overview-criteria")
    (row,) = [row for row in rows if row[0] == courtesy]
    shown = {name.casefold(): cell for name, cell in zip(heading, row, strict=True)}
    assert [shown[name.casefold()] for name in headings] == ["18", "11", "7", "4"]


@pytest.mark.parametrize(
    ("language", "level", "auto", "review"),
    [
        ("en", "fully met", "without review", "review"),
        ("de", "ganz erfüllt", "ohne Prüfung", "prüfen"),
        ("pl", "w pełni spełnione", "bez sprawdzenia", "do sprawdzenia"),
    ],
)
def test_a_contacts_ratings_say_level_confidence_and_decision(
    language: str, level: str, auto: str, review: str
) -> None:
    page = report([make_card(level="fully_met")]).to_html(language)
    (body,) = re.findall(r'<details id="contact-1".*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    rows = [_cells(row) for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)]
    assert [row[1] for row in rows] == [level] * len(SCHEME.criteria)
    assert all(re.fullmatch(r"72\s%", row[2]) for row in rows)  # 0.9 × 0.8
    assert [row[3] for row in rows] == [auto if one.id == "courtesy" else review for one in SCHEME.criteria]


def test_what_the_filter_reads_is_what_the_card_says() -> None:
    page = report([make_card(level="not_met")]).to_html()
    (tokens,) = re.findall(r'<details id="contact-1" data-ratings="([^"]*)"', page)
    assert tokens.split() == [
        f"{one.id}:not_met:{'auto' if one.id == 'courtesy' else 'review'}" for one in SCHEME.criteria
    ]


def estimates(found: Report) -> Iterator[tuple[str, Estimate]]:
    for section in found.sections:
        for name, rows in ((table.id, table.rows) for table in section.tables):
            yield from ((f"{section.id}, {name}", cell) for row in rows for cell in row if isinstance(cell, Estimate))
        yield from ((f"{section.id}, {plot.id}", point.estimate) for plot in section.plots for point in plot.points)


def test_every_figure_lies_within_its_interval(found: Report) -> None:
    told = [(where, one) for where, one in estimates(found) if one.value is not None and one.low is not None]
    assert len(told) > 20
    for where, one in told:
        assert one.high is not None
        assert one.low <= one.value <= one.high, where
