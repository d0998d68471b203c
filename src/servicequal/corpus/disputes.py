"""Where raters of a contact disagree, and what was settled."""

from __future__ import annotations

from collections.abc import Iterable

from servicequal.annotation import Annotation


def levels_given(annotations: Iterable[Annotation]) -> dict[tuple[str, str], list[str]]:
    """Give the levels that raters gave, by contact and criterion."""
    given: dict[tuple[str, str], list[str]] = {}
    for annotation in annotations:
        for criterion, level in annotation.ratings.items():
            given.setdefault((annotation.contact, criterion), []).append(level)
    return given


def settled(annotations: Iterable[Annotation], adjudications: Iterable[Annotation]) -> dict[tuple[str, str], str]:
    """Give the level of each contact and criterion on which all raters agree, or that was adjudicated.

    Example:
        >>> raters = [Annotation("c", "r1", {"empathy": "not_met"}), Annotation("c", "r2", {"empathy": "partly_met"})]
        >>> settled(raters, []), settled(raters, [Annotation("c", "judge", {"empathy": "not_met"})])
        ({}, {('c', 'empathy'): 'not_met'})
    """
    unanimous = {key: levels[0] for key, levels in levels_given(annotations).items() if len(set(levels)) == 1}
    decided = {key: levels[0] for key, levels in levels_given(adjudications).items()}
    return unanimous | decided
