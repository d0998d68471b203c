"""Evaluation counts what it says it counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from servicequal import Annotation, Scorecard, evaluate
from servicequal.errors import AnnotationError
from servicequal.scheme import LEVELS, NOT_APPLICABLE
from servicequal.scorecard import UNRATED, Overall, Rating


def card(number: int, level: str, *, decision: str = "review") -> Scorecard:
    levels = dict.fromkeys(LEVELS, 0.1) | {level if level in LEVELS else "not_met": 0.8}
    applicable = 0.1 if level == NOT_APPLICABLE else 0.9
    rating = Rating(level, applicable, levels, decision)
    return Scorecard(f"c-{number}", "chat", "en", Overall(None, None, None), {"empathy": rating})


def note(number: int, level: str, *, rater: str = "r1", blind: bool = True) -> Annotation:
    return Annotation(f"c-{number}", rater, {"empathy": level}, blind=blind)


LEVEL = [(*LEVELS, NOT_APPLICABLE)[number % 4] for number in range(40)]


def test_perfect_and_hopeless() -> None:
    perfect = evaluate(
        [card(n, level) for n, level in enumerate(LEVEL)], [note(n, level) for n, level in enumerate(LEVEL)]
    )
    figures = perfect.criteria["empathy"]
    assert (perfect.contacts, figures.contacts) == (40, 40)
    assert figures.kappa.value == figures.accuracy.value == figures.opportunity.value == 1
    hopeless = evaluate([card(n, "partly_met") for n in range(40)], [note(n, level) for n, level in enumerate(LEVEL)])
    figures = hopeless.criteria["empathy"]
    assert figures.kappa.value == pytest.approx(0)
    assert figures.opportunity.value == pytest.approx(0.75)
    assert figures.accuracy.value == pytest.approx(1 / 3)


def test_opportunity_f1_and_the_kappa_of_four_answers_equal_scikit_learns() -> None:
    answers, draw = (*LEVELS, NOT_APPLICABLE), np.random.default_rng(4)
    given, said = (draw.choice(answers, 80).tolist() for _ in range(2))
    said[:50] = given[:50]
    cards, notes = [card(n, one) for n, one in enumerate(said)], [note(n, one) for n, one in enumerate(given)]
    figures = evaluate(cards, notes).criteria["empathy"]
    applies = [[one != NOT_APPLICABLE for one in side] for side in (given, said)]
    assert figures.opportunity_f1.value == pytest.approx(f1_score(*applies), abs=1e-4)
    order = [[(NOT_APPLICABLE, *LEVELS).index(one) for one in side] for side in (given, said)]
    assert figures.answers.value == pytest.approx(cohen_kappa_score(*order, weights="linear"), abs=1e-4)


def test_each_contact_weighs_the_same() -> None:
    cards = [card(n, "fully_met") for n in range(20)]
    notes = [note(n, "fully_met") for n in range(20)] + [note(0, "not_met", rater=f"r{k}") for k in range(2, 5)]
    assert evaluate(cards, notes).criteria["empathy"].accuracy.value == pytest.approx((19 + 1 / 4) / 20)


def test_raters_are_compared_with_each_other() -> None:
    cards = [card(n, "fully_met") for n in range(30)]
    notes = [note(n, LEVELS[n % 3], rater=r) for n in range(30) for r in ("a", "b")]
    assert evaluate(cards, notes).criteria["empathy"].raters.value == 1


def test_automatic_error() -> None:
    cards = [card(n, "fully_met", decision="auto" if n < 10 else "review") for n in range(30)]
    notes = [note(n, "fully_met" if n < 8 else "not_met") for n in range(30)]
    figures = evaluate(cards, notes).criteria["empathy"]
    assert figures.automatic.value == pytest.approx(1 / 3)
    assert figures.automatic_error.value == pytest.approx(0.2)


def test_seen_annotations_never_measure() -> None:
    with pytest.raises(AnnotationError, match="no blind annotation"):
        evaluate([card(n, "fully_met") for n in range(30)], [note(n, "fully_met", blind=False) for n in range(30)])


def test_too_few_contacts_say_nothing() -> None:
    assert evaluate([card(n, "fully_met") for n in range(5)], [note(n, "fully_met") for n in range(5)]).criteria == {}


def test_probabilities_that_hold_have_a_small_calibration_error_and_boasts_a_large_one() -> None:
    generator = np.random.default_rng(0)
    levels = [LEVELS[2] if right else LEVELS[0] for right in generator.random(400) < 0.72]
    annotations = [note(n, level) for n, level in enumerate(levels)]
    sure = {"not_met": 0.0, "partly_met": 0.0, "fully_met": 1.0}
    plain = evaluate([card(n, LEVELS[2]) for n in range(400)], annotations).criteria["empathy"]  # 0.9 · 0.8 sure
    boasts = [
        replace(card(n, LEVELS[2]), ratings={"empathy": Rating(LEVELS[2], 1.0, sure, "review")}) for n in range(400)
    ]
    boasting = evaluate(boasts, annotations).criteria["empathy"]
    assert plain.calibration_error.value < 0.08
    assert all(
        f.calibration_error.low <= f.calibration_error.value <= f.calibration_error.high for f in (plain, boasting)
    )
    assert boasting.calibration_error.value == pytest.approx(0.28, abs=0.05)
    assert boasting.brier.value > plain.brier.value


def test_a_criterion_not_rated_for_want_of_a_reference_is_not_measured() -> None:
    cards = [
        replace(card(n, LEVELS[2]), ratings={"empathy": UNRATED} if n < 25 else card(n, LEVELS[2]).ratings)
        for n in range(50)
    ]
    cards = [Scorecard.from_dict(one.to_dict()) for one in cards]
    figures = evaluate(cards, [note(n, LEVELS[2]) for n in range(50)]).criteria["empathy"]
    assert (figures.contacts, figures.opportunity.value) == (25, 1)


def test_groups_have_their_own_figures_and_small_ones_none() -> None:
    cards = [replace(card(n, level), language="de" if n < 30 else "pl") for n, level in enumerate(LEVEL)]
    found = evaluate(cards, [note(n, level) for n, level in enumerate(LEVEL)], by="language")
    assert {group: figures["empathy"].contacts for group, figures in found.groups.items()} == {"language de": 30}
    assert "language de" in str(found)
    assert evaluate(cards, [note(n, level) for n, level in enumerate(LEVEL)], by="company").groups.keys() == {
        "no company"
    }
    both = evaluate(cards, [note(n, level) for n, level in enumerate(LEVEL)], by=("language", "company"))
    assert list(both.groups) == ["language de", "no company"]
    assert str(both.groups["language de"]) == str(found.groups["language de"])


def test_confusion_counts_contacts_and_parts_opportunity_from_execution() -> None:
    said = ["fully_met"] * 20 + [NOT_APPLICABLE] * 5 + ["not_met"] * 5
    meant = ["fully_met"] * 15 + ["partly_met"] * 5 + ["fully_met"] * 5 + [NOT_APPLICABLE] * 5
    notes = [note(n, level) for n, level in enumerate(meant)] + [note(0, "not_met", rater="r2")]
    figures = evaluate([card(n, level) for n, level in enumerate(said)], notes).criteria["empathy"]
    assert figures.confusion["fully_met"] == {
        NOT_APPLICABLE: 5.0, "not_met": 0.0, "partly_met": 0.0, "fully_met": 14.5,
    }  # fmt: skip
    assert figures.confusion["not_met"]["fully_met"] == 0.5
    assert sum(sum(row.values()) for row in figures.confusion.values()) == 30
    assert figures.opportunity.value == pytest.approx(20 / 30)
    assert figures.accuracy.value == pytest.approx(14.5 / 20)
    assert figures.opportunity_kappa.value < figures.opportunity.value


def test_no_error_seen_is_no_certainty() -> None:
    cards = [card(n, "fully_met", decision="auto" if n < 12 else "review") for n in range(30)]
    error = evaluate(cards, [note(n, "fully_met") for n in range(30)]).criteria["empathy"].automatic_error
    assert error.value == error.low == 0
    assert error.high == pytest.approx(1 - 0.025 ** (1 / 12))


def test_what_cannot_be_said_is_named_with_its_reason() -> None:
    cards = [replace(card(n, level), language="de" if n < 30 else "pl") for n, level in enumerate(LEVEL)]
    notes = [note(n, level) for n, level in enumerate(LEVEL)] + [
        note(n, "not_met", rater="x", blind=False) for n in (1, 2)
    ]
    found = evaluate(cards, notes, by="language")
    assert (
        found.unsaid["language pl, empathy"]
        == "10 contacts with a blind rating, and rated by the scorer; 20 are needed"
    )
    assert found.unsaid["statements of fact"].startswith("0 contacts with a rater’s verdict")
    assert found.unsaid["annotations that are not blind"].startswith("2 left out of 42")
    assert "language pl, empathy: 10 contacts" in str(found)
