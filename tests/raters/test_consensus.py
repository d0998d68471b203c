"""What raters agree on is kept, what they dispute is named, and the scorer counts as one of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from servicequal import Annotation
from servicequal.cli import main
from servicequal.errors import AnnotationError
from servicequal.raters.consensus import consensus
from servicequal.scheme import LEVELS
from tests.waves.cards import cards, truths

TRUTH = truths(200)
DRAW = np.random.default_rng(3)


def notes(rater: str, skill: float) -> list[Annotation]:
    said = {name: np.where(DRAW.random(200) < skill, levels, (levels + 1) % 3) for name, levels in TRUTH.items()}
    return [Annotation(f"c{n}", rater, {name: LEVELS[said[name][n]] for name in TRUTH}) for n in range(200)]


GIVEN = notes("careful", 0.95) + notes("careless", 0.6)


def share_right(found: dict[str, dict], *, among: set[str] | None = None) -> float:
    chosen = [contact for contact in found if among is None or contact in among]
    return float(np.mean([found[c]["warmth"].answer == LEVELS[TRUTH["warmth"][int(c[1:])]] for c in chosen]))


def test_the_scorer_settles_some_of_what_two_raters_dispute() -> None:
    alone = consensus(GIVEN)
    joined = consensus(GIVEN, cards(TRUTH, 0.8))
    disputed = {contact for contact, found in alone.items() if found["warmth"].disputed}
    assert 40 < len(disputed) < 120
    assert share_right(joined, among=disputed) > share_right(alone, among=disputed)
    assert share_right(joined) > 0.93
    assert {found["warmth"].raters for found in joined.values()} == {3}
    assert all(sum(found["speed"].probabilities.values()) == pytest.approx(1) for found in joined.values())


def test_only_blind_raters_count() -> None:
    told = [replace(one, rater="told", blind=False) for one in notes("x", 0.0)]
    assert consensus(GIVEN + told) == consensus(GIVEN)
    with pytest.raises(AnnotationError, match="no blind annotation"):
        consensus(told)


def test_the_command_writes_one_line_a_contact(tmp_path: Path) -> None:
    (tmp_path / "annotations.jsonl").write_text("".join(json.dumps(one.to_dict()) + "\n" for one in GIVEN))
    (tmp_path / "cards.jsonl").write_text("".join(json.dumps(one.to_dict()) + "\n" for one in cards(TRUTH, 0.8)))
    options = ["--consensus", f"{tmp_path}/agreed.jsonl", "--cards", f"{tmp_path}/cards.jsonl"]
    done = CliRunner().invoke(main, ["agreement", f"{tmp_path}/annotations.jsonl", *options])
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in (tmp_path / "agreed.jsonl").read_text().splitlines()]
    assert len(lines) == 200
    assert lines[0]["ratings"]["warmth"].keys() == {"answer", "probabilities", "raters", "disputed"}
    assert "disputed" in done.stderr
