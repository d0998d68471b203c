"""Numbers in English, German and Polish text, in digits and in words: "zweieinhalb", "twelve ninety", "1.299,00"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SMALL = {
    1: "one ein eine einen einem einer eins jeden jedną jedna jedno jednego",
    2: "two zwei zwo dwa dwie dwóch dwoma",
    3: "three drei trzy trzech trzema",
    4: "four vier cztery czterech",
    5: "five fünf pięć pięciu",
    6: "six sechs sześć sześciu",
    7: "seven sieben siedem siedmiu",
    8: "eight acht osiem ośmiu",
    9: "nine neun dziewięć dziewięciu",
    10: "ten zehn dziesięć dziesięciu",
    11: "eleven elf jedenaście jedenastu",
    12: "twelve zwölf dwanaście dwunastu",
    13: "thirteen dreizehn trzynaście trzynastu",
    14: "fourteen vierzehn czternaście czternastu",
    15: "fifteen fünfzehn piętnaście piętnastu",
    16: "sixteen sechzehn szesnaście szesnastu",
    17: "seventeen siebzehn siedemnaście siedemnastu",
    18: "eighteen achtzehn osiemnaście osiemnastu",
    19: "nineteen neunzehn dziewiętnaście dziewiętnastu",
    20: "twenty zwanzig dwadzieścia dwudziestu",
    30: "thirty dreißig dreissig trzydzieści trzydziestu",
    40: "forty vierzig czterdzieści czterdziestu",
    50: "fifty fünfzig pięćdziesiąt pięćdziesięciu",
    60: "sixty sechzig sześćdziesiąt sześćdziesięciu",
    70: "seventy siebzig siedemdziesiąt siedemdziesięciu",
    80: "eighty achtzig osiemdziesiąt osiemdziesięciu",
    90: "ninety neunzig dziewięćdziesiąt dziewięćdziesięciu",
    100: "hundred hundert einhundert sto stu",
    200: "zweihundert dwieście dwustu",
    300: "dreihundert trzysta trzystu",
    400: "vierhundert czterysta czterystu",
    500: "fünfhundert pięćset pięciuset",
    600: "sechshundert sześćset sześciuset",
    700: "siebenhundert siedemset siedmiuset",
    800: "achthundert osiemset ośmiuset",
    900: "neunhundert dziewięćset dziewięciuset",
    1000: "thousand tausend tysiąc tysiąca tysiące tysięcy",
}
_WORDS = {word: value for value, words in _SMALL.items() for word in words.split()}
_HALVES = {0.5: "half halbe halben halber halbes pół", 1.5: "eineinhalb anderthalb anderthalben półtora półtorej"}
_HALF = {word: value for value, words in _HALVES.items() for word in words.split()}
_NUMBER = re.compile(r"\d{1,3}(?:[., ]\d{3})+(?!\d)(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?")
_THOUSAND = re.compile(r"\s?(?:thousand|tausend|tysiąc\w*|tysięcy|tys\b\.?)", re.IGNORECASE)
_POLISH = re.compile(  # where "ten" is no number
    r"[ąćęłńśźż]|\b(?:nie|jest|na|ma|za|od|po|tak|pan|pani|czy|jak|bo|co|kosztuje|model|to ten)\b", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+")
_GLUE = re.compile(r"[\s-]*(?:(?:and|und|i)\b)?[\s-]*", re.IGNORECASE)
_POINT = re.compile(r"\s*(?:komma|point|przecinek)\s*", re.IGNORECASE)
_AND_A_HALF = re.compile(r"\s+(?:and\s+a\s+half|i\s+pół)\b", re.IGNORECASE)
_ONES = "ein|zwei|zwo|drei|vier|fünf|sechs|sieben|acht|neun"
_TEENS = "zehn|elf|zwölf|dreizehn|vierzehn|fünfzehn|sechzehn|siebzehn|achtzehn|neunzehn"
_GERMAN = re.compile(  # neunhundertneunundfünfzig, fünfzehnhundert, zweitausenddreihundert, dreieinhalb
    rf"(?:(?P<thousands>{_ONES})?(?P<thousand>tausend))?(?:(?P<hundreds>{_ONES}|{_TEENS})?(?P<hundred>hundert))?"
    rf"(?:(?:(?P<ones>{_ONES})und)?(?P<tens>zwanzig|drei(?:ß|ss)ig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig)"
    rf"|(?:und)?(?P<small>{_TEENS}|eins|{_ONES}))?(?P<half>einhalb)?"
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number where it stands, in every way it can be read.

    Attributes:
        values: readings, the plain one first; of "twelve ninety" 12.9, 1290, 12 and 90.
        start: where it begins in the text.
        end: where it ends.
        word: whether it is a word that is a number only before a unit: "ein", "one", "half".
    """

    values: tuple[float, ...]
    start: int
    end: int
    word: bool = False


def numbers(text: str) -> list[Number]:
    """Find the numbers of a text, in their order.

    Example:
        >>> [number.values[0] for number in numbers("1.299,00 € statt zweieinhalbtausend, zwölf neunzig Versand")]
        [1299.0, 12.9]
    """
    found = sorted([*_digits(text), *_spelled(text)], key=lambda number: number.start)
    return [*_joined_by_point(found, text)]


def _digits(text: str) -> Iterator[Number]:
    for match in _NUMBER.finditer(text):
        value, end = _parse(match[0]), match.end()
        if thousand := _THOUSAND.match(text, end):  # "4 tysiące"
            value, end = value * 1000, thousand.end()
        yield _halved(Number((value,), match.start(), end), text)


def _parse(digits: str) -> float:
    """Read 1.299,00 and 1,299.00 alike: three digits behind the last mark are thousands, fewer are not."""
    digits = digits.replace(" ", "")
    marks = [mark for mark in digits if mark in ".,"]
    if not marks:
        return float(digits)
    whole, _, last = digits.rpartition(marks[-1])
    if len(last) == 3 and whole not in ("0", ""):
        return float(re.sub("[.,]", "", digits))
    return float(re.sub("[.,]", "", whole) + "." + last)


def _halved(number: Number, text: str) -> Number:
    """Take "and a half" along."""
    half = _AND_A_HALF.match(text, number.end)
    return Number((number.values[0] + 0.5,), number.start, half.end()) if half else number


def _spelled(text: str) -> Iterator[Number]:
    """Read runs of number words: "one hundred and twenty", "zweitausend dreihundert", "dwadzieścia cztery"."""
    runs: list[tuple[float, float, int, int]] = []  # thousands, what is below, start, end
    polish = bool(_POLISH.search(text))
    for match in _WORD.finditer(text.lower()):
        value = _word_value(match[0])
        if value is None or (polish and match[0] == "ten"):
            continue
        joined = None
        if runs and _GLUE.fullmatch(text[runs[-1][3] : match.start()]):
            joined = _joined(runs[-1][0], runs[-1][1], value)
        if joined:
            runs[-1] = (*joined, runs[-1][2], match.end())
        else:
            thousands, below = (value, 0.0) if value % 1000 == 0 else (0.0, value)
            runs.append((thousands, below, match.start(), match.end()))
    whole = [_halved(Number((run[0] + run[1],), *run[2:], word=run[0] + run[1] in (0.5, 1)), text) for run in runs]
    return _side_by_side(whole, text)


def _joined(thousands: float, below: float, value: float) -> tuple[float, float] | None:
    """Continue a number by a word, or say that the word begins another one."""
    if value == 1000:
        return (below * 1000, 0.0) if 0 < below < 1000 and not thousands else None
    if value == 100:
        if 1 <= below < 20 and below != 10:  # "nineteen hundred"
            return thousands, below * 100
        return (thousands, 100.0) if thousands and not below else None
    room = 1000 if not below else 100 if below % 100 == 0 else 10 if below >= 20 and below % 10 == 0 else 0
    return (thousands, below + value) if value < room else None


def _word_value(word: str) -> float | None:
    if word in _WORDS:
        return float(_WORDS[word])
    if word in _HALF:
        return _HALF[word]
    if word and (compound := _GERMAN.fullmatch(word)):
        half = 0.5 if compound["half"] else 0.0
        part = {name: _WORDS[found] for name, found in compound.groupdict().items() if found and name != "half"}
        hundreds = part.get("hundreds", 1) * part.get("hundred", 0)
        below = hundreds + part.get("ones", 0) + part.get("tens", 0) + part.get("small", 0)
        return float(part.get("thousands", 1) * part.get("thousand", 0) + below + half)
    return None


def _side_by_side(spelled: list[Number], text: str) -> Iterator[Number]:
    """Read words in a row as prices are said, "twelve ninety", "vier neunundsiebzig", or digits, "eight four nine".

    Which of these is meant, or whether they are two numbers after all, is left open.
    """
    rows: list[list[Number]] = []
    for number in spelled:
        if rows and text[rows[-1][-1].end : number.start].isspace():
            rows[-1].append(number)
        else:
            rows.append([number])
    for row in rows:
        said = [number.values[0] for number in row]
        alone = {value for number in row for value in number.values}
        if len(row) == 2 and 1 <= said[0] < 1000 and 10 <= said[1] < 100:
            readings = [said[0] + said[1] / 100, said[0] * 100 + said[1], *said]
        elif len(row) > 2 and all(value in range(10) for value in said):
            readings = [float("".join(str(int(value)) for value in said)), *alone]
        else:
            yield from row
            continue
        yield Number(tuple(dict.fromkeys(readings)), row[0].start, row[-1].end)


def _joined_by_point(found: list[Number], text: str) -> Iterator[Number]:
    """Read "eins Komma drei" as 1.3."""
    waiting: Number | None = None
    for number in found:
        if waiting and number.start < waiting.end:  # "half" in "two and a half", "tysiące" in "4 tysiące"
            continue
        if waiting and _POINT.fullmatch(text, waiting.end, number.start):
            behind = number.values[0]
            if behind == int(behind):
                value = float(f"{waiting.values[0]:.0f}.{behind:.0f}")
                waiting = Number((value,), waiting.start, number.end)
                continue
        if waiting:
            yield waiting
        waiting = number
    if waiting:
        yield waiting
