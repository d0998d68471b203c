"""Features of a statement beside facts: which fact is it about, and do the two agree?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from servicequal.grounding.quantities import Mention
from servicequal.grounding.space import cosines
from servicequal.grounding.statements import Statement

RELEVANCE = (
    "cosine", "margin", "question", "before", "earlier", "after",
    "question_margin", "before_margin", "earlier_margin", "after_margin",
    "named", "shared_amount", "shared_unit", "shared_number", "both_free", "needed",
)  # fmt: skip
AGREEMENT = (
    "amount_agrees", "amount_conflicts", "sole_conflict", "near_conflict", "about_conflict", "limits_conflict",
    "most_more", "most_less", "least_more", "least_less", "agrees_and_conflicts",
    "number_agrees", "number_conflicts", "answer_conflicts", "unit_left_out",
    "both_free", "free_but_priced", "priced_but_free", "free_for_unpriced", "only_one_has_numbers",
    "neither_has_numbers", "negation_differs", "negated", "fact_negated", "restriction_differs", "restricted",
    "fact_restricted",
    "yes", "no", "yes_to_negated", "no_to_plain", "no_to_negated", "plainly_negated", "cosine", "question",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts read for comparison: the sentences of a contact, or the facts of a company.

    Attributes:
        statements: what each says in so many words, by number; of a contact, those that are held against facts.
        vectors: float32 [texts, width], see ``servicequal.grounding.space.Space.place``.
    """

    statements: Mapping[int, Statement]
    vectors: np.ndarray


class Comparison:
    """The sentences of one contact held against the facts of its company.

    Args:
        said: the sentences.
        agent: bool [sentences], who speaks.
        facts: of the company on that day.
        needed: float [facts], 1 where the case needs the fact.

    Attributes:
        said: float [sentences, width], their vectors.
        facts: float [facts, width], likewise.
    """

    def __init__(self, said: Texts, agent: np.ndarray, facts: Texts, needed: np.ndarray) -> None:
        self._said, self._facts, self._agent, self._needed = said.statements, facts.statements, agent, needed
        self.said, self.facts = said.vectors, facts.vectors
        self._cosine = cosines(said.vectors, facts.vectors).astype(np.float64)

    def relevance(self, sentence: int) -> np.ndarray:
        """Describe how a statement and what stands around it meet each fact: float64 [facts, 16], see ``RELEVANCE``."""
        said, cosine, facts = self._said[sentence], self._cosine[sentence], self._facts.values()
        nothing = np.zeros_like(cosine)
        follows = sentence + 1 < len(self._agent) and self._agent[sentence + 1]
        around = [
            self._question(sentence),
            self._cosine[sentence - 1] if sentence else nothing,
            self._cosine[:sentence].max(axis=0) if sentence else nothing,
            self._cosine[sentence + 1] if follows else nothing,
        ]
        columns = [
            cosine,
            cosine - cosine.max(),
            *around,
            *(one - one.max() for one in around),
            [not said.names.isdisjoint(fact.names) for fact in facts],
            [any(_agrees(amount, fact.amounts) for amount in said.amounts) for fact in facts],
            [not said.dimensions.isdisjoint(fact.dimensions) for fact in facts],
            [not _told(said, fact).isdisjoint(fact.values) for fact in facts],
            [said.free and fact.free for fact in facts],
            self._needed,
        ]
        return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)

    def agreement(self, sentence: int, number: int) -> np.ndarray:
        """Describe whether a statement agrees with a fact: float64 [35], see ``AGREEMENT``.

        Amounts of money are compared within a currency; a fact in three currencies agrees if one does. A number without
        a unit ("three hundred and forty-five") agrees if the fact has it in any unit.

        Args:
            sentence: the statement's number.
            number: the fact's.
        """
        said, fact = self._said[sentence], self._facts[number]
        shared = [amount for amount in said.amounts if any(one.dimension in fact.dimensions for one in amount)]
        wrong = [amount for amount in shared if not _agrees(amount, fact.amounts)]
        agrees = any(_agrees(amount, fact.amounts) for amount in said.amounts)
        told = _told(said, fact)
        bare_agrees = not told.isdisjoint(fact.values)
        bare_conflicts = bool(told and fact.values) and not bare_agrees and not agrees
        apart = [_apart(amount, fact.amounts) for amount in wrong]
        limits = said.most and fact.most and bool(wrong) and not agrees  # "within 8 days" for "within 30 days"
        numbers, fact_numbers = bool(said.amounts or said.bare), bool(fact.values)
        features = [
            agrees,
            bool(wrong),
            len(wrong) == len(shared) == 1 and _alone(wrong[0], fact.amounts),
            any(0.94 <= ratio <= 1.06 for ratio in apart),
            bool(wrong) and said.about,
            limits,
            fact.most and not limits and any(ratio > 1 for ratio in apart),
            fact.most and not limits and any(ratio < 1 for ratio in apart),
            fact.least and any(ratio > 1 for ratio in apart),
            fact.least and any(ratio < 1 for ratio in apart),
            bool(wrong) and agrees,
            bare_agrees,
            bare_conflicts and not said.short,
            bare_conflicts and said.short,
            any(value in fact.bare_values for amount in said.amounts for one in amount for value in one.counted),
            said.free and fact.free,
            said.free and not fact.free and fact.priced,
            fact.free and not said.free and said.priced,
            said.free and not fact.free and not fact.priced,
            numbers != fact_numbers,
            not numbers and not fact_numbers,
            said.negated != fact.negated,
            said.negated,
            fact.negated,
            said.only != fact.only,
            said.only,
            fact.only,
            said.yes,
            said.no,
            said.yes and fact.negated,
            said.no and not fact.negated,
            said.no and fact.negated,
            said.negated and not said.no and not fact.negated,
            self._cosine[sentence, number],
            self._question(sentence)[number],
        ]
        return np.array(features, dtype=np.float64)

    def asked(self, sentence: int) -> np.ndarray:
        """Give the vector of the customer's last sentence before this one: float [width]; 0 if there is none."""
        at = self._asked_at(sentence)
        return np.zeros_like(self.said[0]) if at is None else self.said[at]

    def _question(self, sentence: int) -> np.ndarray:
        """Give the cosines of that sentence."""
        at = self._asked_at(sentence)
        return np.zeros(len(self._facts)) if at is None else self._cosine[at]

    def _asked_at(self, sentence: int) -> int | None:
        before = np.flatnonzero(~self._agent[:sentence])
        return int(before[-1]) if len(before) else None


def _agrees(amount: Mention, others: Iterable[Mention]) -> bool:
    """Say whether an amount can be read as one of others."""
    return any(one.equals(other) for mention in others for other in mention for one in amount)


def _told(said: Statement, fact: Statement) -> frozenset[float]:
    """Give the numbers told without a unit, but for those of the fact's names."""
    return frozenset(one.value for number in said.bare for one in number) - fact.numbered


def _apart(amount: Mention, others: Iterable[Mention]) -> float:
    """Give the ratio of an amount to the nearest of others that it can be compared with."""
    ratios = [
        one.size / other.size
        for mention in others
        for other in mention
        for one in amount
        if one.dimension == other.dimension and one.size > 0 and other.size > 0
    ]
    return min(sorted(ratios), key=lambda ratio: abs(math.log(ratio)), default=0.0)


def _alone(amount: Mention, others: Iterable[Mention]) -> bool:
    """Say whether only one of others can be compared with an amount."""
    dimensions = {one.dimension for one in amount}
    return sum(any(one.dimension in dimensions for one in mention) for mention in others) == 1
