"""Examples → heads on pairs of statement and fact, features of contacts → criterion heads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from servicequal.grounding.knowledge import Knowledge, read_sentences
from servicequal.grounding.pairs import AGREEMENT, RELEVANCE, agreement_features, relevance_features
from servicequal.grounding.verification import GroundingHeads, context
from servicequal.stats.logistic import fit_logistic, fit_ordinal
from servicequal.training.config import TrainConfig
from servicequal.training.examples import Example


def fit_grounding(examples: Sequence[Example], knowledge: Knowledge) -> GroundingHeads | None:
    """Fit relevance, coverage and agreement on the raters' verdicts; None where there are none."""
    relevance, about, agreement, agrees = [], [], [], []
    for example in examples:
        facts, read, needed = knowledge.of(example.encoded.contact)
        if not facts or not example.verdicts:
            continue
        place = {fact.id: number for number, fact in enumerate(facts)}
        statements = read_sentences(example.encoded, knowledge.centre)
        for sentence, verdicts in example.verdicts.items():
            where = context(statements, example.encoded.layout.agent, sentence)
            relevance.append(relevance_features(statements[sentence], *where, read, needed))
            target = np.zeros(len(facts))
            for fact, verdict in verdicts:
                if fact in place:
                    target[place[fact]] = 1.0
                    agreement.append(agreement_features(statements[sentence], read[place[fact]]))
                    agrees.append(float(verdict == "supported"))
            about.append(target)
    if not agreement:
        return None
    relevant = _logistic(np.concatenate(relevance), np.concatenate(about))
    best = np.array([(x @ relevant[:-1] + relevant[-1]).max() for x in relevance])
    covered = _logistic(best[:, None], np.array([target.max() for target in about]))
    agreeing = _logistic(np.stack(agreement), np.array(agrees))
    if (len(relevant), len(agreeing)) != (len(RELEVANCE) + 1, len(AGREEMENT) + 1):
        raise AssertionError("pair features and their names have come apart")
    return GroundingHeads(relevant, covered, agreeing)


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
