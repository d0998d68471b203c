"""Which of the scorer's languages a contact is in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from servicequal.contact import Contact
from servicequal.errors import ContactError

_SAMPLE = 4_000  # characters are plenty to tell three languages apart
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


def language_of(contact: Contact, languages: Sequence[str]) -> str:
    """Give the contact's language: its own word for it, or the likeliest of ``languages``.

    Raises:
        ContactError: if it says another language, or most of its letters are in another script than Latin.

    Example:
        >>> from servicequal.contact import Turn
        >>> language_of(Contact("c", "chat", (Turn("customer", "Wo bleibt meine Bestellung?"),)), ["de", "en", "pl"])
        'de'
    """
    known = ", ".join(sorted(languages))
    if contact.language is not None:
        if contact.language not in languages:
            raise ContactError(f"contact {contact.id!r}: language is {contact.language!r}; the scorer knows {known}")
        _refuse_other_scripts(contact, known)
        return contact.language
    _refuse_other_scripts(contact, known)
    if len(languages) == 1:
        return languages[0]
    return str(_identifier(tuple(sorted(languages))).classify(_sample(contact))[0])


def _sample(contact: Contact) -> str:
    return "\n".join(turn.text for turn in contact.turns if turn.speaker != "system")[:_SAMPLE]


def _refuse_other_scripts(contact: Contact, known: str) -> None:
    sample = _sample(contact)
    foreign = [letter for letter in _BEYOND_ASCII.findall(sample) if _is_foreign(letter)]
    if foreign and len(foreign) * 2 > sum(map(str.isalpha, sample)):
        script = unicodedata.name(foreign[0], "unknown").split()[0].title()
        raise ContactError(f"contact {contact.id!r}: most letters are {script}; the scorer knows {known}")


@lru_cache(maxsize=4_096)
def _is_foreign(letter: str) -> bool:
    return letter.isalpha() and "LATIN" not in unicodedata.name(letter, "")


@cache
def _identifier(languages: tuple[str, ...]) -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(languages))
    return identifier
