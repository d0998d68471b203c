"""report(): what goes in, what comes out as a page, as tables and as a database, and what is refused."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from servicequal import Privacy, Report, Scorecard, read_scorecards, report
from servicequal.cli import main
from servicequal.errors import ServicequalError
from servicequal.files.scorecards import JOURNAL, MANIFEST, write_parquet
from servicequal.reporting.plots import draw
from servicequal.reporting.section import Estimate, Plot, Point, Text
from servicequal.reporting.selection import selected
from servicequal.reporting.words import Words
from servicequal.scheme import LEVELS
from tests.reporting.conftest import SCHEME, make_card, make_contact

SECTIONS = (
    "overview", "means", "benchmark", "trend", "drivers", "mystery", "demand", "consistency", "causes", "coaching",
    "alarms", "plan", "facts",
)  # fmt: skip


@pytest.fixture(scope="module")
def cards() -> list[Scorecard]:
    return [
        make_card(
            f"c-{n}", LEVELS[n % 3], company="voltana" if n % 2 else "zappio", agent=f"agent {n % 12}", team="north",
            customer=f"=cmd|' /C calc'!A{n}", wave=f"2026-q{n % 3 + 1}", started_at=f"2026-0{n % 9 + 1}-01T10:00:00Z",
        )
        for n in range(120)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def found(cards: list[Scorecard]) -> Report:
    return report(cards, by="company", contacts=[make_contact(card.contact) for card in cards])


def saved(cards: list[Scorecard], path: Path) -> Path:
    path.write_text("".join(json.dumps(card.to_dict()) + "\n" for card in cards), encoding="utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_every_section_is_there_whatever_the_data_allow(cards: list[Scorecard], found: Report) -> None:
    for given in (found, report(cards[:1])):
        assert tuple(section.id for section in given.sections) == SECTIONS
    assert len(found.cards) == 120
    assert "voltana" in str(found)
    page = found.to_html("pl")
    assert all(f'id="{name}"' in page for name in SECTIONS)


def test_figures_do_not_depend_on_the_key(cards: list[Scorecard], found: Report) -> None:
    other = report(cards, by="company")
    assert found.cards[0].contact != other.cards[0].contact
    one, two = (re.sub(r"(contact|customer)-[a-z2-7]{10}", r"\1", str(made)) for made in (found, other))
    assert one == two


def test_no_page_and_no_table_names_an_agent_or_a_time(found: Report, tmp_path: Path) -> None:
    written = [found.to_html("de"), str(found)]
    written += [path.read_text("utf-8") for path in found.write_tables(tmp_path) if path.suffix == ".csv"]
    for text in written:
        assert not re.search(r"agent \d|cmd\||c-\d+\b(?!ontact)", text)
        assert "Hinrichsen" not in text
        assert "10:00:00" not in text
    assert "███" in written[0]


def test_some_sections_alone(found: Report) -> None:
    assert [section.id for section in found.only("means", "plan").sections] == ["means", "plan"]
    with pytest.raises(ServicequalError, match="did you mean 'means'"):
        found.only("mean")


def test_the_agent_level_is_written_into_the_report_and_the_log(cards: list[Scorecard], tmp_path: Path) -> None:
    source, out = saved(cards, tmp_path / "cards.jsonl"), tmp_path / "report.html"
    done = run("report", source, "--out", out, "--agents", "coaching, as agreed", "--key", tmp_path / "key")
    assert done.exit_code == 0, done.stderr
    page = out.read_text("utf-8")
    assert "coaching, as agreed" in page
    (name, *_) = re.findall(r"agent-[a-z2-7]{10}", page)
    (entry,) = [json.loads(line) for line in (tmp_path / "servicequal-audit.jsonl").read_text().splitlines()]
    assert (entry["level"], entry["purpose"], entry["contacts"]) == ("agent", "coaching, as agreed", 120)
    audit = ("--audit", tmp_path / "servicequal-audit.jsonl")
    shown = run("reveal", source, name, "--key", tmp_path / "key", "--purpose", "talk", *audit)
    assert re.fullmatch(rf"{name}\t(voltana|zappio) / agent \d+\n", shown.stdout)
    assert len((tmp_path / "servicequal-audit.jsonl").read_text().splitlines()) == 2


def test_tables_are_the_same_in_csv_parquet_and_sql(cards: list[Scorecard], tmp_path: Path) -> None:
    source = saved(cards, tmp_path / "cards.jsonl")
    done = run("report", source, "--by", "company", "--tables", tmp_path / "t", "--duckdb", tmp_path / "t.duckdb")
    assert done.exit_code == 0, done.stderr
    with duckdb.connect(str(tmp_path / "t.duckdb"), read_only=True) as database:
        names = {row[0] for row in database.execute("SHOW TABLES").fetchall()}
        assert {"contacts", "ratings", "overview_criteria", "means_by_company"} <= names
        assert {path.stem for path in (tmp_path / "t").glob("*.parquet")} == names
        for name in names:
            rows = database.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608 - our own name
            table = pq.read_table(tmp_path / "t" / f"{name}.parquet")
            assert [tuple(row.values()) for row in table.to_pylist()] == rows
            with (tmp_path / "t" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                header, *lines = csv.reader(file)
            assert header == table.column_names
            assert len(lines) == len(rows)
        asked = "SELECT level, count(*) FROM ratings WHERE criterion = 'empathy' GROUP BY ALL ORDER BY level"
        assert database.execute(asked).fetchall() == [(level, 40) for level in sorted(LEVELS)]
        query = "SELECT overall, overall_low, overall_high, overall_n FROM means_by_company"
        for value, low, high, contacts in database.execute(query).fetchall():
            assert low < value < high
            assert contacts == 60


def test_a_name_that_is_markup_is_text_on_the_page() -> None:
    attack = "<script>x</script><img src=x>"
    cards = [make_card(f"{attack}{n}", company=attack if n % 2 else "zappio", case=attack) for n in range(24)]
    contacts = [make_contact(card.contact, customer="<img src=x>") for card in cards]
    page = report(cards, contacts=contacts, privacy=Privacy(contact_ids=True)).to_html()
    assert page.count("<script") == 1  # our own
    assert "<img" not in page
    assert page.count("&lt;img src=x&gt;") > 3 * len(cards)  # as id, as case, as what the customer said


def test_a_spreadsheet_runs_nothing(tmp_path: Path) -> None:
    attack = "=HYPERLINK(1)"
    report([make_card(f"c{n}", company=attack) for n in range(12)]).write_tables(tmp_path)
    assert pq.read_table(tmp_path / "contacts.parquet")["company"][0].as_py() == attack
    assert f"'{attack}" in (tmp_path / "contacts.csv").read_text()


def test_scorecards_are_read_from_jsonl_parquet_and_parts(cards: list[Scorecard], tmp_path: Path) -> None:
    write_parquet(cards, tmp_path / "cards.parquet", SCHEME)
    (tmp_path / "parts").mkdir()
    for number, half in enumerate((cards[:5], cards[5:])):
        write_parquet(half, tmp_path / "parts" / f"cards-{number:05}.parquet", SCHEME)
    (tmp_path / "parts" / MANIFEST).write_text("{}")
    for path in (saved(cards, tmp_path / "cards.jsonl"), tmp_path / "cards.parquet", tmp_path / "parts"):
        assert read_scorecards(path) == cards
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    (tmp_path / "empty").mkdir()
    (tmp_path / "begun").mkdir()
    write_parquet(cards, tmp_path / "begun" / "cards-00000.parquet", SCHEME)
    (tmp_path / "begun" / JOURNAL).write_text("{}\n")
    for path in (tmp_path / "broken.parquet", tmp_path / "none.parquet", tmp_path / "empty", tmp_path / "begun"):
        with pytest.raises(ServicequalError, match=path.name):
            read_scorecards(path)


def test_a_bounded_selection_serves_every_filter(cards: list[Scorecard]) -> None:
    shown = selected(cards, most=20)
    assert len(shown) == 20
    assert shown == [card for card in cards if card in shown]
    for name in ("empathy", "courtesy"):
        assert {card[name].level for card in shown} == set(LEVELS)
    assert selected(cards, most=200) == cards


def test_a_plot_is_a_part_of_the_page_and_nothing_else() -> None:
    name = "<script>$x^2$ & “co” 株式会社"
    points = tuple(Point(name, Estimate(1.0, 0.0, 2.0, 9), series) for series in "ab")
    for kind in ("dots", "bars", "lines"):
        assert draw(Plot("p", kind, Text("overview.title"), ()), Words(), name="p").startswith("<svg")
        drawn = draw(Plot("p", kind, Text("overview.title"), points, 0.0), Words(), name="p")
        assert drawn.startswith("<svg")
        assert "&lt;script&gt;$x^2$ &amp; “co” 株式会社" in drawn
        assert not re.search(r"<script|<style|style=|xlink|http(?!://www.w3.org/2000/svg)|#0000", drawn)
        assert drawn == draw(Plot("p", kind, Text("overview.title"), points, 0.0), Words(), name="p")


def test_the_fact_sheet_says_what_it_is_and_is_no_advice(tmp_path: Path) -> None:
    for language, words in (
        ("en", "no legal advice"),
        ("de", "keine Rechtsberatung"),
        ("pl", "nie jest porada prawna"),
    ):
        assert words in " ".join(run("factsheet", "--language", language).stdout.split())
    assert run("factsheet", "--out", tmp_path / "facts.html").exit_code == 0
    page = (tmp_path / "facts.html").read_text("utf-8")
    assert all(part in page for part in ("Annex III", "Art. 5(1)(f)", "§ 87(1) no. 6", "0.45"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--by", "compny"), "did you mean 'company'"),
        (("--by", "agent"), "give a purpose"),
        (("--language", "fr"), "is not one of"),
        (("--agents", " "), "say why"),
        (("--out", "nowhere/report.html"), "does not exist"),
        (("--out", "cards.jsonl"), "would be overwritten"),
        (("--scorer", "nowhere"), "bundle.json is missing"),
    ],
)
def test_what_cannot_be_reported_is_said_in_one_line(
    cards: list[Scorecard], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    saved(cards[:3], tmp_path / "cards.jsonl")
    done = run("report", "cards.jsonl", *options)
    assert done.exit_code in (1, 2)
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_cards_of_another_scheme_or_none_are_refused() -> None:
    card = make_card()
    other = Scorecard(card.contact, "chat", "de", card.overall, {"loyalty": card["courtesy"]})
    with pytest.raises(ServicequalError, match="name the scorer"):
        report([other])
    with pytest.raises(ServicequalError, match="nothing to report"):
        report([])
