"""Features of a statement beside facts: which fact is it about, and do the two agree?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from servicequal.grounding.space import cosines
from servicequal.grounding.statements import Statement

RELEVANCE = (
    "cosine", "margin", "question", "before", "earlier", "after",
    "named", "shared_amount", "shared_unit", "shared_number", "both_free", "needed",
)  # fmt: skip
AGREEMENT = (
    "amount_agrees", "amount_conflicts", "number_agrees", "number_conflicts", "answer_conflicts", "unit_left_out",
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
        """Describe how a statement and what stands around it meet each fact: float64 [facts, 12], see ``RELEVANCE``."""
        said, cosine, facts = self._said[sentence], self._cosine[sentence], self._facts.values()
        nothing = np.zeros_like(cosine)
        follows = sentence + 1 < len(self._agent) and self._agent[sentence + 1]
        columns = [
            cosine,
            cosine - cosine.max(),
            self._question(sentence),
            self._cosine[sentence - 1] if sentence else nothing,
            self._cosine[:sentence].max(axis=0) if sentence else nothing,
            self._cosine[sentence + 1] if follows else nothing,
            [not said.names.isdisjoint(fact.names) for fact in facts],
            [not said.amounts.isdisjoint(fact.amounts) for fact in facts],
            [not said.units.isdisjoint(fact.units) for fact in facts],
            [bool((said.bare - fact.numbered) & fact.values) for fact in facts],
            [said.free and fact.free for fact in facts],
            self._needed,
        ]
        return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)

    def agreement(self, sentence: int, number: int) -> np.ndarray:
        """Describe whether a statement agrees with a fact: float64 [26], see ``AGREEMENT``.

        Amounts of money are compared within a currency; a fact in three currencies agrees if one does. A number without
        a unit ("three hundred and forty-five") agrees if the fact has it in any unit.

        Args:
            sentence: the statement's number.
            number: the fact's.
        """
        said, fact = self._said[sentence], self._facts[number]
        bare = said.bare - fact.numbered
        agrees = not said.amounts.isdisjoint(fact.amounts)
        bare_agrees = not bare.isdisjoint(fact.values)
        bare_conflicts = bool(bare and fact.values) and not bare_agrees and not agrees
        numbers, fact_numbers = bool(said.amounts or said.bare), bool(fact.values)
        features = [
            agrees,
            any(amount.unit in fact.units for amount in said.amounts - fact.amounts),
            bare_agrees,
            bare_conflicts and not said.short,
            bare_conflicts and said.short,
            not fact.bare.isdisjoint(amount.value for amount in said.amounts),
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
