"""What is free goes back to the system, though something at the heap's end is still in use."""

from __future__ import annotations

import platform
from pathlib import Path

import numpy as np
import pytest

from servicequal.inference.heap import give_back


def resident() -> float:
    """Megabytes of memory that the process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library than glibc")
def test_free_memory_goes_back() -> None:
    held = [np.ones(10_000) for _ in range(2_000)]  # 80 kB each: on the heap, not mapped one by one
    last = held.pop()
    before = resident()
    held.clear()
    give_back()
    assert resident() < before - 100
    assert last.sum() == 10_000
