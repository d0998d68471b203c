"""A sentence or a fact read exactly: its amounts, its names, yes and no, "only", "free of charge"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from servicequal.grounding.quantities import COUNT, MONEY, Mention, counts, mentions


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
_ABOUT = _words(
    "about|around|approximately|approx|roughly|nearly|almost|some|or so|something|ish|more or less|just (?:under|over)",
    "etwa|ungefähr|circa|ca|rund|knapp|gut|fast|so um|um die|irgendwas|oder so|gegen",
    r"około|jakieś|mniej więcej|prawie|niecał\w+|ponad|koło|z hakiem|gdzieś",
)
_MOST = _words(
    "up to|within|at most|maximum|no more than|until|not? longer than|max",
    "bis|bis zu|innerhalb|höchstens|maximal|binnen|spätestens",
    "do|w ciągu|najwyżej|maksymalnie|najpóźniej",
)
_LEAST = _words(
    "from|at least|or more|over|above|more than|minimum",
    "ab|mindestens|über|mehr als",
    "od|co najmniej|powyżej",
)
_NAME = re.compile(r"\b(?:[A-ZŁŚŻ]\w+|\w*\d\w*|[A-Z]{2,}\w*)\b")
_NUMBERED = re.compile(r"\b[A-ZÄÖÜŁŚŻ][\w-]+ (\d{1,3})\b")  # "Tempo 2", "Aurel 14"
_SHORT = 4  # words of an answer that leaves out what it is about


@dataclass(frozen=True, slots=True)
class Statement:
    """What a text says in so many words.

    Attributes:
        amounts: its numbers with a unit.
        bare: its numbers without one, but for those that belong to a name.
        values: what all of these may have been told by, whatever their unit.
        numbered: numbers that belong to a name, as in "Aurel 14".
        names: capitalised words, abbreviations and words with digits, in lower case.
        yes: whether it begins by agreeing.
        no: whether it begins by denying.
        negated: whether it has a word of negation behind that beginning.
        only: whether it has a word of restriction.
        about: whether it has a word for "about".
        most: whether it has a word for "up to".
        least: whether it has a word for "at least".
        free: whether it says that something costs nothing.
        short: whether it is so short that it leaves out what it is about.
    """

    amounts: tuple[Mention, ...]
    bare: tuple[Mention, ...]
    values: frozenset[float]
    numbered: frozenset[float]
    names: frozenset[str]
    yes: bool
    no: bool
    negated: bool
    only: bool
    about: bool
    most: bool
    least: bool
    free: bool
    short: bool

    @property
    def dimensions(self) -> frozenset[str]:
        """What its amounts are compared within."""
        return frozenset(quantity.dimension for amount in self.amounts for quantity in amount)

    @property
    def bare_values(self) -> frozenset[float]:
        """Its numbers without a unit."""
        return counts(self.bare)

    @property
    def priced(self) -> bool:
        """Whether it names an amount of money."""
        return not self.dimensions.isdisjoint(MONEY)


def read_statement(text: str) -> Statement:
    """Read a text.

    Example:
        >>> read = read_statement("Nein, der Aurel 14 kostet vierzehn Tage lang nur 879 Euro.")
        >>> sorted((one.value, one.unit) for amount in read.amounts for one in amount), read.no, read.only, read.negated
        ([(14.0, 'day'), (879.0, 'eur')], True, True, False)
    """
    found = mentions(text)
    amounts = tuple(mention for mention in found if any(quantity.unit != COUNT for quantity in mention))
    numbered = frozenset(float(number) for number in _NUMBERED.findall(text))
    without = [mention for mention in found if mention not in amounts]
    bare = tuple(mention for mention in without if not {quantity.value for quantity in mention} & numbered)
    return Statement(
        amounts=amounts,
        bare=bare,
        values=counts((*amounts, *bare)),
        numbered=numbered & counts(without),
        names=frozenset(name.lower() for name in _NAME.findall(text[:1].lower() + text[1:])),
        yes=bool(_YES.search(text)),
        no=bool(_NO.search(text)),
        negated=bool(_NEGATION.search(_NO.sub("", text))),
        only=bool(_ONLY.search(text)),
        about=bool(_ABOUT.search(text)),
        most=bool(_MOST.search(text)),
        least=bool(_LEAST.search(text)),
        free=bool(_FREE.search(text)),
        short=len(text.split()) <= _SHORT,
    )
