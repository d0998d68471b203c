"""A device that takes a given number of tokens a second, by waiting: what the host must keep busy."""

from __future__ import annotations

import time

import numpy as np

from servicequal.inference.backends.protocol import Means
from servicequal.inference.packing import Packed

KINDS = 4_096


class SimulatedDevice:
    """A backend without arithmetic: a window's vector is one of ``KINDS``, chosen by its tokens."""

    name = "simulated"
    budget = 65_536
    beside = True

    def __init__(self, *, rate: float, width: int) -> None:
        self.tokens, self.waited = 0, 0.0
        self._rate, self._free = rate, 0.0
        self._vectors = np.random.default_rng(0).normal(size=(KINDS, width)).astype(np.float32)

    def submit(self, batch: Packed) -> Means:
        """Queue a batch; it is done when the tokens before it and its own have had their time."""
        now = time.perf_counter()
        if self._free:
            self.waited += max(0.0, now - self._free)
        self._free = done = max(now, self._free) + len(batch.ids) / self._rate
        self.tokens += len(batch.ids)
        starts = np.cumsum(batch.lengths) - batch.lengths
        kinds = np.add.reduceat(batch.ids, starts) % KINDS

        def wait() -> np.ndarray:
            time.sleep(max(0.0, done - time.perf_counter()))
            return self._vectors[kinds]

        return wait
