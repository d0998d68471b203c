"""Out-of-fold findings: each contact seen by heads that never saw it, the only input of calibration and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.features import feature_names
from servicequal.grounding.knowledge import Knowledge, find_verdicts
from servicequal.grounding.verification import GroundingHeads
from servicequal.heads import CriterionHead, Heads, SentenceHeads
from servicequal.rating import Findings
from servicequal.scheme import LEVELS, Criterion, Scheme
from servicequal.stats.calibration import fit_platt
from servicequal.stats.selective import certified_threshold
from servicequal.training.config import TrainConfig
from servicequal.training.examples import Example
from servicequal.training.fit_heads import fit_criterion, fit_grounding, fit_sentence_heads


@dataclass(frozen=True, slots=True)
class SentenceStage:
    """Heads on sentences and on pairs, fitted on some examples."""

    sentence: SentenceHeads
    grounding: GroundingHeads | None


def fit_sentences(
    examples: Sequence[Example], scheme: Scheme, knowledge: Knowledge, centre: np.ndarray, config: TrainConfig
) -> SentenceStage:
    """Fit the first stage."""
    return SentenceStage(
        fit_sentence_heads(examples, scheme, centre, config), fit_grounding(examples, knowledge, centre)
    )


def find(example: Example, stage: SentenceStage, scheme: Scheme, knowledge: Knowledge) -> Findings:
    """Apply the first stage to one contact."""
    heads = Heads(scheme, stage.sentence, {})
    indicators = heads.indicators(example.encoded.vectors, example.encoded.layout)
    verdicts, needed = find_verdicts(
        example.encoded, indicators, scheme, stage.grounding, knowledge, stage.sentence.centre
    )
    return Findings(heads, example.encoded, indicators, verdicts, needed)


def out_of_fold(
    examples: Sequence[Example], scheme: Scheme, knowledge: Knowledge, centre: np.ndarray, config: TrainConfig
) -> list[Findings]:
    """Find each contact with sentence heads fitted on the other folds, in the order of the examples."""
    findings: dict[int, Findings] = {}
    for train, test in _splits([example.fold for example in examples]):
        stage = fit_sentences([examples[n] for n in train], scheme, knowledge, centre, config)
        findings |= {n: find(examples[n], stage, scheme, knowledge) for n in test}
    return [findings[n] for n in range(len(examples))]


def calibrated_head(
    criterion: Criterion, scheme: Scheme, examples: Sequence[Example], findings: Sequence[Findings], config: TrainConfig
) -> tuple[CriterionHead, dict[int, CriterionHead]]:
    """Fit one criterion's head on out-of-fold features, and calibrate it on its own out-of-fold logits.

    Returns:
        The head fitted on all contacts, and for each fold the head that did not see it; both with the same calibration,
        which for a fold's own figures is fitted on the other folds.
    """
    x = np.stack([finding.features(criterion) for finding in findings])
    applies = np.array([example.applies.get(criterion.id, np.nan) for example in examples])
    nothing = np.full(len(LEVELS), np.nan)
    levels = np.stack([example.levels.get(criterion.id, nothing) for example in examples])
    folds = np.array([example.fold for example in examples])
    parts = {
        int(fold): _raw_head(x[folds != fold], applies[folds != fold], levels[folds != fold], config)
        for fold in set(folds)
    }
    raw = {fold: head.logits(x) for fold, head in parts.items()}
    applies_logit = np.array([raw[fold][0][n] for n, fold in enumerate(folds)])
    level_score = np.array([raw[fold][1][n] for n, fold in enumerate(folds)])
    steps = np.stack([parts[fold].steps for fold in folds])

    def calibration(use: np.ndarray) -> np.ndarray:
        return _calibration(applies_logit[use], applies[use], level_score[use], steps[use], levels[use])

    unseeing = {fold: _with(head, calibration=calibration(folds != fold)) for fold, head in parts.items()}
    threshold = _threshold([unseeing[fold] for fold in folds.tolist()], x, applies, levels, criterion, config)
    whole = _with(_raw_head(x, applies, levels, config), calibration=calibration(folds >= 0), threshold=threshold)
    if len(whole.level) != len(feature_names(scheme, criterion)):
        raise AssertionError("contact features and their names have come apart")
    return whole, unseeing


def _splits(folds: Sequence[int]) -> list[tuple[list[int], list[int]]]:
    numbers = range(len(folds))
    return [([n for n in numbers if folds[n] != k], [n for n in numbers if folds[n] == k]) for k in sorted(set(folds))]


def _raw_head(x: np.ndarray, applies: np.ndarray, levels: np.ndarray, config: TrainConfig) -> CriterionHead:
    fitted = fit_criterion(x, applies, levels, config)
    return CriterionHead(*fitted, np.array([1.0, 0.0, 1.0, 0.0]), np.array([2.0]))


def _with(head: CriterionHead, *, calibration: np.ndarray, threshold: float | None = None) -> CriterionHead:
    certified = np.array([2.0 if threshold is None else threshold])
    return CriterionHead(head.mean, head.scale, head.opportunity, head.level, head.steps, calibration, certified)


def _calibration(
    applies_logit: np.ndarray, applies: np.ndarray, level_score: np.ndarray, steps: np.ndarray, levels: np.ndarray
) -> np.ndarray:
    """Platt-scale "applies", and the level with one scale and shift for both of its steps."""
    rated, has_level = ~np.isnan(applies), ~np.isnan(levels[:, 0])
    a, b = fit_platt(applies_logit[rated], applies[rated])
    if not has_level.any():
        return np.array([a, b, 1.0, 0.0])
    above = np.cumsum(levels[has_level, ::-1], axis=1)[:, ::-1][:, 1:]
    logits = level_score[has_level, None] + steps[has_level]
    c, d = fit_platt(logits.ravel(), above.ravel(), weights=np.full(above.size, 0.5))
    return np.array([a, b, c, d])


def _threshold(
    parts: Sequence[CriterionHead],
    x: np.ndarray,
    applies: np.ndarray,
    levels: np.ndarray,
    criterion: Criterion,
    config: TrainConfig,
) -> float | None:
    """Certify the out-of-fold answers: right is what the raters' share says most, an even split counts as wrong."""
    rated = np.flatnonzero(~np.isnan(applies)).tolist()
    confidence, wrong = [], []
    for n in rated:
        answer, sure = _answer(parts[n], x[n], always=criterion.always)
        truth = np.r_[1 - applies[n], applies[n] * np.nan_to_num(levels[n])]
        confidence.append(sure)
        wrong.append(truth[answer] <= 0.5)
    return certified_threshold(
        np.array(confidence), np.array(wrong, dtype=bool), max_error=config.max_error, risk=config.risk
    )


def _answer(head: CriterionHead, x: np.ndarray, *, always: bool) -> tuple[int, float]:
    """Give the answer (0 for not applicable, then the levels from 1) and the confidence in it."""
    applies, levels = head.probabilities(x[None])
    applicable = 1.0 if always else float(applies[0])
    if applicable < 0.5:
        return 0, 1 - applicable
    return int(levels[0].argmax()) + 1, applicable * float(levels[0].max())


def with_criteria(findings: Findings, criteria: Mapping[str, CriterionHead]) -> Findings:
    """Give the same findings under heads that can rate."""
    heads = Heads(findings.heads.scheme, findings.heads.sentence, criteria)
    return Findings(heads, findings.encoded, findings.indicators, findings.verdicts, findings.needed)
