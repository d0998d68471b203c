"""Statements of fact are matched by turn and overlap; finding them is apart from judging them."""

from __future__ import annotations

import pytest

from servicequal import Annotation, Scorecard, evaluate
from servicequal.annotation import MarkedClaim
from servicequal.scheme import LEVELS
from servicequal.scorecard import Claim, Overall, Rating


def card(number: int, *claims: tuple[int, int, int, str | None, str]) -> Scorecard:
    rating = Rating("fully_met", 1.0, dict.fromkeys(LEVELS, 1 / 3), "review")
    found = tuple(Claim(turn, start, end, "x", fact, verdict, 0.9) for turn, start, end, fact, verdict in claims)
    return Scorecard(f"c{number}", "chat", "en", Overall(None, None, None), {"warmth": rating}, found)


def note(number: int, *claims: tuple[int, int, int, str | None, str], rater: str = "r1") -> Annotation:
    return Annotation(f"c{number}", rater, {"warmth": "fully_met"}, verdicts=tuple(MarkedClaim(*one) for one in claims))


RIGHT = (0, 0, 20, "window", "supported")
WRONG = (2, 0, 20, "postage", "contradicted")
APART = (2, 20, 30, None, "not_in_reference")


def test_found_judged_and_of_the_right_fact() -> None:
    marked = [RIGHT, WRONG, APART]
    said = [(0, 15, 40, "window", "supported"), (2, 5, 9, "window", "supported"), (9, 0, 5, None, "not_in_reference")]
    found = evaluate([card(n, *said) for n in range(20)], [note(n, *marked) for n in range(20)]).verdicts["all"]
    assert (found.contacts, found.statements) == (20, 80)
    assert found.found.value == pytest.approx(2 / 3)
    assert found.wanted.value == pytest.approx(2 / 3)
    assert found.accuracy.value == 0.5
    assert found.right_fact.value == 0.5
    assert found.macro_f1.value == pytest.approx((2 / 3 + 0) / 2)
    assert found.confusion["contradicted"] == {"supported": 20.0, "contradicted": 0.0, "not_in_reference": 0.0}


def test_of_one_sides_verdicts_the_worst_counts() -> None:
    whole = (0, 0, 40, "window", "contradicted")
    parts = [(0, 0, 20, "window", "supported"), (0, 21, 40, "postage", "contradicted")]
    found = evaluate([card(n, *parts) for n in range(20)], [note(n, whole) for n in range(20)]).verdicts["all"]
    assert (found.statements, found.accuracy.value, found.right_fact.value) == (20, 1, 1)


def test_raters_share_a_statement_and_are_held_against_each_other() -> None:
    cards = [card(n, RIGHT) for n in range(20)]
    other = (*RIGHT[:4], "contradicted")
    notes = [note(n, RIGHT) for n in range(20)] + [note(n, other if n < 5 else RIGHT, rater="r2") for n in range(20)]
    found = evaluate(cards, notes).verdicts["all"]
    assert found.statements == 20
    assert found.accuracy.value == pytest.approx((15 + 5 * 0.5) / 20)
    assert found.raters.value == pytest.approx(15 / 20)
    assert (found.raters.low, found.raters.high) != (found.raters.value, found.raters.value)


def test_who_never_judges_says_nothing() -> None:
    cards = [card(n, RIGHT) for n in range(30)]
    notes = [note(n, RIGHT) for n in range(20)] + [note(n, rater="ratings only") for n in range(30)]
    found = evaluate(cards, notes).verdicts["all"]
    assert (found.wanted.value, found.statements) == (1, 20)
    few = evaluate(cards, [note(n, *([RIGHT] if n < 19 else [])) for n in range(20)])
    assert few.verdicts == {}
    assert few.unsaid["statements of fact"].startswith("19 contacts")
    silent = evaluate([card(n) for n in range(20)], [note(n, RIGHT) for n in range(20)])
    assert "no scorecard has a claim" in silent.unsaid["statements of fact"]
