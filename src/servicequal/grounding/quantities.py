"""Amounts, durations and measures in English, German and Polish text, in one unit each: "vierzehn Tage" is 14 days."""

from __future__ import annotations

import re
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
    70: "seventy siebzig siedemdziesiąt",
    80: "eighty achtzig osiemdziesiąt",
    90: "ninety neunzig dziewięćdziesiąt",
    100: "hundred hundert einhundert sto stu",
    200: "zweihundert dwieście",
    300: "dreihundert trzysta",
    400: "vierhundert czterysta",
    500: "fünfhundert pięćset",
    600: "sechshundert sześćset",
    700: "siebenhundert siedemset",
    800: "achthundert osiemset",
    900: "neunhundert dziewięćset",
    1000: "thousand tausend tysiąc tysiące tysięcy",
}
_WORDS = {word: value for value, words in _SMALL.items() for word in words.split()}
_HALVES = {"half": 0.5, "halbes": 0.5, "halbe": 0.5, "pół": 0.5, "eineinhalb": 1.5, "anderthalb": 1.5, "półtora": 1.5}

# unit → (dimension, factor), by the beginning of the word
_UNITS = [
    (r"(working|business)\s+days?|werktag\w*|arbeitstag\w*|dni\s+robocz\w*|dniach\s+robocz\w*", "day", 1.0),
    (r"days?|tag\w{0,2}|dni\w{0,2}|dzień|dobę|doby", "day", 1.0),
    (r"weeks?|wochen?|tydzień|tygodni\w*", "day", 7.0),
    (r"months?|monat\w{0,2}|miesi\w+", "month", 1.0),
    (r"years?|jahr\w{0,2}|rok|roku|lata|lat", "month", 12.0),
    (r"hours?|hrs?|stunden?|std|godzin\w{0,2}|godz|h", "hour", 1.0),
    (r"min(ute[ns]?|uty?|ut)?", "minute", 1.0),
    (r"€|eur\w{0,2}|euros?", "eur", 1.0),
    (r"£|gbp|pounds?|quid|pfund", "gbp", 1.0),
    (r"zł|pln|złot\w+|zloty\w*", "pln", 1.0),
    (r"%|percent|per\s+cent|prozent|procent\w{0,2}", "percent", 1.0),
    (r"gb|gigabytes?|giga", "gb", 1.0),
    (r"kg|kilos?|kilogram\w*", "kg", 1.0),
    (r"zoll|inch(es)?|cal[ie]?|calow\w*|[\"”″]", "inch", 1.0),
    (r"cm|centimet\w+|zentimeter\w*|centymetr\w*", "cm", 1.0),
    (r"hz|hertz", "hz", 1.0),
    (r"w|watts?|wat\w{0,2}", "watt", 1.0),
    (r"lit(er|re|r)\w{0,2}|l", "litre", 1.0),
    (r"m²|square\s+met\w+|quadratmeter\w*|metr\w+\s+kwadrat\w+", "m2", 1.0),
    (r"met(er|re)s?|metern?|metr\w{0,3}|m", "metre", 1.0),
    (r"pages?|seiten?|stron\w{0,2}", "page", 1.0),
    (r"stations?|stationen|stacj\w+", "station", 1.0),
    (r"devices?|geräten?|urządz\w+", "device", 1.0),
    (r"ports?|anschlüsse\w?|port\w{0,2}|gniazd\w*|wejś\w+", "port", 1.0),
]
_UNIT = [
    (re.compile(rf"\s*[-–]?\s*(?:{pattern})(?!\w)", re.IGNORECASE), name, factor) for pattern, name, factor in _UNITS
]
_CURRENCY_BEFORE = re.compile(r"([€£])\s*$")
_NUMBER = re.compile(r"\d{1,3}(?:[., ]\d{3})+(?!\d)(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?")
_WORD = re.compile(r"[^\W\d_]+")
_GLUE = re.compile(r"[\s-]*(?:(?:and|und|i)\b)?[\s-]*", re.IGNORECASE)
_ONES = "ein|zwei|zwo|drei|vier|fünf|sechs|sieben|acht|neun"
_TEENS = "zehn|elf|zwölf|dreizehn|vierzehn|fünfzehn|sechzehn|siebzehn|achtzehn|neunzehn"
_GERMAN = re.compile(  # neunhundertneunundfünfzig, fünfzehnhundert, zweitausenddreihundert
    rf"(?:(?P<thousands>{_ONES})?(?P<thousand>tausend))?(?:(?P<hundreds>{_ONES}|{_TEENS})?(?P<hundred>hundert))?"
    rf"(?:(?:(?P<ones>{_ONES})und)?(?P<tens>zwanzig|drei(?:ß|ss)ig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig)"
    rf"|(?:und)?(?P<small>{_TEENS}|eins|{_ONES}))?"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its dimension: days, months, eur, gb …; ``count`` where no unit is known."""

    value: float
    unit: str


def quantities(text: str) -> frozenset[Quantity]:
    """Find the quantities of a sentence.

    Example:
        >>> quantities("vierzehn Tage") == quantities("two weeks") == quantities("14 dni")
        True
        >>> sorted(quantity.value for quantity in quantities("1.299,00 € statt 1,399 EUR"))
        [1299.0, 1399.0]
    """
    found = set()
    for value, start, end in (*_digits(text), *_spelled(text)):
        unit, factor = _unit_after(text[end:])
        before = _CURRENCY_BEFORE.search(text[:start])
        if before and unit == "count":
            unit = "eur" if before[1] == "€" else "gbp"
        found.add(Quantity(round(value * factor, 3), unit))
    return frozenset(found)


def _digits(text: str) -> list[tuple[float, int, int]]:
    return [(_parse(match[0]), match.start(), match.end()) for match in _NUMBER.finditer(text)]


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


def _spelled(text: str) -> list[tuple[float, int, int]]:
    """Read runs of number words: "one hundred and twenty", "zweitausend dreihundert", "dwadzieścia cztery"."""
    runs: list[tuple[float, float, int, int]] = []  # thousands, what is below, start, end
    for match in _WORD.finditer(text.lower()):
        value = _word_value(match[0])
        if value is None:
            continue
        joined = None
        if runs and _GLUE.fullmatch(text[runs[-1][3] : match.start()]):
            joined = _joined(runs[-1][0], runs[-1][1], value)
        if joined:
            runs[-1] = (*joined, runs[-1][2], match.end())
        else:
            thousands, below = (value, 0.0) if value % 1000 == 0 else (0.0, value)
            runs.append((thousands, below, match.start(), match.end()))
    whole = [(thousands + below, start, end) for thousands, below, start, end in runs]
    return [run for run in whole if run[0] != 1 or _unit_after(text[run[2] :])[0] != "count"]  # "ein" is an article


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
    if word in _HALVES:
        return _HALVES[word]
    if word and (compound := _GERMAN.fullmatch(word)):
        part = {name: _WORDS[found] for name, found in compound.groupdict().items() if found}
        hundreds = part.get("hundreds", 1) * part.get("hundred", 0)
        below = hundreds + part.get("ones", 0) + part.get("tens", 0) + part.get("small", 0)
        return float(part.get("thousands", 1) * part.get("thousand", 0) + below)
    return None


def _unit_after(rest: str) -> tuple[str, float]:
    for pattern, name, factor in _UNIT:
        if pattern.match(rest):
            return name, factor
    return "count", 1.0
