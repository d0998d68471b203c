"""agreement(): annotations of the same contacts → figures per criterion, language and rater."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import permutations

import numpy as np

from servicequal.annotation import Annotation
from servicequal.contact import Contact
from servicequal.errors import AnnotationError
from servicequal.raters.figures import ALL, LEAST, Agreement, CriterionAgreement, RaterFigures
from servicequal.raters.spans import span_agreement, verdict_agreement
from servicequal.scheme import LEVELS, NOT_APPLICABLE
from servicequal.stats.agreement import gwet_ac, krippendorff_alpha
from servicequal.stats.intervals import Interval, cluster_bootstrap

_ANSWERS = (NOT_APPLICABLE, *LEVELS)


def agreement(annotations: Iterable[Annotation], contacts: Iterable[Contact] = ()) -> Agreement:
    """Measure how far blind raters of the same contacts agree.

    Args:
        annotations: of any number of raters; those made after seeing a model's answer are left out.
        contacts: the contacts annotated, for figures per language; without them there are figures over all only.

    Raises:
        AnnotationError: if no contact has two blind raters.

    Example:
        >>> def rated(contact, rater, level):
        ...     return Annotation(f"c{contact}", rater, {"courtesy": level})
        >>> first = [rated(n, "r1", LEVELS[n % 3]) for n in range(30)]
        >>> second = [rated(n, "r2", LEVELS[max(n % 3, n % 2)]) for n in range(30)]
        >>> str(agreement(first + second).criteria["courtesy"]["all"].levels)
        '0.88 [0.68, 0.97]'
    """
    language = {contact.id: contact.language for contact in contacts}
    by_contact: dict[str, dict[str, Annotation]] = {}
    for one in annotations:
        if one.blind and by_contact.setdefault(one.contact, {}).setdefault(one.rater, one) is not one:
            raise AnnotationError(f"{one.where}: annotated twice; keep one annotation per rater and contact")
    twice = {contact: list(given.values()) for contact, given in by_contact.items() if len(given) > 1}
    if not twice:
        raise AnnotationError("no contact has two blind raters; agreement needs contacts that two people rated")
    names = list(dict.fromkeys(name for given in twice.values() for one in given for name in one.ratings))
    languages = sorted({found for contact in twice if (found := language.get(contact))})
    criteria = {}
    for name in names:
        counts = {contact: _answers(name, given) for contact, given in twice.items()}
        counts = {contact: row for contact, row in counts.items() if row.sum() > 1}
        groups = {ALL: list(counts)} | {one: [c for c in counts if language.get(c) == one] for one in languages}
        criteria[name] = {
            group: _criterion(np.stack([counts[c] for c in members]))
            for group, members in groups.items()
            if len(members) >= LEAST
        }
    return Agreement(
        len(twice),
        len({one.rater for given in twice.values() for one in given}),
        {name: figures for name, figures in criteria.items() if figures},
        _raters(twice),
        span_agreement(twice),
        *verdict_agreement(twice),
    )


def _answers(criterion: str, annotations: Sequence[Annotation]) -> np.ndarray:
    """Count how many raters gave each of the four answers."""
    given = [_ANSWERS.index(one.ratings[criterion]) for one in annotations if criterion in one.ratings]
    return np.bincount(given, minlength=len(_ANSWERS)).astype(float)


def _criterion(counts: np.ndarray) -> CriterionAgreement:
    applies = np.stack([counts[:, 0], counts[:, 1:].sum(axis=1)], axis=1)
    levels = counts[:, 1:]

    def interval(figure: Callable[[np.ndarray], float], of: np.ndarray) -> Interval:
        return cluster_bootstrap(lambda rows: figure(of[rows]), range(len(of)))

    return CriterionAgreement(
        len(counts),
        interval(krippendorff_alpha, counts),
        interval(krippendorff_alpha, applies),
        interval(gwet_ac, applies),
        interval(partial(krippendorff_alpha, ordinal=True), levels),
        interval(partial(gwet_ac, ordinal=True), levels),
    )


def _raters(twice: Mapping[str, Sequence[Annotation]]) -> dict[str, RaterFigures]:
    """Hold each rater's answers against those of the others who rated the same contact."""
    pairs: dict[str, list[tuple[str, str, str]]] = {}
    for contact, given in twice.items():
        for one, other in permutations(given, 2):
            shared = one.ratings.keys() & other.ratings.keys()
            found = pairs.setdefault(one.rater, [])
            found += [(contact, one.ratings[name], other.ratings[name]) for name in sorted(shared)]
    return {
        rater: _rater(found)
        for rater, found in sorted(pairs.items())
        if len({contact for contact, _, _ in found}) >= LEAST
    }


def _rater(pairs: Sequence[tuple[str, str, str]]) -> RaterFigures:
    contacts = [contact for contact, _, _ in pairs]
    own, other = (np.array([_ANSWERS.index(pair[place]) for pair in pairs]) for place in (1, 2))
    both = (own > 0) & (other > 0)

    def severity(rows: np.ndarray) -> float:
        rows = rows[both[rows]]
        return float((other[rows] - own[rows]).mean()) if len(rows) else float("nan")

    agreeing = cluster_bootstrap(lambda rows: float((own[rows] == other[rows]).mean()), contacts)
    return RaterFigures(len(set(contacts)), cluster_bootstrap(severity, contacts), agreeing)
