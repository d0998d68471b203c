"""Many contacts read at once by a trained context network, end to end and unpadded, the same in any company."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from servicequal.features import LAYOUT_FEATURES, SAME_TURN, Layouts, layout_features, places_within
from servicequal.inference.context import ContextNetwork, places
from servicequal.inference.runs import ROWS, attend, filled

BUDGET = 2_048  # sentences read at once: what they need stays in the processor's cache


@dataclass(frozen=True, slots=True)
class Looks:
    """What the network makes of sentences before it knows where they stand, so that they can be read again elsewhere.

    Attributes:
        projected: float [sentences, width], the vector as the blocks take it.
        own: float [sentences, indicators], what a sentence says about itself.
        following: float [sentences, indicators], what it says about the sentence after it.
    """

    projected: Tensor
    own: Tensor
    following: Tensor

    def __getitem__(self, rows: slice) -> Looks:
        """Keep some sentences."""
        return Looks(self.projected[rows], self.own[rows], self.following[rows])

    @classmethod
    def of(cls, looks: Sequence[Looks]) -> Looks:
        """Lay the sentences of several contacts end to end."""
        parts = zip(*((one.projected, one.own, one.following) for one in looks), strict=True)
        return cls(*(torch.cat(part) for part in parts))


@dataclass(frozen=True, slots=True)
class Reading:
    """What the network makes of one or more contacts, end to end.

    Attributes:
        indicators: float64 [sentences, indicators], probabilities; 0 where the other speaker's indicator cannot stand.
        speaks: float64 [sentences, criteria], logit that the sentence by itself speaks for the criterion.
        applies: float64 [contacts, criteria], logit that the criterion applies, before calibration.
        level: float64 [contacts, criteria], score of its level, likewise.
    """

    indicators: np.ndarray
    speaks: np.ndarray
    applies: np.ndarray
    level: np.ndarray

    @classmethod
    def of(cls, readings: Sequence[Reading]) -> Reading:
        """Lay readings end to end."""
        parts = zip(*((one.indicators, one.speaks, one.applies, one.level) for one in readings), strict=True)
        return cls(*(np.concatenate(part) for part in parts))

    def split(self, counts: np.ndarray) -> list[Reading]:
        """Give each contact's own reading; ``counts`` are their numbers of sentences."""
        edges = np.cumsum(counts)[:-1]
        by_sentence = zip(np.split(self.indicators, edges), np.split(self.speaks, edges), strict=True)
        return [
            Reading(*own, self.applies[number : number + 1], self.level[number : number + 1])
            for number, own in enumerate(by_sentence)
        ]


@torch.inference_mode()
def look(network: ContextNetwork, vectors: np.ndarray) -> Looks:
    """Look at sentences one by one: float32 [sentences, vector]."""
    v = filled((torch.from_numpy(vectors) - network.mean) / network.scale)
    width, count = network.mean.shape[0], len(vectors)
    own, following = network.alone.weight[:, :width], network.alone.weight[:, width : 2 * width]
    weights = torch.cat([network.read_vector.weight, own, following])
    bias = torch.cat([network.read_vector.bias, network.alone.bias, torch.zeros_like(network.alone.bias)])
    parts = functional.linear(v, weights, bias)[:count]
    return Looks(*parts.tensor_split([len(network.read_vector.bias), len(bias) - len(network.alone.bias)], dim=1))


@torch.inference_mode()
def read(network: ContextNetwork, looks: Looks, rows: np.ndarray, layouts: Layouts) -> Reading:
    """Read contacts, each as a choice of sentences that were looked at.

    Gives what ``ContextNetwork.forward`` gives, to float32's accuracy, and for one contact always the same bits.

    Args:
        network: trained.
        looks: of all sentences.
        rows: int [sentences], which of them each contact is made of, contacts end to end.
        layouts: of the same sentences.
    """
    reader = _Reader(network)
    indicators, criteria = len(network.of_agent), network.criteria
    found = Reading(
        np.empty((len(rows), indicators)),
        np.empty((len(rows), criteria)),
        *(np.empty((len(layouts.counts), criteria)) for _ in range(2)),
    )
    layout = layout_features(layouts)
    for contacts, sentences in _batches(layouts):
        counts = layouts.counts[contacts]
        one = _Batch.of(rows[sentences], layout[sentences], counts)
        shown, speaks, applies, level = reader.read(looks, one)
        found.indicators[sentences], found.speaks[sentences] = shown, speaks
        found.applies[contacts], found.level[contacts] = applies, level
    return found


@dataclass(frozen=True, slots=True)
class _Batch:
    """Contacts read at once, the shortest first.

    A contact read again without one sentence has every other sentence in one of two places, however many are left out
    in turn: what depends on nothing else is worked out once for sentences that stand alike.

    Attributes:
        layout: float [sentences, LAYOUT_FEATURES].
        runs: neighbours of equal length, as (first sentence, number of contacts, length): attention takes each at once.
        place: int [sentences], number within the contact.
        row: int [alike], the sentence that was looked at, once for all that stand alike.
        first: int [alike], one sentence of each kind.
        kind: int [sentences], which kind it is of.
    """

    layout: Tensor
    runs: list[tuple[int, int, int]]
    place: np.ndarray
    row: np.ndarray
    first: np.ndarray
    kind: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray, layout: np.ndarray, counts: np.ndarray) -> _Batch:
        """Find the sentences that stand alike, and the contacts of equal length."""
        place = places_within(counts)
        longest = int(counts.max()) + 1
        stands = ((rows * longest + place) * longest + np.repeat(counts, counts)) * 2 + (layout[:, SAME_TURN] > 0)
        _, first, kind = np.unique(stands, return_index=True, return_inverse=True)
        lengths, times = (part.tolist() for part in np.unique(counts, return_counts=True))
        begins = np.cumsum([0, *(length * count for length, count in zip(lengths, times, strict=True))]).tolist()
        runs = list(zip(begins, times, lengths, strict=False))
        return cls(torch.from_numpy(layout), runs, place, rows[first], first, kind)


class _Reader:
    """A network's weights, folded: the queries of the criteria into the keys, their answers into the values."""

    def __init__(self, network: ContextNetwork) -> None:
        self.network = network
        width = network.ask.shape[1]
        self.layout = torch.cat([network.read_layout.weight, network.alone.weight[:, -LAYOUT_FEATURES:]])
        ask = network.ask @ network.key.weight * 4 / math.sqrt(width)  # softmax does not see the bias
        answer = network.answer[:, :width]
        self.ask_and_answer = torch.cat([ask, answer @ network.value.weight]).double()  # a narrow product, see _pool
        self.bias = (answer @ network.value.bias + network.answer[:, -1]).numpy()
        self.rest = network.answer[:, width:-1].numpy()

    def read(self, looks: Looks, batch: _Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Read one batch: see ``Reading``."""
        network, row, width = self.network, torch.from_numpy(batch.row), self.network.ask.shape[1]
        placed = functional.linear(filled(batch.layout[batch.first]), self.layout)[: len(row)]
        where = network.read_place(filled(places(int(batch.place.max()) + 1)))[batch.place[batch.first]]
        hidden = network.norm(filled(looks.projected[row] + network.read_layout.bias + placed[:, :width] + where))
        hidden = self._blocks(hidden, batch)
        before = functional.pad(looks.following[row][batch.kind[:-1]], (0, 0, 1, 0))
        before[batch.place == 0] = 0
        alone = (looks.own[row] + placed[:, width:])[batch.kind] + before
        shown = _sigmoid(alone + network.in_context(hidden)[: len(alone)]) * network.may_stand(batch.layout)
        speaks = network.speaks(hidden)[: len(alone)]
        applies, level = np.split(self._pool(hidden[: len(alone)], shown, np.flatnonzero(batch.place == 0)), 2, axis=1)
        return shown.numpy(), speaks.numpy(), applies, level

    def _blocks(self, x: Tensor, batch: _Batch) -> Tensor:
        """Do what ``nn.TransformerEncoder`` does out of training; what stands alike is one row at first."""
        kind = torch.from_numpy(np.pad(batch.kind, (0, max(0, ROWS - len(batch.kind)))))
        for number, block in enumerate(self.network.blocks.layers):
            attention = block.self_attn
            qkv = functional.linear(block.norm1(x), attention.in_proj_weight, attention.in_proj_bias)
            if number == 0:
                x, qkv = x[kind], qkv[kind]
            x = x + attention.out_proj(attend(qkv.view(len(qkv), 3, attention.num_heads, -1), batch.runs))
            x = x + block.linear2(functional.gelu(block.linear1(block.norm2(x))))
        return x

    def _pool(self, hidden: Tensor, shown: Tensor, starts: np.ndarray) -> np.ndarray:
        """Answer for each contact whether each criterion applies and at which level: float [contacts, 2 · criteria].

        The weighted mean of the values, times the answer, is the weighted mean of what each sentence answers. That
        narrow product is worked out in double precision and the sums by contact, in numpy: torch may round the last
        digit of either otherwise among many contacts than among few.
        """
        seen = torch.cat([hidden, 2 * shown], dim=-1)
        both = functional.linear(seen.double(), self.ask_and_answer).float().numpy()
        asked, said = np.ascontiguousarray(both.T).reshape(2, len(self.bias), len(seen))
        counts = np.diff(np.append(starts, len(seen)))
        weight = np.exp(asked - np.repeat(np.maximum.reduceat(asked, starts, axis=1), counts, axis=1))
        answers = np.add.reduceat(weight * said, starts, axis=1) / np.add.reduceat(weight, starts, axis=1)
        h, s = hidden.numpy(), shown.numpy()
        mean = np.add.reduceat(h, starts) / counts[:, None].astype(np.float32)
        rest = np.hstack([mean, np.maximum.reduceat(s, starts), np.log1p(np.add.reduceat(s, starts))])
        return np.asarray(answers.T + (rest[:, None] * self.rest).sum(axis=-1) + self.bias)


def _batches(layouts: Layouts) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Group contacts of similar length: the numbers of a batch's contacts, and those of their sentences."""
    order = np.argsort(layouts.counts, kind="stable")
    batch = (np.cumsum(layouts.counts[order]) - 1) // BUDGET
    starts = layouts.starts
    for contacts in np.split(order, np.flatnonzero(np.diff(batch)) + 1):
        counts = layouts.counts[contacts]
        yield contacts, np.repeat(starts[contacts], counts) + places_within(counts)


def _sigmoid(x: Tensor) -> Tensor:
    """Give 1 / (1 + e^-x) by numpy: torch's rounds the last few of a block of numbers otherwise than the rest."""
    with np.errstate(over="ignore"):
        return torch.from_numpy(1 / (1 + np.exp(-x.numpy())))
