"""Many contacts read at once by trained context networks, end to end and unpadded, the same in any company."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from servicequal.features import Layouts, layout_features, places_within
from servicequal.inference.context import ContextNetwork, places
from servicequal.inference.runs import attend, filled

BUDGET = 2_048  # sentences read at once: what they need stays in the processor's cache


@dataclass(frozen=True, slots=True)
class Reading:
    """What the networks make of one or more contacts, end to end.

    Attributes:
        shown: float64 [sentences, networks, indicators], probabilities; 0 where the other speaker's cannot stand.
        speaks: float64 [sentences, criteria], logit that the sentence by itself speaks for the criterion.
        votes: float32 [sentences, networks, 3, 2 · criteria], its part in each answer: see ``Reader.answer``.
        applies: float64 [contacts, criteria], logit that the criterion applies, before calibration.
        level: float64 [contacts, criteria], score of its level, likewise.
    """

    shown: np.ndarray
    speaks: np.ndarray
    votes: np.ndarray
    applies: np.ndarray
    level: np.ndarray

    @property
    def indicators(self) -> np.ndarray:
        """Mean probability over the networks: float64 [sentences, indicators]."""
        return np.asarray(self.shown.mean(axis=1))

    @classmethod
    def of(cls, readings: Sequence[Reading]) -> Reading:
        """Lay readings end to end."""
        return cls(*(np.concatenate([getattr(one, part.name) for one in readings]) for part in fields(cls)))

    def split(self, counts: np.ndarray) -> list[Reading]:
        """Give each contact's own reading; ``counts`` are their numbers of sentences."""
        edges = np.cumsum(counts)[:-1]
        shown, speaks, votes = (np.split(part, edges) for part in (self.shown, self.speaks, self.votes))
        applies, level = (np.split(part, len(counts)) for part in (self.applies, self.level))
        return [Reading(*own) for own in zip(shown, speaks, votes, applies, level, strict=True)]


class Reader:
    """Trained networks that read the same contacts; what they make of them is averaged.

    Networks that began elsewhere err elsewhere, and their mean errs less: Lakshminarayanan et al. (2017), "Simple and
    Scalable Predictive Uncertainty Estimation using Deep Ensembles".

    Args:
        networks: trained on the same scheme, at least one.
    """

    def __init__(self, networks: Sequence[ContextNetwork]) -> None:
        self._networks = [_Folded(network) for network in networks]
        self._indicators, self._criteria = len(networks[0].of_agent), networks[0].criteria

    def read(self, vectors: np.ndarray, layouts: Layouts) -> Reading:
        """Read contacts.

        Each network gives what ``ContextNetwork.forward`` gives, to float32's accuracy, and for one contact always the
        same bits.

        Args:
            vectors: float32 [sentences, vector], contacts end to end.
            layouts: of the same sentences.
        """
        each = len(vectors), len(self._networks)
        shown, speaks = np.empty((*each, self._indicators)), np.empty((*each, self._criteria))
        votes = np.empty((*each, 3, 2 * self._criteria), dtype=np.float32)
        layout = layout_features(layouts)
        for sentences, counts in _batches(layouts):
            v, where = torch.from_numpy(vectors[sentences]), torch.from_numpy(layout[sentences])
            for number, network in enumerate(self._networks):
                parts = network.read(v, where, counts)
                shown[sentences, number], speaks[sentences, number], votes[sentences, number] = parts
        return Reading(shown, speaks.mean(axis=1), votes, *self.answer(votes, shown, layouts.counts))

    def answer(self, votes: np.ndarray, shown: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Answer for contacts whose sentences were read, float64 [contacts, criteria] each: what applies, which level.

        A network's answer is the weighted mean of what the sentences say to it, the mean of what they add, and what
        indicators are shown at most and in all.

        Args:
            votes: float [sentences, networks, 3, 2 · criteria], contacts end to end: for each answer the logarithm of
                its weight, what the sentence says, and what it adds.
            shown: float [sentences, networks, indicators], likewise.
            counts: int [contacts], sentences of each, at least one.
        """
        each = [network.answer(votes[:, n], shown[:, n], counts) for n, network in enumerate(self._networks)]
        mean = np.mean(each, axis=0)
        return mean[:, : self._criteria], mean[:, self._criteria :]


class _Folded:
    """A network with the queries of its criteria folded into the keys, and their answers into the values."""

    def __init__(self, network: ContextNetwork) -> None:
        self.network = network
        with torch.inference_mode():
            vector, width, indicators = len(network.mean), network.ask.shape[1], len(network.of_agent)
            own, before, layout = network.alone.weight.tensor_split([vector, 2 * vector], dim=1)
            # side by side, for a narrow product may round a row otherwise among many than among few
            self._of_vector = torch.cat([network.read_vector.weight, own, before])
            self._of_layout = torch.cat([network.read_layout.weight, layout])
            self._start = torch.cat([network.read_vector.bias + network.read_layout.bias, network.alone.bias])
            ask = network.ask @ network.key.weight * 4 / math.sqrt(width)  # softmax does not see the bias
            said, mean, rest, bias = network.answer.detach().tensor_split([width, 2 * width, -1], dim=1)
            unseen = functional.pad(mean, (0, indicators))
            self._votes = torch.cat([ask, said @ network.value.weight, unseen]).double()
            self._rest, self._bias = rest.numpy(), (said @ network.value.bias + bias[:, 0]).numpy()

    @torch.inference_mode()
    def read(self, vectors: Tensor, layout: Tensor, counts: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
        """Read contacts, the shortest first: what they show, what speaks by itself, and the votes."""
        network, count, place = self.network, len(vectors), places_within(counts)
        lengths, times = (part.tolist() for part in np.unique(counts, return_counts=True))
        begins = np.cumsum([0, *(length * time for length, time in zip(lengths, times, strict=True))]).tolist()
        of_vector = functional.linear(filled((vectors - network.mean) / network.scale), self._of_vector)
        own, before = of_vector.tensor_split([len(self._start)], dim=1)
        own = own + functional.linear(filled(layout), self._of_layout, self._start)
        x, logits = own.tensor_split([network.ask.shape[1]], dim=1)
        x[:count] += network.read_place(filled(places(int(counts.max()))))[place]
        runs = list(zip(begins, times, lengths, strict=False))
        hidden = network.norm(x)
        for block in network.blocks:
            hidden = block(hidden, partial(attend, runs=runs))
        before = functional.pad(before[: count - 1], (0, 0, 1, 0))
        before[place == 0] = 0
        shown = _sigmoid(logits[:count] + before + network.in_context(hidden)[:count]) * network.may_stand(layout)
        seen = torch.cat([hidden[:count], 2 * shown], dim=-1).double()
        # this one is narrow: in double precision, its rounding is lost again
        votes = functional.linear(seen, self._votes).float().view(count, 3, -1)
        return shown, network.speaks(hidden)[:count], votes

    def answer(self, votes: np.ndarray, shown: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Give all answers, see ``Reader.answer``: float64 [contacts, 2 · criteria]."""
        starts = np.cumsum(counts) - counts
        asked, said, added = votes.transpose(1, 0, 2)
        weight = np.exp(asked - np.repeat(np.maximum.reduceat(asked, starts), counts, axis=0))
        answers = np.add.reduceat(weight * said, starts) / np.add.reduceat(weight, starts)
        answers += np.add.reduceat(added, starts) / counts[:, None]
        summed = np.hstack([np.maximum.reduceat(shown, starts), np.log1p(np.add.reduceat(shown, starts))])
        # a sum by row, for a matrix product may round a row otherwise among others than alone
        return np.asarray(answers + (summed[:, None] * self._rest).sum(axis=-1) + self._bias)


def _batches(layouts: Layouts) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Group contacts of similar length, the shortest first: the sentences of a batch, and how many each contact has."""
    order = np.argsort(layouts.counts, kind="stable")
    batch = (np.cumsum(layouts.counts[order]) - 1) // BUDGET
    starts = layouts.starts
    for contacts in np.split(order, np.flatnonzero(np.diff(batch)) + 1):
        counts = layouts.counts[contacts]
        yield np.repeat(starts[contacts], counts) + places_within(counts), counts


def _sigmoid(x: Tensor) -> Tensor:
    """Give 1 / (1 + e^-x) by numpy: torch's rounds the last few of a block of numbers otherwise than the rest."""
    with np.errstate(over="ignore"):
        return torch.from_numpy(1 / (1 + np.exp(-x.numpy())))
