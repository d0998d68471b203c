"""Every window is in exactly one batch, and no batch is over the budget without need."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from servicequal.inference.packing import plan
from servicequal.inference.runs import filled
from servicequal.inference.tokens import Windows


def windows_of(lengths: list[int]) -> Windows:
    """Windows that carry their own number as tokens."""
    numbers = np.arange(len(lengths))
    return Windows(np.repeat(numbers, lengths).astype(np.int32), np.array(lengths, dtype=np.int32), numbers)


@given(st.lists(st.integers(1, 80), max_size=60), st.integers(1, 200), st.integers(1, 4))
def test_plan_is_a_partition_within_the_budget(lengths: list[int], budget: int, step: int) -> None:
    wanted = np.arange(len(lengths))[::step]
    batches = list(plan(windows_of(lengths), wanted, budget=budget))
    rows = [row for batch in batches for row in batch.rows.tolist()]
    assert sorted(rows) == wanted.tolist()
    assert [lengths[row] for row in rows] == sorted((lengths[row] for row in rows), reverse=True)
    for batch in batches:
        assert len(batch.ids) == batch.lengths.sum() <= max(budget, batch.lengths.max())
        np.testing.assert_array_equal(batch.ids, np.repeat(batch.rows, batch.lengths))
        np.testing.assert_array_equal(batch.places, np.concatenate([np.arange(length) for length in batch.lengths]))
        assert sum(count * length for _, count, length in batch.runs) == len(batch.ids)
        for first, count, length in batch.runs:
            place = int(np.searchsorted(np.cumsum(batch.lengths), first, side="right"))
            assert set(batch.lengths[place : place + count].tolist()) == {length}


@given(st.lists(st.integers(1, 80), min_size=2, max_size=60))
def test_halves_are_the_whole(lengths: list[int]) -> None:
    (whole,) = plan(windows_of(lengths), np.arange(len(lengths)), budget=10_000)
    halves = whole.halves()
    for name in ("rows", "ids", "lengths"):
        np.testing.assert_array_equal(np.concatenate([getattr(half, name) for half in halves]), getattr(whole, name))
    assert all(len(half.rows) for half in halves)


def test_products_meet_few_numbers_of_rows() -> None:
    """What a library compiles for each number of rows stays bounded over a history of any length."""
    counts = [len(filled(torch.ones(rows, 2))) for rows in range(1, 4_097)]
    assert len(set(counts)) <= 20
    assert all(rows <= count < rows + max(64, rows / 4) for rows, count in enumerate(counts, start=1))
    assert filled(torch.ones(3, 2))[3:].abs().sum() == 0
