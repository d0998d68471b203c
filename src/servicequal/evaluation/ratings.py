"""Figures of one criterion: the scorer's ratings against those of blind raters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import numpy as np

from servicequal.annotation import Annotation
from servicequal.evaluation.evidence import evidence_figures
from servicequal.evaluation.figures import CriterionFigures
from servicequal.evaluation.rows import ANSWERS, LEAST, UNTOLD, Rows, answer_in
from servicequal.scheme import LEVELS, Indicator
from servicequal.scorecard import UNRATED, Scorecard, cluster_of
from servicequal.stats.agreement import macro_f1, weighted_kappa
from servicequal.stats.calibration import calibration_error, calibration_slope, log_loss
from servicequal.stats.intervals import Interval, cluster_jackknife, exact_share


def criterion_figures(
    name: str,
    cards: Mapping[str, Scorecard],
    annotations: Sequence[Annotation],
    serving: Sequence[Indicator] | None = None,
) -> CriterionFigures | str:
    """Measure one criterion, or say why it cannot be measured.

    Args:
        name: of the criterion.
        cards: by contact.
        annotations: blind ones of these contacts, one per rater and contact.
        serving: the criterion's indicators, for figures on evidence.
    """
    given = measured(name, cards, annotations)
    raters = Counter(one.contact for one in given)
    if len(raters) < LEAST:
        return f"{len(raters)} contacts with a blind rating, and rated by the scorer; {LEAST} are needed"
    rated = [cards[one.contact] for one in given]
    rows = Rows([cluster_of(card) for card in rated], np.array([1 / raters[one.contact] for one in given]))
    truth = np.array([answer_in(one, name) for one in given])
    answer = np.array([ANSWERS.index(card[name].level) for card in rated])
    levels = np.array([[card[name].levels[level] for level in LEVELS] for card in rated])
    automatic = np.array([card[name].decision == "auto" for card in rated])
    confidence = np.array([card[name].confidence for card in rated])
    right, weight = (truth == answer).astype(float), rows.weight
    both, applies = (truth > 0) & (answer > 0), truth > 0
    confusion = np.zeros((len(ANSWERS), len(ANSWERS)))
    np.add.at(confusion, (truth, answer), weight)

    def of_levels(figure: Callable[..., float]) -> Callable[[np.ndarray], float]:
        return lambda r: figure(truth[r] - 1, answer[r] - 1, levels=len(LEVELS), weights=weight[r])

    return CriterionFigures(
        contacts=len(raters),
        answers=rows.figure(lambda r: weighted_kappa(truth[r], answer[r], levels=len(ANSWERS), weights=weight[r])),
        kappa=rows.figure(of_levels(weighted_kappa), both),
        accuracy=rows.mean(right, both),
        macro_f1=rows.figure(of_levels(macro_f1), both),
        opportunity=rows.mean((truth > 0) == (answer > 0)),
        opportunity_kappa=rows.figure(
            lambda r: weighted_kappa(1 * (truth[r] > 0), 1 * (answer[r] > 0), levels=2, weights=weight[r])
        ),
        opportunity_f1=rows.share(2.0 * both, 1.0 * applies + (answer > 0)),
        log_loss=rows.figure(lambda r: log_loss(levels[r], truth[r] - 1, weights=weight[r]), applies),
        brier=rows.mean((confidence - right) ** 2),
        calibration_error=cluster_jackknife(
            lambda r: calibration_error(confidence[r], right[r], weights=weight[r]), rows.clusters
        ),
        calibration_slope=rows.figure(lambda r: calibration_slope(confidence[r], right[r], weights=weight[r])),
        automatic=rows.mean(automatic),
        automatic_error=_automatic_error(rows, right, automatic),
        **_between_raters(name, cards, given),
        confusion=table_of(confusion, ANSWERS),
        evidence=evidence_figures(name, cards, given, serving) if serving else None,
    )


def measured(name: str, cards: Mapping[str, Scorecard], annotations: Sequence[Annotation]) -> list[Annotation]:
    """Keep the annotations that rate a criterion which the scorer rated too; without a reference it may not have."""
    return [
        one for one in annotations if name in one.ratings and cards[one.contact].ratings.get(name, UNRATED) != UNRATED
    ]


def table_of(confusion: np.ndarray, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Name the cells of a confusion: the rater's answer, then the scorer's."""
    counts = confusion.round(2).tolist()
    return {names[row]: dict(zip(names, counts[row], strict=True)) for row in range(len(names))}


def _automatic_error(rows: Rows, right: np.ndarray, automatic: np.ndarray) -> Interval:
    """Give the share of automatic ratings that are wrong; where none or all are, resampling cannot tell how sure."""
    found = rows.mean(1 - right, automatic)
    if found.value in (0.0, 1.0):
        clusters = len({cluster for cluster, used in zip(rows.clusters, automatic, strict=True) if used})
        return exact_share(round(found.value) * clusters, clusters)
    return found


def _between_raters(
    name: str, cards: Mapping[str, Scorecard], annotations: Sequence[Annotation]
) -> dict[str, Interval]:
    """Measure raters against each other as the scorer is measured against them."""
    rated: dict[str, list[int]] = {}
    for one in annotations:
        rated.setdefault(one.contact, []).append(answer_in(one, name))
    # either rater may stand first: counting both ways makes the margins equal
    pairs = [
        (contact, *pair)
        for contact, given in rated.items()
        for one in combinations(given, 2)
        for pair in (one, one[::-1])
    ]
    if not pairs:
        return dict.fromkeys(("raters", "raters_answers", "raters_accuracy", "raters_opportunity"), UNTOLD)
    first, second = (np.array([pair[place] for pair in pairs]) for place in (1, 2))
    rows = Rows([cluster_of(cards[contact]) for contact, *_ in pairs], np.ones(len(pairs)))
    both = (first > 0) & (second > 0)
    return {
        "raters": rows.figure(lambda r: weighted_kappa(first[r] - 1, second[r] - 1, levels=len(LEVELS)), both),
        "raters_answers": rows.figure(lambda r: weighted_kappa(first[r], second[r], levels=len(ANSWERS))),
        "raters_accuracy": rows.mean(first == second, both),
        "raters_opportunity": rows.mean((first > 0) == (second > 0)),
    }
