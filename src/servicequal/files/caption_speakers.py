"""Who speaks in captions: by voice tags, by names before the text, or by dashes that mark a change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby

from servicequal.files.assemble import Labelled
from servicequal.files.speaker_labels import label_of, speakers_in

_CHANGE = re.compile(r"(?:[-\u2013\u2014]|>>+)\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a cue.

    Attributes:
        text: without tags.
        voice: the name in a voice tag, if there is one.
        start: of the cue, in seconds.
        end: of the cue, in seconds.
    """

    text: str
    voice: str | None
    start: float | None
    end: float | None


def speaking(lines: Sequence[Line]) -> list[Labelled]:
    """Join lines into turns, one for each change of speaker.

    Where nothing tells the speakers, all is said by one without a name, and each cue is a turn.

    Example:
        >>> said = ["- Hello!", "How are you?", "- Fine."]
        >>> speaking([Line(text, None, float(at), at + 1.0) for at, text in enumerate(said)])
        [('Speaker 1', 'Hello! How are you?', 0.0, 2.0), ('Speaker 2', 'Fine.', 2.0, 3.0)]
    """
    if any(line.voice for line in lines):
        return _joined([(line.voice, line) for line in lines])
    marked = [_CHANGE.match(line.text) is not None for line in lines]
    bare = [
        replace(line, text=_CHANGE.sub("", line.text, count=1)) if mark else line
        for line, mark in zip(lines, marked, strict=True)
    ]
    if names := speakers_in("\n".join(line.text for line in bare)):
        return _joined([_named(line, names) for line in bare])
    if sum(marked) < 2:
        return _nameless(lines)
    changes = accumulate(marked)
    return _joined(
        [(f"Speaker {2 - count % 2}" if count else None, line) for count, line in zip(changes, bare, strict=True)]
    )


def _named(line: Line, names: frozenset[str]) -> tuple[str | None, Line]:
    found = label_of(line.text)
    return (found.label, replace(line, text=found.text)) if found and found.label in names else (None, line)


def _nameless(lines: Sequence[Line]) -> list[Labelled]:
    cues = groupby(lines, key=lambda line: (line.start, line.end))
    return [("", " ".join(line.text for line in cue), *span) for span, cue in cues]


def _joined(said: Sequence[tuple[str | None, Line]]) -> list[Labelled]:
    """Join lines of the same speaker; a line without one goes on with the speaker before."""
    turns: list[Labelled] = []
    for name, line in said:
        label = name or (turns[-1][0] if turns else "System")
        if turns and turns[-1][0] == label:
            _, text, start, _ = turns[-1]
            turns[-1] = (label, f"{text} {line.text}".strip(), start, line.end)
        else:
            turns.append((label, line.text, line.start, line.end))
    return turns
