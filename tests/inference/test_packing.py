"""Every window is in exactly one batch, and no batch is over the budget without need."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from servicequal.inference.packing import plan


@given(st.lists(st.integers(1, 80), max_size=60), st.integers(1, 200))
def test_plan_is_a_partition_within_the_budget(lengths: list[int], budget: int) -> None:
    windows = [np.full(length, number) for number, length in enumerate(lengths)]
    batches = list(plan(windows, budget=budget))
    rows = [row for batch in batches for row in batch.rows.tolist()]
    assert sorted(rows) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch.ids) == batch.lengths.sum() <= max(budget, batch.lengths.max())
        np.testing.assert_array_equal(batch.ids, np.repeat(batch.rows, batch.lengths))
        runs = list(batch.runs)
        assert sum(count * length for _, count, length in runs) == len(batch.ids)
        for first, count, length in runs:
            place = int(np.searchsorted(np.cumsum(batch.lengths), first, side="right"))
            assert set(batch.lengths[place : place + count].tolist()) == {length}
