"""Token windows → packed batches: no padding anywhere, a budget of tokens instead of a number of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from servicequal.features import places_within
from servicequal.inference.tokens import Windows


@dataclass(frozen=True)
class Packed:
    """Windows laid end to end.

    Attributes:
        rows: the numbers of the windows in the batch, longest first.
        ids: int32 [tokens].
        lengths: int32 [windows], falling; their sum is the number of tokens.
    """

    rows: np.ndarray
    ids: np.ndarray
    lengths: np.ndarray

    @cached_property
    def runs(self) -> list[tuple[int, int, int]]:
        """Neighbours of equal length, as (first token, number of windows, length): attention takes each at once."""
        lengths, counts = np.unique(self.lengths, return_counts=True)
        runs, first = [], 0
        for length, count in zip(lengths[::-1].tolist(), counts[::-1].tolist(), strict=True):
            runs.append((first, count, length))
            first += count * length
        return runs

    @cached_property
    def places(self) -> np.ndarray:
        """Where in its window each token stands, from 0: int32 [tokens]."""
        return places_within(self.lengths).astype(np.int32)

    @property
    def grids(self) -> list[np.ndarray]:
        """The ids of each run: int32 [windows, length]."""
        return [self.ids[at : at + count * length].reshape(count, length) for at, count, length in self.runs]

    def halves(self) -> tuple[Packed, Packed]:
        """Give the same windows as two batches."""
        middle = len(self.rows) // 2
        cut = int(self.lengths[:middle].sum())
        return (
            Packed(self.rows[:middle], self.ids[:cut], self.lengths[:middle]),
            Packed(self.rows[middle:], self.ids[cut:], self.lengths[middle:]),
        )


def plan(windows: Windows, rows: np.ndarray, *, budget: int) -> Iterator[Packed]:
    """Pack windows into batches of at most ``budget`` tokens (or one window, if it is longer), longest first.

    Every window whose number is among ``rows``, int [some of the windows], is in exactly one batch.

    Example:
        >>> windows = Windows(np.arange(11), np.array([3, 5, 3]), np.arange(3))
        >>> [(batch.rows.tolist(), batch.lengths.tolist()) for batch in plan(windows, np.arange(3), budget=8)]
        [([1, 0], [5, 3]), ([2], [3])]
    """
    lengths = windows.lengths
    first = np.cumsum(lengths) - lengths
    order = rows[np.argsort(-lengths[rows], kind="stable")]
    total = np.cumsum(lengths[order])
    start, used = 0, 0
    while start < len(order):
        stop = max(start + 1, int(np.searchsorted(total, used + budget, side="right")))
        batch, used = order[start:stop], int(total[stop - 1])
        own = lengths[batch]
        yield Packed(batch, windows.ids[np.repeat(first[batch], own) + places_within(own)], own)
        start = stop
