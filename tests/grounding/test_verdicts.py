"""The bundled scorer tells plain truths from plain contradictions, also across languages."""

from __future__ import annotations

import pytest

from servicequal import Contact, Reference, Scorer, Turn
from servicequal.reference import Fact

FACTS = Reference(
    (
        Fact("returns-window", "Goods can be returned within 30 days of delivery without giving a reason.", "shop"),
        Fact(
            "express", "Express delivery costs 9.95 EUR and arrives the next working day if ordered by 15:00.", "shop"
        ),
        Fact("repair-time", "A repair takes up to 10 working days.", "shop"),
    )
)


def verdicts(scorer: Scorer, language: str, question: str, answer: str) -> list[tuple[str | None, str]]:
    turns = (Turn("customer", question), Turn("agent", answer))
    contact = Contact("c", "chat", turns, language=language, attributes={"company": "shop"})
    return [(claim.fact, claim.verdict) for claim in scorer.score([contact], reference=FACTS)[0].claims]


@pytest.mark.parametrize(
    ("language", "question", "answer", "expected"),
    [
        ("en", "How long can I return it?", "You can return it within 30 days of delivery.", "supported"),
        (
            "de",
            "Wie lange kann ich das zurückgeben?",
            "Sie können es innerhalb von dreißig Tagen zurückgeben.",
            "supported",
        ),
        ("pl", "Ile mam na zwrot?", "Towar można zwrócić w ciągu 30 dni od dostawy.", "supported"),
        ("en", "How long can I return it?", "You can return it within 14 days of delivery.", "contradicted"),
        (
            "de",
            "Wie lange kann ich das zurückgeben?",
            "Sie können es innerhalb von acht Tagen zurückgeben.",
            "contradicted",
        ),
        ("en", "How long can I return it?", "You can return it within eight days of delivery.", "contradicted"),
        ("pl", "Ile mam na zwrot?", "Towar można zwrócić w ciągu 7 dni od dostawy.", "contradicted"),
    ],
)
def test_returns_window(scorer: Scorer, language: str, question: str, answer: str, expected: str) -> None:
    assert ("returns-window", expected) in verdicts(scorer, language, question, answer)


@pytest.mark.parametrize(
    ("language", "question", "answer", "fact", "expected"),
    [
        ("en", "How long does a repair take?", "Two weeks at the most.", "repair-time", "supported"),
        (
            "de",
            "Wie lange dauert die Reparatur?",
            "Bis zu zehn Werktage dauert die Reparatur.",
            "repair-time",
            "supported",
        ),
        ("pl", "Ile trwa naprawa?", "Naprawa trwa do trzydziestu dni roboczych.", "repair-time", "contradicted"),
        ("en", "How long does a repair take?", "A repair takes six weeks.", "repair-time", "contradicted"),
        (
            "de",
            "Was kostet der Express?",
            "Die Expresslieferung kostet neun Euro fünfundneunzig.",
            "express",
            "supported",
        ),
        ("de", "Was kostet der Express?", "Die Expresslieferung kostet zwölf Euro neunzig.", "express", "contradicted"),
    ],
)
def test_amounts_as_they_are_said(
    scorer: Scorer, language: str, question: str, answer: str, fact: str, expected: str
) -> None:
    assert (fact, expected) in verdicts(scorer, language, question, answer)
