"""Amounts, durations and measures in English, German and Polish text, in one unit each: "vierzehn Tage" is 14 days."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from servicequal.grounding.numerals import Number, numbers

COUNT = "count"  # the unit of a number that has none
MONEY = frozenset({"eur", "gbp", "pln"})
_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "month": 365 / 12}
_ALIKE = 0.035  # by which durations in different units may differ: a month is 28 to 31 days
_CLOCK = "clock"

# (pattern, unit, factor), by the beginning of the words
_UNITS = [
    (r"(working|business)\s+days?|werktag\w*|arbeitstag\w*|dni\s+robocz\w*|dniach\s+robocz\w*", "working day", 1.0),
    (r"days?|tag\w{0,2}|dni\w{0,2}|dzień|dobę|doby|dób", "day", 1.0),
    (r"weeks?|wochen?|tydzień|tygodni\w*", "day", 7.0),
    (r"months?|monat\w{0,2}|miesi\w+", "month", 1.0),
    (r"years?|jahr\w{0,2}|rok|roku|lata|lat", "month", 12.0),
    (r"hours?|hrs?|stunden?|std|godzin\w{0,2}|godz|h", "hour", 1.0),
    (r"min(ute[ns]?|uty?|ut)?", "minute", 1.0),
    (r"€|eur\w{0,2}|euros?", "eur", 1.0),
    (r"£|gbp|pounds?|quid|pfund", "gbp", 1.0),
    (r"p(?!\.m)|pence", "gbp", 0.01),
    (r"zł|pln|złot\w+|zloty\w*", "pln", 1.0),
    (r"%|percent|per\s+cent|prozent|procent\w{0,2}", "percent", 1.0),
    (r"gb|gigabytes?|giga|gig", "gb", 1.0),
    (r"tb|terabytes?|terabajt\w*", "gb", 1000.0),
    (r"kg|kilos?|kilogram\w*", "kg", 1.0),
    (r"(?-i:g)|gram\w{0,2}|gramm", "kg", 0.001),
    (r"zoll|inch(es)?|cal[ie]?|calow\w*|[\"”″]", "inch", 1.0),
    (r"mm|millimet\w+|milimetr\w*", "cm", 0.1),
    (r"cm|centimet\w+|zentimeter\w*|centymetr\w*", "cm", 1.0),
    (r"m²|square\s+met\w+|quadratmeter\w*|metr\w+\s+kwadrat\w+", "m2", 1.0),
    (r"met(er|re)s?|metern?|metr\w{0,3}|m", "cm", 100.0),
    (r"hz|hertz", "hz", 1.0),
    (r"(?-i:W)|watts?|wat\w{0,2}", "watt", 1.0),
    (r"ml|millilit\w+|mililitr\w*", "litre", 0.001),
    (r"lit(er|re|r)\w{0,2}|l", "litre", 1.0),
    (r"pages?|seiten?|stron\w{0,2}", "page", 1.0),
    (r"stations?|stationen|stacj\w+", "station", 1.0),
    (r"devices?|geräten?|urządz\w+", "device", 1.0),
    (r"ports?|anschlüsse\w?|port\w{0,2}|gniazd\w*|wejś\w+", "port", 1.0),
    (r"uhr|o'clock|a\.m\.|am(?=\s*(?:$|[.,;!?)]|or\b|and\b|to\b|on\b|the\b|tomorrow\b))", _CLOCK, 1.0),
    (r"p\.?m\.?", "pm", 1.0),
]
_UNIT = [
    (re.compile(rf"\s*[-–]?\s*(?:{pattern})(?!\w)", re.IGNORECASE), name, factor) for pattern, name, factor in _UNITS
]
_IN_PARTS, _WHOLE = {*MONEY, "cm"}, {1.0, 100.0}  # "four pounds fifty", "ein Meter zwanzig"
_PART = re.compile(r"\s+(?:and\s+|und\s+|i\s+)?")
_RANGE = re.compile(r"\s*(?:[-–/,]|to|bis|do|or|oder|lub|and|und|i)\s*", re.IGNORECASE)
_WIDE = 5  # times; further apart, two numbers are no range
_CURRENCY_BEFORE = re.compile(r"([€£])\s*$")
_TIME = re.compile(r"\b([01]?\d|2[0-4]):([0-5]\d)(?:\s*(p\.?m\b))?", re.IGNORECASE)
_NOON = re.compile(r"\b(?:noon|mid-?day|mittags?|południ[ea]|południem)\b", re.IGNORECASE)
_HOURS = (
    "ósm dziewiąt dziesiąt jedenast dwunast trzynast czternast piętnast szesnast siedemnast osiemnast dziewiętnast"
).split()
_POLISH_HOUR = re.compile(rf"\b(?:do|o|po|przed|od|godzin\w{{1,2}})\s+({'|'.join(_HOURS)})ej\b", re.IGNORECASE)
_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|aug|sept?|oct|nov|dec"
    "|januar|februar|märz|mai|juni|juli|oktober|dezember|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia"
    "|września|października|listopada|grudnia"
)
_DATES = (  # whose meaning depends on the day
    r"\b\d{1,2}(?:st|nd|rd|th)\b",
    rf"\b\d{{1,2}}\.?\s+(?:{_MONTHS})\b",
    rf"\b(?:{_MONTHS})\s+\d{{1,2}}\b",
    r"(?<![€£.,\d])(?:[0-2]?\d|3[01])\.(?:0?\d|1[0-2])\.(?!\d{3}\b)",
    r"\b(?:19|20)\d\d-\d\d-\d\d\b",
    r"(?<![€£])\b20[12]\d\b(?![.,]\d|\s*(?:zł|pln|€|eur|£|gbp|pounds|pages|seiten|stron))",
)
_DATE = re.compile("|".join(_DATES), re.IGNORECASE)
_ITEM = re.compile(r"^\s*[-–•*]?\s*\d{1,2}[.):](?:\s|$)")  # "2. Yes." in a list of answers
_AFTER = (
    "within|in|for|after|about|around|takes?|under|over|than|to|nearly|almost|roughly|is|be|maybe|only|just|least|most"
)
_ONE = "tygodnia|tydzień|miesiąca|miesiąc|roku|rok|doby|dobę|godziny|godzinę"
_SINGLE = [  # (what is said of one, how it is read); "£8.99 a month" is no duration
    (re.compile(r"\bhalf\s+an?\b", re.IGNORECASE), "half"),
    (re.compile(r"\b(?:a\s+)?fortnight\b", re.IGNORECASE), "two weeks"),
    (re.compile(rf"(^|[,;:]\s+|\b(?:{_AFTER})\s+)an?\s+(?=(?:day|week|month|year|hour)\b)", re.IGNORECASE), r"\1one "),
    (re.compile(rf"\b(w ciągu|przez|po|za|do)\s+(?=(?:{_ONE})\b)", re.IGNORECASE), r"\1 jeden "),
]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit: day, month, eur, gb …; ``count`` where no unit is known."""

    value: float
    unit: str

    def equals(self, other: Quantity) -> bool:
        """Say whether two quantities are the same, be it in other units of time.

        Example:
            >>> Quantity(48, "hour").equals(Quantity(2, "day")), Quantity(4, "month").equals(Quantity(4, "day"))
            (True, False)
        """
        if self.unit == other.unit:
            return self.value == other.value
        if self.unit in _DAYS and other.unit in _DAYS:
            one, two = self.value * _DAYS[self.unit], other.value * _DAYS[other.unit]
            return abs(one - two) <= _ALIKE * max(one, two)
        return False

    @property
    def dimension(self) -> str:
        """What it is compared within: its unit, or "time" for a duration."""
        return "time" if self.unit in _DAYS else self.unit

    @property
    def size(self) -> float:
        """Its value within the dimension: days, for a duration."""
        return self.value * _DAYS.get(self.unit, 1.0)

    @property
    def counted(self) -> frozenset[float]:
        """The numbers that it may have been told by: a duration also by those of longer units, in whole and halves.

        Example:
            >>> sorted(Quantity(14, "day").counted), sorted(Quantity(150, "minute").counted)
            ([2.0, 14], [2.5, 150])
        """
        longer = [days for days in (*_DAYS.values(), 7.0, 365.0) if days > _DAYS.get(self.unit, math.inf)]
        ways = [round(self.size / days, 3) for days in longer]
        return frozenset({self.value, *(way for way in ways if way >= 1 and 2 * way % 1 == 0)})


Mention = frozenset[Quantity]  # one number of a text, in every way it can be read


def mentions(text: str) -> list[Mention]:
    """Find the quantities of a text, each in every way it can be read.

    Dates are left out: what they tell depends on the day.

    Example:
        >>> [sorted(one.value for one in mention) for mention in mentions("Ten working days, and twelve ninety.")]
        [[10.0, 14.0], [12.0, 12.9, 90.0, 1290.0]]
    """
    text = _DATE.sub(" ", _ITEM.sub("", text))
    for pattern, said in _SINGLE:
        text = pattern.sub(said, text)
    times = [_time(match) for match in _TIME.finditer(text)]
    times += [_clock(12.0) for _ in _NOON.finditer(text)]
    times += [_clock(8.0 + _HOURS.index(match[1].lower())) for match in _POLISH_HOUR.finditer(text)]
    return times + [_read(one) for one in _measured(_TIME.sub(" ", text))]


def quantities(text: str) -> frozenset[Quantity]:
    """Find the quantities of a sentence, in all readings.

    Example:
        >>> quantities("vierzehn Tage") == quantities("two weeks") == quantities("14 dni")
        True
        >>> sorted(quantity.value for quantity in quantities("1.299,00 € statt 1,399 EUR"))
        [1299.0, 1399.0]
    """
    return frozenset(quantity for mention in mentions(text) for quantity in mention)


def counts(found: Iterable[Mention]) -> frozenset[float]:
    """Give the numbers that quantities may have been told by, whatever their unit."""
    return frozenset(value for mention in found for quantity in mention for value in quantity.counted)


@dataclass(frozen=True, slots=True)
class _Measured:
    """A number with the unit that goes with it; ``end`` is where the unit ends."""

    number: Number
    unit: str
    factor: float
    end: int


def _measured(text: str) -> list[_Measured]:
    found: list[_Measured] = []
    for one in _ranges([_with_unit(number, text) for number in numbers(text)], text):
        if found and (joined := _joined(found[-1], one, text)):
            found[-1] = joined
        elif one.unit != COUNT or not one.number.word:  # "ein" is an article
            found.append(one)
    return found


def _with_unit(number: Number, text: str) -> _Measured:
    for pattern, name, factor in _UNIT:
        if match := pattern.match(text, number.end):
            return _Measured(number, name, factor, match.end())
    sign = _CURRENCY_BEFORE.search(text[: number.start])
    unit = COUNT if sign is None else "eur" if sign[1] == "€" else "gbp"
    return _Measured(number, unit, 1.0, number.end)


def _ranges(found: list[_Measured], text: str) -> list[_Measured]:
    """Let both numbers of "2 to 3 days" have days."""
    for place in range(len(found) - 2, -1, -1):
        one, other = found[place : place + 2]
        low, high = one.number.values[0], other.number.values[0]
        near = low < high <= _WIDE * low and _RANGE.fullmatch(text, one.end, other.number.start)
        if one.unit == COUNT and near:
            found[place] = replace(one, unit=other.unit, factor=other.factor)
    return found


def _joined(one: _Measured, part: _Measured, text: str) -> _Measured | None:
    """Read "four pounds fifty" and "ein Meter zwanzig" as one amount; None where they are two."""
    hundredths = part.unit == COUNT and len(part.number.values) == 1 and 10 <= part.number.values[0] < 100
    whole = one.unit in _IN_PARTS and one.factor in _WHOLE
    if not (hundredths and whole and _PART.fullmatch(text, one.end, part.number.start)):
        return None
    value = one.number.values[0] + part.number.values[0] / 100
    return _Measured(Number((value,), one.number.start, part.number.end), one.unit, one.factor, part.number.end)


def _read(one: _Measured) -> Mention:
    values = one.number.values
    if one.unit == "working day":  # five of them are a week
        return frozenset(Quantity(round(value * ratio, 3), "day") for value in values for ratio in (1.0, 1.4))
    if one.unit == "pm":
        return frozenset(reading for value in values for reading in _clock(value % 12 + 12))
    if one.unit == _CLOCK:
        return frozenset(reading for value in values for reading in _clock(value))
    return frozenset(Quantity(round(value * one.factor, 3), one.unit) for value in values)


def _time(match: re.Match[str]) -> Mention:
    hour = int(match[1]) + int(match[2]) / 60
    return _clock(hour + 12 if match[3] and hour < 12 else hour)


def _clock(hour: float) -> Mention:
    """Read a time of day as it may be said: 17 is also 5."""
    return frozenset(Quantity(one, _CLOCK) for one in (hour, hour - 12 if hour > 12 else hour))
