"""Corpora with planted effects: scorecards of an imperfect scorer, and annotations of some of the contacts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from servicequal.annotation import Annotation
from servicequal.scheme import LEVELS, NOT_APPLICABLE, Criterion, Indicator, Scheme
from servicequal.scorecard import Evidence, Overall, Rating, Scorecard

_WORDS = dict.fromkeys(LEVELS, "…")
SCHEME = Scheme(
    "simulated",
    (
        Criterion("empathy", "…", _WORDS, trigger="concern"),
        Criterion("correct_answers", "…", _WORDS, grounded=True, critical=True),
        Criterion("complaint_handling", "…", _WORDS, trigger="complaint", critical=True),
        Criterion("courtesy", "…", _WORDS, always=True, weight=0.5),
    ),
    (
        Indicator("concern", "customer", "…"),
        Indicator("complaint", "customer", "…"),
        Indicator("repeat_contact", "customer", "…"),
        Indicator("acknowledges", "agent", "…", serves="empathy"),
        Indicator("dismisses", "agent", "…", serves="empathy", polarity=-1),
        Indicator("defers_answer", "agent", "…", serves="correct_answers"),
        Indicator("offers_remedy", "agent", "…", serves="complaint_handling"),
        Indicator("greets", "agent", "…", serves="courtesy"),
        Indicator("commits", "agent", "…", serves="courtesy"),
    ),
    cap=100.0,  # no cap, so that planted effects add up
)
CRITERIA = tuple(criterion.id for criterion in SCHEME.criteria)


@dataclass(frozen=True)
class Scorer:
    """How a made-up scorer errs: levels seen through noise, and a bias by contact."""

    sharpness: float = 0.75
    bias: Callable[[Mapping[str, Any]], float] = lambda _: 0.0


def card(
    contact: str,
    levels: Mapping[str, str],
    *,
    draw: np.random.Generator | None = None,
    scorer: Scorer | None = None,
    evidence: Sequence[Evidence] = (),
    channel: str = "chat",
    **attributes: Any,
) -> Scorecard:
    """A card for a contact whose true levels are known; without a scorer it is right and sure."""
    ratings = {name: _rating(levels.get(name, NOT_APPLICABLE), draw, scorer, attributes, evidence) for name in CRITERIA}
    there = [(c.weight, LEVELS.index(ratings[c.id].level)) for c in SCHEME.criteria if ratings[c.id].level in LEVELS]
    score = 50 * sum(w * level for w, level in there) / sum(w for w, _ in there) if there else None
    return Scorecard(contact, channel, "en", Overall(score, score, score), ratings, (), (), attributes, "made up")


def _rating(
    level: str,
    draw: np.random.Generator | None,
    scorer: Scorer | None,
    attributes: Mapping[str, Any],
    evidence: Sequence[Evidence],
) -> Rating:
    applies = float(level != NOT_APPLICABLE)
    probabilities = np.full(3, 1 / 3) if not applies else np.eye(3)[LEVELS.index(level)]
    if scorer is not None and draw is not None:
        seen = np.eye(3)[draw.integers(3)] if draw.random() > scorer.sharpness else probabilities
        shift = scorer.bias(attributes)
        tilted = (0.15 / 3 + 0.85 * seen) * np.exp(np.array([-shift, 0.0, shift]))
        probabilities = tilted / tilted.sum()
        applies = 0.95 * applies + 0.025
    most = LEVELS[int(np.argmax(probabilities))] if applies >= 0.5 else NOT_APPLICABLE
    levels = dict(zip(LEVELS, map(float, probabilities), strict=True))
    return Rating(most, applies, levels, "review", tuple(evidence) if applies >= 0.5 else ())


def level_of(points: float, draw: np.random.Generator) -> str:
    """A level whose mean is exactly ``points`` (0–100): two independent halves."""
    return LEVELS[int(draw.binomial(2, np.clip(points, 0, 100) / 100))]


@dataclass(frozen=True)
class Corpus:
    cards: list[Scorecard]
    annotations: list[Annotation]


def corpus(
    seed: int,
    attributes: Sequence[Mapping[str, Any]],
    points: Callable[[str, Mapping[str, Any]], float],
    *,
    annotated: float = 0.3,
    applies: float = 0.8,
    scorer: Scorer | None = None,
) -> Corpus:
    """Contacts with the given attributes, whose criteria have the expected points that ``points`` says.

    Args:
        seed: of everything.
        attributes: of each contact.
        points: 0–100, of a criterion in a contact with these attributes.
        annotated: share of the contacts that one rater rated.
        applies: share of the contacts that a criterion with a trigger applies to.
        scorer: how the cards err; a fair one by default.
    """
    draw, cards, annotations = np.random.default_rng(seed), [], []
    for number, given in enumerate(attributes):
        levels = {
            one.id: level_of(points(one.id, given), draw)
            if one.trigger is None or draw.random() < applies
            else NOT_APPLICABLE
            for one in SCHEME.criteria
        }
        name = f"c-{number}"
        cards.append(card(name, levels, draw=draw, scorer=scorer or Scorer(), **given))
        if draw.random() < annotated:
            annotations.append(Annotation(name, "r1", levels))
    return Corpus(cards, annotations)


def evidence(indicator: str, *, turn: int = 1, text: str = "As said.", probability: float = 0.9) -> Evidence:
    return Evidence(turn, 0, len(text), text, indicator, probability)
