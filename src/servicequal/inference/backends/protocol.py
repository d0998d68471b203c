"""What the encoder asks of an engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from servicequal.inference.packing import Packed

Means = Callable[[], np.ndarray]


class Backend(Protocol):
    """An engine that holds the weights and turns packed tokens into one vector per window.

    Attributes:
        name: as ``Scorer.load(backend=...)`` takes it.
        budget: tokens in a batch that suit the engine.
        beside: whether it works beside the processor, which meanwhile has time for other contacts.
    """

    name: str
    budget: int
    beside: bool

    def submit(self, batch: Packed) -> Means:
        """Start on a batch; an engine beside the processor returns before it is done.

        Returns:
            A function that waits for the vectors: float32 [windows, width], the mean of each window's hidden states.
            A window has the same vector in any batch.

        Raises:
            MemoryError: here or from the function returned, if the batch is too big; a smaller one may fit.
        """
        ...
