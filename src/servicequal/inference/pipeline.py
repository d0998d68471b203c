"""Contacts → sentences with their vectors, a block of contacts at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from servicequal.contact import Contact
from servicequal.errors import ContactError
from servicequal.features import Layout
from servicequal.files.rejected import Rejected
from servicequal.inference.encoder import Encoder
from servicequal.inference.language import language_of
from servicequal.inference.segments import Sentence, split_sentences

BLOCK = 256  # contacts held at once: enough sentences to sort by length, little memory


@dataclass(frozen=True, slots=True)
class Encoded:
    """A contact ready to be rated.

    Attributes:
        sentences: of agent and customer, in order.
        vectors: float32 [sentences, width].
        layout: who speaks where.
    """

    contact: Contact
    language: str
    sentences: list[Sentence]
    vectors: np.ndarray
    layout: Layout


def encode_contacts(
    contacts: Iterable[Contact],
    encoder: Encoder,
    languages: Sequence[str],
    *,
    prefix: str,
    reject: Callable[[Rejected], None] | None = None,
) -> Iterator[Encoded]:
    """Split and encode contacts, in the order given.

    Args:
        contacts: any number; ``BLOCK`` are held at once.
        encoder: gives the vectors.
        languages: those the scorer knows.
        prefix: what the encoder expects in front of each text.
        reject: is handed a contact that cannot be rated; without it, such a contact raises.

    Raises:
        ContactError: where a contact is in no known language or has no sentence, and ``reject`` is None.
    """
    remaining = iter(contacts)
    while block := list(islice(remaining, BLOCK)):
        split = []
        for contact in block:
            try:
                language = language_of(contact, languages)
                split.append((contact, language, _sentences(contact, language)))
            except ContactError as error:
                if reject is None:
                    raise
                reject(Rejected(source="contacts", reason=str(error), contact=contact.id))
        vectors = encoder.encode([prefix + _one_line(s.text) for _, _, sentences in split for s in sentences])
        first = 0
        for contact, language, sentences in split:
            last = first + len(sentences)
            yield Encoded(contact, language, sentences, vectors[first:last], _layout(contact, sentences))
            first = last


def _sentences(contact: Contact, language: str) -> list[Sentence]:
    sentences = split_sentences(contact, language)
    if not sentences:
        raise ContactError(f"contact {contact.id!r}: neither agent nor customer says a word")
    return sentences


def _layout(contact: Contact, sentences: Sequence[Sentence]) -> Layout:
    agent = np.array([sentence.speaker == "agent" for sentence in sentences], dtype=bool)
    return Layout(agent, np.array([sentence.turn for sentence in sentences], dtype=np.int64), contact.channel)


def _one_line(text: str) -> str:
    return " ".join(text.split())
