"""A contact as one text with a line per turn, for tools that know nothing of turns; and the way back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from servicequal.annotation import Annotation, MarkedClaim, Span
from servicequal.contact import Contact
from servicequal.errors import AnnotationError
from servicequal.files.exchange.task import CHANGED, part_of, ratings_of, verdict_label

_LABELS = {"agent": "Agent: ", "customer": "Customer: ", "system": "System: "}


@dataclass(frozen=True, slots=True)
class Transcript:
    r"""One text, and where in it each turn's own text lies.

    Example:
        >>> from servicequal.contact import Turn
        >>> script = transcript_of(Contact("c", "chat", (Turn("customer", "Hi!"), Turn("agent", "Hello."))))
        >>> script.text
        'Customer: Hi!\nAgent: Hello.'
        >>> script.place(1, 0, 5), script.locate(21, 26)
        ((21, 26), (1, 0, 5))
    """

    text: str
    turns: tuple[tuple[int, int], ...]

    def place(self, turn: int, start: int, end: int) -> tuple[int, int]:
        """Give the place in the text of a span in a turn."""
        begin = self.turns[turn][0]
        return begin + start, begin + end

    def locate(self, start: int, end: int) -> tuple[int, int, int]:
        """Give turn, start and end of a place in the text; a speaker's label before it is left out.

        Raises:
            AnnotationError: if the place is in no turn, or in several.
        """
        touched = [n for n, (begin, stop) in enumerate(self.turns) if max(start, begin) < min(end, stop)]
        if len(touched) != 1:
            raise AnnotationError(f"the span {start}–{end} lies in {len(touched)} turns; expected one")
        begin, stop = self.turns[touched[0]]
        return touched[0], max(start, begin) - begin, min(end, stop) - begin


def transcript_of(contact: Contact) -> Transcript:
    """Write a contact as one text."""
    pieces, turns, length = [], [], 0
    for turn in contact.turns:
        label = _LABELS[turn.speaker]
        begin = length + len(label)
        turns.append((begin, begin + len(turn.text)))
        pieces.append(label + turn.text)
        length = turns[-1][1] + 1
    return Transcript("\n".join(pieces), tuple(turns))


def labelled_places(contact: Contact, annotation: Annotation) -> list[tuple[int, int, str]]:
    """Give start, end and label of all that an annotation marks, in the contact's one text."""
    script = transcript_of(contact)
    parts: list[tuple[Span | MarkedClaim, str]] = [(span, span.indicator) for span in annotation.indicators]
    parts += [(claim, verdict_label(claim)) for claim in annotation.verdicts]
    return [(*script.place(part.turn, part.start, part.end), label) for part, label in parts]


def marks_of(
    contact: Contact, text: str, places: Iterable[tuple[int, int, str]], categories: Iterable[str]
) -> dict[str, Any]:
    """Read ratings, indicators and verdicts from labels on a contact's one text.

    Raises:
        AnnotationError: if the text is another, a place is in no turn, or a label is no rating.
    """
    script = transcript_of(contact)
    if script.text != text:
        raise AnnotationError(CHANGED)
    marks: dict[str, Any] = {"ratings": ratings_of(categories), "indicators": [], "verdicts": []}
    for start, end, label in places:
        kind, part = part_of(label, *script.locate(start, end))
        marks[kind].append(part)
    return marks
