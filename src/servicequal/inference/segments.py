"""Contact → sentences: exact spans of each turn, the unit that is encoded, rated and shown as evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache

import spacy
from spacy.language import Language

from servicequal.contact import Contact

MAX_WORDS = 40
MAX_LETTERS = 400
SHORT = 50  # letters of a word worth remembering

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
    first = 0
    for start in _starts(block, language):
        if not _is_abbreviated(block[first:start].rstrip(), block[start]):
            yield from _stripped(block, first, start)
            first = start
    yield from _stripped(block, first, len(block))


def _starts(block: str, language: str) -> Iterator[int]:
    """Yield where sentences but the first start, as spaCy's sentencizer finds them.

    spaCy tokenizes what stands between spaces by itself, and the sentencizer acts on punctuation alone, so that only
    words with a final sign in them, and words behind one, need the tokenizer.
    """
    final = _final_word(language)
    ended, at = False, 0
    while word := (_WORD if ended else final).search(block, at):
        if ended and block[at : word.start()] != " ":  # further space is a token of its own, and begins the sentence
            yield word.start()
            ended, at = False, word.start()
            continue
        starts, ended = _read_word(word[0], language, ended)
        yield from (word.start() + start for start in starts)
        at = word.end()


def _read_word(word: str, language: str, ended: bool) -> tuple[tuple[int, ...], bool]:
    """Give where sentences start in a word, after the end of one or not, and whether it ends one itself."""
    return _read_short_word(word, language, ended) if len(word) <= SHORT else _read_tokens(word, language, ended)


@lru_cache(maxsize=50_000)  # some 10 MB
def _read_short_word(word: str, language: str, ended: bool) -> tuple[tuple[int, ...], bool]:
    return _read_tokens(word, language, ended)


def _read_tokens(word: str, language: str, ended: bool) -> tuple[tuple[int, ...], bool]:
    pipeline, final = _pipeline(language), _final_signs(language)
    starts = []
    with pipeline.memory_zone():  # or spaCy would keep every word it has ever seen
        for token in pipeline.tokenizer(word):
            if token.text in final:
                ended = True
            elif ended and not token.is_punct:
                starts.append(token.idx)
                ended = False
    return tuple(starts), ended


def _is_abbreviated(sentence: str, following: str) -> bool:
    """Say whether the last word is an abbreviation that something must follow."""
    if not sentence.endswith("."):
        return False
    word = sentence.rsplit(maxsplit=1)[-1][:-1].lower()
    return word in _ABBREVIATIONS or (word in _BEFORE_NUMBERS and following.isdigit())


def _stripped(block: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = block[start:end]
    if stripped := piece.strip():
        start += piece.index(stripped[0])
        yield start, start + len(stripped)


def _cut_long(block: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if end - start <= MAX_LETTERS and len(block[start:end].split()) <= MAX_WORDS:
        yield start, end
        return
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
def _final_word(language: str) -> re.Pattern[str]:
    signs = re.escape("".join(sorted(_final_signs(language))))
    return re.compile(rf"(?<!\S)[^\s{signs}]*+[{signs}]\S*")


@cache
def _final_signs(language: str) -> frozenset[str]:
    return frozenset(_pipeline(language).get_pipe("sentencizer").punct_chars)


@cache
def _pipeline(language: str) -> Language:
    pipeline = spacy.blank(language)
    pipeline.max_length = 10_000_000
    pipeline.add_pipe("sentencizer")
    return pipeline
