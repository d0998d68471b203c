"""Evidence counts by overlap with what raters marked for the criterion, where both let it apply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from servicequal import Annotation, Scheme, Scorecard, evaluate
from servicequal.annotation import Span
from servicequal.scheme import LEVELS, NOT_APPLICABLE, Criterion, Indicator
from servicequal.scorecard import Evidence, Overall, Rating

SCHEME = Scheme(
    "s",
    (
        Criterion("warmth", "…", dict.fromkeys(LEVELS, "…"), always=True),
        Criterion("speed", "…", dict.fromkeys(LEVELS, "…")),
    ),
    (Indicator("thanks", "agent", "…", "warmth"), Indicator("hurry", "agent", "…", "speed")),
)


def card(number: int, spans: Sequence[tuple[int, int, int]], *, level: str = "fully_met") -> Scorecard:
    evidence = tuple(Evidence(turn, start, end, "x" * (end - start), "thanks", 0.9) for turn, start, end in spans)
    rating = Rating(level, 1.0, dict.fromkeys(LEVELS, 1 / 3), "review", evidence)
    other = Rating("fully_met", 1.0, dict.fromkeys(LEVELS, 1 / 3), "review")
    return Scorecard(f"c{number}", "chat", "en", Overall(None, None, None), {"warmth": rating, "speed": other})


def note(number: int, spans: Sequence[Span], *, rater: str = "r1", level: str = "fully_met") -> Annotation:
    return Annotation(f"c{number}", rater, {"warmth": level}, tuple(spans))


MARKED = [Span(0, 5, 20, "thanks"), Span(3, 0, 9, "thanks"), Span(0, 30, 40, "hurry")]
SHOWN = [(0, 0, 6), (0, 30, 40), (3, 8, 12), (3, 9, 12)]  # the second is of another criterion, the last only touches


def test_precision_and_recall_by_overlap() -> None:
    cards = [card(n, SHOWN) for n in range(20)]
    found = evaluate(cards, [note(n, MARKED) for n in range(20)], scheme=SCHEME).criteria["warmth"].evidence
    assert found is not None
    assert (found.contacts, found.shown) == (20, 80)
    assert found.precision.value == 0.5
    assert found.recall.value == 1
    one = evaluate([card(n, SHOWN[:1]) for n in range(20)], [note(n, MARKED) for n in range(20)], scheme=SCHEME)
    figures = one.criteria["warmth"].evidence
    assert figures is not None
    assert (figures.precision.value, figures.recall.value) == (1, 0.5)


def test_raters_who_never_mark_and_contacts_where_it_does_not_apply_say_nothing() -> None:
    cards = [card(n, SHOWN) for n in range(20)] + [card(20, SHOWN), card(21, (), level=NOT_APPLICABLE)]
    notes = [note(n, MARKED) for n in range(20)]
    notes += [note(n, (), rater="ratings only") for n in range(20)]
    notes += [note(20, MARKED, level=NOT_APPLICABLE), note(21, MARKED)]
    found = evaluate(cards, notes, scheme=SCHEME).criteria["warmth"].evidence
    assert found is not None
    assert (found.contacts, found.precision.value, found.recall.value) == (20, 0.5, 1)


def test_the_ceiling_is_how_far_two_raters_mark_the_same() -> None:
    notes = [note(n, MARKED) for n in range(20)] + [note(n, MARKED[:1], rater="r2") for n in range(20)]
    found = evaluate([card(n, SHOWN) for n in range(20)], notes, scheme=SCHEME).criteria["warmth"].evidence
    assert found is not None
    assert found.raters.value == pytest.approx(2 / 3)  # 1 of 2 one way, 1 of 1 the other


def test_without_scheme_or_marks_nothing_is_said() -> None:
    cards, plain = [card(n, SHOWN) for n in range(20)], [note(n, MARKED) for n in range(20)]
    assert evaluate(cards, plain).criteria["warmth"].evidence is None
    assert evaluate(cards, [note(n, ()) for n in range(20)], scheme=SCHEME).criteria["warmth"].evidence is None
    few = [replace(one, indicators=()) if n > 5 else one for n, one in enumerate(plain)]
    found = evaluate(cards, few, scheme=SCHEME).criteria["warmth"].evidence
    assert found is not None  # the rater marks indicators, so nothing marked means that nothing was there
    assert found.precision.value == pytest.approx(0.5 * 6 / 20)
