"""Which fact a statement is about, and whether it agrees: small networks over vectors and exact readings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from servicequal.grounding.pairs import AGREEMENT, RELEVANCE
from servicequal.inference.context import Dropout

MOST = 2.0  # by which vectors move the logit of agreement: hardly more than a plain conflict of numbers
MET = 64  # width of what weighs the meeting of a statement and a fact


class _Stored(nn.Module):
    """A network whose arrays lie in a bundle."""

    def filled(self, arrays: Mapping[str, np.ndarray]) -> Self:
        """Take stored arrays.

        Raises:
            RuntimeError: if one is missing, or has another shape.
        """
        self.load_state_dict({name: _tensor(array) for name, array in arrays.items()})
        return self.eval()


class FactFinder(_Stored):
    """Weighs the facts of a company against each other, and against none of them.

    What is read exactly is not enough, for an answer seldom has the words of the fact ("Dann ist Schluss." after a
    question about the warranty). Two learned projections bring statement and fact together: a bilinear form of low
    rank, Bai et al. (2009), "Supervised Semantic Indexing".
    """

    def __init__(self, *, vector: int, rank: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.dropout = Dropout(dropout)
        self.read = nn.Linear(len(RELEVANCE), 1)
        self.met = nn.Linear(len(RELEVANCE), MET)
        self.tell = nn.Linear(MET, 1, bias=False)  # starts at 0, with the weighted sum alone
        self.of_statement = nn.Linear(vector, rank, bias=False)
        self.of_fact = nn.Linear(vector, rank, bias=False)
        self.none = nn.Linear(2 * vector, 1)  # starts at 0, where the odds of a fact are those against none
        nn.init.zeros_(self.tell.weight)
        nn.init.zeros_(self.none.weight)
        nn.init.zeros_(self.none.bias)

    def project(self, facts: Tensor) -> Tensor:
        """Bring facts, float [facts, vector], to where statements are brought: float [facts, rank]."""
        projected: Tensor = self.of_fact(_spread(facts))
        return projected

    def forward(self, said: Tensor, asked: Tensor, facts: Tensor, features: Tensor) -> Tensor:
        """Weigh facts.

        Args:
            said: float [statements, vector], of length 1.
            asked: float [statements, vector], of the customer's sentence before each; 0 where there is none.
            facts: float [facts, rank] or [statements, facts, rank], as ``project`` gives them.
            features: float [statements, facts, 16], see ``RELEVANCE``.

        Returns:
            float [statements, facts + 1]: logits that a statement is about each fact, and, last, about none.
        """
        said, asked = self.dropout(_spread(said)), self.dropout(_spread(asked))
        meets = (self.of_statement(said)[:, None] * facts).sum(-1) / math.sqrt(facts.shape[-1])
        read = self.read(features) + self.tell(functional.gelu(self.met(features)))
        return torch.cat([meets + read[..., 0], self.none(torch.cat([said, asked], dim=1))], dim=1)

    def probabilities(self, said: np.ndarray, asked: np.ndarray, facts: np.ndarray, features: np.ndarray) -> np.ndarray:
        """Weigh facts that are not projected yet: float32 [statements, facts + 1], that each is meant, or none."""
        with torch.inference_mode():
            projected = self.project(_tensor(facts))
            return np.asarray(self(_tensor(said), _tensor(asked), projected, _tensor(features)).softmax(1).numpy())


class AgreementReader(_Stored):
    """Says whether a statement agrees with a fact: what is read exactly, moved by what the two vectors tell together.

    Vectors know what is mostly said of a fact, but hardly a number: without a limit, they would outvote one that is
    plainly wrong.
    """

    def __init__(self, *, vector: int, width: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.read = nn.Linear(len(AGREEMENT), 1)
        self.dropout = Dropout(dropout)
        self.meet = nn.Linear(3 * vector, width)
        self.exact = nn.Linear(len(AGREEMENT), width, bias=False)
        self.tell = nn.Linear(width, 1)  # starts at 0, with what is read exactly alone
        nn.init.zeros_(self.tell.weight)
        nn.init.zeros_(self.tell.bias)

    def forward(self, said: Tensor, facts: Tensor, features: Tensor) -> Tensor:
        """Give the logits, float [statements], that each agrees.

        Args:
            said: float [statements, vector], of length 1.
            facts: float [statements, vector], what each is held against.
            features: float [statements, 35], see ``AGREEMENT``.
        """
        said, facts = _spread(said), _spread(facts)
        together = self.meet(self.dropout(torch.cat([said, facts, said * facts], dim=1)))
        told = self.tell(self.dropout(functional.gelu(together + self.exact(features))))
        logits: Tensor = self.read(features) + MOST * torch.tanh(told / MOST)
        return logits[:, 0]

    def probabilities(self, said: np.ndarray, facts: np.ndarray, features: np.ndarray) -> np.ndarray:
        """Give the probability, float32 [statements], that each agrees; arguments as ``forward`` has them."""
        with torch.inference_mode():
            return np.asarray(self(_tensor(said), _tensor(facts), _tensor(features)).sigmoid().numpy())


def _spread(vectors: Tensor) -> Tensor:
    """Stretch vectors of length 1, so that their values are about as large as 1."""
    return vectors * math.sqrt(vectors.shape[-1])


def _tensor(values: np.ndarray) -> Tensor:
    return torch.from_numpy(values.astype(np.float32))
