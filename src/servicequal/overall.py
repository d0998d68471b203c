"""Ratings → overall score, with the interval that their probabilities leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from servicequal.scheme import LEVELS, NOT_APPLICABLE, Scheme
from servicequal.scorecard import Overall, Rating

CONFIDENT = 0.8  # a critical not_met this probable caps the overall score


def overall(scheme: Scheme, ratings: Mapping[str, Rating]) -> Overall:
    """Weigh the ratings: 100 × weighted mean of level/2 over the applicable criteria, capped by a confident failure.

    The interval holds 90 % of the score's distribution under the ratings' probabilities, taken as independent.
    """
    applicable = [c for c in scheme.criteria if ratings[c.id].level != NOT_APPLICABLE]
    if not applicable:
        return Overall(None, None, None)
    points = sum(c.weight * LEVELS.index(ratings[c.id].level) / 2 for c in applicable)
    score = 100 * points / sum(c.weight for c in applicable)
    capped_by = None
    for criterion in applicable:
        rating = ratings[criterion.id]
        if criterion.critical and rating.applicable * rating.levels["not_met"] >= CONFIDENT and score > scheme.cap:
            score, capped_by = scheme.cap, criterion.id
    scores, cumulated = _distribution(scheme, ratings)
    low = min(score, float(scores[np.searchsorted(cumulated, 0.05)]))
    high = max(score, float(scores[np.searchsorted(cumulated, 0.95).clip(max=len(scores) - 1)]))
    return Overall(round(score, 1), round(low, 1), round(high, 1), capped_by)


def _distribution(scheme: Scheme, ratings: Mapping[str, Rating]) -> tuple[np.ndarray, np.ndarray]:
    """Convolve the ratings: all scores that can come out, rising, with the probability of at most each."""
    outcomes = _outcomes(tuple((c.weight, c.critical) for c in scheme.criteria), scheme.cap)
    chances: np.ndarray = np.ones(1)
    for criterion, (place, states) in zip(scheme.criteria, outcomes.steps, strict=True):
        rating = ratings[criterion.id]
        answers = np.array([1 - rating.applicable, *(rating.applicable * rating.levels[level] for level in LEVELS)])
        chances = np.bincount(place, weights=(answers[:, None] * chances).ravel(), minlength=states)
    left = chances[outcomes.order]
    return outcomes.scores, np.cumsum(left / max(left.sum(), 1e-12))


@dataclass(frozen=True, slots=True)
class _Outcomes:
    """What ratings can add up to, whatever their probabilities.

    Attributes:
        steps: for each criterion, where each of its four answers leads from each state so far: int [4 · states before],
            and the number of states after it.
        order: int [scores], the last states by their score, without the one where no criterion applies.
        scores: float [scores], rising.
    """

    steps: tuple[tuple[np.ndarray, int], ...]
    order: np.ndarray
    scores: np.ndarray


@lru_cache(maxsize=16)
def _outcomes(criteria: tuple[tuple[float, bool], ...], cap: float) -> _Outcomes:
    states = np.zeros((1, 3))  # weight so far, points so far, whether a critical criterion failed
    steps = []
    for weight, critical in criteria:
        answers = [(0.0, 0.0, 0.0)]
        answers += [(weight, weight * number / 2, float(critical and number == 0)) for number in range(len(LEVELS))]
        moved = np.concatenate([states + np.array(answer) for answer in answers])
        moved[:, 2] = moved[:, 2].clip(max=1)
        states, place = np.unique(moved.round(6), axis=0, return_inverse=True)
        steps.append((place.ravel(), len(states)))
    some = np.flatnonzero(states[:, 0] > 0)
    scores = 100 * states[some, 1] / states[some, 0]
    scores = np.where(states[some, 2] > 0, np.minimum(scores, cap), scores)
    order = np.argsort(scores, kind="stable")
    return _Outcomes(tuple(steps), some[order], scores[order])
