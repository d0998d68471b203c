"""Task: a contact as an annotation tool gets it; and the labels that all tools share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from servicequal.annotation import VERDICTS, Annotation, MarkedClaim, Span
from servicequal.contact import Contact
from servicequal.errors import AnnotationError
from servicequal.scheme import LEVELS, NOT_APPLICABLE
from servicequal.scorecard import Scorecard

ANSWERS = (*LEVELS, NOT_APPLICABLE)
_SIGN, _FACT = "=", ":"


@dataclass(frozen=True)
class Task:
    """One contact to be annotated, or annotated.

    Attributes:
        contact: what is annotated.
        annotations: made so far.
        card: what a model says of it, to start from; whoever starts from it is not blind.
    """

    contact: Contact
    annotations: tuple[Annotation, ...] = ()
    card: Scorecard | None = None

    def proposal(self) -> Annotation | None:
        """Give the model's answer as an annotation."""
        if self.card is None:
            return None
        evidence = {
            Span(found.turn, found.start, found.end, found.indicator)
            for rating in self.card.ratings.values()
            for found in rating.evidence
            if found.indicator not in self.card.ratings  # a criterion without indicators is evidence under its own name
        }
        return Annotation(
            self.contact.id,
            self.card.scorer,
            {name: rating.level for name, rating in self.card.ratings.items()},
            tuple(sorted(evidence, key=lambda span: (span.turn, span.start, span.indicator))),
            tuple(MarkedClaim(c.turn, c.start, c.end, c.fact, c.verdict) for c in self.card.claims),
            blind=False,
        )


def tasks(
    contacts: Iterable[Contact], annotations: Iterable[Annotation], cards: Iterable[Scorecard] = ()
) -> Iterator[Task]:
    """Join contacts with what people and a model said of them.

    Raises:
        AnnotationError: if an annotation is of none of the contacts.
    """
    known = list(contacts)
    given: dict[str, list[Annotation]] = {contact.id: [] for contact in known}
    for annotation in annotations:
        if annotation.contact not in given:
            raise AnnotationError(f"{annotation.where}: the contacts given have no such id; give those annotated")
        given[annotation.contact].append(annotation)
    scored = {card.contact: card for card in cards}
    for contact in known:
        yield Task(contact, tuple(given[contact.id]), scored.get(contact.id))


def attempt(where: str, made_by: str, read: Callable[[], dict[str, Any]]) -> tuple[str, dict[str, Any] | str]:
    """Read one annotation: give its place, and its record or what is wrong with it."""
    try:
        return where, read()
    except AnnotationError as error:
        return where, str(error)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        return where, f"not as {made_by} writes it ({type(error).__name__}: {error})"


CHANGED = "the text is not that of the contact; give the contacts that were exported"


def exported(
    contacts: Mapping[str, Contact], name: str, *, turns: Sequence[Mapping[str, Any]] | None = None
) -> Contact:
    """Find the contact that an annotation is of.

    Args:
        contacts: those given, by id.
        name: the contact's id.
        turns: as they were exported, where the tool keeps turns.

    Raises:
        AnnotationError: if it is not among those given, or its turns have changed.
    """
    if name not in contacts:
        raise AnnotationError(f"contact {name!r}: the contacts given have no such id; give those exported")
    contact = contacts[name]
    if turns is not None and [turn["text"] for turn in turns] != [turn.text for turn in contact.turns]:
        raise AnnotationError(CHANGED)
    return contact


def categories(ratings: Mapping[str, str]) -> list[str]:
    """Write ratings as labels of a whole text.

    Example:
        >>> categories({"empathy": "partly_met"})
        ['empathy=partly_met']
    """
    return [f"{criterion}{_SIGN}{level}" for criterion, level in ratings.items()]


def ratings_of(labels: Iterable[str]) -> dict[str, str]:
    """Read ratings from labels.

    Raises:
        AnnotationError: if a label is no rating, or a criterion has two.
    """
    ratings: dict[str, str] = {}
    for label in labels:
        criterion, sign, level = label.partition(_SIGN)
        if not sign:
            raise AnnotationError(f"label {label!r}; expected one such as 'empathy=partly_met'")
        if criterion in ratings:
            raise AnnotationError(f"{criterion} has two levels; choose one")
        ratings[criterion] = level
    return ratings


def verdict_label(claim: MarkedClaim) -> str:
    """Write a verdict as the label of a span."""
    return claim.verdict if claim.fact is None else f"{claim.verdict}{_FACT}{claim.fact}"


def part_of(label: str, turn: int, start: int, end: int) -> tuple[str, dict[str, Any]]:
    """Read the label of a span: a verdict, or else an indicator.

    Returns:
        ``indicators`` or ``verdicts``, and the part as an annotation's record has it.
    """
    place = {"turn": turn, "start": start, "end": end}
    verdict, _, fact = label.partition(_FACT)
    if verdict in VERDICTS:
        return "verdicts", place | {"fact": fact or None, "verdict": verdict}
    return "indicators", place | {"indicator": label}
