"""A sentence or a fact read exactly: its amounts, its names, yes and no, "only", "free of charge"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from servicequal.grounding.quantities import Quantity, quantities

MONEY = frozenset({"eur", "gbp", "pln"})
_COUNT = "count"
_COUNTED = {"day": 7, "month": 12}


def _words(*patterns: str, start: str = "") -> re.Pattern[str]:
    return re.compile(rf"{start}\b(?:{'|'.join(patterns)})\b", re.IGNORECASE)


_YES = _words(
    "yes|yeah|yep|sure|of course|certainly|correct|right|exactly|absolutely",
    "ja|jawohl|klar|natürlich|genau|richtig|selbstverständlich|gerne?",
    "tak|oczywiście|jasne|pewnie|zgadza się|owszem|dokładnie",
    start=r"^\W*",
)
_NO = _words("no|nope|nah|not|unfortunately|i'm afraid|sadly|nein|nee|leider|nie|niestety", start=r"^\W*")
_NEGATION = _words(
    "not?|never|cannot|can't|won't|isn't|aren't|doesn't|don't|wasn't|without|neither|nor|unfortunately",
    r"nicht|nie|niemals|kein\w*|ohne|leider|weder",
    r"niestety|brak|bez|żadn\w+|ani",
)
_ONLY = _words("only|just|solely|nur|bloß|lediglich|ausschließlich|tylko|wyłącznie|jedynie")
_FREE = _words(
    "free|at no (?:extra )?(?:cost|charge)|no (?:extra )?charge|included|in the price|costs? nothing",
    r"kostenlos\w*|kostenfrei\w*|gratis|umsonst|ohne aufpreis|ohne kosten|i[mn] preis|inklusive|inbegriffen",
    r"kostet nichts|bezpłatn\w+|darmow\w+|za darmo|w cenie|nic nie kosztuje|bez opłat\w*",
)
_NAME = re.compile(r"\b(?:[A-ZŁŚŻ]\w+|\w*\d\w*|[A-Z]{2,}\w*)\b")
_NUMBERED = re.compile(r"\b[A-ZÄÖÜŁŚŻ][\w-]+ (\d{1,3})\b")  # "Tempo 2", "Aurel 14"
_SHORT = 4  # words of an answer that leaves out what it is about


@dataclass(frozen=True, slots=True)
class Statement:
    """What a text says in so many words.

    Attributes:
        amounts: with their unit.
        units: of these.
        bare: numbers without a unit, but for those that belong to a name.
        values: all its numbers, whatever their unit, but for those of names; weeks and years also as they were counted.
        numbered: numbers that belong to a name, as in "Aurel 14".
        names: capitalised words, abbreviations and words with digits, in lower case.
        yes: whether it begins by agreeing.
        no: whether it begins by denying.
        negated: whether it has a word of negation behind that beginning.
        only: whether it has a word of restriction.
        free: whether it says that something costs nothing.
        short: whether it is so short that it leaves out what it is about.
    """

    amounts: frozenset[Quantity]
    units: frozenset[str]
    bare: frozenset[float]
    values: frozenset[float]
    numbered: frozenset[float]
    names: frozenset[str]
    yes: bool
    no: bool
    negated: bool
    only: bool
    free: bool
    short: bool

    @property
    def priced(self) -> bool:
        """Whether it names an amount of money."""
        return not self.units.isdisjoint(MONEY)


def read_statement(text: str) -> Statement:
    """Read a text.

    Example:
        >>> read = read_statement("Nein, der Aurel 14 kostet vierzehn Tage lang nur 879 Euro.")
        >>> sorted((amount.value, amount.unit) for amount in read.amounts), read.no, read.only, read.negated
        ([(14.0, 'day'), (879.0, 'eur')], True, True, False)
    """
    found = quantities(text)
    amounts = frozenset(amount for amount in found if amount.unit != _COUNT)
    bare = frozenset(amount.value for amount in found if amount.unit == _COUNT)
    numbered = frozenset(float(number) for number in _NUMBERED.findall(text)) & bare
    return Statement(
        amounts=amounts,
        units=frozenset(amount.unit for amount in amounts),
        bare=bare - numbered,
        values=frozenset(amount.value for amount in amounts) | _as_counted(amounts) | (bare - numbered),
        numbered=numbered,
        names=frozenset(name.lower() for name in _NAME.findall(text[:1].lower() + text[1:])),
        yes=bool(_YES.search(text)),
        no=bool(_NO.search(text)),
        negated=bool(_NEGATION.search(_NO.sub("", text))),
        only=bool(_ONLY.search(text)),
        free=bool(_FREE.search(text)),
        short=len(text.split()) <= _SHORT,
    )


def _as_counted(amounts: Iterable[Quantity]) -> frozenset[float]:
    """Give weeks and years, which are kept in days and months, as they may have been counted."""
    return frozenset(amount.value / _COUNTED[amount.unit] for amount in amounts if amount.unit in _COUNTED)
