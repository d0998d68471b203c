"""Speakers' labels before a colon, at the beginning of a line: told from other words before colons."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from servicequal.files.role_words import speaker_of

_TIME = r"\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?"
_STAMP = rf"[\[(]?({_TIME})(?:\s*(?:-->|[-\u2013\u2014])\s*({_TIME}))?[\])]?"
_LABEL = re.compile(
    rf"\s*(?:{_STAMP}\s*[-\u2013\u2014|:]?\s*)?\**[\[<]?([^\W\d_][^:\n\[\]<>,;!?\"*|]{{0,39}}?)[\]>]?\**\s*(?:{_STAMP}\s*)?"
    r":\**(?=\s|$)"
)
_WITHIN = 120  # characters at a line's beginning
_NO_SPEAKER = frozenset(
    """from to cc bcc sent date subject reply-to re fw fwd ps p.s von an gesendet datum betreff kopie aw wg
    od do dw wysłano data temat odp pd note hinweis uwaga http https mailto""".split()
)


@dataclass(frozen=True, slots=True)
class Labelling:
    """A line that begins with what may be a speaker's label; times as written, empty if there are none."""

    label: str
    text: str
    start: str
    end: str

    def __repr__(self) -> str:
        """Show no name and no text."""
        return f"Labelling({len(self.text)} characters)"


def label_of(line: str) -> Labelling | None:
    """Read a line's label and times.

    Example:
        >>> found = label_of("[00:12] Agent (Anna): Hello!")
        >>> found.label, found.text, found.start
        ('Agent (Anna)', 'Hello!', '00:12')
        >>> label_of("see https://example.com")
    """
    match = _LABEL.match(line[:_WITHIN])
    if not match:
        return None
    before, before_end, label, after, after_end = match.groups(default="")
    return Labelling(label.strip(), line[match.end() :].strip(), before or after, before_end or after_end)


def speakers_in(text: str) -> frozenset[str]:
    r"""Find the labels of a text that are speakers'.

    They are those that name roles, if both agent and customer are named; else names, if there are two or they come
    back; none if the text is no dialogue.

    Example:
        >>> sorted(speakers_in("Agent: Hello!\nCustomer: Hi. My order:\nOrder number: 12"))
        ['Agent', 'Customer']
        >>> sorted(speakers_in("Order number: 12"))
        []
    """
    found = (label_of(line) for line in text.split("\n"))
    counts = Counter(line.label for line in found if line and line.label.casefold() not in _NO_SPEAKER)
    roles = {label: speaker_of(label) for label in counts}
    if {"agent", "customer"} <= set(roles.values()):
        return frozenset(label for label in counts if roles[label])
    names = {label for label in counts if roles[label] or _is_name(label)}
    people = {label for label in names if roles[label] != "system"}
    if len(people) == 2 or (len(people) == 1 and any(roles[label] for label in people)):
        return frozenset(names)
    again = {label for label in people if roles[label] or counts[label] > 1}
    return frozenset(again | (names - people)) if len(again) > 1 else frozenset()


def _is_name(label: str) -> bool:
    return label[0].isupper() and not label.rsplit(maxsplit=1)[-1][0].islower()
