"""Two scorers on the same contacts: how many answers change, by how much, and where to look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from servicequal.errors import ServicequalError
from servicequal.evaluation.rows import ANSWERS, Rows, distribution
from servicequal.evaluation.tables import table
from servicequal.scorecard import UNRATED, Scorecard, cluster_of
from servicequal.stats.intervals import Interval, to_plain

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class CriterionDifference:
    """How one criterion differs under two scorers.

    Attributes:
        contacts: rated by both.
        changed: share of the contacts with another level, or that now applies or no longer does.
        moved: mean over contacts of the absolute change of the four answers' probabilities, 0–1 each.
        decided: share of the contacts whose decision between auto and review changes.
        moves: from one answer to another → contacts, the most frequent first.
        examples: ids of the contacts whose probabilities changed most.
    """

    contacts: int
    changed: Interval
    moved: Interval
    decided: Interval
    moves: Mapping[str, int]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two scorers on the same contacts; printed as a table.

    Attributes:
        first: the first scorer, as its scorecards name it.
        second: the second.
        contacts: scored by both.
        criteria: by criterion that both have.
        only: criteria that one of them has.
    """

    first: str
    second: str
    contacts: int
    criteria: Mapping[str, CriterionDifference]
    only: tuple[str, ...] = ()

    def __str__(self) -> str:
        columns: list[tuple[str, Callable[[Any], object]]] = [
            ("contacts", lambda one: one.contacts),
            ("other answer", lambda one: one.changed),
            ("mean change of probabilities", lambda one: one.moved),
            ("other decision", lambda one: one.decided),
            ("look at", lambda one: ", ".join(one.examples)),
        ]
        lines = [f"{self.first} → {self.second}: {self.contacts} contacts; 95 % intervals, clustered"]
        lines.append(table("", columns, self.criteria.items()))
        for name, one in self.criteria.items():
            if one.moves:
                lines.append(f"{name}: " + ", ".join(f"{move} {count}" for move, count in one.moves.items()))
        return "\n".join([*lines, *(f"only one scorer has {name}" for name in self.only)])

    def to_dict(self) -> dict[str, Any]:
        """Write the figures as a JSON object."""
        return dict(to_plain(self))


def difference(first: Iterable[Scorecard], second: Iterable[Scorecard]) -> Difference:
    """Compare two scorers' scorecards of the same contacts.

    Args:
        first: of one scorer.
        second: of the other; contacts that only one of them has are left out.

    Raises:
        ServicequalError: if they share no contact.
    """
    one, other = ({card.contact: card for card in cards} for cards in (first, second))
    shared = sorted(one.keys() & other.keys())
    if not shared:
        raise ServicequalError("no contact is scored by both; give scorecards of the same contacts")
    names = [{name for contact in shared for name in side[contact].ratings} for side in (one, other)]
    criteria = {}
    for name in sorted(names[0] & names[1], key=list(one[shared[0]].ratings).index):
        pairs = [(one[c], other[c]) for c in shared if UNRATED not in (one[c][name], other[c][name])]
        if pairs:
            criteria[name] = _criterion(name, pairs)
    only = tuple(sorted(names[0] ^ names[1]))
    return Difference(one[shared[0]].scorer, other[shared[0]].scorer, len(shared), criteria, only)


def _criterion(name: str, pairs: list[tuple[Scorecard, Scorecard]]) -> CriterionDifference:
    rows = Rows([cluster_of(card) for card, _ in pairs], np.ones(len(pairs)))
    answers = np.array([[ANSWERS.index(card[name].level) for card in pair] for pair in pairs])
    apart = np.array([abs(distribution(a[name]) - distribution(b[name])).mean() for a, b in pairs])
    decided = np.array([a[name].decision != b[name].decision for a, b in pairs])
    moves, counts = np.unique(answers[answers[:, 0] != answers[:, 1]], axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return CriterionDifference(
        len(pairs),
        rows.mean(answers[:, 0] != answers[:, 1]),
        rows.mean(apart),
        rows.mean(decided),
        {f"{ANSWERS[moves[at][0]]} → {ANSWERS[moves[at][1]]}": int(counts[at]) for at in order},
        tuple(pairs[at][0].contact for at in np.argsort(-apart, kind="stable")[:EXAMPLES] if apart[at] > 0),
    )
