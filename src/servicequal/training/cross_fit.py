"""Out-of-fold findings: each contact seen by heads that never saw it, the only input of calibration and figures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

import numpy as np

from servicequal.features import feature_names
from servicequal.heads import CriterionHead, Heads
from servicequal.rating import BLOCK, Findings, find_all
from servicequal.scheme import LEVELS, NOT_APPLICABLE, Criterion, Scheme
from servicequal.stats.calibration import fit_platt
from servicequal.stats.selective import certified_threshold
from servicequal.training.config import TrainConfig
from servicequal.training.examples import Example
from servicequal.training.fit_heads import fit_criterion
from servicequal.training.material import Material
from servicequal.training.stages import Stage

Result = TypeVar("Result")
NOTHING_CERTIFIED = np.array([2.0])  # no confidence reaches it


def find_out_of_fold(
    examples: Sequence[Example], stages: Mapping[int | None, Stage], material: Material
) -> list[Findings]:
    """Find each contact by the stage fitted on the other folds, in order.

    No stage has seen the contact that it describes. It has seen the other folds, though, so a head fitted on these
    findings without one fold learns from features that this fold helped to shape (stacking, Wolpert 1992); to keep it
    out there too would take a network for every two folds.
    """
    heads = {fold: Heads(material.scheme, stage.networks, {}) for fold, stage in stages.items()}

    def found(fold: int, rows: Sequence[int]) -> list[Findings]:
        encoded = [examples[row].encoded for row in rows]
        return find_all(encoded, heads[fold], stages[fold].grounding, material.knowledge)

    return by_fold(examples, found)


def by_fold(examples: Sequence[Example], apply: Callable[[int, Sequence[int]], Sequence[Result]]) -> list[Result]:
    """Apply a function to the numbers of examples, a block of one fold at a time; its results in order."""
    results: dict[int, Result] = {}
    for fold in sorted({example.fold for example in examples}):
        own = (row for row, example in enumerate(examples) if example.fold == fold)
        while block := list(islice(own, BLOCK)):
            results.update(zip(block, apply(fold, block), strict=True))
    return [results[row] for row in range(len(examples))]


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


def columns_of(scheme: Scheme, examples: Sequence[Example], findings: Sequence[Findings]) -> dict[str, Column]:
    """Gather the features and targets of every criterion."""
    nothing = np.full(len(LEVELS), np.nan)
    return {
        criterion.id: Column(
            np.stack([finding.features(criterion) for finding in findings]),
            np.array([example.applies.get(criterion.id, np.nan) for example in examples]),
            np.stack([example.levels.get(criterion.id, nothing) for example in examples]),
            np.array([_drawn(example, criterion) for example in examples]),
            np.array([example.fold for example in examples]),
        )
        for criterion in scheme.criteria
    }


def fit_criteria(columns: Mapping[str, Column], scheme: Scheme, config: TrainConfig) -> dict[str, CriterionHead]:
    """Fit every criterion's head on its column, and calibrate it on its own out-of-fold logits."""
    heads = {}
    for criterion in scheme.criteria:
        column = columns[criterion.id]
        head = _raw_head(column, config)
        if len(head.level) != len(feature_names(scheme, criterion)):
            raise AssertionError("contact features and their names have come apart")
        heads[criterion.id] = replace(head, calibration=_cross_calibration(column, config))
    return heads


@dataclass(frozen=True, slots=True)
class Answers:
    """What heads that never saw a contact answer, a row per contact, for one criterion.

    Attributes:
        answer: int [contacts], 0 for not applicable, the levels from 1.
        confidence: float [contacts], 0–1.
        drawn: int [contacts], the answer of one blind rater, drawn by hash; -1 where nobody rated.
        fold: int [contacts].
    """

    answer: np.ndarray
    confidence: np.ndarray
    drawn: np.ndarray
    fold: np.ndarray

    def certified(self, config: TrainConfig, *, without: int | None = None) -> np.ndarray:
        """Give the threshold certified on these answers, or on those of the other folds: float [1]."""
        use = (self.drawn >= 0) & (self.fold != without)
        threshold = certified_threshold(
            self.confidence[use], (self.answer != self.drawn)[use], max_error=config.max_error, risk=config.risk
        )
        return NOTHING_CERTIFIED if threshold is None else np.array([threshold])


def answers_of(criterion: Criterion, column: Column, heads: Mapping[int, CriterionHead]) -> Answers:
    """Ask, for each contact, the head of its fold, which was fitted and calibrated on the other folds alone."""
    given = [
        _answer(heads[fold], x, always=criterion.always) for fold, x in zip(column.fold.tolist(), column.x, strict=True)
    ]
    answer, confidence = zip(*given, strict=True)
    return Answers(np.array(answer), np.array(confidence), column.drawn, column.fold)


def _drawn(example: Example, criterion: Criterion) -> int:
    """Draw one of the contact's blind raters by hash: the certificate speaks of a rater, not of a majority of two."""
    rated = [one for one in example.annotations if one.blind and criterion.id in one.ratings]
    if not rated:
        return -1
    names = {hashlib.sha256(f"{one.contact} {one.rater}".encode()).hexdigest(): one for one in rated}
    level = names[min(names)].ratings[criterion.id]
    return 0 if level == NOT_APPLICABLE else LEVELS.index(level) + 1


def _raw_head(column: Column, config: TrainConfig) -> CriterionHead:
    fitted = fit_criterion(column.x, column.applies, column.levels, config)
    return CriterionHead(*fitted, calibration=np.array([1.0, 0.0, 1.0, 0.0]), threshold=NOTHING_CERTIFIED)


def _cross_calibration(column: Column, config: TrainConfig) -> np.ndarray:
    """Platt-scale "applies", and the level with one scale and shift for both of its steps, on out-of-fold logits.

    Where some contacts have blind ratings, those alone calibrate: it is for their raters that probabilities are to
    hold. The others, rated by who wrote them or by who saw a model's answer, only train.
    """
    applies, level = np.zeros(len(column.x)), np.zeros((len(column.x), len(LEVELS) - 1))
    for fold in set(column.fold.tolist()):
        own = column.fold == fold
        head = _raw_head(column.where(~own), config)
        applies[own], score = head.logits(column.x[own])
        level[own] = score[:, None] + head.steps
    blind = column.drawn >= 0
    measured = blind if blind.any() else ~blind
    rated, has_level = measured & ~np.isnan(column.applies), measured & ~np.isnan(column.levels[:, 0])
    a, b = fit_platt(applies[rated], column.applies[rated])
    if not has_level.any():
        return np.array([a, b, 1.0, 0.0])
    above = np.cumsum(column.levels[has_level, ::-1], axis=1)[:, ::-1][:, 1:]
    c, d = fit_platt(level[has_level].ravel(), above.ravel(), weights=np.full(above.size, 0.5))
    return np.array([a, b, c, d])


def _answer(head: CriterionHead, x: np.ndarray, *, always: bool) -> tuple[int, float]:
    """Give the answer (0 for not applicable, then the levels from 1) and the confidence in it."""
    applies, levels = head.probabilities(x[None])
    applicable = 1.0 if always else float(applies[0])
    if applicable < 0.5:
        return 0, 1 - applicable
    return int(levels[0].argmax()) + 1, applicable * float(levels[0].max())
