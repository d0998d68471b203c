"""Two scorers side by side: what changed, how often, by how much, and where."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from servicequal import Contact, Scorer
from servicequal.cli import main
from servicequal.errors import ServicequalError
from servicequal.scorecard import UNRATED, Rating
from servicequal.waves.difference import difference
from tests.waves.cards import cards, truths

TRUTH = truths(40)
FIRST = cards(TRUTH, 0.6, scorer="first")


def test_what_changed_is_counted() -> None:
    same = difference(FIRST, FIRST)
    assert all(one.changed.value == one.moved.value == one.decided.value == 0 for one in same.criteria.values())
    assert all(one.examples == () for one in same.criteria.values())
    sure = Rating("fully_met", 1.0, {"not_met": 0.0, "partly_met": 0.0, "fully_met": 1.0}, "auto")
    unsure = Rating("not_met", 0.8, {"not_met": 1.0, "partly_met": 0.0, "fully_met": 0.0}, "review")
    one = [replace(card, ratings={"warmth": sure}) for card in FIRST]
    other = [replace(card, ratings={"warmth": unsure if n < 10 else sure}) for n, card in enumerate(FIRST)]
    found = difference(one, other).criteria["warmth"]
    assert found.changed.value == found.decided.value == 0.25
    assert found.moved.value == pytest.approx(0.25 * (0.2 + 0.8 + 0 + 1) / 4)
    assert found.moves == {"fully_met → not_met": 10}
    assert set(found.examples) <= {f"c{n}" for n in range(10)}
    assert "fully_met → not_met 10" in str(difference(one, other))


def test_only_what_both_rated_is_compared() -> None:
    half = [replace(card, ratings={"warmth": card["warmth"], "speed": UNRATED}) for card in FIRST]
    found = difference(half[5:], FIRST)
    assert found.contacts == 35
    assert list(found.criteria) == ["warmth"]
    lonely = [replace(card, ratings={"warmth": card["warmth"]}) for card in FIRST]
    assert difference(lonely, FIRST).only == ("speed",)
    with pytest.raises(ServicequalError, match="no contact is scored by both"):
        difference(FIRST[:5], FIRST[5:])


def test_the_command_scores_with_both(scorer: Scorer, chat: Contact, tmp_path: Path) -> None:
    arrays = {
        name: array + 3.0 if name.startswith("criterion.courtesy.steps") else array
        for name, array in scorer.bundle.arrays.items()
    }
    Scorer(replace(scorer.bundle, arrays=arrays), scorer.encoder).save(tmp_path / "kind")
    scorer.save(tmp_path / "plain")
    contacts = tmp_path / "contacts.jsonl"
    contacts.write_text(json.dumps(chat.to_dict()) + "\n")
    done = CliRunner().invoke(main, ["diff", f"{tmp_path}/plain", f"{tmp_path}/kind", "--contacts", str(contacts)])
    assert done.exit_code == 0, done.output
    assert "courtesy" in done.output
    assert done.output.count("kettle") == 1  # of all criteria, only courtesy moved
