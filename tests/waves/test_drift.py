"""Drift is told when it is there, and not when it is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from servicequal import Contact, Scorecard, Turn
from servicequal.cli import main
from servicequal.errors import ServicequalError
from servicequal.scheme import LEVELS
from servicequal.scorecard import Overall, Rating
from servicequal.stats.shift import vectors_differ
from servicequal.waves.drift import Drift, drift

WORDS = "hello thanks order parcel refund kettle invoice today tomorrow please sorry send".split()


def scored(count: int, seed: int, *, german: float = 0.5, score: float = 60, met: float = 0.6) -> list[Scorecard]:
    draw = np.random.default_rng(seed)
    given = []
    for number in range(count):
        level = LEVELS[2] if draw.random() < met else LEVELS[0]
        sure = float(draw.uniform(0.4, 0.9))
        rating = Rating(level, 1.0, {name: sure if name == level else (1 - sure) / 2 for name in LEVELS}, "review")
        language, points = "de" if draw.random() < german else "en", float(np.clip(draw.normal(score, 15), 0, 100))
        given.append(Scorecard(f"c{number}", "chat", language, Overall(points, 0, 100), {"warmth": rating}))
    return given


def written(count: int, seed: int, *, words: Sequence[str] = WORDS, length: int = 30) -> list[Contact]:
    draw = np.random.default_rng(seed)
    return [
        Contact(f"c{n}", "chat", (Turn("agent", " ".join(draw.choice(words, max(3, int(draw.normal(length, 5)))))),))
        for n in range(count)
    ]


def alarms(found: Drift) -> set[str]:
    return {one.what for one in found.shifts if one.alarm}


def test_nothing_moved() -> None:
    false = [drift(scored(150, seed), scored(150, seed + 1000)).alarm for seed in range(100)]
    assert np.mean(false) <= 0.05
    quiet = drift(scored(150, 1), scored(150, 2), contacts=(written(150, 1), written(150, 2)))
    assert not quiet.alarm
    assert "no drift" in str(quiet)
    assert quiet.unsaid == ("vectors; none given",)


def test_each_kind_of_drift_is_named() -> None:
    before = scored(200, 1)
    assert alarms(drift(before, scored(200, 2, german=0.85))) == {"language"}
    assert alarms(drift(before, scored(200, 2, score=48))) == {"overall score"}
    assert alarms(drift(before, scored(200, 2, met=0.3))) == {"warmth: answer"}
    assert alarms(drift(before, [replace(one, channel="phone") for one in scored(200, 2)])) == {"channel"}
    texts = written(200, 1)
    longer = drift(before, scored(200, 2), contacts=(texts, written(200, 2, length=45)))
    assert alarms(longer) == {"length in words"}
    other = drift(before, scored(200, 2), contacts=(texts, written(200, 2, words=[*WORDS, "drone", "warranty"])))
    assert alarms(other) == {"vocabulary: share of new words"}
    told = str(drift(before, scored(200, 2, german=0.85)))
    assert "DRIFT in language" in told
    assert "annotate a random part" in told


def test_a_sure_but_small_change_is_no_alarm() -> None:
    found = drift(scored(8000, 1), scored(8000, 2, met=0.56))
    answer = next(one for one in found.shifts if one.what == "warmth: answer")
    assert answer.p_value < 0.01
    assert not answer.alarm


def test_vectors() -> None:
    draw = np.random.default_rng(0)
    same = draw.normal(size=(120, 16)), draw.normal(size=(120, 16))
    moved = same[0], same[1] + np.eye(16)[3] * 2
    cards = scored(120, 1), scored(120, 2)
    assert not drift(*cards, vectors=same).alarm
    assert alarms(drift(*cards, vectors=moved)) == {"vectors"}
    chances = [vectors_differ(draw.normal(size=(60, 8)), draw.normal(size=(60, 8)), seed=n)[1] for n in range(200)]
    assert np.mean(np.array(chances) < 0.05) < 0.09


def test_too_few_are_refused_and_the_command_tells_by_its_exit_code(tmp_path: Path) -> None:
    with pytest.raises(ServicequalError, match="19 scorecards before"):
        drift(scored(19, 1), scored(50, 2))
    for name, cards in {"a": scored(200, 1), "b": scored(200, 2), "c": scored(200, 3, german=0.9)}.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(one.to_dict()) + "\n" for one in cards))
    runs = [CliRunner().invoke(main, ["drift", f"{tmp_path}/a.jsonl", f"{tmp_path}/{name}.jsonl"]) for name in "bc"]
    assert [run.exit_code for run in runs] == [0, 3]
    assert "DRIFT in language" in runs[1].output
