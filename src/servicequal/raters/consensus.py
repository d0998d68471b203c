"""consensus(): what several raters together say of each contact, each weighed by how often the others agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from servicequal.annotation import Annotation
from servicequal.errors import AnnotationError
from servicequal.scheme import LEVELS, NOT_APPLICABLE
from servicequal.scorecard import UNRATED, Scorecard
from servicequal.stats.consensus import dawid_skene

SCORER = ""  # no rater has this name
ANSWERS = (NOT_APPLICABLE, *LEVELS)
DISPUTED = 0.8  # probability of the likeliest answer, below which someone should decide


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the raters of one contact together say of one criterion.

    Attributes:
        answer: the likeliest: a level or ``not_applicable``.
        probabilities: of each answer; they sum to 1.
        raters: who answered, with the scorer if its scorecard was given.
    """

    answer: str
    probabilities: Mapping[str, float]
    raters: int

    @property
    def disputed(self) -> bool:
        """Whether someone should decide."""
        return self.probabilities[self.answer] < DISPUTED

    def to_dict(self) -> dict[str, Any]:
        """Write it as a JSON object."""
        rounded = {answer: round(p, 4) for answer, p in self.probabilities.items()}
        return {"answer": self.answer, "probabilities": rounded, "raters": self.raters, "disputed": self.disputed}


def consensus(annotations: Sequence[Annotation], cards: Iterable[Scorecard] = ()) -> dict[str, dict[str, Agreed]]:
    """Join the raters of each contact, by one-coin Dawid–Skene with a prior; one ability per rater and criterion.

    Args:
        annotations: of any raters; those made after seeing a model's answer are left out.
        cards: of contacts that their scorer has not seen: the scorer joins as one more rater, weighed like them.

    Returns:
        Contact → criterion → what is agreed.

    Raises:
        AnnotationError: if no annotation is blind.

    Example:
        >>> one, other = (Annotation("c", rater, {"tone": "fully_met"}) for rater in ("r1", "r2"))
        >>> found = consensus([one, other])["c"]["tone"]
        >>> found.answer, found.disputed
        ('fully_met', False)
    """
    blind = [one for one in annotations if one.blind]
    if not blind:
        raise AnnotationError("no blind annotation; what is agreed rests on raters who did not see a model's answer")
    contacts = list(dict.fromkeys(one.contact for one in blind))
    scored = [card for card in cards if card.contact in set(contacts)]
    agreed: dict[str, dict[str, Agreed]] = {contact: {} for contact in contacts}
    for name in dict.fromkeys(name for one in blind for name in one.ratings):
        given = [(one.contact, one.rater, one.ratings[name]) for one in blind if name in one.ratings]
        given += [(c.contact, SCORER, c[name].level) for c in scored if c.ratings.get(name, UNRATED) != UNRATED]
        for contact, found in _of_criterion(given).items():
            agreed[contact][name] = found
    return agreed


def _of_criterion(given: Sequence[tuple[str, str, str]]) -> dict[str, Agreed]:
    """Join answers as (contact, rater, answer)."""
    items = {contact: row for row, contact in enumerate(dict.fromkeys(contact for contact, _, _ in given))}
    raters = {rater: column for column, rater in enumerate(sorted({rater for _, rater, _ in given}))}
    answers = np.full((len(items), len(raters)), -1)
    for contact, rater, answer in given:
        answers[items[contact], raters[rater]] = ANSWERS.index(answer)
    probabilities = dawid_skene(answers, options=len(ANSWERS)).probabilities
    return {
        contact: Agreed(
            ANSWERS[int(probabilities[row].argmax())],
            dict(zip(ANSWERS, probabilities[row].tolist(), strict=True)),
            int((answers[row] >= 0).sum()),
        )
        for contact, row in items.items()
    }
