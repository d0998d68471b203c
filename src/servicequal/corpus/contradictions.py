"""Ratings that a rater's own indicators contradict."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from servicequal.annotation import Annotation
from servicequal.scheme import LEVELS, NOT_APPLICABLE, Criterion, Scheme


def contradictions(annotation: Annotation, scheme: Scheme, prescribed: Collection[str] = ()) -> Iterator[str]:
    """Name each rating that cannot stand beside what the same rater marked.

    Who marks no indicator at all contradicts none.

    Args:
        annotation: of one rater.
        scheme: what was rated.
        prescribed: triggers that the contact's mystery case prescribes, whether or not the customer gave them.

    Yields:
        What was found, and what to do.
    """
    marked = {span.indicator for span in annotation.indicators}
    for criterion in scheme.criteria:
        level = annotation.ratings.get(criterion.id)
        if criterion.always and level == NOT_APPLICABLE:
            yield f"{criterion.id} is not applicable, but the scheme says that it always applies; rate it"
        if level is not None and marked:
            yield from _of_criterion(criterion, level, marked, scheme, prescribed)


def _of_criterion(
    criterion: Criterion, level: str, marked: set[str], scheme: Scheme, prescribed: Collection[str]
) -> Iterator[str]:
    trigger = criterion.trigger
    if trigger and level == NOT_APPLICABLE and trigger in marked:
        yield f"{criterion.id} is not applicable, but a {trigger!r} is marked; rate it, or unmark the span"
    if trigger and level != NOT_APPLICABLE and trigger not in marked and trigger not in prescribed:
        yield f"{criterion.id} is rated, but no {trigger!r} is marked; mark it, or rate 'not_applicable'"
    shown = {i.id for i in scheme.indicators if i.serves == criterion.id and i.polarity > 0}
    if level == LEVELS[-1] and shown and not shown & marked:
        yield f"{criterion.id} is {level}, but nothing that shows it is marked; mark one of {', '.join(sorted(shown))}"
