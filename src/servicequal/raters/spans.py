"""How far raters agree on what sentences show, and on which statements are right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from servicequal.annotation import Annotation, MarkedClaim, Span
from servicequal.raters.figures import LEAST
from servicequal.scorecard import Evidence
from servicequal.stats.agreement import krippendorff_alpha
from servicequal.stats.intervals import Interval, cluster_bootstrap

_WORST_FIRST = ("contradicted", "supported", "not_in_reference")


def span_agreement(twice: Mapping[str, Sequence[Annotation]]) -> dict[str, Interval]:
    """Give the F1 of each indicator, both ways of each pair of raters who mark indicators at all."""
    marking = {one.rater for given in twice.values() for one in given if one.indicators}
    names = sorted({span.indicator for given in twice.values() for one in given for span in one.indicators})
    met, marked = (np.zeros((len(twice), len(names))) for _ in range(2))
    for row, given in enumerate(twice.values()):
        for pair in combinations([one for one in given if one.rater in marking], 2):
            for first, second in (pair, pair[::-1]):
                for span in first.indicators:
                    column = names.index(span.indicator)
                    marked[row, column] += 1
                    met[row, column] += any(
                        span.indicator == other.indicator and overlap(span, other) for other in second.indicators
                    )

    def f1(column: int) -> Interval:
        def share(rows: np.ndarray) -> float:
            total = marked[rows, column].sum()
            return float(met[rows, column].sum() / total) if total else float("nan")

        return cluster_bootstrap(share, range(len(twice)))

    return {name: f1(column) for column, name in enumerate(names) if marked[:, column].sum()}


def overlap(one: Evidence | Span, other: Evidence | Span) -> bool:
    """Tell whether two stretches of a contact share a character."""
    return one.turn == other.turn and min(one.end, other.end) > max(one.start, other.start)


def verdict_agreement(twice: Mapping[str, Sequence[Annotation]]) -> tuple[int, Interval]:
    """Take each statement that several raters held against the reference; of one rater's verdicts the worst counts."""
    clusters, rows = [], []
    for contact, given in twice.items():
        for claims in statements(given):
            if len(claims) > 1:
                clusters.append(contact)
                verdicts = [_WORST_FIRST.index(worst(found)) for found in claims.values()]
                rows.append(np.bincount(verdicts, minlength=len(_WORST_FIRST)))
    if len(set(clusters)) < LEAST:
        return len(rows), Interval(float("nan"), float("nan"), float("nan"))
    counts = np.stack(rows).astype(float)
    return len(rows), cluster_bootstrap(lambda chosen: krippendorff_alpha(counts[chosen]), clusters)


def worst(claims: Sequence[MarkedClaim]) -> str:
    """Give the worst verdict that one rater gives a statement: contradicted, else supported, else not in reference."""
    return min((claim.verdict for claim in claims), key=_WORST_FIRST.index)


def statements(annotations: Iterable[Annotation]) -> Iterator[dict[str, list[MarkedClaim]]]:
    """Give, for each run of overlapping claims in a turn of one contact, each rater's claims."""
    claims = [(claim.turn, claim.start, claim.end, one.rater, claim) for one in annotations for claim in one.verdicts]
    current: dict[str, list[MarkedClaim]] = {}
    turn, reach = -1, -1
    for at, start, end, rater, claim in sorted(claims, key=lambda item: item[:4]):
        if current and (at != turn or start >= reach):
            yield current
            current, reach = {}, -1
        turn, reach = at, max(reach, end)
        current.setdefault(rater, []).append(claim)
    if current:
        yield current
