"""Features of a statement beside facts: which fact is it about, is it about any, and do the two agree?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.grounding.statements import Statement

RELEVANCE = (
    "cosine", "margin", "question", "before", "earlier", "after",
    "named", "shared_amount", "shared_unit", "shared_number", "both_free", "needed",
)  # fmt: skip
COVERAGE = (
    "best", "lead", "total", *(f"best:{name}" for name in RELEVANCE),
    "amounts", "number", "short", "yes", "no", "negated",
)  # fmt: skip
AGREEMENT = (
    "amount_agrees", "amount_conflicts", "number_agrees", "number_conflicts", "answer_conflicts", "unit_left_out",
    "both_free", "free_but_priced", "priced_but_free", "free_for_unpriced", "only_one_has_numbers",
    "neither_has_numbers", "negation_differs", "negated", "fact_negated", "restriction_differs", "restricted",
    "fact_restricted",
    "yes", "no", "yes_to_negated", "no_to_plain", "no_to_negated", "plainly_negated", "cosine", "question", "lead",
)  # fmt: skip
SURE = 2.0  # lead from which on the fact is the right one: more says nothing of whether the two agree


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts read for comparison: the sentences of a contact, or the facts of a company.

    Attributes:
        statements: what each says in so many words.
        vectors: float [texts, width], see ``servicequal.grounding.space.Space.place``.
    """

    statements: Sequence[Statement]
    vectors: np.ndarray


class Comparison:
    """The sentences of one contact held against the facts of its company.

    Args:
        said: the sentences.
        agent: bool [sentences], who speaks.
        facts: of the company on that day.
        needed: float [facts], 1 where the case needs the fact.
    """

    def __init__(self, said: Texts, agent: np.ndarray, facts: Texts, needed: np.ndarray) -> None:
        self._said, self._facts, self._agent, self._needed = said.statements, facts.statements, agent, needed
        self._cosine = (said.vectors @ facts.vectors.T).astype(np.float64)

    def relevance(self, sentence: int) -> np.ndarray:
        """Describe how a statement and what stands around it meet each fact: float64 [facts, 12], see ``RELEVANCE``."""
        said, cosine = self._said[sentence], self._cosine[sentence]
        nothing = np.zeros_like(cosine)
        follows = sentence + 1 < len(self._agent) and self._agent[sentence + 1]
        columns = [
            cosine,
            cosine - cosine.max(),
            self._question(sentence),
            self._cosine[sentence - 1] if sentence else nothing,
            self._cosine[:sentence].max(axis=0) if sentence else nothing,
            self._cosine[sentence + 1] if follows else nothing,
            [not said.names.isdisjoint(fact.names) for fact in self._facts],
            [not said.amounts.isdisjoint(fact.amounts) for fact in self._facts],
            [not said.units.isdisjoint(fact.units) for fact in self._facts],
            [bool((said.bare - fact.numbered) & fact.values) for fact in self._facts],
            [said.free and fact.free for fact in self._facts],
            self._needed,
        ]
        return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)

    def coverage(self, sentence: int, pairs: np.ndarray, relevance: np.ndarray) -> np.ndarray:
        """Describe whether any fact is what a statement is about: float64 [21], see ``COVERAGE``.

        Args:
            sentence: the statement's number.
            pairs: float [facts, 12], its ``relevance``.
            relevance: float [facts], logit that the statement is about each.
        """
        said, best = self._said[sentence], int(relevance.argmax())
        meets = [relevance[best], _lead(relevance), np.logaddexp.reduce(relevance), *pairs[best]]
        says = [bool(said.amounts), bool(said.bare), said.short, said.yes, said.no, said.negated]
        return np.array([*meets, *says], dtype=np.float64)

    def agreement(self, sentence: int, relevance: np.ndarray) -> np.ndarray:
        """Describe whether a statement agrees with the fact it is most likely about: float64 [27], see ``AGREEMENT``.

        Amounts of money are compared within a currency; a fact in three currencies agrees if one does. A number without
        a unit ("three hundred and forty-five") agrees if the fact has it in any unit.

        Args:
            sentence: the statement's number.
            relevance: float [facts], logit that the statement is about each.
        """
        number = int(relevance.argmax())
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
            min(_lead(relevance), SURE),
        ]
        return np.array(features, dtype=np.float64)

    def _question(self, sentence: int) -> np.ndarray:
        """Give the cosines of the customer's last sentence before this one; 0 if there is none."""
        asked = np.flatnonzero(~self._agent[:sentence])
        return self._cosine[asked[-1]] if len(asked) else np.zeros(len(self._facts))


def _lead(relevance: np.ndarray) -> float:
    """Give how far the best fact lies before the next; 0 where it is the only one."""
    best = np.sort(relevance)[-2:]
    return float(best[-1] - best[0])
