"""Contacts and annotations → what the heads learn from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.annotation import Annotation, MarkedClaim, Span
from servicequal.contact import Contact
from servicequal.errors import AnnotationError
from servicequal.inference.pipeline import Encoded
from servicequal.inference.segments import Sentence
from servicequal.scheme import LEVELS, NOT_APPLICABLE, Scheme
from servicequal.training.folds import fold_of


@dataclass(frozen=True, slots=True)
class Example:
    """One annotated contact.

    Attributes:
        encoded: the contact with its sentences and vectors.
        fold: which part of the cross-fitting it belongs to.
        marked: float [sentences, indicators], share of the raters who marked it; NaN where no rater marks indicators.
        applies: criterion → share of its raters for whom it applies.
        levels: criterion → float [3], share of the levels among those raters; absent where it applies to none.
        verdicts: sentence → its raters' verdicts, as (fact id or None, verdict).
        annotations: all of this contact.
    """

    encoded: Encoded
    fold: int
    marked: np.ndarray
    applies: Mapping[str, float]
    levels: Mapping[str, np.ndarray]
    verdicts: Mapping[int, list[tuple[str | None, str]]]
    annotations: tuple[Annotation, ...]


def by_contact(
    contacts: Iterable[Contact], annotations: Sequence[Annotation], scheme: Scheme
) -> dict[str, tuple[Contact, list[Annotation]]]:
    """Join contacts with their annotations, and check each against the scheme.

    Raises:
        AnnotationError: if an annotation names an unknown contact or label, twice the same rater, or none is left.
    """
    known = {contact.id: contact for contact in contacts}
    joined: dict[str, tuple[Contact, list[Annotation]]] = {}
    seen = set()
    for annotation in annotations:
        if annotation.contact not in known:
            raise AnnotationError(
                f"{annotation.where}: the contacts given have no such id; give the contacts of all waves"
            )
        if (annotation.contact, annotation.rater) in seen:
            raise AnnotationError(f"{annotation.where}: annotated twice; keep one annotation per rater and contact")
        seen.add((annotation.contact, annotation.rater))
        annotation.check(known[annotation.contact], scheme)
        joined.setdefault(annotation.contact, (known[annotation.contact], []))[1].append(annotation)
    if not joined:
        raise AnnotationError("no annotation; expected at least one annotated contact")
    return joined


def make_example(
    encoded: Encoded, annotations: Sequence[Annotation], scheme: Scheme, *, folds: int, marking: Collection[str]
) -> Example:
    """Turn one contact and its annotations into targets; ``marking`` are the raters who mark indicators at all."""
    applies, levels = {}, {}
    for criterion in scheme.criteria:
        given = [a.ratings[criterion.id] for a in annotations if criterion.id in a.ratings]
        rated = [LEVELS.index(level) for level in given if level != NOT_APPLICABLE]
        if given:
            applies[criterion.id] = len(rated) / len(given)
        if rated:
            levels[criterion.id] = np.bincount(rated, minlength=len(LEVELS)) / len(rated)
    verdicts = defaultdict(list)
    for annotation in annotations:
        for claim in annotation.verdicts:
            for sentence in _covered(encoded.sentences, claim):
                verdicts[sentence].append((claim.fact, claim.verdict))
    return Example(
        encoded,
        fold_of(encoded.contact, folds),
        _marked(encoded.sentences, [one for one in annotations if one.rater in marking], scheme),
        applies,
        levels,
        dict(verdicts),
        tuple(annotations),
    )


def _marked(sentences: Sequence[Sentence], annotations: Sequence[Annotation], scheme: Scheme) -> np.ndarray:
    column = {indicator.id: number for number, indicator in enumerate(scheme.indicators)}
    if not annotations:
        return np.full((len(sentences), len(column)), np.nan)
    marked = np.zeros((len(annotations), len(sentences), len(column)))
    for rater, annotation in enumerate(annotations):
        for span in annotation.indicators:
            marked[rater, _covered(sentences, span), column[span.indicator]] = 1
    return np.asarray(marked.mean(axis=0))


def _covered(sentences: Sequence[Sentence], span: Span | MarkedClaim) -> list[int]:
    """Give the sentences that a span covers by half, or that hold it by more than half of it."""
    covered = []
    for number, sentence in enumerate(sentences):
        if sentence.turn == span.turn:
            overlap = min(sentence.end, span.end) - max(sentence.start, span.start)
            if 2 * overlap >= min(sentence.end - sentence.start, span.end - span.start):
                covered.append(number)
    return covered
