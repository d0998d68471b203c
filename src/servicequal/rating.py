"""Sentence vectors → findings: what the heads say about each contact, from which its scorecard is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from servicequal.annotation import Span
from servicequal.features import Layouts, Shown
from servicequal.grounding.knowledge import Knowledge
from servicequal.grounding.verification import GroundingHeads, Verdict, summarise, verify
from servicequal.heads import Described, Heads
from servicequal.inference.pipeline import Encoded
from servicequal.inference.reading import Reading
from servicequal.reference import Fact
from servicequal.scheme import Criterion
from servicequal.scorecard import Claim

CLAIM = "states_fact"  # the indicator whose sentences are held against the reference
CLAIM_FROM = 0.5  # probability from which on such a sentence is shown as a claim
WEIGHED_FROM = 0.1  # and from which on it counts for the rating, by its probability
DIGITS = 4
BLOCK = 256  # contacts found and rated at once: many of a length are read together, and they take little memory


@dataclass(frozen=True, slots=True)
class Findings:
    """What the heads say about one contact; everything a scorecard is written from.

    Attributes:
        heads: that found it, and that it is rated by.
        encoded: the contact with its sentences and vectors.
        reading: what the context network makes of the contact.
        facts: of the contact's company on that day, empty without a reference.
        verdicts: on all sentences that may be claims, likewise.
        needed: float [facts], 1 where a complete answer needs the fact.
    """

    heads: Heads
    encoded: Encoded
    reading: Reading
    facts: Sequence[Fact]
    verdicts: Sequence[Verdict]
    needed: np.ndarray

    def under(self, heads: Heads) -> Findings:
        """Give the same findings with other criterion heads to rate by."""
        return replace(self, heads=heads)

    def spans(self) -> tuple[Span, ...]:
        """Give every indicator of probability 0.5 or more, on its sentence, as annotations have them."""
        shown = np.argwhere(self.reading.indicators >= 0.5).tolist()
        at, named = self.encoded.sentences, self.heads.scheme.indicators
        return tuple(Span(at[s].turn, at[s].start, at[s].end, named[column].id) for s, column in shown)

    def claims(self) -> tuple[Claim, ...]:
        """Name the verdicts on what more likely than not are statements of fact."""
        found = []
        for verdict in (one for one in self.verdicts if one.stated >= CLAIM_FROM):
            at = self.encoded.sentences[verdict.sentence]
            fact = None if verdict.fact is None else self.facts[verdict.fact].id
            probability = round(verdict.probability, DIGITS)
            found.append(Claim(at.turn, at.start, at.end, at.text, fact, verdict.verdict, probability))
        return tuple(found)

    def summary(self, *, without: int | None = None) -> np.ndarray:
        """Sum up the verdicts, all or as if one sentence had not been said: float [7]."""
        return summarise([verdict for verdict in self.verdicts if verdict.sentence != without], self.needed)

    def features(self, criterion: Criterion) -> np.ndarray:
        """Describe the contact for one criterion: float [features]."""
        return np.asarray(describe([self]).features(self.heads.scheme, criterion)[0])


def find(encoded: Encoded, heads: Heads, grounding: GroundingHeads | None, knowledge: Knowledge) -> Findings:
    """Find the indicators of one contact, and hold its claims against the facts of its company."""
    return find_all([encoded], heads, grounding, knowledge)[0]


def find_all(
    encoded: Sequence[Encoded], heads: Heads, grounding: GroundingHeads | None, knowledge: Knowledge
) -> list[Findings]:
    """Find contacts, as ``find`` does, all at once; the findings on a contact are the same in any company."""
    layouts = Layouts.of([one.layout for one in encoded])
    readings = heads.reader.read(np.concatenate([one.vectors for one in encoded]), layouts).split(layouts.counts)
    found = []
    for one, reading in zip(encoded, readings, strict=True):
        facts, needed = knowledge.of(one.contact)
        claims = _claims(reading, heads) if facts and grounding is not None else {}
        verdicts: list[Verdict] = []
        if claims and grounding is not None:
            verdicts = verify(grounding, claims, knowledge.compare(one, facts, needed, claims))
        found.append(Findings(heads, one, reading, facts, verdicts, needed))
    return found


def describe(findings: Iterable[Findings]) -> Described:
    """Describe contacts as the heads of criteria see them."""
    found = list(findings)
    readings = Reading.of([one.reading for one in found])
    shown = Shown(readings.indicators, Layouts.of([one.encoded.layout for one in found]))
    return Described(shown, readings.applies, readings.level, np.stack([one.summary() for one in found]))


def _claims(reading: Reading, heads: Heads) -> dict[int, float]:
    """Give the numbers of the sentences that may state a fact, each with the probability that it does."""
    column = [number for number, indicator in enumerate(heads.scheme.indicators) if indicator.id == CLAIM]
    stated = reading.indicators[:, column].max(axis=1, initial=0.0)
    weighed = np.flatnonzero(stated >= WEIGHED_FROM)
    return dict(zip(weighed.tolist(), stated[weighed].tolist(), strict=True))
