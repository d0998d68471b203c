"""The commands print tables in three languages and JSON, keep to the privacy gate, and write a scheme."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from servicequal import Scheme
from servicequal.cli import main
from servicequal.reporting.fact_sheet import System
from servicequal.reporting.section import Section, Text
from servicequal.reporting.words import LANGUAGES, Words
from servicequal.scheme import LEVELS
from tests.reporting.conftest import make_card

COMMANDS = {
    "benchmark": ["--company", "a"], "trend": ["--trained", "empathy"], "drivers": [], "mystery": [], "demand": [],
    "coach": [], "plan": ["--difference", "4"],
}  # fmt: skip


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    """Enough of everything for every analysis, levels and ratings without a pattern."""
    draw, made = np.random.default_rng(0), []
    for n in range(480):
        kind = {"case": f"case-{n // 4 % 10}"} if n % 2 else {"customer": f"k{n // 8}", "rating": 1 + n * 7 % 5}
        one = make_card(
            f"c-{n}", company="ab"[n // 2 % 2], team=f"{'ab'[n // 2 % 2]}{n // 4 % 2}", agent=f"agent{n // 2 % 40}",
            wave=f"w{n % 3}", mystery=bool(n % 2), started_at=f"2026-03-{1 + n % 27:02}", **kind,
        )  # fmt: skip
        others = [make_card(level=str(draw.choice(LEVELS))) for _ in one.ratings]
        ratings = {name: other.ratings[name] for name, other in zip(one.ratings, others, strict=True)}
        made.append(replace(one, ratings=ratings))
    path = tmp_path / "cards.jsonl"
    path.write_text("".join(json.dumps(one.to_dict()) + "\n" for one in made), encoding="utf-8")
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_prints_tables_and_json(command: str, cards: Path) -> None:
    for language in LANGUAGES:
        found = run(command, str(cards), *COMMANDS[command], "--language", language)
        assert found.exit_code == 0, found.output
        assert "{" not in found.stdout
        shown = Words(language)
        for section in json.loads(run(command, str(cards), *COMMANDS[command], "--json").stdout):
            assert shown(Text(section["title"]["key"])) in found.stdout
            assert all(shown(Text(text["key"], text["values"])) for text in section["warnings"])
    found = run(command, str(cards), *COMMANDS[command], "--json")
    sections = json.loads(found.stdout)
    assert all(section["tables"] for section in sections)
    assert "agent1" not in found.stdout  # nobody is named


def test_single_agents_need_a_purpose_which_is_logged(
    cards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    named = json.loads(run("coach", str(cards), "--json", "--agents", "coaching as agreed").stdout)
    assert "by_agent" in {table["id"] for section in named for table in section["tables"]}
    assert "coaching as agreed" in (tmp_path / "servicequal-audit.jsonl").read_text()
    plain = json.loads(run("coach", str(cards), "--json").stdout)
    assert "by_agent" not in {table["id"] for section in plain for table in section["tables"]}
    assert run("coach", str(cards), "--agents", " ").exit_code == 2


def test_the_scheme_by_impact_can_be_scored_with(cards: Path, tmp_path: Path) -> None:
    out = tmp_path / "impact.json"
    assert run("drivers", str(cards), "--write-scheme", str(out)).exit_code == 0
    scheme = Scheme.load(out)
    assert scheme.id.endswith("-impact")
    assert [one.id for one in scheme.criteria] == [one.id for one in System.load().scheme.criteria]


def test_an_error_is_one_line(cards: Path) -> None:
    found = run("benchmark", str(cards), "--company", "c")
    assert found.exit_code == 1
    assert len(found.stderr.splitlines()) == 1
    assert "company 'c' has no contact with a case" in found.stderr


def test_what_each_analysis_needs_is_said_in_three_languages() -> None:
    names = [
        "means", "benchmark", "trend", "drivers", "mystery", "demand", "consistency", "causes", "coaching", "alarms",
        "plan",
    ]  # fmt: skip
    for language in LANGUAGES:
        words = Words(language)
        for name in names:
            section = Section(name, Text(f"{name}.title"), (Text(f"{name}.needs"),))
            assert words(section.title)
            assert words(section.text[0]).endswith(".")
