"""Token windows → packed batches: no padding anywhere, a budget of tokens instead of a number of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Packed:
    """Windows laid end to end.

    Attributes:
        rows: the numbers of the windows in the batch, longest first.
        ids: int64 [tokens].
        lengths: int64 [windows], falling; their sum is the number of tokens.
    """

    rows: np.ndarray
    ids: np.ndarray
    lengths: np.ndarray

    @property
    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Neighbours of equal length, as (first token, number of windows, length): attention takes each at once."""
        lengths, counts = np.unique(self.lengths, return_counts=True)
        first = 0
        for length, count in zip(lengths[::-1].tolist(), counts[::-1].tolist(), strict=True):
            yield first, count, length
            first += count * length


def plan(ids: Sequence[np.ndarray], *, budget: int) -> Iterator[Packed]:
    """Pack windows into batches of at most ``budget`` tokens (or one window, if it is longer), longest first.

    Every window is in exactly one batch.

    Example:
        >>> batches = list(plan([np.arange(3), np.arange(5), np.arange(3)], budget=8))
        >>> [(batch.rows.tolist(), batch.lengths.tolist()) for batch in batches]
        [([1, 0], [5, 3]), ([2], [3])]
    """
    lengths = np.array([len(window) for window in ids], dtype=np.int64)
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        total = np.cumsum(lengths[order[start:]])
        rows = order[start : start + max(1, int(np.searchsorted(total, budget, side="right")))]
        yield Packed(rows, np.concatenate([ids[row] for row in rows]), lengths[rows])
        start += len(rows)
