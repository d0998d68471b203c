"""Contacts → sentences with their vectors, a block of contacts at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

import numpy as np

from servicequal.contact import Contact
from servicequal.errors import ContactError
from servicequal.features import Layout
from servicequal.files.rejected import Rejected
from servicequal.inference.backends.protocol import Means
from servicequal.inference.encoder import Encoder
from servicequal.inference.heap import give_back
from servicequal.inference.preparing import Preparation, Prepared
from servicequal.inference.segments import Sentence
from servicequal.inference.workers import Workers

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
    workers: Workers[Sequence[Contact], Prepared] | None = None,
) -> Iterator[Encoded]:
    """Split and encode contacts, in the order given.

    Args:
        contacts: any number; ``BLOCK`` are held at once; twice as many where the engine works beside the processor,
            and two more blocks per worker.
        encoder: gives the vectors.
        languages: those the scorer knows.
        prefix: what the encoder expects in front of each text.
        reject: is handed a contact that cannot be rated; without it, such a contact raises.
        workers: processes that do what ``preparation`` gives for the same settings; None to split and tokenise in this
            one, which is fastest where the encoder runs on the same processor.

    Raises:
        ContactError: where a contact is in no known language or has no sentence, and ``reject`` is None.
    """
    prepare = partial(map, preparation(encoder, languages, prefix=prefix)()) if workers is None else workers.apply
    blocks: Iterator[Prepared] = prepare(_blocks(contacts))
    # an engine beside the processor encodes the next block while this one is rated
    for prepared, vectors in _encoding(_accepted(blocks, reject), encoder, ahead=int(encoder.backend.beside)):
        give_back()  # or what the encoder needed were held while contacts are rated
        yield from _encoded(prepared, vectors)
        give_back()


def preparation(encoder: Encoder, languages: Sequence[str], *, prefix: str) -> partial[Preparation]:
    """Give what makes a function that prepares blocks of contacts for an encoder, in this process or in others."""
    return partial(Preparation, encoder.tokenizer, languages=tuple(languages), prefix=prefix)


def _blocks(contacts: Iterable[Contact]) -> Iterator[list[Contact]]:
    remaining = iter(contacts)
    while block := list(islice(remaining, BLOCK)):
        yield block


def _accepted(blocks: Iterable[Prepared], reject: Callable[[Rejected], None] | None) -> Iterator[Prepared]:
    """Hand on what cannot be rated before its block is encoded, which takes seconds."""
    for prepared in blocks:
        for rejected in prepared.rejected:
            if reject is None:
                raise ContactError(rejected.reason)
            reject(rejected)
        yield prepared


def _encoding(blocks: Iterable[Prepared], encoder: Encoder, *, ahead: int) -> Iterator[tuple[Prepared, np.ndarray]]:
    """Give each block with the vectors of its sentences; ``ahead`` more are begun before one is waited for."""
    begun: deque[tuple[Prepared, Means]] = deque()
    for prepared in blocks:
        begun.append((prepared, encoder.submit_windows(prepared.windows)))
        if len(begun) > ahead:
            yield _waited_for(*begun.popleft())
    while begun:
        yield _waited_for(*begun.popleft())


def _waited_for(prepared: Prepared, of_texts: Means) -> tuple[Prepared, np.ndarray]:
    return prepared, of_texts()[prepared.text]


def _encoded(prepared: Prepared, vectors: np.ndarray) -> Iterator[Encoded]:
    first = 0
    for contact, language, sentences in prepared.contacts:
        last = first + len(sentences)
        yield Encoded(contact, language, sentences, vectors[first:last], layout_of(contact, sentences))
        first = last


def layout_of(contact: Contact, sentences: Sequence[Sentence]) -> Layout:
    """Say where a contact's sentences stand."""
    agent = np.array([sentence.speaker == "agent" for sentence in sentences], dtype=bool)
    return Layout(agent, np.array([sentence.turn for sentence in sentences], dtype=np.int64), contact.channel)
