"""Names taken out of what was said, as far as attributes and titles give them away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

BLACK = "█"  # one for each character, so that the offsets of evidence keep their meaning

_WORD = re.compile(r"[^\W\d_]+")
_TITLES = frozenset("frau herr herrn mr mrs ms miss mx dr prof pan pani panie panem pana panią panu".split())
_TITLED = re.compile(
    r"\b(?:frau|herrn?|mrs?\.?|ms\.?|miss|mx\.?|dr\.?|prof\.?|pan(?:i|ie|em|a|ią|u)?)\s+(?:(?:von|van|de|der|dem|den|zu)\s+)*"
    r"(?-i:([A-ZÀ-ÖØ-ÞĄĆĘŁŃÓŚŹŻ][\w’'-]+(?:\s[A-ZÀ-ÖØ-ÞĄĆĘŁŃÓŚŹŻ][\w’'-]+)?))",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"(?<!\w)\+?\d(?:[ /-]?\d){6,}(?!\w)")  # of a telephone, an account, a customer
# German and Polish put endings to names: Sophies, Zofii, Markowi, Kowalskiego
_ENDINGS = "a ą e ę i o u y s n ns em ie ii ią ię io iu om owi iem ego emu im iego iemu ej iej".split()


class Redactor:
    """Blackens names, e-mail addresses and long numbers in any text.

    Names are those that the attributes ``agent…`` and ``customer…`` give, in the forms that German and Polish make of
    them, and the capitalised words after a title (Frau, Herr, Mrs, Pan …). What it cannot find: a name that no
    attribute holds and no title announces, a misspelt or misheard one, a nickname, and whatever else gives somebody
    away: a place, a job, a voice, a story.

    Example:
        >>> redactor = Redactor(["Sophie Meier"])
        >>> redactor.text("Hier ist Sophie, guten Tag, Frau Hinrichsen!")
        'Hier ist ██████, guten Tag, Frau ██████████!'
        >>> redactor.text("here is sophie speaking"), redactor.text("Sophies Vertretung")
        ('here is ██████ speaking', '███████ Vertretung')
    """

    def __init__(self, names: Iterable[str]) -> None:
        words = {word for name in names for word in _WORD.findall(name.casefold())}
        words = {word for word in words if len(word) > 1} - _TITLES
        self._forms = frozenset(form for word in words for form in _forms(word))
        self._telling = self._forms | _TITLES  # few sentences have one, and the others are done with

    def text(self, text: str) -> str:
        """Give the text with what it finds blackened, and as long as before."""
        spans = [match.span() for match in _NUMBER.finditer(text)] if _DIGIT.search(text) else []
        if "@" in text:
            spans += [match.span() for match in _ADDRESS.finditer(text)]
        if not self._telling.isdisjoint(_WORD.findall(text.casefold())):
            spans += [match.span(1) for match in _TITLED.finditer(text)]
            spans += self._names(text)
        for start, end in spans:
            text = text[:start] + BLACK * (end - start) + text[end:]
        return text

    def _names(self, text: str) -> list[tuple[int, int]]:
        small = text == text.lower()  # no capital anywhere: speech recognition, or somebody in a hurry
        return [
            match.span()
            for match in _WORD.finditer(text)
            if match[0].casefold() in self._forms and (small or match[0][0].isupper())
        ]


def names_in(attributes: Mapping[str, Any]) -> set[str]:
    """Give the names that a contact's attributes hold; what has a digit is a number, and no name.

    Example:
        >>> sorted(names_in({"agent": "Sophie Meier", "customer": "cust-017", "team": "north"}))
        ['Sophie Meier']
    """
    return {
        value
        for key, value in attributes.items()
        if key.startswith(("agent", "customer")) and isinstance(value, str) and not re.search(r"\d", value)
    }


def _forms(word: str) -> set[str]:
    stem = word.rstrip("aeiouy") or word
    forms = {word, *(stem + ending for ending in _ENDINGS), *(word + ending for ending in ("s", "n", "ns"))}
    if word.endswith("ek") and len(word) > 3:  # Marek, Marka, Markowi
        forms |= {f"{word[:-2]}k{ending}" for ending in ("a", "owi", "iem", "u")}
    return forms
