"""Where sentences stand, and what a contact shows, as features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from servicequal.contact import CHANNELS
from servicequal.scheme import Criterion, Scheme

WINDOW = 4  # turns within which an agent's sentence counts as a response
LAYOUT_FEATURES = 8 + len(CHANNELS)
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


def layout_features(layout: Layout) -> np.ndarray:
    """Describe where each sentence stands: who speaks, how far the contact has come, on which channel.

    Returns:
        float32 [sentences, LAYOUT_FEATURES]; column 0 is 1 for the agent.
    """
    count = len(layout.turn)
    place, rest = np.arange(count), count - 1 - np.arange(count)
    columns = [
        layout.agent,
        ~layout.agent,
        place == 0,
        rest == 0,
        np.minimum(place, 10) / 10,
        np.minimum(rest, 10) / 10,
        np.r_[False, layout.turn[1:] == layout.turn[:-1]] if count else place,
        place / max(count - 1, 1),
        *(np.full(count, layout.channel == channel) for channel in CHANNELS),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def feature_names(scheme: Scheme, criterion: Criterion) -> list[str]:
    """Name the columns of ``contact_features`` for one criterion."""
    serving = scheme.serving(criterion)
    names = [f"{indicator.id}:{how}" for indicator in serving for how in ("max", "total", "late")]
    if criterion.trigger:
        names += [f"{criterion.trigger}→{indicator.id}" for indicator in serving if indicator.speaker == "agent"]
    names += ["network:applies", "network:level"]
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
    network: tuple[float, float],
    layout: Layout,
    claims: np.ndarray,
) -> np.ndarray:
    """Describe a contact for one criterion by what its sentences show, when, and in answer to what.

    Args:
        scheme: the rating scheme.
        criterion: one of its criteria.
        indicators: float [sentences, indicators], probabilities.
        network: what the network makes of the whole contact: logit that the criterion applies, score of its level.
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
    values += network
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


def _max(values: np.ndarray) -> float:
    return float(values.max()) if len(values) else 0.0
