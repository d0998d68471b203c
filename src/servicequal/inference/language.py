"""Which of the scorer's languages a contact is in."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import islice

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from servicequal.contact import Contact
from servicequal.errors import ContactError

_SAMPLE = 4_000  # characters are plenty to tell three languages apart


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
    letters = list(islice((letter for letter in _sample(contact) if letter.isalpha()), _SAMPLE))
    foreign = [letter for letter in letters if not letter.isascii() and "LATIN" not in unicodedata.name(letter, "")]
    if len(foreign) * 2 > len(letters):
        script = unicodedata.name(foreign[0], "unknown").split()[0].title()
        raise ContactError(f"contact {contact.id!r}: most letters are {script}; the scorer knows {known}")


@cache
def _identifier(languages: tuple[str, ...]) -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(languages))
    return identifier
