"""Raters against raters: how far people agree, and so how well a model can be asked to do."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from servicequal.annotation import Annotation, Span
from servicequal.contact import Contact
from servicequal.errors import AnnotationError
from servicequal.scheme import LEVELS, NOT_APPLICABLE
from servicequal.stats.agreement import krippendorff_alpha
from servicequal.stats.intervals import Interval, cluster_bootstrap, to_plain

LEAST = 20  # contacts with two raters, below which nothing is said
ALL = "all"
_ANSWERS = (NOT_APPLICABLE, *LEVELS)
_WORST_FIRST = ("contradicted", "supported", "not_in_reference")


@dataclass(frozen=True, slots=True)
class CriterionAgreement:
    """How far raters agree on one criterion, in one language or in all; intervals clustered by contact.

    Attributes:
        contacts: rated by two raters or more.
        answers: Krippendorff's alpha of the four answers, nominal: not applicable and the three levels.
        applies: alpha of whether the criterion applies, nominal; NaN where all agree that it always does.
        levels: alpha of the levels among those who let it apply, ordinal.
    """

    contacts: int
    answers: Interval
    applies: Interval
    levels: Interval


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement between raters; printed as a table.

    Attributes:
        contacts: rated by two raters or more.
        raters: who rated.
        criteria: criterion → language, or ``all`` → figures; a language with fewer than ``LEAST`` contacts is left out.
        indicators: indicator → F1 between two raters' spans; a span is met by one that overlaps it.
        statements: held against the reference by two raters or more; spans that overlap are one statement.
        verdicts: alpha of the verdict on them, nominal; NaN in fewer than ``LEAST`` contacts.
    """

    contacts: int
    raters: int
    criteria: Mapping[str, Mapping[str, CriterionAgreement]]
    indicators: Mapping[str, Interval]
    statements: int
    verdicts: Interval

    def __str__(self) -> str:
        lines = [f"{self.contacts} contacts with two raters or more, {self.raters} raters"]
        lines.append("Krippendorff’s alpha with 95 % intervals, clustered by contact")
        lines.append(f"{'':20} {'':4} {'contacts':>8}  {'all four answers':18} {'applies':18} levels (ordinal)")
        for name, languages in self.criteria.items():
            for language, f in languages.items():
                shown = name if language == ALL else ""
                lines.append(f"{shown:20} {language:4} {f.contacts:8}  {f.answers!s:18} {f.applies!s:18} {f.levels}")
        if not self.criteria:
            return f"{lines[0]}: fewer than {LEAST}, nothing can be said"
        lines.append(f"{'verdicts':20} {ALL:4} {'':8}  {self.verdicts!s:18} on {self.statements} statements")
        if self.indicators:
            lines.append("\nF1 between two raters’ spans")
            lines += [f"{name:34}  {figure}" for name, figure in self.indicators.items()]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Write the figures as a JSON object; NaN becomes null."""
        return dict(to_plain(self))


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
        '0.88 [0.71, 0.97]'
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
        _indicators(twice),
        *_verdicts(twice),
    )


def _answers(criterion: str, annotations: Sequence[Annotation]) -> np.ndarray:
    """Count how many raters gave each of the four answers."""
    given = [_ANSWERS.index(one.ratings[criterion]) for one in annotations if criterion in one.ratings]
    return np.bincount(given, minlength=len(_ANSWERS)).astype(float)


def _criterion(counts: np.ndarray) -> CriterionAgreement:
    applies = np.stack([counts[:, 0], counts[:, 1:].sum(axis=1)], axis=1)
    return CriterionAgreement(
        len(counts), _interval(counts), _interval(applies), _interval(counts[:, 1:], ordinal=True)
    )


def _interval(counts: np.ndarray, *, ordinal: bool = False) -> Interval:
    return _bootstrap(lambda rows: krippendorff_alpha(counts[rows], ordinal=ordinal), range(len(counts)))


def _bootstrap(figure: Callable[[np.ndarray], float], clusters: Iterable[Hashable]) -> Interval:
    return cluster_bootstrap(figure, [str(cluster) for cluster in clusters])


def _indicators(twice: Mapping[str, Sequence[Annotation]]) -> dict[str, Interval]:
    """Give the F1 of each indicator, both ways of each pair of raters who mark indicators at all."""
    marking = {one.rater for given in twice.values() for one in given if one.indicators}
    names = sorted({span.indicator for given in twice.values() for one in given for span in one.indicators})
    met, marked = (np.zeros((len(twice), len(names))) for _ in range(2))
    for row, given in enumerate(twice.values()):
        for pair in combinations([one for one in given if one.rater in marking], 2):
            for first, second in (pair, pair[::-1]):
                for span in first.indicators:
                    column = names.index(span.indicator)
                    marked[row, column] += 1
                    met[row, column] += any(_overlap(span, other) for other in second.indicators)

    def f1(column: int) -> Interval:
        def share(rows: np.ndarray) -> float:
            total = marked[rows, column].sum()
            return float(met[rows, column].sum() / total) if total else float("nan")

        return _bootstrap(share, range(len(twice)))

    return {name: f1(column) for column, name in enumerate(names) if marked[:, column].sum()}


def _overlap(one: Span, other: Span) -> bool:
    return (
        one.indicator == other.indicator
        and one.turn == other.turn
        and min(one.end, other.end) > max(one.start, other.start)
    )


def _verdicts(twice: Mapping[str, Sequence[Annotation]]) -> tuple[int, Interval]:
    """Take each statement that several raters held against the reference; of one rater's verdicts the worst counts."""
    clusters, rows = [], []
    for contact, given in twice.items():
        for verdicts in _statements(given):
            if len(verdicts) > 1:
                clusters.append(contact)
                rows.append(np.bincount([min(found) for found in verdicts.values()], minlength=len(_WORST_FIRST)))
    if len(set(clusters)) < LEAST:
        return len(rows), Interval(float("nan"), float("nan"), float("nan"))
    counts = np.stack(rows).astype(float)
    return len(rows), _bootstrap(lambda chosen: krippendorff_alpha(counts[chosen]), clusters)


def _statements(annotations: Sequence[Annotation]) -> Iterator[dict[str, list[int]]]:
    """Give, for each run of overlapping claims in a turn, each rater's verdicts as numbers of ``_WORST_FIRST``."""
    claims = [(claim.turn, claim.start, claim.end, one.rater, claim) for one in annotations for claim in one.verdicts]
    current: dict[str, list[int]] = {}
    turn, reach = -1, -1
    for at, start, end, rater, claim in sorted(claims, key=lambda item: item[:4]):
        if at != turn or start >= reach:
            yield current
            current, turn, reach = {}, at, end
        reach = max(reach, end)
        current.setdefault(rater, []).append(_WORST_FIRST.index(claim.verdict))
    yield current
