"""What is wrong in a phrase bank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from servicequal.corpus.finding import Finding
from servicequal.corpus.folder import Corpus
from servicequal.corpus.near_duplicates import near_duplicates, shingles
from servicequal.errors import AnnotationError

SAME = 0.7  # share of runs of words from which on two phrases are alike


def phrase_findings(corpus: Corpus) -> Iterator[Finding]:
    """Find phrases about no indicator, taken from a contact, or alike."""
    if not corpus.phrases:
        return
    holder = {run: one.id for one in corpus.contacts for turn in one.turns for run in shingles(turn.text)}
    cells: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for where, phrase in corpus.phrases.items():
        cells[phrase.language, phrase.indicator][where] = phrase.text
        try:
            phrase.indicator_of(corpus.scheme)
        except AnnotationError as error:
            yield Finding("unknown", where, str(error).removeprefix("phrase: "))
        runs = shingles(phrase.text)
        copied = [holder[run] for run in runs if run in holder]
        if runs and len(copied) >= SAME * len(runs):
            message = f"stands in contact {min(copied)!r} too; a phrase trains every fold: reword it"
            yield Finding("leakage", where, message)
    for texts in cells.values():
        for first, second in _alike(texts):
            yield Finding("duplicate", second, f"is like {first}; keep one")


def _alike(texts: Mapping[str, str]) -> set[tuple[str, str]]:
    """Pair texts of the same words, and those that share most of their runs of words."""
    same = defaultdict(list)
    for name, text in texts.items():
        same[frozenset(shingles(text, 1))].append(name)
    pairs = {(names[0], name) for names in same.values() for name in names[1:]}
    return pairs | {(first, second) for first, second, _ in near_duplicates(texts, share=SAME)}
