"""The random part is a sample with the probabilities it says; the informative part is what its reasons say."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from servicequal import Contact, Scorecard, Turn
from servicequal.cli import main
from servicequal.errors import ServicequalError
from servicequal.scheme import LEVELS
from servicequal.scorecard import SEEN_IN_TRAINING, Overall, Rating
from servicequal.waves.selection import select


def card(number: int, *, language: str = "en", sure: float = 0.9, applicable: float = 1.0, level: int = 2) -> Scorecard:
    levels = {name: sure if place == level else (1 - sure) / 2 for place, name in enumerate(LEVELS)}
    shown = LEVELS[level] if applicable >= 0.5 else "not_applicable"
    ratings = {"warmth": Rating(shown, applicable, levels, "review")}
    return Scorecard(f"c{number:03}", "chat", language, Overall(50.0, 0.0, 100.0), ratings, attributes={"company": "a"})


HISTORY = [card(n, language="en" if n < 150 else "de" if n < 190 else "pl") for n in range(200)]


def test_the_random_part_is_unbiased_and_the_informative_one_is_not() -> None:
    history = [card(n, language=one.language, sure=0.4 + n / 400) for n, one in enumerate(HISTORY)]
    value = {one.contact: one["warmth"].confidence + (one.language != "en") for one in history}
    truth = float(np.mean(list(value.values())))
    weighted, whole = [], []
    for seed in range(300):
        found = select(history, 14, seed=seed)
        drawn = [one for one in found if one.part == "random"]
        weighted.append(sum(value[one.contact] / (one.inclusion_probability or 0) for one in drawn) / len(history))
        whole.append(np.mean([value[one.contact] for one in found]))
    error = np.std(weighted) / np.sqrt(len(weighted))
    assert abs(np.mean(weighted) - truth) < 3 * error
    assert abs(np.mean(whole) - truth) > 10 * error


def test_every_contact_can_be_drawn_however_small_its_stratum() -> None:
    many = [card(n, language=f"{'abcdefghij'[n % 10]}{'abcdefghij'[n // 10 % 3]}") for n in range(120)]
    for history, n in ((many, 7), (many, 30), (HISTORY, 5), (HISTORY, 1), (HISTORY, 200)):
        drawn = select(history, n, random_share=1)
        assert len(drawn) == n
        assert sum(1 / (one.inclusion_probability or 0) for one in drawn) == pytest.approx(len(history))
    assert {one.stratum for one in select(HISTORY, 5, random_share=1)} == {"en chat a", "rest"}


def test_probabilities_are_those_of_the_draw() -> None:
    drawn = select(HISTORY, 20, random_share=1)
    assert Counter(one.stratum for one in drawn) == {"en chat a": 15, "de chat a": 4, "pl chat a": 1}
    assert {one.stratum: one.inclusion_probability for one in drawn} == dict.fromkeys(
        ("en chat a", "de chat a", "pl chat a"), 0.1
    )
    counts = Counter(one.contact for seed in range(400) for one in select(HISTORY, 20, random_share=1, seed=seed))
    assert all(0.1 - 0.06 < counts[one.contact] / 400 < 0.1 + 0.06 for one in HISTORY)


def test_half_is_informative_in_proportion_and_never_twice() -> None:
    unsure = [card(n, language=one.language, sure=0.9 if n % 10 else 0.4) for n, one in enumerate(HISTORY)]
    found = select(unsure, 40)
    assert len({one.contact for one in found}) == len(found) == 40
    informative = [one for one in found if one.part == "informative"]
    assert len(informative) == 20
    assert {one.inclusion_probability for one in informative} == {None}
    assert {one.why for one in informative} == {"uncertain"}
    numbers = {int(one.contact[1:]) for one in informative}
    assert sum(number % 10 == 0 for number in numbers) >= 17
    assert Counter(one.stratum for one in informative)["de chat a"] == 4


def test_each_reason_has_its_turn() -> None:
    seldom = [card(n, applicable=0.95 if n < 40 else 0.02) for n in range(200)]
    history = [card(n, level=0, applicable=0.02) if n >= 180 else one for n, one in enumerate(seldom)]
    others = [card(n, level=1, applicable=0.95) if n in (3, 30) else one for n, one in enumerate(history)]
    known = [one for one in seldom if one.language == "en"]
    moved = [replace(one, language="cs") if n in (100, 101) else one for n, one in enumerate(history)]
    found = select(moved, 8, random_share=0, strata=(), baseline=known, others=others)
    by = {
        why: {one.contact for one in found if one.why == why} for why in ("rare opportunity", "drifted", "disagreeing")
    }
    assert by["disagreeing"] == {"c003", "c030"}
    assert all(int(contact[1:]) < 40 for contact in by["rare opportunity"])
    by_stratum = select(moved, 8, random_share=0, strata=("language",), baseline=known)
    assert {"c100", "c101"} <= {one.contact for one in by_stratum}
    assert {one.why for one in select(moved, 8, random_share=0)} == {"uncertain", "rare opportunity"}


def test_what_is_known_already_is_left_out() -> None:
    seen = [replace(one, warnings=(SEEN_IN_TRAINING,)) if n < 100 else one for n, one in enumerate(HISTORY)]
    found = select(seen, 100)
    assert {int(one.contact[1:]) for one in found} == set(range(100, 200))
    with pytest.raises(ServicequalError, match="100 scored contacts that nobody learned from"):
        select(seen, 101)


def test_order_does_not_matter() -> None:
    assert select(HISTORY, 40) == select(HISTORY[::-1], 40)


def test_the_command_writes_what_the_annotation_tools_take(tmp_path: Path) -> None:
    contacts = [Contact(one.contact, "chat", (Turn("agent", f"Hello {one.contact}"),), "en") for one in HISTORY]
    for name, records in (("contacts", contacts), ("cards", HISTORY)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(one.to_dict()) + "\n" for one in records))
    scheme = {"id": "s", "criteria": [{"id": "warmth", "description": "…", "levels": dict.fromkeys(LEVELS, "…")}]}
    (tmp_path / "scheme.json").write_text(json.dumps(scheme))
    (tmp_path / "annotations.jsonl").write_text('{"contact": "c000", "rater": "r", "ratings": {"warmth": "not_met"}}\n')
    options = [
        "--annotated",
        f"{tmp_path}/annotations.jsonl",
        "--contacts",
        f"{tmp_path}/contacts.jsonl",
        "--n",
        "30",
        "--out",
        f"{tmp_path}/next.jsonl",
    ]
    done = CliRunner().invoke(main, ["select", f"{tmp_path}/cards.jsonl", *options])
    assert done.exit_code == 0, done.output
    assert "15 random" in done.stderr
    chosen = [json.loads(line) for line in (tmp_path / "next.jsonl").read_text().splitlines()]
    assert Counter(one["attributes"]["selected_as"] for one in chosen) == {"random": 15, "informative": 15}
    drawn = [one["attributes"] for one in chosen if one["attributes"]["selected_as"] == "random"]
    assert sum(1 / one["inclusion_probability"] for one in drawn) == pytest.approx(199)  # of all but one
    export = ["export-annotations", "--contacts", f"{tmp_path}/next.jsonl", "--scheme", f"{tmp_path}/scheme.json"]
    done = CliRunner().invoke(main, [*export, "--tool", "label-studio", "--out", f"{tmp_path}/tasks.json"])
    assert done.exit_code == 0, done.output
    assert len(json.loads((tmp_path / "tasks.json").read_text())) == 30
