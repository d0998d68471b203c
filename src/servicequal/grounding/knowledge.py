"""A reference ready for comparison: its statements encoded once, and the facts of each contact at hand."""

from __future__ import annotations

import numpy as np

from servicequal.contact import Contact
from servicequal.grounding.pairs import Statement, read_statement
from servicequal.inference.encoder import Encoder
from servicequal.inference.pipeline import Encoded
from servicequal.reference import Fact, Reference


class Knowledge:
    """A reference with its statements encoded, each by its text.

    Attributes:
        reference: as given, None for none.
        centre: float [width], subtracted from every vector before two are compared.
    """

    def __init__(self, reference: Reference | None, encoder: Encoder, prefix: str, centre: np.ndarray) -> None:
        self.reference = reference
        self.centre = centre
        texts = sorted({fact.statement for fact in reference.facts}) if reference else []
        vectors = encoder.encode([prefix + text for text in texts])
        self._read = {text: read_statement(text, vector - centre) for text, vector in zip(texts, vectors, strict=True)}

    def of(self, contact: Contact) -> tuple[tuple[Fact, ...], list[Statement], np.ndarray]:
        """Give the facts of a contact, the same facts read, and 1 for each that a complete answer needs, else 0."""
        if self.reference is None:
            return (), [], np.zeros(0)
        facts = self.reference.facts_for(contact)
        wanted = self.reference.needed_by(contact)
        needed = np.array([float(fact.id in wanted) for fact in facts])
        return facts, [self._read[fact.statement] for fact in facts], needed


def read_sentences(encoded: Encoded, centre: np.ndarray) -> list[Statement]:
    """Read a contact's sentences for comparison with facts."""
    pairs = zip(encoded.sentences, encoded.vectors, strict=True)
    return [read_statement(sentence.text, vector - centre) for sentence, vector in pairs]
