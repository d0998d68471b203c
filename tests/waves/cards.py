"""Made-up scorers and raters: what a criterion truly is, and how well each side sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from servicequal import Annotation, Scorecard
from servicequal.scheme import LEVELS
from servicequal.scorecard import Overall, Rating

CRITERIA = ("warmth", "speed")


def truths(count: int, *, seed: int = 0) -> dict[str, np.ndarray]:
    """Draw the true level of each contact, by criterion."""
    draw = np.random.default_rng(seed)
    return {name: draw.integers(0, 3, count) for name in CRITERIA}


def notes(truth: Mapping[str, np.ndarray], *, raters: Sequence[str] = ("r1",)) -> list[Annotation]:
    """Annotate as the truth is."""
    count = len(next(iter(truth.values())))
    return [
        Annotation(f"c{n}", rater, {name: LEVELS[levels[n]] for name, levels in truth.items()}, wave="w")
        for n in range(count)
        for rater in raters
    ]


def cards(
    truth: Mapping[str, np.ndarray],
    skill: float | Mapping[str, float],
    *,
    said: float | None = None,
    automatic: float = 0.5,
    scorer: str = "a scorer",
    seed: int = 1,
) -> list[Scorecard]:
    """Score contacts by a scorer that is right in ``skill`` of them and says ``said`` of its answer."""
    draw = np.random.default_rng(seed)
    count = len(next(iter(truth.values())))
    skills = skill if isinstance(skill, Mapping) else dict.fromkeys(truth, skill)
    given = []
    for number in range(count):
        ratings = {}
        for name, levels in truth.items():
            own = skills[name] + draw.uniform(-0.2, 0.2)  # some contacts are easier than others
            answer = levels[number] if draw.random() < own else (levels[number] + draw.integers(1, 3)) % 3
            sure = float(np.clip(own if said is None else said, 0.34, 0.99))
            spread = {level: sure if LEVELS[answer] == level else (1 - sure) / 2 for level in LEVELS}
            decision = "auto" if draw.random() < automatic else "review"
            ratings[name] = Rating(LEVELS[answer], 1.0, spread, decision)
        given.append(Scorecard(f"c{number}", "chat", "en", Overall(None, None, None), ratings, scorer=scorer))
    return given
