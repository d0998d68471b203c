"""Where statements and facts are compared: sentence vectors, centred and whitened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from servicequal.inference.runs import filled

STRENGTH = 0.5  # 0 leaves the vectors as they are, 1 makes every direction count alike
FLOOR = 1e-4  # of the widest direction's variance; narrower ones count as if they were that wide


@dataclass(frozen=True, slots=True)
class Space:
    """Whitening of sentence vectors: what all sentences share hides what two of them share.

    The encoder's vectors spread far in few directions, and unrelated sentences look alike. Directions are therefore
    stretched by their standard deviation to the power of -``STRENGTH`` (Su et al. 2021, "Whitening Sentence
    Representations", with all of it at strength 1).

    Attributes:
        centre: float [width], mean of the sentences it was made from.
        stretch: float [width, width], symmetric.
    """

    centre: np.ndarray
    stretch: np.ndarray

    @classmethod
    def of(cls, vectors: np.ndarray) -> Space:
        """Make it from sentence vectors: float [sentences, width].

        Example:
            >>> vectors = np.random.default_rng(0).normal(size=(500, 2)) * [10, 1] + 3
            >>> space = Space.of(vectors)
            >>> bool(space.stretch[1, 1] > 2 * space.stretch[0, 0])
            True
        """
        centre = vectors.mean(axis=0)
        variance, directions = np.linalg.eigh(np.cov((vectors - centre).T.astype(np.float64)))
        scale = np.maximum(variance, FLOOR * variance.max()) ** (-STRENGTH / 2)
        stretch = (directions * scale) @ directions.T
        return cls(centre.astype(np.float32), stretch.astype(np.float32))

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """Give vectors of length 1 (or 0), so that their products are cosines: float32 [texts, width]."""
        placed = _product(vectors - self.centre, self.stretch)
        length = np.linalg.norm(placed, axis=1, keepdims=True)
        return np.asarray(placed / np.where(length == 0, 1, length), dtype=np.float32)


def cosines(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Give the cosines of vectors of length 1, each with each: float32 [some, others].

    Example:
        >>> cosines(np.eye(2, dtype=np.float32), np.array([[0.6, 0.8]], dtype=np.float32)).tolist()
        [[0.6000000238418579], [0.800000011920929]]
    """
    return _product(some, others)


def _product(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Multiply each row by each column, float32: by torch, for the threads of numpy's and torch's products fight."""
    product = functional.linear(filled(torch.from_numpy(rows.astype(np.float32))), torch.from_numpy(columns))
    return np.asarray(product[: len(rows)].numpy())
