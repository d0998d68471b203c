"""Champion and challenger on the same held-out contacts: promoted by a stated rule, or kept as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.annotation import Annotation
from servicequal.errors import AnnotationError
from servicequal.evaluation.evaluate import blind_annotations
from servicequal.evaluation.ratings import measured
from servicequal.evaluation.rows import ANSWERS, LEAST, answer_in, distribution
from servicequal.scorecard import Rating, Scorecard, cluster_of
from servicequal.stats.calibration import brier_losses, calibration_slope, log_losses
from servicequal.stats.comparison import Gain, paired_gain
from servicequal.stats.significance import holm
from servicequal.waves.decision import Check, CriterionGain, Decision, PromotionRule

METRICS = {"brier": brier_losses, "log-loss": log_losses}


@dataclass(frozen=True, slots=True)
class _Side:
    """What one scorer says of one criterion, a row for each contact and rater.

    Attributes:
        probabilities: float [rows, 4], of each of ``ANSWERS``.
        answer: int [rows], as the scorecard shows it.
        automatic: float [rows], 1 where it needs no review.
    """

    probabilities: np.ndarray
    answer: np.ndarray
    automatic: np.ndarray


@dataclass(frozen=True, slots=True)
class _Compared:
    """One criterion under both scorers, a row for each contact and rater."""

    clusters: list[str]
    weight: np.ndarray
    truth: np.ndarray
    champion: _Side
    challenger: _Side

    def mean(self, values: np.ndarray) -> float:
        return float(np.average(values, weights=self.weight))


def decide(
    champion: Iterable[Scorecard],
    challenger: Iterable[Scorecard],
    annotations: Sequence[Annotation],
    *,
    rule: PromotionRule | None = None,
    reason: str | None = None,
) -> Decision:
    """Decide whether a challenger takes over, on contacts that neither has seen.

    Args:
        champion: scorecards of held-out contacts.
        challenger: scorecards of the same contacts, out of fold where it was trained on them.
        annotations: of these contacts; only blind ones count.
        rule: what the challenger must show.
        reason: why a challenger no worse than ``rule.margin`` is wanted although it is no better: a new language, a new
            criterion, a cheaper encoder.

    Raises:
        AnnotationError: if a scorecard is of a contact that its scorer has seen, or fewer than 20 contacts are left.
    """
    rule = rule or PromotionRule()
    first, second = ({card.contact: card for card in cards} for cards in (champion, challenger))
    shared = first.keys() & second.keys()
    first = {contact: card for contact, card in first.items() if contact in shared}
    blind_annotations(second, annotations)
    given = blind_annotations(first, annotations)
    if len({one.contact for one in given}) < LEAST:
        raise AnnotationError(
            f"{len({one.contact for one in given})} contacts with a blind annotation that neither scorer has seen; "
            f"{LEAST} are needed: annotate more contacts of the newest wave"
        )
    names = list(dict.fromkeys(name for one in given for name in one.ratings))
    criteria, left_out = {}, {}
    for name in names:
        rated = _rated_by_both(name, first, second, given)
        if len({one.contact for one in rated}) < LEAST:
            left_out[name] = f"fewer than {LEAST} contacts that both scorers and a blind rater rated"
        else:
            criteria[name] = _compared(name, first, second, rated)
    if not criteria:
        raise AnnotationError("no criterion is rated by both scorers and raters on enough contacts; nothing to compare")
    return _decision(criteria, first, second, rule, reason, left_out)


def _rated_by_both(
    name: str, first: Mapping[str, Scorecard], second: Mapping[str, Scorecard], given: Sequence[Annotation]
) -> list[Annotation]:
    return measured(name, second, measured(name, first, given))


def _compared(
    name: str, first: Mapping[str, Scorecard], second: Mapping[str, Scorecard], given: Sequence[Annotation]
) -> _Compared:
    raters = Counter(one.contact for one in given)

    return _Compared(
        [cluster_of(first[one.contact]) for one in given],
        np.array([1 / raters[one.contact] for one in given]),
        np.array([answer_in(one, name) for one in given]),
        _side([first[one.contact][name] for one in given]),
        _side([second[one.contact][name] for one in given]),
    )


def _side(ratings: Sequence[Rating]) -> _Side:
    return _Side(
        np.stack([distribution(one) for one in ratings]),
        np.array([ANSWERS.index(one.level) for one in ratings]),
        np.array([float(one.decision == "auto") for one in ratings]),
    )


def _decision(
    criteria: Mapping[str, _Compared],
    first: Mapping[str, Scorecard],
    second: Mapping[str, Scorecard],
    rule: PromotionRule,
    reason: str | None,
    left_out: Mapping[str, str],
) -> Decision:
    figures = _by_criterion(criteria, rule)
    every = list(criteria.values())
    gain = _gain(every, rule)
    slopes = _slope(every, [one.champion for one in every]), _slope(every, [one.challenger for one in every])
    checks = tuple(_checks(gain, figures, slopes[1], rule, reason))
    return Decision(
        all(check.passed for check in checks),
        next(iter(first.values())).scorer,
        next(iter(second.values())).scorer,
        len(first),
        len({cluster for one in every for cluster in one.clusters}),
        *slopes,
        gain,
        figures,
        checks,
        rule,
        reason,
        dict(left_out),
    )


def _gain(criteria: Sequence[_Compared], rule: PromotionRule) -> Gain:
    loss = METRICS[rule.metric]
    own = np.concatenate([loss(one.champion.probabilities, one.truth) for one in criteria])
    other = np.concatenate([loss(one.challenger.probabilities, one.truth) for one in criteria])
    return paired_gain(
        own,
        other,
        [cluster for one in criteria for cluster in one.clusters],
        weights=np.concatenate([one.weight for one in criteria]),
        confidence_level=rule.confidence,
        draws=rule.draws,
        seed=rule.seed,
    )


def _by_criterion(criteria: Mapping[str, _Compared], rule: PromotionRule) -> dict[str, CriterionGain]:
    gains = {name: _gain([one], rule) for name, one in criteria.items()}
    adjusted = holm([gain.p_worse for gain in gains.values()]).tolist()
    loss = METRICS[rule.metric]
    return {
        name: CriterionGain(
            round(float(one.weight.sum())),
            one.mean(loss(one.champion.probabilities, one.truth)),
            one.mean(loss(one.challenger.probabilities, one.truth)),
            gains[name],
            p_worse,
            one.mean(one.champion.automatic),
            one.mean(one.challenger.automatic),
        )
        for (name, one), p_worse in zip(criteria.items(), adjusted, strict=True)
    }


def _slope(criteria: Sequence[_Compared], sides: Sequence[_Side]) -> float:
    """Give the calibration slope of the answers of all criteria together."""
    confidence = np.concatenate([side.probabilities[np.arange(len(side.answer)), side.answer] for side in sides])
    right = np.concatenate([side.answer == one.truth for side, one in zip(sides, criteria, strict=True)])
    weights = np.concatenate([one.weight for one in criteria])
    return calibration_slope(confidence, right.astype(float), weights=weights)


def _checks(
    gain: Gain, criteria: Mapping[str, CriterionGain], slope: float, rule: PromotionRule, reason: str | None
) -> Iterable[Check]:
    bound = f"gain {gain.value:+.4f}, lower bound {gain.low:+.4f} with {rule.confidence:.0%} confidence"
    if reason is None:
        yield Check("better", gain.low > 0, bound)
    else:
        yield Check(f"better, or no worse than {rule.margin} because of: {reason}", gain.low > -rule.margin, bound)
    worse = [name for name, one in criteria.items() if one.p_worse < rule.worse]
    yield Check("no criterion significantly worse", not worse, ", ".join(worse) or f"none (Holm, {rule.worse:.0%})")
    low, high = rule.slope
    yield Check(f"calibration slope {low}–{high}", low <= slope <= high, f"{slope:.2f}")
    before, after = (
        float(np.mean([getattr(one, f"{side}_coverage") for one in criteria.values()]))
        for side in ("champion", "challenger")
    )
    kept = after >= before - rule.coverage_loss - 1e-12
    yield Check(
        f"certified coverage not down by more than {rule.coverage_loss:.0%}", kept, f"{before:.1%} → {after:.1%}"
    )
