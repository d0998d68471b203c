"""Texts → vectors: a BERT or XLM-R encoder over packed tokens, mean-pooled, read from a folder on disk."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from servicequal.inference.backends.choice import open_backend
from servicequal.inference.backends.protocol import Backend, Means
from servicequal.inference.kept import KEPT, Kept
from servicequal.inference.packing import Packed, plan
from servicequal.inference.tokens import Tokenizer, Windows
from servicequal.inference.weights import FILES, Weights

AHEAD = 2  # batches given to the backend before the first must be done


class Encoder:
    """A sentence encoder: deduplicates, tokenises, packs, encodes, and gives vectors back in the order asked.

    Attributes:
        folder: where it was read from.
        width: length of a vector.
        window: tokens that are read at once.
        tokenizer: read once, with the words that it met.
        backend: the engine that does the arithmetic.

    Example:
        >>> encoder = Encoder(bundled_encoder())                                     # doctest: +SKIP
        >>> encoder.encode(["Hello", "Guten Tag"]).shape                             # doctest: +SKIP
        (2, 384)
    """

    def __init__(
        self, folder: Path, *, device: str = "auto", backend: str | Backend = "torch-fp32", kept: int = KEPT
    ) -> None:
        """Read an encoder.

        Args:
            folder: with ``config.json``, ``tokenizer.json`` and ``model.safetensors``.
            device: ``auto``, ``cpu``, ``cuda`` or ``cuda:1``.
            backend: a name (see ``backends/choice.py``) or an engine of one's own. Training keeps fp32, so that a
                scorer does not depend on the machine that trained it.
            kept: how many windows' vectors are kept, so that what is said again and again is encoded once.

        Raises:
            BundleError: if a file is missing, the model is of another family, or the backend or device cannot be used.
            MissingExtraError: if the backend is not installed.
        """
        weights = Weights.read(folder)
        self.folder, self.width, self.window = folder, weights.width, weights.window
        self.tokenizer = Tokenizer(folder / "tokenizer.json", window=self.window)
        if isinstance(backend, str):
            backend = open_backend(backend, weights, self.tokenizer, device=device)
        self.backend = backend
        self._budget = backend.budget
        self._kept = Kept(kept)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Encode texts.

        Returns:
            float32 [texts, width], each value one of float16, so that vectors kept as float16 are the same; equal texts
            have equal vectors, whatever else is in the batch.

        Raises:
            MemoryError: if a single window is too much for the device.
        """
        number = {text: index for index, text in enumerate(dict.fromkeys(texts))}
        vectors = self.encode_windows(self.tokenizer.windows(list(number)))
        return vectors[[number[text] for text in texts]]

    def encode_windows(self, windows: Windows) -> np.ndarray:
        """Encode tokenised texts: float32 [texts, width], as ``encode``; a text's windows weigh by their length."""
        return self.submit_windows(windows)()

    def submit_windows(self, windows: Windows) -> Means:
        """Start on tokenised texts: what it returns waits for the vectors that ``encode_windows`` gives."""
        pooled = np.empty((len(windows.lengths), self.width), dtype=np.float32)
        keys = windows.keys()
        new = np.flatnonzero(~self._kept.fill(keys, pooled))
        batches = ((batch, self._submitted(batch)) for batch in plan(windows, new, budget=self._budget))
        ahead = deque(islice(batches, AHEAD))

        def wait() -> np.ndarray:
            while ahead:
                batch, means = self._done(*ahead.popleft())
                ahead.extend(islice(batches, 1))
                pooled[batch.rows] = means
            self._kept.keep([keys[row] for row in new], pooled[new])
            return _by_text(pooled, windows)

        return wait

    def _submitted(self, batch: Packed) -> Means:
        try:
            return self.backend.submit(batch)
        except MemoryError:
            return self._halved(batch)

    def _done(self, batch: Packed, means: Means) -> tuple[Packed, np.ndarray]:
        try:
            return batch, means()
        except MemoryError:
            return batch, self._halved(batch)()

    def _halved(self, batch: Packed) -> Means:
        """Encode a batch that was too big in two parts, and plan for less from now on."""
        if len(batch.rows) == 1:
            raise MemoryError(
                f"a window of {len(batch.ids)} tokens is too much for the device; free its memory or use device 'cpu'"
            )
        self._budget = min(self._budget, max(self.window, len(batch.ids) // 2))
        parts = [self._done(half, self._submitted(half))[1] for half in batch.halves()]
        return lambda: np.concatenate(parts)


def _by_text(pooled: np.ndarray, windows: Windows) -> np.ndarray:
    """Give the mean of each text's windows, weighed by their length."""
    lengths = windows.lengths[:, None].astype(np.float32)
    firsts = np.flatnonzero(np.diff(windows.text, prepend=-1))
    if not len(firsts):
        return pooled
    means = np.add.reduceat(pooled * lengths, firsts) / np.add.reduceat(lengths, firsts)
    return np.asarray(means.astype(np.float16).astype(np.float32))


def encoder_digest(folder: Path) -> str:
    """Give the sha256 of an encoder's files, in hexadecimal."""
    digest = hashlib.sha256()
    for name in FILES:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()
