"""A reference ready for comparison: its statements encoded once, and the facts of each contact at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from servicequal.contact import Contact
from servicequal.grounding.pairs import Comparison, Texts
from servicequal.grounding.space import Space
from servicequal.grounding.statements import read_statement
from servicequal.inference.encoder import Encoder
from servicequal.inference.pipeline import Encoded
from servicequal.reference import Fact, Reference


class Knowledge:
    """A reference with its statements read and encoded, each by its text.

    Args:
        reference: None for none.
        encoder: of the scorer.
        prefix: what the encoder expects in front of each text.
        space: where statements and facts are compared; None where nothing is to be compared.

    Attributes:
        reference: as given.
        space: as given.
        vectors: float32 [statements, width], those of the reference, each once; with a reference and a space only.
    """

    def __init__(self, reference: Reference | None, encoder: Encoder, prefix: str, space: Space | None) -> None:
        self.reference, self.space = reference, space
        if reference is None or space is None:
            return
        texts = sorted({fact.statement for fact in reference.facts})
        self._row = {text: number for number, text in enumerate(texts)}
        self._statements = [read_statement(text) for text in texts]
        self.vectors = space.place(encoder.encode([prefix + text for text in texts]))

    def of(self, contact: Contact) -> tuple[tuple[Fact, ...], np.ndarray]:
        """Give the facts of a contact, and 1 for each that a complete answer needs, else 0: float [facts]."""
        if self.reference is None:
            return (), np.zeros(0)
        facts, wanted = self.reference.facts_for(contact), self.reference.needed_by(contact)
        return facts, np.array([float(fact.id in wanted) for fact in facts])

    def rows(self, facts: Sequence[Fact]) -> np.ndarray:
        """Give the rows of facts' statements among ``vectors``: int [facts]."""
        return np.array([self._row[fact.statement] for fact in facts])

    def compare(
        self, encoded: Encoded, facts: Sequence[Fact], needed: np.ndarray, sentences: Iterable[int]
    ) -> Comparison:
        """Hold some of a contact's sentences, by number, against its facts, at least one; both as ``of`` gives them."""
        if self.space is None:
            raise AssertionError("nothing to compare in; expected a space where there are heads for claims")
        rows = self.rows(facts)
        known = Texts({number: self._statements[row] for number, row in enumerate(rows.tolist())}, self.vectors[rows])
        read = {sentence: read_statement(encoded.sentences[sentence].text) for sentence in sentences}
        said = Texts(read, self.space.place(encoded.vectors))
        return Comparison(said, encoded.layout.agent, known, needed)
