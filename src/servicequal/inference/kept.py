"""Vectors of windows that came before: agents say the same things in contact after contact."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

KEPT = 32_768  # windows: some 60 MB at a width of 384


class Kept:
    """The vectors of the windows that were asked for last, each under the bytes of its token ids.

    They lie in one array, a row each, and a new one takes the row of the one that is forgotten: single arrays, made and
    let go by the million, would leave the heap full of holes.

    Example:
        >>> kept, vectors = Kept(2), np.eye(3, dtype=np.float32)
        >>> kept.keep([b"a", b"b", b"c"], vectors)
        >>> found = np.zeros((2, 3), dtype=np.float32)
        >>> kept.fill([b"a", b"c"], found).tolist(), found[1].tolist()
        ([False, True], [0.0, 0.0, 1.0])
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._rows: OrderedDict[bytes, int] = OrderedDict()
        self._vectors = np.empty((0, 0), dtype=np.float32)

    def fill(self, keys: Sequence[bytes], vectors: np.ndarray) -> np.ndarray:
        """Write the vectors that are kept into their rows, float32 [windows, width]; says which: bool [windows]."""
        rows = np.array([self._rows.get(key, -1) for key in keys], dtype=np.int64)
        known = rows >= 0
        for place in np.flatnonzero(known).tolist():
            self._rows.move_to_end(keys[place])
        if known.any():
            vectors[known] = self._vectors[rows[known]]
        return known

    def keep(self, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        """Keep new vectors, and forget those that nobody asked for the longest."""
        if not self._size:
            return
        if not self._rows:
            self._vectors = np.empty((self._size, vectors.shape[1]), dtype=np.float32)
        for key, vector in zip(keys, vectors, strict=True):
            if key not in self._rows:
                full = len(self._rows) == self._size
                row = self._rows.popitem(last=False)[1] if full else len(self._rows)
                self._rows[key] = row
                self._vectors[row] = vector
