"""Where sentences stand, and what a contact shows, as features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from servicequal.contact import CHANNELS
from servicequal.scheme import Criterion, Scheme

WINDOW = 4  # turns within which an agent's sentence counts as a response
SILENT = 0.2  # probability up to which a customer's sentence asks for no response; beyond, it asks the more
LAYOUT_FEATURES = 8 + len(CHANNELS)
SAME_TURN = 6  # the column that says that the sentence before belongs to the same turn
_CHANNEL = np.eye(len(CHANNELS))
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


@dataclass(frozen=True, slots=True)
class Layouts:
    """Where the sentences of several contacts stand, laid end to end.

    Attributes:
        agent: bool [sentences].
        turn: int [sentences], falling nowhere within a contact.
        counts: int [contacts], sentences of each, at least one.
        channels: int [contacts], places in ``CHANNELS``.
    """

    agent: np.ndarray
    turn: np.ndarray
    counts: np.ndarray
    channels: np.ndarray

    @classmethod
    def of(cls, layouts: Sequence[Layout]) -> Layouts:
        """Lay contacts end to end."""
        return cls(
            np.concatenate([layout.agent for layout in layouts]),
            np.concatenate([layout.turn for layout in layouts]),
            np.array([len(layout.turn) for layout in layouts]),
            np.array([CHANNELS.index(layout.channel) for layout in layouts]),
        )

    @property
    def starts(self) -> np.ndarray:
        """Number of each contact's first sentence: int [contacts]."""
        return np.asarray(np.cumsum(self.counts) - self.counts)

    @property
    def places(self) -> np.ndarray:
        """Number of each sentence within its contact: int [sentences]."""
        return places_within(self.counts)


def places_within(counts: np.ndarray) -> np.ndarray:
    """Number each element of groups laid end to end within its group; ``counts`` are the groups' sizes.

    Example:
        >>> places_within(np.array([2, 3])).tolist()
        [0, 1, 0, 1, 2]
    """
    return np.asarray(np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts))


def layout_features(layouts: Layouts) -> np.ndarray:
    """Describe where each sentence stands: who speaks, how far the contact has come, on which channel.

    Returns:
        float32 [sentences, LAYOUT_FEATURES]; column 0 is 1 for the agent.
    """
    place = layouts.places
    last = np.repeat(layouts.counts, layouts.counts) - 1
    rest = last - place
    columns = np.empty((len(place), LAYOUT_FEATURES), dtype=np.float32)
    columns[:, 0] = layouts.agent
    columns[:, 1] = ~layouts.agent
    columns[:, 2] = place == 0
    columns[:, 3] = rest == 0
    columns[:, 4] = np.minimum(place, 10) / 10
    columns[:, 5] = np.minimum(rest, 10) / 10
    columns[:, SAME_TURN] = (place > 0) & (layouts.turn == np.r_[-1, layouts.turn[:-1]])
    columns[:, 7] = place / np.maximum(last, 1)
    columns[:, 8:] = np.repeat(_CHANNEL[layouts.channels], layouts.counts, axis=0)
    return columns


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


class Shown:
    """What the sentences of several contacts show, summed up by contact.

    Attributes:
        strongest: float [contacts, indicators], the greatest probability of a sentence.
        total: float [contacts, indicators], log(1 + sum of the probabilities).
        late: float [contacts, indicators], the greatest in the last third of the turns.
        around: float [contacts, channels + 2]: the channel, log(1 + sentences) of agent and customer.
    """

    def __init__(self, indicators: np.ndarray, layouts: Layouts) -> None:
        """Sum up probabilities: float [sentences, indicators] of the sentences of ``layouts``."""
        starts, counts = layouts.starts, layouts.counts
        last = layouts.turn[starts + counts - 1]
        late = layouts.turn >= np.repeat(last * 2 / 3, counts)
        self.strongest = np.maximum.reduceat(indicators, starts)
        self.total = np.log1p(np.add.reduceat(indicators, starts))
        self.late = np.maximum.reduceat(indicators * late[:, None], starts)
        agent = np.add.reduceat(layouts.agent.astype(np.float64), starts)
        self.around = np.column_stack([_CHANNEL[layouts.channels], np.log1p(agent), np.log1p(counts - agent)])
        self._indicators = indicators
        self._layouts = layouts

    def responses(self, trigger: int, response: Sequence[int]) -> np.ndarray:
        """How surely the agent responds within the turns that follow a trigger: max over pairs of asking · p.

        A sentence asks as far as its p is beyond ``SILENT``: little is no request, and at no p does the answer jump.

        Args:
            trigger: column of the customer's indicator.
            response: columns of the agent's.

        Returns:
            float [contacts, responses].
        """
        asking = np.maximum(self._indicators[:, trigger] - SILENT, 0.0) / (1 - SILENT)
        asked = np.maximum.reduceat(asking, self._turn_starts)
        answered = np.maximum.reduceat(self._indicators[:, list(response)], self._turn_starts)
        before = np.zeros(len(asked))  # the strongest trigger within the turns before each turn
        for lag in range(1, min(WINDOW + 1, len(asked))):
            near = (self._owner[lag:] == self._owner[:-lag]) & (self._turn[lag:] - self._turn[:-lag] <= WINDOW)
            before[lag:] = np.maximum(before[lag:], asked[:-lag] * near)
        firsts = np.searchsorted(self._owner, np.arange(len(self.total)))
        return np.asarray(np.maximum.reduceat(before[:, None] * answered, firsts))

    @cached_property
    def _turn_starts(self) -> np.ndarray:
        """Number of the first sentence of each turn in which somebody speaks."""
        begins = np.r_[True, self._layouts.turn[1:] != self._layouts.turn[:-1]]
        begins[self._layouts.starts] = True
        return np.flatnonzero(begins)

    @cached_property
    def _turn(self) -> np.ndarray:
        return np.asarray(self._layouts.turn[self._turn_starts])

    @cached_property
    def _owner(self) -> np.ndarray:
        """Number of the contact that each of these turns belongs to."""
        return np.searchsorted(self._layouts.starts, self._turn_starts, side="right") - 1


def contact_features(
    scheme: Scheme, criterion: Criterion, shown: Shown, network: np.ndarray, claims: np.ndarray
) -> np.ndarray:
    """Describe contacts for one criterion by what their sentences show, when, and in answer to what.

    Args:
        scheme: the rating scheme.
        criterion: one of its criteria.
        shown: what the sentences show, by contact.
        network: float [contacts, 2], what the network makes of the whole contact: logit that the criterion applies,
            score of its level.
        claims: float [contacts, 7], see ``CLAIM_FEATURES``; used by a grounded criterion only.

    Returns:
        float64 [contacts, features], in the order of ``feature_names``.
    """
    column = {indicator.id: number for number, indicator in enumerate(scheme.indicators)}
    serving = scheme.serving(criterion)
    own = [column[indicator.id] for indicator in serving]
    by_indicator = np.stack([shown.strongest[:, own], shown.total[:, own], shown.late[:, own]], axis=2)
    parts = [by_indicator.reshape(len(network), 3 * len(own))]
    answers = [column[indicator.id] for indicator in serving if indicator.speaker == "agent"]
    if criterion.trigger and answers:
        parts.append(shown.responses(column[criterion.trigger], answers))
    parts += [network, shown.around]
    if criterion.grounded:
        parts += [claims, shown.strongest[:, [column[name] for name in _SIDE if name in column]]]
    return np.concatenate(parts, axis=1)
