"""Out-of-fold findings: each contact seen by heads that never saw it, the only input of calibration and figures."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from servicequal.features import feature_names
from servicequal.grounding.knowledge import Knowledge, find_verdicts
from servicequal.grounding.verification import GroundingHeads
from servicequal.heads import CriterionHead, Heads, SentenceHeads
from servicequal.rating import Findings
from servicequal.scheme import LEVELS, NOT_APPLICABLE, Criterion, Scheme
from servicequal.stats.calibration import fit_platt
from servicequal.stats.selective import certified_threshold
from servicequal.training.config import TrainConfig
from servicequal.training.examples import Example
from servicequal.training.fit_heads import fit_criterion, fit_grounding, fit_sentence_heads

NOTHING_CERTIFIED = np.array([2.0])  # no confidence reaches it


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


@dataclass(frozen=True, slots=True)
class Column:
    """What one criterion's head is fitted on, a row per contact.

    Attributes:
        x: float [contacts, features], out of fold.
        applies: float [contacts], share of the raters for whom it applies; NaN where nobody rated.
        levels: float [contacts, 3], share of the levels among those; NaN where it applies for nobody.
        drawn: int [contacts], the answer of one rater, drawn by hash: 0 for not applicable, the levels from 1, else -1.
        fold: int [contacts].
    """

    x: np.ndarray
    applies: np.ndarray
    levels: np.ndarray
    drawn: np.ndarray
    fold: np.ndarray

    def where(self, rows: np.ndarray) -> Column:
        """Keep some contacts."""
        return Column(self.x[rows], self.applies[rows], self.levels[rows], self.drawn[rows], self.fold[rows])


def column_of(criterion: Criterion, examples: Sequence[Example], findings: Sequence[Findings]) -> Column:
    """Gather one criterion's features and targets."""
    nothing = np.full(len(LEVELS), np.nan)
    return Column(
        np.stack([finding.features(criterion) for finding in findings]),
        np.array([example.applies.get(criterion.id, np.nan) for example in examples]),
        np.stack([example.levels.get(criterion.id, nothing) for example in examples]),
        np.array([_drawn(example, criterion) for example in examples]),
        np.array([example.fold for example in examples]),
    )


def calibrated_head(
    criterion: Criterion, scheme: Scheme, column: Column, config: TrainConfig
) -> tuple[CriterionHead, dict[int, CriterionHead]]:
    """Fit one criterion's head, calibrate it on its own out-of-fold logits, and certify its out-of-fold answers.

    Returns:
        The head fitted on all contacts; and for each fold a head that was neither fitted nor calibrated on it.
    """
    folds = sorted(set(column.fold.tolist()))
    raw = {fold: _raw_head(column.where(column.fold != fold), config) for fold in folds}
    logits = {fold: head.logits(column.x) for fold, head in raw.items()}
    rows = list(enumerate(column.fold.tolist()))
    applies = np.array([logits[fold][0][n] for n, fold in rows])
    level = np.array([logits[fold][1][n] for n, fold in rows])[:, None] + np.stack(
        [raw[fold].steps for _, fold in rows]
    )
    unseeing = {}
    for fold, head in raw.items():
        seen = column.fold != fold
        unseeing[fold] = replace(head, calibration=_calibration(column.where(seen), applies[seen], level[seen]))
    whole = replace(
        _raw_head(column, config),
        calibration=_calibration(column, applies, level),
        threshold=_threshold(column, [unseeing[fold] for _, fold in rows], config, always=criterion.always),
    )
    if len(whole.level) != len(feature_names(scheme, criterion)):
        raise AssertionError("contact features and their names have come apart")
    return whole, unseeing


def _splits(folds: Sequence[int]) -> list[tuple[list[int], list[int]]]:
    numbers = range(len(folds))
    return [([n for n in numbers if folds[n] != k], [n for n in numbers if folds[n] == k]) for k in sorted(set(folds))]


def _drawn(example: Example, criterion: Criterion) -> int:
    """Draw one of the contact's raters by hash: the certificate speaks of a rater, not of a majority of two."""
    rated = [annotation for annotation in example.annotations if criterion.id in annotation.ratings]
    if not rated:
        return -1
    names = {hashlib.sha256(f"{one.contact} {one.rater}".encode()).hexdigest(): one for one in rated}
    level = names[min(names)].ratings[criterion.id]
    return 0 if level == NOT_APPLICABLE else LEVELS.index(level) + 1


def _raw_head(column: Column, config: TrainConfig) -> CriterionHead:
    fitted = fit_criterion(column.x, column.applies, column.levels, config)
    return CriterionHead(*fitted, calibration=np.array([1.0, 0.0, 1.0, 0.0]), threshold=NOTHING_CERTIFIED)


def _calibration(column: Column, applies: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Platt-scale the logit of "applies" [contacts], and those of the level's steps [contacts, 2] with one scale."""
    rated, has_level = ~np.isnan(column.applies), ~np.isnan(column.levels[:, 0])
    a, b = fit_platt(applies[rated], column.applies[rated])
    if not has_level.any():
        return np.array([a, b, 1.0, 0.0])
    above = np.cumsum(column.levels[has_level, ::-1], axis=1)[:, ::-1][:, 1:]
    c, d = fit_platt(level[has_level].ravel(), above.ravel(), weights=np.full(above.size, 0.5))
    return np.array([a, b, c, d])


def _threshold(column: Column, heads: Sequence[CriterionHead], config: TrainConfig, *, always: bool) -> np.ndarray:
    """Certify the answers of heads that did not see the contact, against one rater's; float [1]."""
    rated = np.flatnonzero(column.drawn >= 0).tolist()
    answers = [_answer(heads[n], column.x[n], always=always) for n in rated]
    threshold = certified_threshold(
        np.array([sure for _, sure in answers]),
        np.array([answer != column.drawn[n] for (answer, _), n in zip(answers, rated, strict=True)], dtype=bool),
        max_error=config.max_error,
        risk=config.risk,
    )
    return NOTHING_CERTIFIED if threshold is None else np.array([threshold])


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
