"""Scorecards against blind annotations: how well the scorer agrees with people, with intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from servicequal.annotation import Annotation
from servicequal.errors import AnnotationError, nearest
from servicequal.scheme import LEVELS, NOT_APPLICABLE
from servicequal.scorecard import SEEN_IN_TRAINING, Scorecard
from servicequal.stats.agreement import macro_f1, weighted_kappa
from servicequal.stats.calibration import calibration_error
from servicequal.stats.intervals import Interval, cluster_bootstrap, cluster_jackknife, to_plain

LEAST = 20  # contacts below which nothing is said of a criterion


@dataclass(frozen=True, slots=True)
class CriterionFigures:
    """How well one criterion is rated; each interval is clustered by case, customer or contact.

    Attributes:
        contacts: rated by people, at whatever level.
        kappa: linear-weighted, of the levels, where rater and scorer let the criterion apply.
        accuracy: of the levels, likewise.
        macro_f1: of the levels, likewise.
        opportunity: share of contacts on which scorer and rater agree whether the criterion applies.
        log_loss: of the levels' probabilities where the rater lets it apply, in nats; 1.10 is knowing nothing.
        brier: mean square of the gap between the confidence in the answer and whether a rater gives the same.
        calibration_error: equal-mass, of the same, in ten bins; noise alone makes it positive.
        automatic: share of contacts rated without review.
        automatic_error: share of those that a rater rates differently; NaN where there are none.
        raters: linear-weighted kappa between two raters of the same contact; NaN where there are no two.
    """

    contacts: int
    kappa: Interval
    accuracy: Interval
    macro_f1: Interval
    opportunity: Interval
    log_loss: Interval
    brier: Interval
    calibration_error: Interval
    automatic: Interval
    automatic_error: Interval
    raters: Interval


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures per criterion; printed as a table.

    Attributes:
        contacts: with a scorecard and a blind annotation.
        annotations: used.
        criteria: figures by criterion; those with fewer than ``LEAST`` contacts are left out.
        groups: figures by group and criterion, where they were asked for.
    """

    contacts: int
    annotations: int
    criteria: Mapping[str, CriterionFigures]
    groups: Mapping[str, Mapping[str, CriterionFigures]] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"{self.contacts} contacts, {self.annotations} blind annotations; 95 % intervals, clustered"]
        if not self.criteria:
            return f"{lines[0]}\nfewer than {LEAST} contacts: nothing can be said"
        for group, criteria in {"": self.criteria, **self.groups}.items():
            lines.append(
                f"{group:20} {'contacts':>8}  {'kappa (levels)':18} {'raters’ kappa':18} {'applies: accuracy':18} "
                f"{'calibration error':18} automatic"
            )
            lines += [
                f"{name:20} {f.contacts:8}  {f.kappa!s:18} {f.raters!s:18} {f.opportunity!s:18} "
                f"{f.calibration_error!s:18} {f.automatic.value:.0%}"
                for name, f in criteria.items()
            ]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Write the figures as a JSON object; NaN becomes null."""
        return dict(to_plain(self))


def evaluate(
    scorecards: Iterable[Scorecard], annotations: Sequence[Annotation], *, by: str | None = None
) -> Evaluation:
    """Measure scorecards against blind annotations.

    Annotations made after seeing a model's answer are left out. Where a contact has several raters, each counts with an
    equal share of the contact. The scorecards must come from a scorer that was not trained on these contacts; of
    training contacts, ``servicequal train`` measures out-of-fold cards.

    Args:
        scorecards: of any contacts.
        annotations: of any raters.
        by: also give figures per ``language``, ``channel`` or value of an attribute such as ``company``.

    Raises:
        AnnotationError: if no blind annotation belongs to a scorecard, or a scorecard is of a contact that its scorer
            was trained on.
    """
    cards = {card.contact: card for card in scorecards}
    blind = [annotation for annotation in annotations if annotation.blind and annotation.contact in cards]
    if not blind:
        raise AnnotationError("no blind annotation belongs to any of these scorecards; give those of the same contacts")
    seen = sorted({one.contact for one in blind if SEEN_IN_TRAINING in cards[one.contact].warnings})
    if seen:
        raise AnnotationError(
            f"{len(seen)} of the contacts, such as {seen[0]!r}, are of those that the scorer was trained on; an honest "
            "figure needs others, or their out-of-fold scorecards: leave them out"
        )
    twice = [pair for pair, n in Counter((a.contact, a.rater) for a in blind).items() if n > 1]
    if twice:
        raise AnnotationError(f"contact {twice[0][0]!r}, rater {twice[0][1]!r}: annotated twice; keep one annotation")
    criteria = list(dict.fromkeys(name for annotation in blind for name in annotation.ratings))
    rated = {name for card in cards.values() for name in card.ratings}
    for name in criteria:
        if name not in rated:
            raise AnnotationError(f"criterion {name!r} is on no scorecard; {nearest(name, rated)}")
    groups: dict[str, list[Annotation]] = {}
    for annotation in blind if by else ():
        groups.setdefault(_group(cards[annotation.contact], str(by)), []).append(annotation)
    return Evaluation(
        len({annotation.contact for annotation in blind}),
        len(blind),
        _all_figures(criteria, cards, blind),
        {name: found for name in sorted(groups) if (found := _all_figures(criteria, cards, groups[name]))},
    )


def _group(card: Scorecard, by: str) -> str:
    value = {"language": card.language, "channel": card.channel}.get(by, card.attributes.get(by))
    return f"{by} {value}" if value is not None else f"no {by}"


def _all_figures(
    criteria: Sequence[str], cards: Mapping[str, Scorecard], annotations: Sequence[Annotation]
) -> dict[str, CriterionFigures]:
    found = {name: _figures(name, cards, annotations) for name in criteria}
    return {name: figures for name, figures in found.items() if figures is not None}


def _figures(name: str, cards: Mapping[str, Scorecard], annotations: Sequence[Annotation]) -> CriterionFigures | None:
    pairs = [(cards[a.contact], a) for a in annotations if name in a.ratings and name in cards[a.contact].ratings]
    if len({annotation.contact for _, annotation in pairs}) < LEAST:
        return None
    raters = Counter(annotation.contact for _, annotation in pairs)
    weight = np.array([1 / raters[annotation.contact] for _, annotation in pairs])
    clusters = [_cluster(card) for card, _ in pairs]
    truth = np.array([_number(annotation.ratings[name]) for _, annotation in pairs])
    answer = np.array([_number(card[name].level) for card, _ in pairs])
    levels = np.array([[card[name].levels[level] for level in LEVELS] for card, _ in pairs])
    automatic = np.array([card[name].decision == "auto" for card, _ in pairs])
    both, applies = (truth >= 0) & (answer >= 0), truth >= 0
    loss = -np.log(np.maximum(levels[np.arange(len(truth)), truth.clip(min=0)], 1e-6))
    count = len(LEVELS)
    confidence = np.array([card[name].confidence for card, _ in pairs])
    right = (truth == answer).astype(float)

    def interval(figure: Callable[[np.ndarray], float], where: np.ndarray | None = None) -> Interval:
        def masked(rows: np.ndarray) -> float:
            rows = rows if where is None else rows[where[rows]]
            return figure(rows) if len(rows) else float("nan")

        return cluster_bootstrap(masked, clusters)

    def mean(values: np.ndarray) -> Callable[[np.ndarray], float]:
        return lambda rows: float(np.average(values[rows], weights=weight[rows]))

    return CriterionFigures(
        contacts=len(raters),
        kappa=interval(lambda r: weighted_kappa(truth[r], answer[r], levels=count, weights=weight[r]), both),
        accuracy=interval(mean(truth == answer), both),
        macro_f1=interval(lambda r: macro_f1(truth[r], answer[r], levels=count, weights=weight[r]), both),
        opportunity=interval(mean((truth >= 0) == (answer >= 0))),
        log_loss=interval(mean(loss), applies),
        brier=interval(mean((confidence - right) ** 2)),
        calibration_error=cluster_jackknife(
            lambda r: calibration_error(confidence[r], right[r], weights=weight[r]), clusters
        ),
        automatic=interval(mean(automatic)),
        automatic_error=interval(mean(truth != answer), automatic),
        raters=_raters_kappa(name, cards, annotations),
    )


def _raters_kappa(name: str, cards: Mapping[str, Scorecard], annotations: Sequence[Annotation]) -> Interval:
    rated: dict[str, list[int]] = {}
    for annotation in annotations:
        if annotation.ratings.get(name, NOT_APPLICABLE) != NOT_APPLICABLE:
            rated.setdefault(annotation.contact, []).append(_number(annotation.ratings[name]))
    twice = [(contact, a, b) for contact, given in rated.items() for a, b in combinations(given, 2)]
    if not twice:
        return Interval(float("nan"), float("nan"), float("nan"))
    # either rater may stand first: counting both ways makes the margins equal
    first = np.array([pair for _, a, b in twice for pair in (a, b)])
    second = np.array([pair for _, a, b in twice for pair in (b, a)])
    clusters = [_cluster(cards[contact]) for contact, _, _ in twice for _ in range(2)]
    return cluster_bootstrap(lambda r: weighted_kappa(first[r], second[r], levels=len(LEVELS)), clusters)


def _number(level: str) -> int:
    return -1 if level == NOT_APPLICABLE else LEVELS.index(level)


def _cluster(card: Scorecard) -> str:
    return str(card.attributes.get("case") or card.attributes.get("customer") or card.contact)
