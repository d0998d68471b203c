"""Probabilities → Scorecard: level, decision, evidence, claims, overall score with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from servicequal.annotation import Span
from servicequal.features import contact_features
from servicequal.grounding.knowledge import Knowledge
from servicequal.grounding.verification import GroundingHeads, Verdict, summarise, verify
from servicequal.heads import Heads
from servicequal.inference.context import Reading
from servicequal.inference.pipeline import Encoded
from servicequal.reference import Fact
from servicequal.scheme import LEVELS, NOT_APPLICABLE, Criterion, Scheme
from servicequal.scorecard import Claim, Evidence, Overall, Rating
from servicequal.stats.logistic import sigmoid

CLAIM = "states_fact"  # the indicator whose sentences are held against the reference
CLAIM_FROM = 0.5
CONFIDENT = 0.8  # a critical not_met this probable caps the overall score
CANDIDATES = 8  # sentences per criterion that are tried as evidence
FAINT = 0.3  # probability below which a sentence shows nothing
UNMARKED = 0.01  # all probabilities stay below it where nobody marked an indicator in training
SHOWN = 5  # sentences per criterion that are shown
LEAST = 0.1  # of the weightiest sentence's effect, below which a sentence is not shown
DIGITS = 4


class Findings:
    """What the heads say about one contact; everything a scorecard is written from.

    Attributes:
        encoded: the contact with its sentences and vectors.
        reading: what the context network makes of it.
        facts: of the contact's company on that day, empty without a reference.
        verdicts: on its claims, likewise.
        needed: float [facts], 1 where a complete answer needs the fact.
    """

    def __init__(
        self,
        heads: Heads,
        encoded: Encoded,
        reading: Reading,
        facts: Sequence[Fact],
        verdicts: Sequence[Verdict],
        needed: np.ndarray,
    ) -> None:
        self.heads = heads
        self.encoded = encoded
        self.reading = reading
        self.facts = facts
        self.verdicts = verdicts
        self.needed = needed

    def under(self, heads: Heads) -> Findings:
        """Give the same findings with other criterion heads to rate by."""
        return Findings(heads, self.encoded, self.reading, self.facts, self.verdicts, self.needed)

    def rate(self, criterion: Criterion) -> Rating:
        """Rate one criterion."""
        applicable, levels = self._probabilities(criterion)
        applicable = round(applicable, DIGITS)
        rounded = _rounded(levels)
        level = LEVELS[int(np.argmax(levels))] if applicable >= 0.5 else NOT_APPLICABLE
        rating = Rating(level, applicable, rounded, "review")
        evidence = () if level == NOT_APPLICABLE else self._evidence(criterion, applicable, levels)
        certified = rating.confidence >= float(self.heads.criteria[criterion.id].threshold[0])
        return replace(rating, decision="auto" if certified else "review", evidence=evidence)

    def spans(self) -> tuple[Span, ...]:
        """Give every indicator of probability 0.5 or more, on its sentence, as annotations have them."""
        shown = np.argwhere(self.reading.indicators >= 0.5).tolist()
        at, named = self.encoded.sentences, self.heads.scheme.indicators
        return tuple(Span(at[s].turn, at[s].start, at[s].end, named[column].id) for s, column in shown)

    def claims(self) -> tuple[Claim, ...]:
        """Name the verdicts on the agent's statements."""
        found = []
        for verdict in self.verdicts:
            at = self.encoded.sentences[verdict.sentence]
            name = verdict.verdict
            fact = None if name == "not_in_reference" else self.facts[verdict.fact].id
            probability = round(verdict.probabilities[name], DIGITS)
            found.append(Claim(at.turn, at.start, at.end, at.text, fact, name, probability))
        return tuple(found)

    def features(self, criterion: Criterion, *, without: int | None = None) -> np.ndarray:
        """Describe the contact for one criterion, whole or as if one sentence had not been said: float [features]."""
        reading, layout, verdicts = self.reading, self.encoded.layout, self.verdicts
        if without is not None:
            reading, layout = self._without[without], layout.without(without)
            verdicts = [verdict for verdict in verdicts if verdict.sentence != without]
        number = self.heads.scheme.criteria.index(criterion)
        network = float(reading.applies[number]), float(reading.level[number])
        claims = summarise(verdicts, self.needed) if criterion.grounded else np.zeros(0)
        return contact_features(self.heads.scheme, criterion, reading.indicators, network, layout, claims)

    @cached_property
    def _without(self) -> dict[int, Reading]:
        """Read the contact as if one sentence had not been said, for each that may be evidence of something."""
        tried = sorted(
            {sentence for criterion in self.heads.scheme.criteria for sentence in self._candidates(criterion)}
        )
        vectors, layout = self.encoded.vectors, self.encoded.layout
        shorter = [(np.delete(vectors, sentence, axis=0), layout.without(sentence)) for sentence in tried]
        return dict(zip(tried, self.heads.network.read(shorter), strict=True))

    def _probabilities(self, criterion: Criterion, *, without: int | None = None) -> tuple[float, np.ndarray]:
        """Give P(applies) and P(level)."""
        x = self.features(criterion, without=without)
        applies, levels = self.heads.criteria[criterion.id].probabilities(x[None])
        return 1.0 if criterion.always else float(applies[0]), levels[0]

    def _evidence(self, criterion: Criterion, applicable: float, levels: np.ndarray) -> tuple[Evidence, ...]:
        """Show the sentences without which the rating would be less probable, the weightiest first."""
        best, shown = self._shown(criterion)
        order = self._candidates(criterion)
        effects = {sentence: self._effect(criterion, applicable, levels, sentence) for sentence in order}
        order.sort(key=lambda sentence: -effects[sentence])
        carrying = [sentence for sentence in order if effects[sentence] > LEAST * effects[order[0]] > 0] or order[:1]
        return tuple(self._evidence_at(sentence, shown[sentence], best[sentence]) for sentence in carrying[:SHOWN])

    def _candidates(self, criterion: Criterion) -> list[int]:
        """Give the sentences that show most of what the criterion is about."""
        best, _ = self._shown(criterion)
        order = [int(s) for s in np.argsort(-best, kind="stable")[:CANDIDATES] if best[s] >= FAINT]
        return order or [int(best.argmax())]

    def _shown(self, criterion: Criterion) -> tuple[np.ndarray, list[str]]:
        """For each sentence, the strongest of the criterion's indicators and its probability."""
        serving = self.heads.scheme.serving(criterion)
        columns = [self.heads.scheme.indicators.index(indicator) for indicator in serving]
        shown = self.reading.indicators[:, columns]
        if shown.max(initial=0.0) < UNMARKED:  # the criterion has no indicator: what a sentence says by itself
            number = self.heads.scheme.criteria.index(criterion)
            alone = sigmoid(self.reading.speaks[:, number]) * self.encoded.layout.agent
            return alone, [criterion.id] * len(alone)
        return shown.max(axis=1), [serving[int(which)].id for which in shown.argmax(axis=1)]

    def _effect(self, criterion: Criterion, applicable: float, levels: np.ndarray, sentence: int) -> float:
        """Give by how much the rating's probability falls if the sentence had not been said."""
        if len(self.encoded.sentences) == 1:
            return 1.0
        applicable_without, levels_without = self._probabilities(criterion, without=sentence)
        level = int(levels.argmax())
        return applicable * float(levels[level]) - applicable_without * float(levels_without[level])

    def _evidence_at(self, sentence: int, indicator: str, probability: float) -> Evidence:
        at = self.encoded.sentences[sentence]
        return Evidence(at.turn, at.start, at.end, at.text, indicator, round(float(probability), DIGITS))


def find(encoded: Encoded, heads: Heads, grounding: GroundingHeads | None, knowledge: Knowledge) -> Findings:
    """Find the indicators of one contact, and hold its claims against the facts of its company."""
    reading = heads.network.read([(encoded.vectors, encoded.layout)])[0]
    facts, needed = knowledge.facts_for(encoded.contact)
    column = [number for number, indicator in enumerate(heads.scheme.indicators) if indicator.id == CLAIM]
    verdicts: list[Verdict] = []
    if facts and grounding is not None and column:
        claims = np.flatnonzero(reading.indicators[:, column[0]] >= CLAIM_FROM).tolist()
        verdicts = verify(grounding, claims, knowledge.grounds(encoded))
    return Findings(heads, encoded, reading, facts, verdicts, needed)


def overall(scheme: Scheme, ratings: Mapping[str, Rating]) -> Overall:
    """Weigh the ratings: 100 × weighted mean of level/2 over the applicable criteria, capped by a confident failure.

    The interval holds 90 % of the score's distribution under the ratings' probabilities, taken as independent.
    """
    applicable = [c for c in scheme.criteria if ratings[c.id].level != NOT_APPLICABLE]
    if not applicable:
        return Overall(None, None, None)
    points = sum(c.weight * LEVELS.index(ratings[c.id].level) / 2 for c in applicable)
    score = 100 * points / sum(c.weight for c in applicable)
    capped_by = None
    for criterion in applicable:
        rating = ratings[criterion.id]
        if criterion.critical and rating.applicable * rating.levels["not_met"] >= CONFIDENT and score > scheme.cap:
            score, capped_by = scheme.cap, criterion.id
    scores, probabilities = _distribution(scheme, ratings)
    cumulated = np.cumsum(probabilities)
    low = min(score, float(scores[np.searchsorted(cumulated, 0.05)]))
    high = max(score, float(scores[np.searchsorted(cumulated, 0.95).clip(max=len(scores) - 1)]))
    return Overall(round(score, 1), round(low, 1), round(high, 1), capped_by)


def _distribution(scheme: Scheme, ratings: Mapping[str, Rating]) -> tuple[np.ndarray, np.ndarray]:
    """Convolve the ratings: all scores that can come out, rising, with their probabilities."""
    states = np.zeros((1, 3))  # weight so far, points so far, whether a critical criterion failed
    chances = np.ones(1)
    for criterion in scheme.criteria:
        rating = ratings[criterion.id]
        steps = [(0.0, 0.0, 0.0, 1 - rating.applicable)]
        for number, level in enumerate(LEVELS):
            failed = float(criterion.critical and number == 0)
            steps.append(
                (criterion.weight, criterion.weight * number / 2, failed, rating.applicable * rating.levels[level])
            )
        moved = np.concatenate([states + np.array(step[:3]) for step in steps])
        chances = np.concatenate([chances * step[3] for step in steps])
        moved[:, 2] = moved[:, 2].clip(max=1)
        states, place = np.unique(moved.round(6), axis=0, return_inverse=True)
        chances = np.asarray(np.bincount(place.ravel(), weights=chances))
    some = states[:, 0] > 0
    kept, left = states[some], chances[some]
    scores = 100 * kept[:, 1] / kept[:, 0]
    scores = np.where(kept[:, 2] > 0, np.minimum(scores, scheme.cap), scores)
    order = np.argsort(scores, kind="stable")
    return scores[order], left[order] / max(left.sum(), 1e-12)


def _rounded(levels: np.ndarray) -> dict[str, float]:
    """Round probabilities so that they still sum to 1."""
    rounded = levels.round(DIGITS)
    rounded[int(levels.argmax())] += 1 - rounded.sum()
    return {level: round(float(value), DIGITS) for level, value in zip(LEVELS, rounded, strict=True)}
