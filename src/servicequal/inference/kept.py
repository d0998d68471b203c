"""Vectors of windows that came before: agents say the same things in contact after contact."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

KEPT = 32_768  # windows: some 60 MB at a width of 384


class Kept:
    """The vectors of the windows that were asked for last, each under the bytes of its token ids.

    Example:
        >>> kept, vectors = Kept(2), np.eye(3, dtype=np.float32)
        >>> kept.keep([b"a", b"b", b"c"], vectors)
        >>> found = np.zeros((2, 3), dtype=np.float32)
        >>> kept.fill([b"a", b"c"], found).tolist(), found[1].tolist()
        ([False, True], [0.0, 0.0, 1.0])
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._vectors: OrderedDict[bytes, np.ndarray] = OrderedDict()

    def fill(self, keys: Sequence[bytes], vectors: np.ndarray) -> np.ndarray:
        """Write the vectors that are kept into their rows, float32 [windows, width]; says which: bool [windows]."""
        known = np.zeros(len(keys), dtype=bool)
        for row, key in enumerate(keys):
            if (vector := self._vectors.get(key)) is not None:
                self._vectors.move_to_end(key)
                vectors[row], known[row] = vector, True
        return known

    def keep(self, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        """Keep new vectors, and forget those that nobody asked for the longest."""
        for key, vector in zip(keys, vectors, strict=True):
            self._vectors[key] = vector.copy()
        while len(self._vectors) > self._size:
            self._vectors.popitem(last=False)
