"""A contact read as a whole: what each sentence does in the light of the others, and how the contact fares."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from servicequal.features import LAYOUT_FEATURES, Layout, Layouts, layout_features

ATTENTION_HEADS = 4
WAVES = 32  # sinusoids that tell where in the contact a sentence stands
UNMARKED = 1e-4  # share of sentences that the training starts from where nobody marked an indicator


class Dropout(nn.Module):
    """What ``nn.Dropout`` does, with a byte of chance for each value: a fifth of its time on a processor.

    Args:
        share: of the values that are left out, rounded to 1/256.

    Example:
        >>> _ = torch.manual_seed(0)
        >>> dropped = Dropout(0.2)(torch.ones(1000, 1000))
        >>> round(float((dropped == 0).float().mean()), 3), round(float(dropped.mean()), 3)
        (0.199, 1.0)
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self._below = round(share * 256)

    def forward(self, x: Tensor) -> Tensor:
        """Leave values out, and let the others make up for them; in training only."""
        if not self.training or not self._below:
            return x
        chance = torch.empty(-(-x.numel() // 8), dtype=torch.int64).random_(-(2**63), None)
        kept = chance.view(torch.uint8)[: x.numel()].view(x.shape) >= self._below
        return x * kept.to(x.dtype).mul_(256 / (256 - self._below))


@dataclass(frozen=True, slots=True)
class Outputs:
    """Logits for a batch of contacts, padded to the longest.

    Attributes:
        indicators: float [contacts, sentences, indicators].
        speaks: float [contacts, sentences, criteria], that the sentence by itself speaks for the criterion.
        applies: float [contacts, criteria], that the criterion applies.
        level: float [contacts, criteria], score of its level.
    """

    indicators: Tensor
    speaks: Tensor
    applies: Tensor
    level: Tensor


class Block(nn.Module):
    """A layer of a transformer, its norms before its parts: Xiong et al. (2020), "On Layer Normalization"."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.dropout = Dropout(dropout)
        self.norm_1, self.norm_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x: Tensor, attend: Callable[[Tensor], Tensor]) -> Tensor:
        """Let sentences look at each other, then each by itself.

        Args:
            x: float [..., width].
            attend: attention, from query, key and value, float [..., 3, heads, d], to float [..., heads · d].
        """
        qkv = self.qkv(self.norm_1(x)).unflatten(-1, (3, ATTENTION_HEADS, -1))
        x = x + self.dropout(self.out(attend(qkv)))
        inner = self.dropout(functional.gelu(self.widen(self.norm_2(x))))
        told: Tensor = self.dropout(self.narrow(inner))
        return x + told


class ContextNetwork(nn.Module):
    """A small transformer over the sentence vectors of a contact, with what it shows pooled per criterion.

    Sentences are encoded alone, each once in a whole history; this network, a fiftieth of the encoder's work, lets a
    sentence be read after the one before it and a reaction after what it reacts to.

    Attributes:
        mean: float [width of the vectors], of the training sentences.
        scale: float [width of the vectors], likewise.
        of_agent: bool [indicators], whether an indicator is the agent's.
    """

    mean: Tensor
    scale: Tensor
    of_agent: Tensor

    def __init__(
        self, *, vector: int, of_agent: Sequence[bool], criteria: int, width: int, depth: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        indicators = len(of_agent)
        self.criteria = criteria
        self.register_buffer("mean", torch.zeros(vector))
        self.register_buffer("scale", torch.ones(vector))
        self.register_buffer("of_agent", torch.tensor(list(of_agent), dtype=torch.bool))
        self.dropout = Dropout(dropout)
        self.read_vector = nn.Linear(vector, width)
        self.read_layout = nn.Linear(LAYOUT_FEATURES, width)
        self.read_place = nn.Linear(2 * WAVES, width)
        self.norm = nn.LayerNorm(width)
        self.blocks = nn.ModuleList(Block(width, dropout) for _ in range(depth))
        self.alone = _linear(2 * vector + LAYOUT_FEATURES, indicators)
        self.in_context = nn.Sequential(nn.LayerNorm(width), _linear(width, indicators))
        self.speaks = nn.Linear(width, criteria)
        self.ask = nn.Parameter(torch.randn(2 * criteria, width) / 20)  # one query per criterion and output
        self.key = nn.Linear(width + indicators, width)
        self.value = nn.Linear(width + indicators, width)
        self.answer = nn.Parameter(torch.zeros(2 * criteria, 2 * width + 2 * indicators + 1))

    def forward(self, vectors: Tensor, layout: Tensor, absent: Tensor) -> Outputs:
        """Read contacts.

        Args:
            vectors: float [contacts, sentences, vector].
            layout: float [contacts, sentences, LAYOUT_FEATURES].
            absent: bool [contacts, sentences], true where a shorter contact has no sentence.
        """
        hidden, indicators = self.read(vectors, layout, absent)
        # the criteria look at what is shown, but do not bend it to their needs
        shown = torch.sigmoid(indicators.detach()) * self.may_stand(layout) * ~absent[..., None]
        applies, level = self._pool(hidden, shown, absent)
        return Outputs(indicators, self.speaks(hidden), applies, level)

    def read(self, vectors: Tensor, layout: Tensor, absent: Tensor) -> tuple[Tensor, Tensor]:
        """Read their sentences only: float [contacts, sentences, width], and the logits of ``Outputs.indicators``."""
        v = self.dropout((vectors - self.mean) / self.scale * ~absent[..., None])
        before = functional.pad(v[:, :-1], (0, 0, 1, 0))
        x = self.read_vector(v) + self.read_layout(layout) + self.read_place(places(v.shape[1]))
        hidden, attend = self.dropout(self.norm(x)), partial(_attend, _mask(absent))
        for block in self.blocks:
            hidden = block(hidden, attend)
        return hidden, self.alone(torch.cat([v, before, layout], dim=-1)) + self.in_context(hidden)

    def marked(self) -> np.ndarray:
        """Say which indicators somebody marked in training: bool [indicators]; nothing raises the bias of others."""
        return np.asarray((self.alone.bias.detach().sigmoid() > 3 * UNMARKED).numpy())

    def may_stand(self, layout: Tensor) -> Tensor:
        """Say which indicators are the speaker's own: bool [..., indicators] for layout [..., LAYOUT_FEATURES]."""
        return (layout[..., :1] > 0) == self.of_agent

    def _pool(self, hidden: Tensor, shown: Tensor, absent: Tensor) -> tuple[Tensor, Tensor]:
        seen = torch.cat([hidden, 2 * shown], dim=-1)
        weights = self.ask @ self.key(seen).transpose(1, 2) * 4 / math.sqrt(hidden.shape[-1])
        weights = weights.masked_fill(absent[:, None], -1e9).softmax(dim=-1)
        asked = weights @ self.dropout(self.value(seen))
        present = ~absent[..., None]
        mean = (hidden * present).sum(1) / present.sum(1)
        rest = torch.cat([mean, shown.amax(1), torch.log1p(shown.sum(1)), torch.ones_like(mean[:, :1])], dim=-1)
        summary = torch.cat([asked, rest[:, None].expand(-1, asked.shape[1], -1)], dim=-1)
        answers = (summary * self.answer).sum(-1)
        return answers[:, : self.criteria], answers[:, self.criteria :]

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, np.ndarray], *, of_agent: Sequence[bool], criteria: int
    ) -> ContextNetwork:
        """Put stored arrays together again.

        Raises:
            KeyError: naming an array that is missing.
            RuntimeError: if shapes differ from what indicators and criteria ask for.
        """
        state = {name: torch.from_numpy(array) for name, array in arrays.items()}
        depth = len({name.split(".")[1] for name in state if name.startswith("blocks.")})
        width, vector = state["read_vector.weight"].shape
        network = cls(vector=vector, of_agent=of_agent, criteria=criteria, width=width, depth=depth)
        network.load_state_dict(state)
        return network


def arrays_of(network: nn.Module) -> dict[str, np.ndarray]:
    """Copy a network's arrays, by name."""
    return {name: tensor.detach().numpy().copy() for name, tensor in network.state_dict().items()}


def padded(contacts: Sequence[tuple[np.ndarray, Layout]]) -> tuple[Tensor, Tensor, Tensor]:
    """Put contacts side by side, filled up to the longest: vectors, layout and what is absent."""
    longest = max(len(vectors) for vectors, _ in contacts)
    filled = torch.zeros(len(contacts), longest, contacts[0][0].shape[1])
    layouts = torch.zeros(len(contacts), longest, LAYOUT_FEATURES)
    absent = torch.ones(len(contacts), longest, dtype=torch.bool)
    for number, (vectors, layout) in enumerate(contacts):
        count = len(vectors)
        filled[number, :count] = torch.as_tensor(vectors)
        layouts[number, :count] = torch.from_numpy(layout_features(Layouts.of([layout])))
        absent[number, :count] = False
    return filled, layouts, absent


def _mask(absent: Tensor) -> Tensor:
    """Give what is added to the attention that every sentence pays to each: float [contacts, 1, 1, sentences]."""
    return torch.zeros(absent.shape).masked_fill(absent, -torch.inf)[:, None, None]


def _attend(mask: Tensor, qkv: Tensor) -> Tensor:
    """Attention within contacts side by side: float [contacts, sentences, 3, heads, d] to [..., heads · d]."""
    q, k, v = qkv.permute(2, 0, 3, 1, 4)
    # without dropout: with any, a processor has no fused kernel, which is twice as fast, and it was no better
    return functional.scaled_dot_product_attention(q, k, v, mask).transpose(1, 2).flatten(2)


def _linear(inputs: int, outputs: int) -> nn.Linear:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Initializing zero-element")  # a scheme may have no indicator
        return nn.Linear(inputs, outputs)


def places(count: int) -> Tensor:
    """Tell places 0 … count - 1 apart by sines and cosines: Vaswani et al. (2017), section 3.5."""
    angle = torch.arange(count)[:, None] / 2.0 ** torch.linspace(0, 9, WAVES)
    return torch.cat([angle.sin(), angle.cos()], dim=1)
