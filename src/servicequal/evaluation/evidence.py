"""The sentences shown as evidence against the spans that raters marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import permutations

import numpy as np

from servicequal.annotation import Annotation, Span
from servicequal.evaluation.figures import EvidenceFigures
from servicequal.evaluation.rows import LEAST, UNTOLD, Rows
from servicequal.raters.spans import overlap
from servicequal.scheme import NOT_APPLICABLE, Indicator
from servicequal.scorecard import Evidence, Scorecard, cluster_of
from servicequal.stats.intervals import Interval


def evidence_figures(
    name: str, cards: Mapping[str, Scorecard], annotations: Sequence[Annotation], serving: Sequence[Indicator]
) -> EvidenceFigures | None:
    """Measure the evidence for one criterion; None where fewer than ``LEAST`` contacts can tell.

    Args:
        name: of the criterion.
        cards: by contact.
        annotations: blind ones that rate the criterion.
        serving: the criterion's indicators.
    """
    indicators = {indicator.id for indicator in serving}
    marking = {one.rater for one in annotations if one.indicators}
    given = [one for one in annotations if one.rater in marking and one.ratings[name] != NOT_APPLICABLE]
    measured = [one for one in given if cards[one.contact][name].level != NOT_APPLICABLE]
    raters = Counter(one.contact for one in measured)
    if len(raters) < LEAST:
        return None
    counts = np.array(
        [_met(cards[one.contact][name].evidence, _marked(one, indicators)) for one in measured], dtype=float
    )
    shown, hit, marked, met = counts.T
    weight = np.array([1 / raters[one.contact] for one in measured])
    rows = Rows([cluster_of(cards[one.contact]) for one in measured], weight)
    return EvidenceFigures(
        contacts=len(raters),
        shown=round(float(weight @ shown)),
        precision=rows.share(hit, shown),
        recall=rows.share(met, marked),
        raters=_between_raters(cards, given, indicators),
    )


def _marked(annotation: Annotation, indicators: Collection[str]) -> list[Span]:
    return [span for span in annotation.indicators if span.indicator in indicators]


def _met(shown: Sequence[Evidence | Span], marked: Sequence[Span]) -> tuple[int, int, int, int]:
    """Count what is shown and how much of it was marked, what was marked and how much of it is shown."""
    hit = sum(any(overlap(one, other) for other in marked) for one in shown)
    met = sum(any(overlap(one, other) for other in shown) for one in marked)
    return len(shown), hit, len(marked), met


def _between_raters(
    cards: Mapping[str, Scorecard], annotations: Sequence[Annotation], indicators: Collection[str]
) -> Interval:
    pairs = list(_pairs(annotations))
    if not pairs:
        return UNTOLD
    counts = np.array([_met(_marked(one, indicators), _marked(other, indicators)) for one, other in pairs], dtype=float)
    return Rows([cluster_of(cards[one.contact]) for one, _ in pairs], np.ones(len(pairs))).share(
        counts[:, 1], counts[:, 0]
    )


def _pairs(annotations: Sequence[Annotation]) -> Iterator[tuple[Annotation, Annotation]]:
    """Give each two annotations of the same contact, both ways."""
    by_contact: dict[str, list[Annotation]] = {}
    for one in annotations:
        by_contact.setdefault(one.contact, []).append(one)
    for given in by_contact.values():
        yield from permutations(given, 2)
