"""Contacts → sentences and their token windows: all that comes before the encoder, on a processor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.contact import Contact
from servicequal.errors import ContactError
from servicequal.files.rejected import Rejected
from servicequal.inference.language import language_of
from servicequal.inference.segments import Sentence, split_sentences
from servicequal.inference.tokens import Tokenizer, Windows


@dataclass(frozen=True, slots=True)
class Prepared:
    """A block of contacts, ready for the encoder.

    Attributes:
        contacts: those that can be rated, each with its language and sentences.
        rejected: the others.
        windows: of the texts that differ.
        text: int64 [sentences of all contacts], the number of its text among those.
    """

    contacts: list[tuple[Contact, str, list[Sentence]]]
    rejected: list[Rejected]
    windows: Windows
    text: np.ndarray


class Preparation:
    """Splits and tokenises.

    Args:
        tokenizer: of the encoder.
        languages: those the scorer knows.
        prefix: what the encoder expects in front of each text.
    """

    def __init__(self, tokenizer: Tokenizer, *, languages: Sequence[str], prefix: str) -> None:
        self._tokenizer = tokenizer
        self._languages = languages
        self._prefix = prefix

    def __call__(self, block: Sequence[Contact]) -> Prepared:
        """Prepare a block; equal sentences are tokenised once."""
        contacts, rejected = [], []
        for contact in block:
            try:
                language = language_of(contact, self._languages)
                contacts.append((contact, language, _sentences(contact, language)))
            except ContactError as error:
                rejected.append(Rejected(source="contacts", reason=str(error), contact=contact.id))
        number: dict[str, int] = {}
        said = [" ".join(sentence.text.split()) for _, _, sentences in contacts for sentence in sentences]
        text = np.array([number.setdefault(one, len(number)) for one in said], dtype=np.int64)
        windows = self._tokenizer.windows([self._prefix + one for one in number])
        return Prepared(contacts, rejected, windows, text)


def _sentences(contact: Contact, language: str) -> list[Sentence]:
    sentences = split_sentences(contact, language)
    if not sentences:
        raise ContactError(f"contact {contact.id!r}: neither agent nor customer says a word")
    return sentences
