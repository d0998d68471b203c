"""Reliability plots show what the calibration error sums up, per criterion and group."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner

from servicequal.cli import main
from servicequal.evaluation.reliability import reliability
from servicequal.scheme import LEVELS
from servicequal.stats.calibration import calibration_error, reliability_bins
from tests.evaluation.test_ratings import LEVEL, card, note


def test_bins_sum_up_to_the_calibration_error() -> None:
    draw = np.random.default_rng(0)
    confidence, weights = draw.uniform(0.3, 1, 400), draw.uniform(0.5, 1.5, 400)
    right = (draw.random(400) < confidence**2).astype(float)
    found = reliability_bins(confidence, right, weights=weights)
    gap = sum(one.answers * abs(one.confidence - one.right) for one in found) / weights.sum()
    assert gap == pytest.approx(calibration_error(confidence, right, weights=weights))
    assert all(one.low < one.right < one.high for one in found if 0 < one.right < 1)


def test_wilson_equals_statsmodels() -> None:
    from statsmodels.stats.proportion import proportion_confint

    [found] = reliability_bins(np.full(19, 0.5), (np.arange(19) < 3).astype(float))
    assert (found.low, found.high) == pytest.approx(proportion_confint(3, 19, method="wilson"), abs=1e-6)


def test_groups_that_are_large_enough_have_a_curve() -> None:
    cards = [replace(card(n, level), language="de" if n < 30 else "pl") for n, level in enumerate(LEVEL)]
    found = reliability(cards, [note(n, level) for n, level in enumerate(LEVEL)])
    assert [curve.name for curve in found["empathy"]] == ["all", "language de"]
    assert found["empathy"][0].answers == 40


def test_the_command_draws_one_picture_a_criterion(tmp_path: Path) -> None:
    records = {
        "cards": [card(n, LEVELS[n % 3]) for n in range(40)],
        "notes": [note(n, LEVELS[n % 2]) for n in range(40)],
    }
    for name, given in records.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(one.to_dict()) + "\n" for one in given))
    command = ["evaluate", f"{tmp_path}/cards.jsonl", f"{tmp_path}/notes.jsonl", "--plots", f"{tmp_path}/plots"]
    assert CliRunner().invoke(main, command).exit_code == 0
    first = (tmp_path / "plots" / "reliability-empathy.svg").read_text()
    texts = [node.text for node in ElementTree.fromstring(first).iter() if node.tag.endswith("}text")]  # noqa: S314 - our own
    assert {"empathy", "all (40)", "confidence in the answer"} <= {str(text).strip() for text in texts}
    assert CliRunner().invoke(main, command).exit_code == 0
    assert (tmp_path / "plots" / "reliability-empathy.svg").read_text() == first
