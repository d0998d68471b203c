"""The four answers of raters and of systems on the corpus, and how far they agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np
from shift import ANNOTATIONS

from servicequal import Annotation, Contact, Scheme, Scorecard, read_annotations, read_contacts
from servicequal.scheme import LEVELS, NOT_APPLICABLE
from servicequal.stats.agreement import weighted_kappa
from servicequal.stats.intervals import Interval, cluster_bootstrap, to_plain
from servicequal.training.folds import fold_of

ANSWERS = (NOT_APPLICABLE, *LEVELS)
FOLDS = 5
FIRST, SECOND = (grid.ravel() for grid in np.indices((len(ANSWERS), len(ANSWERS))))
UNANSWERED = -1


@dataclass(frozen=True)
class Corpus:
    """The contacts with what their blind raters answered.

    Attributes:
        contacts: that have a blind rater.
        criteria: their ids.
        always: bool [criteria], whether the criterion applies to every contact.
        shares: float [criteria, contacts, 4], share of the raters who gave each answer.
        between: float [criteria, contacts, 4, 4], answers of pairs of raters, either way round; 0 with one rater.
    """

    contacts: tuple[Contact, ...]
    criteria: tuple[str, ...]
    always: np.ndarray
    shares: np.ndarray
    between: np.ndarray

    @cached_property
    def folds(self) -> np.ndarray:
        return np.array([fold_of(contact, FOLDS) for contact in self.contacts])

    @cached_property
    def clusters(self) -> list[str]:
        named = (c.attributes.get("case") or c.attributes.get("customer") or c.id for c in self.contacts)
        return [str(name) for name in named]

    @cached_property
    def languages(self) -> np.ndarray:
        return np.array([contact.language for contact in self.contacts])

    def against_raters(self, answers: np.ndarray) -> np.ndarray:
        """Cross a system's answers, int [criteria, contacts], with the raters': float [criteria, contacts, 4, 4]."""
        given = np.eye(len(ANSWERS))[answers] * (answers != UNANSWERED)[..., None]
        return self.shares[..., :, None] * given[..., None, :]


def read_corpus(limit: int | None) -> Corpus:
    scheme = Scheme.load(ANNOTATIONS / "scheme.json")
    given: dict[str, list[Annotation]] = {}
    for wave in sorted(ANNOTATIONS.glob("20*")):
        for annotation in read_annotations(wave):
            if annotation.blind:
                given.setdefault(annotation.contact, []).append(annotation)
    contacts = [c for c in read_contacts(str(ANNOTATIONS / "20*" / "contacts.jsonl")) if c.id in given]
    contacts = contacts[:: max(1, len(contacts) // (limit or len(contacts)))]
    shape = (len(scheme.criteria), len(contacts), len(ANSWERS))
    shares, between = np.zeros(shape), np.zeros((*shape, len(ANSWERS)))
    for row, criterion in enumerate(scheme.criteria):
        for column, contact in enumerate(contacts):
            rated = [ANSWERS.index(a.ratings[criterion.id]) for a in given[contact.id] if criterion.id in a.ratings]
            for answer in rated:
                shares[row, column, answer] += 1 / len(rated)
            for one, other in permutations(rated, 2):
                between[row, column, one, other] += 1 / (len(rated) * (len(rated) - 1))
    names = tuple(criterion.id for criterion in scheme.criteria)
    return Corpus(tuple(contacts), names, np.array([c.always for c in scheme.criteria]), shares, between)


def answers_of(cards: Iterable[Scorecard], corpus: Corpus) -> np.ndarray:
    """Take the answers from scorecards; -1 for contacts without one."""
    known = {card.contact: card for card in cards}
    answers = np.full(corpus.shares.shape[:2], UNANSWERED)
    for row, criterion in enumerate(corpus.criteria):
        for column, contact in enumerate(corpus.contacts):
            if contact.id in known:
                answers[row, column] = ANSWERS.index(known[contact.id][criterion].level)
    return answers


def figures(crossed: np.ndarray, corpus: Corpus) -> dict:
    """Give kappa and opportunity F1 per criterion and on average, and kappa per language; intervals clustered by case.

    Args:
        crossed: float [criteria, contacts, 4, 4], one side's answers by the other's; contacts of all 0 are left out.
        corpus: of the same contacts.
    """
    there = np.flatnonzero(crossed.sum(axis=(0, 2, 3)) > 0)
    spoken = {language: there[corpus.languages[there] == language] for language in sorted(set(corpus.languages[there]))}
    triggered = np.flatnonzero(~corpus.always)
    found = {
        "contacts": len(there),
        "kappa": _by_criterion(_kappa, crossed, corpus, there, range(len(corpus.criteria))),
        "opportunity_f1": _by_criterion(_f1, crossed, corpus, there, triggered),
        "kappa_by_language": {
            language: _by_criterion(_kappa, crossed, corpus, members, range(len(corpus.criteria)))
            for language, members in spoken.items()
        },
    }
    return dict(to_plain(found))


def _by_criterion(
    figure: Callable[[np.ndarray], float],
    crossed: np.ndarray,
    corpus: Corpus,
    members: np.ndarray,
    criteria: Iterable[int],
) -> dict[str, Interval]:
    """Give a figure of a [4, 4] table on some contacts: its mean over criteria, and each criterion's own."""
    clusters = [corpus.clusters[member] for member in members]

    def interval(rows: Sequence[int]) -> Interval:
        tables = crossed[rows][:, members]
        return cluster_bootstrap(
            lambda drawn: float(np.mean([figure(table) for table in tables[:, drawn].sum(axis=1)])), clusters
        )

    each = list(criteria)
    return {"average": interval(each)} | {corpus.criteria[row]: interval([row]) for row in each}


def _kappa(table: np.ndarray) -> float:
    return weighted_kappa(FIRST, SECOND, levels=len(ANSWERS), weights=table.ravel())


def _f1(table: np.ndarray) -> float:
    """Give the F1 of "it applies" from a [4, 4] table."""
    hits, either = table[1:, 1:].sum(), table[1:].sum() + table[:, 1:].sum()
    return float(2 * hits / either) if either else float("nan")
