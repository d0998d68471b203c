"""A reference ready for comparison: its statements encoded once, and what each contact is held against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from servicequal.contact import Contact
from servicequal.grounding.pairs import Statement, agreement_features, read_statement, relevance_features
from servicequal.inference.encoder import Encoder
from servicequal.inference.pipeline import Encoded
from servicequal.reference import Fact, Reference

KEPT_PAIRS = 50_000  # vectors of pairs kept: the same sentences come again and again
QUESTION = 160  # letters of the customer's last turn that are read before a statement: its end


class Knowledge:
    """A reference with its statements encoded, each by its text.

    Attributes:
        reference: as given, None for none.
        centre: float [width], subtracted from every vector before two are compared.
    """

    def __init__(self, reference: Reference | None, encoder: Encoder, prefix: str, centre: np.ndarray) -> None:
        self.reference = reference
        self.centre = centre
        self._encoder = encoder
        self._pairs: dict[str, np.ndarray] = {}
        texts = sorted({fact.statement for fact in reference.facts}) if reference else []
        vectors = encoder.encode([prefix + text for text in texts])
        self._read = {text: read_statement(text, vector - centre) for text, vector in zip(texts, vectors, strict=True)}

    def facts_for(self, contact: Contact) -> tuple[tuple[Fact, ...], np.ndarray]:
        """Give the facts of a contact, and 1 for each that a complete answer needs, else 0."""
        if self.reference is None:
            return (), np.zeros(0)
        facts = self.reference.facts_for(contact)
        wanted = self.reference.needed_by(contact)
        return facts, np.array([float(fact.id in wanted) for fact in facts])

    def grounds(self, encoded: Encoded) -> Grounds:
        """Read a contact's sentences for comparison with its facts; it has at least one fact."""
        facts, needed = self.facts_for(encoded.contact)
        return Grounds(self, encoded, [self._read[fact.statement] for fact in facts], facts, needed)

    def pair_vectors(self, texts: Sequence[str]) -> np.ndarray:
        """Encode texts of pairs, each once as long as it is kept: float32 [pairs, width]."""
        if len(self._pairs) > KEPT_PAIRS:
            self._pairs.clear()
        new = [text for text in dict.fromkeys(texts) if text not in self._pairs]
        self._pairs.update(zip(new, self._encoder.encode(new), strict=True))
        return np.stack([self._pairs[text] for text in texts])


class Grounds:
    """One contact's sentences beside the facts of its company on that day.

    Attributes:
        facts: at least one.
        needed: float [facts], 1 where a complete answer needs the fact.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        encoded: Encoded,
        read: Sequence[Statement],
        facts: Sequence[Fact],
        needed: np.ndarray,
    ) -> None:
        self.facts = facts
        self.needed = needed
        self._knowledge = knowledge
        self._read = read
        self._sentences = encoded.sentences
        self._agent = encoded.layout.agent
        pairs = zip(encoded.sentences, encoded.vectors, strict=True)
        self._statements = [read_statement(sentence.text, vector - knowledge.centre) for sentence, vector in pairs]

    def relevance(self, sentence: int) -> np.ndarray:
        """Describe how a sentence and what stands before it meet each fact: float64 [facts, 8]."""
        statements = self._statements
        nothing = np.zeros_like(statements[sentence].vector)
        asked = np.flatnonzero(~self._agent[:sentence])
        question = statements[asked[-1]].vector if len(asked) else nothing
        before = statements[sentence - 1].vector if sentence else nothing
        return relevance_features(statements[sentence], question, before, self._read, self.needed)

    def agreement(self, sentence: int, fact: int) -> np.ndarray:
        """Compare the amounts and negations of a sentence and a fact: float64 [8]."""
        return agreement_features(self._statements[sentence], self._read[fact])

    def together(self, pairs: Sequence[tuple[int, int]]) -> np.ndarray:
        """Read sentences together with facts, given as numbers of both: float32 [pairs, width]."""
        return self._knowledge.pair_vectors([self._pair(sentence, fact) for sentence, fact in pairs])

    def _pair(self, sentence: int, fact: int) -> str:
        asked = np.flatnonzero(~self._agent[:sentence])
        question = ""
        if len(asked):
            turn = self._sentences[asked[-1]].turn
            said = [self._sentences[number].text for number in asked if self._sentences[number].turn == turn]
            question = " ".join(said)[-QUESTION:]
        return pair_text(question, self._sentences[sentence].text, self.facts[fact].statement)


def pair_text(question: str | None, statement: str, fact: str) -> str:
    """Write a statement and a fact as the one text that the encoder was tuned to compare.

    Example:
        >>> pair_text("How long do I have?", "Thirty days.", "Goods can be returned within 30 days.")
        'How long do I have? » Thirty days. || Goods can be returned within 30 days.'
    """
    asked = f"{_one_line(question)} » " if question else ""
    return f"{asked}{_one_line(statement)} || {_one_line(fact)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
