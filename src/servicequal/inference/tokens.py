"""Texts → token ids, with exact lengths, and texts longer than the encoder's window as several windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer as HuggingFaceTokenizer


@dataclass(frozen=True, slots=True)
class Windows:
    """Token ids of several texts, cut into windows that the encoder can take.

    Attributes:
        ids: one int64 array per window, with the special tokens.
        text: for each window, the number of the text it belongs to; every text has at least one.
    """

    ids: list[np.ndarray]
    text: np.ndarray


class Tokenizer:
    """The encoder's own tokenizer, read from its ``tokenizer.json``."""

    def __init__(self, path: Path, *, window: int) -> None:
        self._tokenizer = HuggingFaceTokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        special = self._tokenizer.encode("").ids
        self._first, self._last = special[0], special[-1]
        self._window = window - 2

    def windows(self, texts: Sequence[str]) -> Windows:
        """Tokenise texts; nothing is cut off: a long text has several windows."""
        ids, owner = [], []
        for number, encoding in enumerate(self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)):
            pieces = encoding.ids
            for start in range(0, max(len(pieces), 1), self._window):
                ids.append(np.array([self._first, *pieces[start : start + self._window], self._last], dtype=np.int64))
                owner.append(number)
        return Windows(ids, np.array(owner, dtype=np.int64))
