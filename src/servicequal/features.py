"""Sentence vectors → features of sentences, and indicator probabilities → features of a contact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.contact import CHANNELS
from servicequal.scheme import Criterion, Scheme

WINDOW = 4  # turns within which an agent's sentence counts as a response
CLAIM_FEATURES = ("supported", "contradicted", "worst", "unknown", "coverage", "needed", "needed_contradicted")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the sentences of one contact stand.

    Attributes:
        agent: bool [sentences].
        turn: int [sentences], falling nowhere.
        channel: of the contact.
    """

    agent: np.ndarray
    turn: np.ndarray
    channel: str

    def without(self, sentence: int) -> Layout:
        """Give the layout as if one sentence had not been said."""
        return Layout(np.delete(self.agent, sentence), np.delete(self.turn, sentence), self.channel)


def sentence_features(vectors: np.ndarray, layout: Layout) -> np.ndarray:
    """Describe each sentence by its own vector, the one before it, who speaks, and how far the contact has come.

    Args:
        vectors: float [sentences, width], centred.
        layout: of the same sentences.

    Returns:
        float [sentences, 2 · width + 5].
    """
    count = len(vectors)
    before = np.vstack([np.zeros_like(vectors[:1]), vectors[:-1]])
    place = np.arange(count)
    same_turn = np.r_[False, layout.turn[1:] == layout.turn[:-1]] if count else np.zeros(0, bool)
    flags = np.stack(
        [
            place == 0,
            place == count - 1,
            np.minimum(place, 10) / 10,
            np.minimum(count - 1 - place, 10) / 10,
            same_turn,
        ],
        axis=1,
    )
    return np.hstack([vectors, before, flags.astype(vectors.dtype)])


def phrase_features(vectors: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Describe sentences without a contact as if each stood in the middle of one.

    Args:
        vectors: float [phrases, width], centred.
        before: of what was said just before, likewise; 0 where nothing was.

    Returns:
        float [phrases, 2 · width + 5], in the columns of ``sentence_features``.
    """
    middle = np.tile(np.array([0, 0, 0.5, 0.5, 0], dtype=vectors.dtype), (len(vectors), 1))
    return np.hstack([vectors, before, middle])


def feature_names(scheme: Scheme, criterion: Criterion) -> list[str]:
    """Name the columns of ``contact_features`` for one criterion."""
    serving = scheme.serving(criterion)
    names = [f"{indicator.id}:{how}" for indicator in serving for how in ("max", "total", "late")]
    if criterion.trigger:
        names += [f"{criterion.trigger}→{indicator.id}" for indicator in serving if indicator.speaker == "agent"]
    names += [f"direct:{how}" for how in ("max", "top3", "mean", "last")]
    names += [f"channel:{channel}" for channel in CHANNELS] + ["agent_sentences", "customer_sentences"]
    if criterion.grounded:
        names += [f"claims:{how}" for how in CLAIM_FEATURES]
        names += [f"{name}:max" for name in _SIDE if any(name == indicator.id for indicator in scheme.indicators)]
    return names


_SIDE = ("question",)  # a grounded criterion applies when something is asked


def contact_features(
    scheme: Scheme,
    criterion: Criterion,
    indicators: np.ndarray,
    direct: np.ndarray,
    layout: Layout,
    claims: np.ndarray,
) -> np.ndarray:
    """Describe a contact for one criterion by what its sentences show, when, and in answer to what.

    Args:
        scheme: the rating scheme.
        criterion: one of its criteria.
        indicators: float [sentences, indicators], probabilities.
        direct: float [sentences], logit that the sentence by itself speaks for the criterion.
        layout: of the same sentences.
        claims: float [7], see ``CLAIM_FEATURES``; used by a grounded criterion only.

    Returns:
        float64 [features], in the order of ``feature_names``.
    """
    column = {indicator.id: number for number, indicator in enumerate(scheme.indicators)}
    late = layout.turn >= layout.turn[-1] * 2 / 3 if len(layout.turn) else np.zeros(0, bool)
    values: list[float] = []
    for indicator in scheme.serving(criterion):
        shown = indicators[:, column[indicator.id]]
        values += [_max(shown), float(np.log1p(shown.sum())), _max(shown[late])]
    if criterion.trigger:
        trigger = indicators[:, column[criterion.trigger]]
        for indicator in scheme.serving(criterion):
            if indicator.speaker == "agent":
                values.append(_response(trigger, indicators[:, column[indicator.id]], layout.turn))
    spoken = direct[layout.agent]
    top = np.sort(spoken)[-3:]
    values += [_max(spoken, -4.0), _mean(top, -4.0), _mean(spoken, -4.0), _mean(spoken[-2:], -4.0)]
    values += [float(layout.channel == channel) for channel in CHANNELS]
    values += [float(np.log1p(layout.agent.sum())), float(np.log1p((~layout.agent).sum()))]
    if criterion.grounded:
        values += claims.tolist()
        values += [_max(indicators[:, column[name]]) for name in _SIDE if name in column]
    return np.array(values)


def _response(trigger: np.ndarray, response: np.ndarray, turn: np.ndarray) -> float:
    """How surely the agent responds within the turns that follow a trigger: max over pairs of p · p."""
    best = 0.0
    for sentence in np.flatnonzero(trigger > 0.2):
        after = (turn > turn[sentence]) & (turn <= turn[sentence] + WINDOW)
        best = max(best, float(trigger[sentence]) * _max(response[after]))
    return best


def _max(values: np.ndarray, empty: float = 0.0) -> float:
    return float(values.max()) if len(values) else empty


def _mean(values: np.ndarray | Sequence[float], empty: float = 0.0) -> float:
    return float(np.mean(values)) if len(values) else empty
