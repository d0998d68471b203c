"""Features of a (statement, fact) pair: is the fact what the statement is about, and do the two agree?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.grounding.quantities import Quantity, quantities

RELEVANCE = ("cosine", "question", "before", "margin", "named", "shared_quantity", "shared_unit", "needed")
AGREEMENT = (
    "agree",
    "conflict",
    "only_one_has_numbers",
    "both_without",
    "negation",
    "no_in_statement",
    "no_in_fact",
    "cosine",
)

_NEGATION = re.compile(
    r"\b(not?|never|cannot|can't|won't|isn't|doesn't|don't|without|neither|nor|unfortunately|only|"
    r"nicht|nie|kein\w*|ohne|leider|nur|weder|"
    r"nie|niestety|brak|bez|żadn\w+|tylko|ani)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b(?:[A-ZŁŚŻ]\w+|\w*\d\w*|[A-Z]{2,}\w*)\b")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, or a fact, read for comparison.

    Attributes:
        vector: float [width], centred and of length 1.
        quantities: the amounts it names.
        units: their units, but for plain counts.
        negated: whether it has a word of negation or restriction.
        names: capitalised words, abbreviations and words with digits, in lower case.
    """

    vector: np.ndarray
    quantities: frozenset[Quantity]
    units: frozenset[str]
    negated: bool
    names: frozenset[str]


def read_statement(text: str, vector: np.ndarray) -> Statement:
    """Read a text and its centred vector."""
    length = float(np.linalg.norm(vector)) or 1.0
    names = frozenset(name.lower() for name in _NAME.findall(text[:1].lower() + text[1:]))
    amounts = quantities(text)
    units = frozenset(amount.unit for amount in amounts) - {"count"}
    return Statement(vector / length, amounts, units, bool(_NEGATION.search(text)), names)


def relevance_features(
    statement: Statement, question: np.ndarray, before: np.ndarray, facts: Sequence[Statement], needed: np.ndarray
) -> np.ndarray:
    """Describe how a statement and its context meet each fact.

    Args:
        statement: the agent's sentence.
        question: float [width], the customer's last sentence before it, centred and of length 1 (or 0).
        before: float [width], the sentence before it, likewise.
        facts: the facts of the company.
        needed: float [facts], 1 where the case needs the fact.

    Returns:
        float64 [facts, 8], see ``RELEVANCE``.
    """
    matrix = np.stack([fact.vector for fact in facts]).astype(np.float64)
    cosine = matrix @ statement.vector
    columns = [
        cosine,
        matrix @ question,
        matrix @ before,
        cosine - cosine.max(),
        np.array([not statement.names.isdisjoint(fact.names) for fact in facts]),
        np.array([not statement.quantities.isdisjoint(fact.quantities) for fact in facts]),
        np.array([not statement.units.isdisjoint(fact.units) for fact in facts]),
        needed,
    ]
    return np.stack(columns, axis=1).astype(np.float64)


def agreement_features(statement: Statement, fact: Statement) -> np.ndarray:
    """Describe whether a statement agrees with the fact it is about: float64 [8], see ``AGREEMENT``.

    Amounts of money are compared within a currency; a fact in three currencies agrees if one does.
    """
    shared = statement.quantities & fact.quantities
    conflicting = [q for q in statement.quantities - fact.quantities if q.unit in fact.units]
    return np.array(
        [
            bool(shared),
            bool(conflicting),
            bool(statement.quantities) != bool(fact.quantities),
            not statement.quantities and not fact.quantities,
            statement.negated != fact.negated,
            statement.negated,
            fact.negated,
            float(statement.vector @ fact.vector),
        ],
        dtype=np.float64,
    )
