"""Examples → heads on pairs of statement and fact, features of contacts → criterion heads."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.grounding.knowledge import Knowledge
from servicequal.grounding.pairs import Comparison
from servicequal.grounding.verification import GroundingHeads, logits
from servicequal.stats.logistic import fit_logistic, fit_ordinal
from servicequal.training.config import TrainConfig
from servicequal.training.examples import Example


def fit_grounding(examples: Sequence[Example], knowledge: Knowledge) -> GroundingHeads | None:
    """Fit relevance, coverage and agreement on the raters' verdicts; None where there are none.

    Coverage and agreement are fitted on the fact that relevance finds, as they are used: it need not be the right one.
    """
    judged = list(_judged(examples, knowledge))
    supported = np.array([one.supported for one in judged])
    known = ~np.isnan(supported)
    if knowledge.space is None or not known.any():
        return None
    pairs = [one.compared.relevance(one.sentence) for one in judged]
    head = _logistic(np.concatenate(pairs), np.concatenate([one.about for one in judged]))
    found = [(one, own, logits(own, head)) for one, own in zip(judged, pairs, strict=True)]
    coverage = np.stack([one.compared.coverage(one.sentence, own, relevance) for one, own, relevance in found])
    agreement = np.stack([one.compared.agreement(one.sentence, relevance) for one, _, relevance in found])
    covered = _logistic(coverage, np.array([one.about.max() for one in judged]))
    return GroundingHeads(knowledge.space, head, covered, _logistic(agreement[known], supported[known]))


@dataclass(frozen=True, slots=True)
class _Judged:
    """A statement that raters held against the reference.

    Attributes:
        compared: its contact.
        about: float [facts], 1 for those that a rater named.
        supported: share of the verdicts on a fact that say so; NaN where no rater found one.
    """

    compared: Comparison
    sentence: int
    about: np.ndarray
    supported: float


def _judged(examples: Sequence[Example], knowledge: Knowledge) -> Iterator[_Judged]:
    for example in examples:
        facts, needed = knowledge.of(example.encoded.contact)
        if not facts or not example.verdicts:
            continue
        place = {fact.id: number for number, fact in enumerate(facts)}
        compared = knowledge.compare(example.encoded, facts, needed)
        for sentence, verdicts in example.verdicts.items():
            on_facts = [(place[fact], verdict) for fact, verdict in verdicts if fact in place]
            about = np.zeros(len(facts))
            about[[number for number, _ in on_facts]] = 1.0
            agrees = [verdict == "supported" for _, verdict in on_facts]
            yield _Judged(compared, sentence, about, float(np.mean(agrees)) if agrees else math.nan)


def _logistic(x: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Fit one output; coefficients, then the intercept."""
    weight, bias = fit_logistic(x, target[:, None], penalty=1.0)
    return np.asarray(np.r_[weight[0], bias])


def fit_criterion(
    x: np.ndarray, applies: np.ndarray, levels: np.ndarray, config: TrainConfig
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Fit whether a criterion applies, and its level where it does.

    Args:
        x: float [contacts, features].
        applies: float [contacts], share of raters; NaN where nobody rated.
        levels: float [contacts, 3], share of the levels; NaN where it applies for nobody.
        config: penalties.

    Returns:
        Mean, scale, opportunity, level and steps, as ``CriterionHead`` has them.
    """
    mean, scale = x.mean(0), x.std(0)
    scale = np.where(scale < 1e-6, 1.0, scale)
    z = (x - mean) / scale
    rated, has_level = ~np.isnan(applies), ~np.isnan(levels[:, 0])
    weight, bias = fit_logistic(z[rated], applies[rated, None], penalty=config.criterion_penalty)
    if not has_level.any():
        return mean, scale, np.r_[weight[0], bias], np.zeros(x.shape[1]), np.array([0.5, -0.5])
    level, steps = fit_ordinal(
        z[has_level], levels[has_level], weights=applies[has_level], penalty=config.criterion_penalty
    )
    return mean, scale, np.r_[weight[0], bias], level, steps
