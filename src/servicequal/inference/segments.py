"""Contact → sentences: exact spans of each turn, the unit that is encoded, rated and shown as evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import spacy
from spacy.language import Language

from servicequal.contact import Contact

MAX_WORDS = 40
MAX_LETTERS = 400

# a line ends a sentence, unless it is a long line of a hard-wrapped mail that goes on in the next
_LINE = re.compile(r"[^\n]+")
_ENDS = re.compile(r"[.!?:;…]\W*$")
_ITEM = re.compile(r"\s*([-–—*•>]|\d+[.)])\s")
_WRAPPED = range(55, 81)
_QUOTED = re.compile(r"\s*>")
_WORD = re.compile(r"\S+")
_CONNECTIVES = frozenset(
    (
        "and but so because then or if und aber oder weil dann also denn wenn dass i ale bo więc to a oraz że jak jeśli"
    ).split()
)
_ABBREVIATIONS = frozenset("ca bzw evtl inkl zzgl str np tzw ul approx incl".split())
_BEFORE_NUMBERS = frozenset("nr no ok tel godz std min max".split())


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a contact: ``contact.turns[turn].text[start:end]``."""

    turn: int
    start: int
    end: int
    speaker: str
    text: str = field(repr=False)


def split_sentences(contact: Contact, language: str) -> list[Sentence]:
    """Split all turns of a contact into sentences, in order.

    Lines quoted with ``>`` are earlier mails and left out, as are turns of the system. Runs without punctuation, as
    speech recognition gives them, are cut before a connective, after ``MAX_WORDS`` words or ``MAX_LETTERS`` letters.

    Example:
        >>> from servicequal.contact import Turn
        >>> contact = Contact("c", "chat", (Turn("agent", "Guten Tag! Die Lieferung dauert ca. 3 Tage."),))
        >>> [sentence.text for sentence in split_sentences(contact, "de")]
        ['Guten Tag!', 'Die Lieferung dauert ca. 3 Tage.']
    """
    with _pipeline(language).memory_zone():  # or spaCy would keep every word it has ever seen
        return [
            Sentence(number, start, end, turn.speaker, turn.text[start:end])
            for number, turn in enumerate(contact.turns)
            if turn.speaker != "system"
            for start, end in sentence_spans(turn.text, language)
        ]


def sentence_spans(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each sentence of one turn's text."""
    for block_start, block_end in _blocks(text):
        block = text[block_start:block_end]
        for start, end in _punctuated(block, language):
            for cut_start, cut_end in _cut_long(block, start, end):
                if any(letter.isalnum() for letter in block[cut_start:cut_end]):
                    yield block_start + cut_start, block_start + cut_end


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    start: int | None = None
    end = 0
    for line in _LINE.finditer(text):
        if _QUOTED.match(line[0]):
            if start is not None:
                yield start, end
            start = None
            continue
        continues = (
            start is not None
            and end + 1 == line.start()
            and end - text.rfind("\n", 0, end) in _WRAPPED
            and not _ENDS.search(text[start:end][-5:])
            and not _ITEM.match(line[0])
        )
        if start is not None and not continues:
            yield start, end
        if not continues:
            start = line.start()
        end = line.end()
    if start is not None:
        yield start, end


def _punctuated(block: str, language: str) -> Iterator[tuple[int, int]]:
    """Cut at sentence-final punctuation, not behind an abbreviation that the tokenizer does not know."""
    start = None
    for sentence in _pipeline(language)(block).sents:
        first = sentence.start_char if start is None else start
        if _is_abbreviated(block[first : sentence.end_char], block[sentence.end_char :]):
            start = first
            continue
        start = None
        yield from _stripped(block, first, sentence.end_char)
    if start is not None:
        yield from _stripped(block, start, len(block))


def _is_abbreviated(sentence: str, rest: str) -> bool:
    """Say whether the last word is an abbreviation that something must follow."""
    if not sentence.endswith(".") or not rest.strip():
        return False
    word = sentence.rsplit(maxsplit=1)[-1][:-1].lower()
    return word in _ABBREVIATIONS or (word in _BEFORE_NUMBERS and rest.lstrip()[0].isdigit())


def _stripped(block: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = block[start:end]
    if stripped := piece.strip():
        start += piece.index(stripped[0])
        yield start, start + len(stripped)


def _cut_long(block: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    words = [(start + word.start(), start + word.end()) for word in _WORD.finditer(block[start:end])]
    while words:
        count = _words_that_fit(words)
        if count < len(words):
            likely = range(count, count // 2, -1)
            count = next((n for n in likely if block[slice(*words[n])].lower() in _CONNECTIVES), count)
        piece_start, piece_end = words[0][0], words[count - 1][1]
        for cut in range(piece_start, piece_end, MAX_LETTERS):  # one endless "word"
            yield cut, min(cut + MAX_LETTERS, piece_end)
        words = words[count:]


def _words_that_fit(words: list[tuple[int, int]]) -> int:
    fitting = sum(1 for _, end in words[:MAX_WORDS] if end - words[0][0] <= MAX_LETTERS)
    return max(1, fitting)


@cache
def _pipeline(language: str) -> Language:
    pipeline = spacy.blank(language)
    pipeline.max_length = 10_000_000
    pipeline.add_pipe("sentencizer")
    return pipeline
