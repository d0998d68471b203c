"""Examples → heads on pairs of statement and fact, features of contacts → criterion heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.grounding.knowledge import Grounds, Knowledge
from servicequal.grounding.verification import GroundingHeads, candidates
from servicequal.stats.logistic import fit_logistic, fit_ordinal
from servicequal.training.config import TrainConfig
from servicequal.training.examples import Example

TOGETHER = 30.0  # L2 penalty on the vectors of pairs: many columns, all on one scale


def fit_grounding(examples: Sequence[Example], knowledge: Knowledge) -> GroundingHeads | None:
    """Fit relevance, and on pairs read together coverage and agreement, to the raters' verdicts; None without any."""
    judged = [example for example in examples if example.verdicts and knowledge.facts_for(example.encoded.contact)[0]]
    claims = [claim for example in judged for claim in _claims(example, knowledge)]
    if not any(claim.verdicts for claim in claims):
        return None
    relevance = _logistic(
        np.concatenate([claim.relevance for claim in claims]), np.concatenate([claim.is_about for claim in claims])
    )
    ranked = [candidates(relevance, claim.relevance) for claim in claims]
    tried = [claim.together(facts) for claim, (facts, _) in zip(claims, ranked, strict=True)]
    centre, scale = np.concatenate(tried).mean(axis=0), np.concatenate(tried).std(axis=0).mean(keepdims=True)
    scale = np.maximum(scale, 1e-6)
    x = [np.c_[logits, (own - centre) / scale] for (_, logits), own in zip(ranked, tried, strict=True)]
    targets = [claim.is_about[facts] for claim, (facts, _) in zip(claims, ranked, strict=True)]
    about = _logistic(np.concatenate(x), np.concatenate(targets), penalty=TOGETHER)
    best = np.array([(rows @ about[:-1] + about[-1]).max() for rows in x])
    covered = _logistic(best[:, None], np.array([claim.is_about.max() for claim in claims]))
    pairs = [claim.agreement((claim.together(claim.named) - centre) / scale) for claim in claims if claim.verdicts]
    agrees = [verdict == "supported" for claim in claims for _, verdict in claim.verdicts]
    agreement = _logistic(np.concatenate(pairs), np.array(agrees, dtype=float), penalty=TOGETHER)
    return GroundingHeads(relevance, centre, scale, about, covered, agreement)


@dataclass(frozen=True, slots=True)
class _Claim:
    """A statement that raters judged.

    Attributes:
        relevance: float [facts, 8], of the sentence to each fact.
        is_about: float [facts], 1 for the facts that a rater held it against.
        verdicts: the raters', each with the number of its fact; empty where the reference does not tell.
    """

    sentence: int
    grounds: Grounds
    relevance: np.ndarray
    is_about: np.ndarray
    verdicts: list[tuple[int, str]]

    @property
    def named(self) -> list[int]:
        return [fact for fact, _ in self.verdicts]

    def together(self, facts: Sequence[int]) -> np.ndarray:
        return self.grounds.together([(self.sentence, fact) for fact in facts])

    def agreement(self, together: np.ndarray) -> np.ndarray:
        return np.asarray(np.c_[np.stack([self.grounds.agreement(self.sentence, fact) for fact in self.named]), together])


def _claims(example: Example, knowledge: Knowledge) -> list[_Claim]:
    grounds = knowledge.grounds(example.encoded)
    place = {fact.id: number for number, fact in enumerate(grounds.facts)}
    claims = []
    for sentence, given in example.verdicts.items():
        verdicts = [(place[fact], verdict) for fact, verdict in given if fact in place]
        is_about = np.zeros(len(place))
        is_about[[fact for fact, _ in verdicts]] = 1.0
        claims.append(_Claim(sentence, grounds, grounds.relevance(sentence), is_about, verdicts))
    return claims


def _logistic(x: np.ndarray, target: np.ndarray, *, penalty: float = 1.0) -> np.ndarray:
    """Fit one output; coefficients, then the intercept."""
    weight, bias = fit_logistic(x, target[:, None], penalty=penalty)
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
