"""Contacts changed in ways that must not matter, or not much: plain text, word errors, speakers, formulas, names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from difflib import get_close_matches
from functools import cache

import numpy as np

from servicequal import Contact

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
SIGNS = re.compile(r"(?<!\d)[^\w\s]|[^\w\s](?!\d)")  # a sign between two digits belongs to a number
SHARES = (0.6, 0.2, 0.2)  # substitution, deletion, insertion: the first is the commonest in speech recognition
FORMULAS = {
    "de": "Wir bitten die Unannehmlichkeiten zu entschuldigen und haben vollstes Verständnis für Ihre Situation.",
    "en": "We apologise for any inconvenience and fully understand how you feel.",
    "pl": "Przepraszamy za wszelkie niedogodności i w pełni rozumiemy Państwa odczucia.",
}
TITLED = {
    "de": r"\b(?:Frau|Herrn?)\s+",
    "en": r"\b(?:Mrs?|Ms|Miss)\.?\s+",
    "pl": r"\b(?:[Pp]ani|[Pp]anie|[Pp]ana?|[Pp]anu)\s+",
}
NAME = r"(?!Dr\b|Prof\b)([A-ZÄÖÜĄĆĘŁŃÓŚŹŻ][^\W\d_]{2,})"
NOT_NAMES = frozenset("Doktor Professor Kollegin Kollege Kunde Kundin Klient Klientka Konsultant Kierownik".split())
OTHERS = ("Okafor", "Demir", "Nguyen", "Ivanova", "Hussain", "Adeyemi")  # of customers
AGENTS = ("Fatima", "Oluwaseun", "Xiulan", "Vikram", "Chiamaka", "Mehmet")


def said(contact: Contact, change: Callable[[str], str], *, speaker: str | None = None) -> Contact:
    """Change what is said, by one speaker or by all; the id and the attributes stay."""
    turns = (
        replace(turn, text=change(turn.text)) if speaker in (None, turn.speaker) else turn for turn in contact.turns
    )
    return replace(contact, turns=tuple(turns))


def plain(contact: Contact) -> Contact:
    """Lower-case, without punctuation, as a plain speech recogniser writes."""
    return said(contact, lambda text: SIGNS.sub(" ", text).lower())


def swapped(contact: Contact) -> Contact:
    """Label the agent as the customer and the other way round."""
    other = {"agent": "customer", "customer": "agent"}
    return replace(contact, turns=tuple(replace(t, speaker=other.get(t.speaker, t.speaker)) for t in contact.turns))


def with_formula(contact: Contact) -> Contact:
    """Open every turn of the agent with an empathy formula."""
    return said(contact, lambda text: f"{FORMULAS[str(contact.language)]} {text}", speaker="agent")


def renamed(contact: Contact, number: int) -> Contact | None:
    """Give agent and customer names of another origin; None where no name is found.

    The agent's is the attribute ``agent``; a customer's is what follows Mrs, Herr, pani … Titles stay.
    """
    language = str(contact.language)
    pattern = re.compile(TITLED[language] + NAME)
    found = Counter(name for turn in contact.turns for name in pattern.findall(turn.text))
    agent = [word for word in str(contact.attributes.get("agent") or "").split() if word[0].isupper()]
    new = {name: AGENTS[number % len(AGENTS)] for name in agent[:1]}
    for place, name in enumerate(sorted(set(found) - NOT_NAMES - new.keys())):
        new[name] = OTHERS[(number + place) % len(OTHERS)]
    if not new:
        return None
    whole = re.compile(r"\b(" + "|".join(map(re.escape, sorted(new, key=len, reverse=True))) + r")(s?)\b")
    changed = said(contact, lambda text: whole.sub(lambda hit: new[hit[1]] + hit[2], text))
    return None if changed.turns == contact.turns else changed


class WordErrors:
    """Replaces words by words of the corpus that look like them, drops some and puts some in; seeded per contact."""

    def __init__(self, contacts: Iterable[Contact]) -> None:
        counts: dict[str, Counter[str]] = {}
        for contact in contacts:
            words = counts.setdefault(str(contact.language), Counter())
            words.update(word.lower() for turn in contact.turns for word in WORD.findall(turn.text))
        self.words = {language: sorted(w for w, n in words.items() if n > 1) for language, words in counts.items()}
        self.alike = cache(self._alike)

    def __call__(self, contact: Contact, rate: float, *, seed: int) -> Contact:
        draw = np.random.default_rng(seed)
        language = str(contact.language)

        def change(hit: re.Match[str]) -> str:
            word = hit[0]
            if draw.random() >= rate:
                return word
            how = draw.choice(3, p=SHARES)
            if how == 1:
                return ""
            if how == 2:
                return f"{word} {draw.choice(self.words[language])}"
            return str(draw.choice(self.alike(word.lower(), language)))

        return said(contact, lambda text: WORD.sub(change, text))

    def _alike(self, word: str, language: str) -> list[str]:
        near = [w for w in self.words[language] if w[0] == word[0] and abs(len(w) - len(word)) < 3 and w != word]
        return get_close_matches(word, near, n=3, cutoff=0.5) or near or self.words[language]
