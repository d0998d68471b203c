"""Texts that share so many runs of words that one is made from the other."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

WORDS = 6
_WORD = re.compile(r"\w+")


def shingles(text: str, words: int = WORDS) -> set[tuple[str, ...]]:
    """Give all runs of so many words, in lower case and without punctuation.

    Example:
        >>> sorted(shingles("Yes, yes -- I KNOW that!", words=3))
        [('i', 'know', 'that'), ('yes', 'i', 'know'), ('yes', 'yes', 'i')]
    """
    tokens = _WORD.findall(text.lower())
    return {tuple(tokens[n : n + words]) for n in range(len(tokens) - words + 1)}


def near_duplicates(texts: Mapping[str, str], *, share: float = 0.5) -> Iterator[tuple[str, str, float]]:
    """Find pairs of texts of which the shorter shares at least ``share`` of its runs of six words with the longer.

    Args:
        texts: by name; those under six words are compared as a whole only.
        share: 0–1.

    Yields:
        The two names, in the order given, and the share.

    Example:
        >>> story = "the parcel came on friday but the box was open and empty"
        >>> list(near_duplicates({"a": story, "b": story + " again", "c": "the parcel came late on a monday in may"}))
        [('a', 'b', 1.0)]
    """
    first_with: dict[tuple[str, ...], str] = {}
    for name, text in texts.items():
        tokens = tuple(_WORD.findall(text.lower()))
        first = first_with.setdefault(tokens, name)
        if first != name:
            yield first, name, 1.0
    runs = {name: {hash(run) for run in shingles(texts[name])} for name in first_with.values()}
    holders = defaultdict(list)
    for name, found in runs.items():
        for run in found:
            holders[run].append(name)
    common: Counter[tuple[str, str]] = Counter()
    for names in holders.values():
        common.update(_pairs(names))
    for (first, second), count in common.items():
        of_shorter = count / min(len(runs[first]), len(runs[second]))
        if of_shorter >= share:
            yield first, second, of_shorter


def _pairs(names: list[str], most: int = 50) -> Iterable[tuple[str, str]]:
    """Pair the holders of a run; one that very many hold is a greeting, and tells nothing."""
    return ((a, b) for n, a in enumerate(names) for b in names[n + 1 :]) if len(names) <= most else ()
