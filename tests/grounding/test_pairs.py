"""What a statement and a fact have in common, and where they conflict, told by name."""

from __future__ import annotations

import numpy as np
import pytest

from servicequal.grounding.pairs import AGREEMENT, RELEVANCE, Comparison, Texts
from servicequal.grounding.statements import read_statement

FACTS = (
    "The monitor Vista 27 costs 369 EUR (1568 PLN, 321 GBP).",
    "Delivery is free of charge and takes 4 days.",
    "The printer Inka 300 has no fax.",
    "A repair takes up to 10 working days.",
    "An item can be reserved for 48 hours.",
)


def compared(*said: str, agent: tuple[bool, ...] | None = None) -> Comparison:
    def read(texts: tuple[str, ...]) -> Texts:
        return Texts({n: read_statement(text) for n, text in enumerate(texts)}, np.eye(len(texts), 5, dtype=np.float32))

    speaks = np.ones(len(said), dtype=bool) if agent is None else np.array(agent)
    return Comparison(read(said), speaks, read(FACTS), np.array([0.0, 1.0, 0.0, 0.0, 0.0]))


def about(said: str, fact: int) -> dict[str, float]:
    features = compared(said).agreement(0, fact)
    return dict(zip(AGREEMENT, features.tolist(), strict=True))


@pytest.mark.parametrize(
    ("said", "fact", "shown"),
    [
        ("Three hundred and sixty-nine.", 0, {"number_agrees": 1, "answer_conflicts": 0}),
        ("Three hundred and forty-five.", 0, {"number_agrees": 0, "answer_conflicts": 1, "number_conflicts": 0}),
        ("I think it should be three hundred and forty-five or so.", 0, {"number_conflicts": 1, "answer_conflicts": 0}),
        ("Der Vista 27 kostet 321 Pfund.", 0, {"amount_agrees": 1, "amount_conflicts": 0, "number_agrees": 0}),
        ("Der Vista 27 kostet 345 Euro.", 0, {"amount_agrees": 0, "amount_conflicts": 1}),
        ("Der Vista 27 kostet 345 Euro.", 0, {"sole_conflict": 1, "near_conflict": 0, "agrees_and_conflicts": 0}),
        ("Er kostet 369, mit Versand 375 Euro.", 0, {"near_conflict": 1, "about_conflict": 0, "number_agrees": 1}),
        ("So um die 370 Euro.", 0, {"near_conflict": 1, "about_conflict": 1}),
        ("Drei neunundsechzig.", 0, {"number_agrees": 1, "answer_conflicts": 0}),
        ("That takes a fortnight.", 3, {"amount_agrees": 1, "amount_conflicts": 0}),
        ("That takes three weeks.", 3, {"amount_conflicts": 1, "most_more": 1, "most_less": 0, "limits_conflict": 0}),
        ("Within three weeks.", 3, {"limits_conflict": 1, "most_more": 0, "sole_conflict": 1}),
        ("In spätestens vier Tagen.", 3, {"limits_conflict": 1, "most_less": 0}),
        ("Within two weeks.", 3, {"limits_conflict": 0, "amount_agrees": 1}),
        ("Das dauert vier Tage.", 3, {"amount_conflicts": 1, "most_more": 0, "most_less": 1}),
        ("Two days.", 4, {"amount_agrees": 1, "amount_conflicts": 0}),
        ("Pół dnia, to jest dwanaście godzin.", 4, {"amount_agrees": 0, "sole_conflict": 0, "amount_conflicts": 1}),
        ("Die Lieferung kostet 5 Euro.", 1, {"priced_but_free": 1, "both_free": 0}),
        ("Wniesienie jest w cenie.", 1, {"both_free": 1, "priced_but_free": 0}),
        ("That comes free.", 0, {"free_but_priced": 1}),
        ("Yes.", 2, {"yes_to_negated": 1, "no_to_negated": 0}),
        ("Nein, hat er nicht.", 2, {"no_to_negated": 1, "no_to_plain": 0}),
        ("Nie.", 1, {"no_to_plain": 1}),
    ],
)
def test_agreement(said: str, fact: int, shown: dict[str, float]) -> None:
    found = about(said, fact)
    assert {name: found[name] for name in shown} == shown


def test_relevance_sees_what_stands_around() -> None:
    both = compared("What does the screen cost?", "369.", "It is here.", agent=(False, True, True))
    found = dict(zip(RELEVANCE, both.relevance(1).T.tolist(), strict=True))
    assert found["shared_number"] == [1, 0, 0, 0, 0]
    assert found["needed"] == [0, 1, 0, 0, 0]
    # the vectors of sentence and fact of one number are alike
    assert found["question"] == found["before"] == [1, 0, 0, 0, 0]
    assert found["question_margin"] == found["before_margin"] == [0, -1, -1, -1, -1]
    assert found["cosine"] == [0, 1, 0, 0, 0]
    assert found["after"] == [0, 0, 1, 0, 0]
    assert compared("369.").relevance(0)[:, RELEVANCE.index("question")].tolist() == [0, 0, 0, 0, 0]


def test_asked_is_what_the_customer_said_last() -> None:
    both = compared("Hello.", "What does it cost?", "One moment.", "369.", agent=(True, False, True, True))
    assert both.asked(3).tolist() == both.asked(2).tolist() == both.said[1].tolist()
    assert not both.asked(0).any()
