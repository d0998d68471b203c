"""Texts → token ids, with exact lengths, and texts longer than the encoder's window as several windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer as HuggingFaceTokenizer

WORDS = 32_768  # whose ids are kept: some 8 MB


@dataclass(frozen=True, slots=True)
class Windows:
    """Token ids of several texts, cut into windows that the encoder can take and laid end to end.

    Attributes:
        ids: int32 [tokens], with the special tokens of each window.
        lengths: int32 [windows]; they sum to the number of tokens.
        text: int64 [windows], the number of the text that a window belongs to, rising; every text has at least one.
    """

    ids: np.ndarray
    lengths: np.ndarray
    text: np.ndarray

    def keys(self) -> list[bytes]:
        """Give the ids of each window as bytes: equal windows have equal keys."""
        ids, ends = self.ids.tobytes(), np.cumsum(self.lengths) * self.ids.itemsize
        return [ids[start:end] for start, end in pairwise([0, *ends.tolist()])]


class Tokenizer:
    """The encoder's own tokenizer, read from its ``tokenizer.json``.

    The tokenizers of BERT and XLM-RoBERTa take what stands between spaces word by word, so that a word's ids are looked
    up if it came before: the same ids, four times as fast (but for words of several invisible characters, and for the
    names of special tokens in a text, neither of which says anything).
    """

    def __init__(self, path: Path, *, window: int) -> None:
        self._path = path
        self._tokenizer = HuggingFaceTokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        special = self._tokenizer.encode("").ids
        self._first, self._last = special[0], special[-1]
        self._window = window - 2
        self._ids = lru_cache(WORDS)(self._word)

    def __reduce__(self) -> tuple[partial[Tokenizer], tuple[Path]]:
        return partial(Tokenizer, window=self._window + 2), (self._path,)

    def windows(self, texts: Sequence[str]) -> Windows:
        """Tokenise texts, their words parted by single spaces; nothing is cut off: a long text has several windows."""
        windows: list[list[int]] = []
        owner = []
        for number, text in enumerate(texts):
            pieces = list(chain.from_iterable(map(self._ids, text.split(" "))))
            for start in range(0, max(len(pieces), 1), self._window):
                windows.append([self._first, *pieces[start : start + self._window], self._last])
                owner.append(number)
        lengths = np.array([len(window) for window in windows], dtype=np.int32)
        ids = np.fromiter(chain.from_iterable(windows), dtype=np.int32, count=int(lengths.sum()))
        return Windows(ids, lengths, np.array(owner, dtype=np.int64))

    def _word(self, word: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(word, add_special_tokens=False).ids)
