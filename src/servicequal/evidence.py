"""Findings → ratings, each with the sentences it rests on: those without which it would be less probable.

A sentence is left out of what the contact shows and claims, and of what speaks for each answer; the others stay as they
were read with it among them. To read them anew costs five times all else of a rating, for evidence hardly better:
``benchmarks/quality/deletion.py`` cuts it out of the text itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

import numpy as np

from servicequal.features import Layouts, Shown
from servicequal.heads import Described, Heads
from servicequal.inference.reading import Reading
from servicequal.rating import DIGITS, Findings, describe
from servicequal.scheme import LEVELS, NOT_APPLICABLE, Criterion
from servicequal.scorecard import UNRATED, Evidence, Rating
from servicequal.stats.logistic import sigmoid

CANDIDATES = 8  # sentences per criterion that are tried as evidence
FAINT = 0.3  # probability below which a sentence shows nothing
SHOWN = 5  # sentences per criterion that are shown
READ_AT_ONCE = 16_384  # sentences of contacts that lack one: what they are like takes memory
LEAST = 0.1  # of the weightiest sentence's effect, below which a sentence is not shown


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one criterion's head says of one contact.

    Attributes:
        contact: its number.
        applicable: 0–1, rounded.
        levels: float [3].
        candidates: what may be the evidence, the strongest first; none where the criterion does not apply.
    """

    contact: int
    criterion: Criterion
    applicable: float
    levels: np.ndarray
    candidates: Sequence[_Candidate]


@dataclass(frozen=True, slots=True)
class _Serving:
    """What may be evidence for a criterion.

    Attributes:
        criterion: its id.
        number: its place in the scheme.
        names: of the indicators that serve it.
        columns: their places.
        marked: whether raters marked any of them; if nobody did, nothing learned what shows the criterion.
    """

    criterion: str
    number: int
    names: tuple[str, ...]
    columns: list[int]
    marked: bool

    @classmethod
    def of(cls, criterion: Criterion, heads: Heads) -> _Serving:
        scheme, serving = heads.scheme, heads.scheme.serving(criterion)
        columns = [scheme.indicators.index(indicator) for indicator in serving]
        marked = bool(heads.networks[0].marked()[columns].any())
        names = tuple(indicator.id for indicator in serving)
        return cls(criterion.id, scheme.criteria.index(criterion), names, columns, marked)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sentence, by its number, with what it shows most and the probability of that."""

    sentence: int
    indicator: str
    probability: float


def rate(findings: Sequence[Findings]) -> list[dict[str, Rating]]:
    """Rate contacts that were found by one network, under the same heads; the ratings of each, by criterion."""
    heads = findings[0].heads
    whole, answers = describe(findings), []
    for criterion in heads.scheme.criteria:
        applies, levels = heads.answer(criterion, whole)
        serving = _Serving.of(criterion, heads)
        for contact, found in enumerate(findings):
            if found.facts or not criterion.grounded:
                applicable = round(float(applies[contact]), DIGITS)
                candidates = _candidates(found, serving) if applicable >= 0.5 else []
                answers.append(_Answer(contact, criterion, applicable, levels[contact], candidates))
    ratings = [dict.fromkeys((criterion.id for criterion in heads.scheme.criteria), UNRATED) for _ in findings]
    for answer, effects in zip(answers, _effects(findings, whole, answers), strict=True):
        ratings[answer.contact][answer.criterion.id] = _rating(answer, effects, findings[answer.contact])
    return ratings


def _rating(answer: _Answer, effects: Sequence[float], found: Findings) -> Rating:
    """Write one rating, with the candidates of greatest effect, the weightiest first, as its evidence."""
    level = LEVELS[int(answer.levels.argmax())] if answer.applicable >= 0.5 else NOT_APPLICABLE
    order = sorted(range(len(effects)), key=lambda number: -effects[number])
    carrying = [number for number in order if effects[number] > LEAST * effects[order[0]] > 0] or order[:1]
    evidence = []
    for candidate in (answer.candidates[number] for number in carrying[:SHOWN]):
        at = found.encoded.sentences[candidate.sentence]
        probability = round(candidate.probability, DIGITS)
        evidence.append(Evidence(at.turn, at.start, at.end, at.text, candidate.indicator, probability))
    rating = Rating(level, answer.applicable, _rounded(answer.levels), "review", tuple(evidence))
    certified = rating.confidence >= float(found.heads.criteria[answer.criterion.id].threshold[0])
    return replace(rating, decision="auto") if certified else rating


def _candidates(found: Findings, serving: _Serving) -> list[_Candidate]:
    """Give the sentences that show most of what a criterion is about."""
    shown = found.reading.indicators[:, serving.columns]
    best = shown.max(axis=1, initial=0.0)
    if not serving.marked:  # what a sentence says by itself
        best = sigmoid(found.reading.speaks[:, serving.number]) * found.encoded.layout.agent
    order = np.argsort(-best, kind="stable")[:CANDIDATES].tolist()
    strong = [sentence for sentence in order if best[sentence] >= FAINT] or order[:1]
    return [
        _Candidate(s, serving.names[int(shown[s].argmax())] if serving.marked else serving.criterion, float(best[s]))
        for s in strong
    ]


def _effects(findings: Sequence[Findings], whole: Described, answers: Sequence[_Answer]) -> list[list[float]]:
    """Give by how much each answer's probability falls if one of its candidates had not been said."""
    tried: list[set[int]] = [set() for _ in findings]
    for answer in answers:
        if len(answer.candidates) > 1:  # a single one is the evidence, whatever its effect
            tried[answer.contact] |= {candidate.sentence for candidate in answer.candidates}
    trials = [(contact, sentence) for contact, sentences in enumerate(tried) for sentence in sorted(sentences)]
    if not trials:
        return [[0.0] * len(answer.candidates) for answer in answers]
    row = {trial: number for number, trial in enumerate(trials)}
    others = _answers_without(findings, whole, trials)
    effects = []
    for answer in answers:
        level = int(answer.levels.argmax())
        likely = answer.applicable * float(answer.levels[level])
        applies, levels = others[answer.criterion.id]
        rows = [row.get((answer.contact, candidate.sentence)) for candidate in answer.candidates]
        effects.append([0.0 if at is None else likely - float(applies[at]) * float(levels[at, level]) for at in rows])
    return effects


def _answers_without(
    findings: Sequence[Findings], whole: Described, trials: Sequence[tuple[int, int]]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Answer each criterion for contacts as if one sentence had not been said: P [trials] and P [trials, 3].

    Args:
        findings: on the contacts.
        whole: what they are like with all sentences.
        trials: number of a contact and of its sentence that is left out, rising.
    """
    heads = findings[0].heads
    sentences = np.cumsum([len(findings[contact].encoded.sentences) for contact, _ in trials])
    portions = np.split(np.array(trials), np.flatnonzero(np.diff(sentences // READ_AT_ONCE)) + 1)
    answers: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {criterion.id: [] for criterion in heads.scheme.criteria}
    for portion in portions:
        shorter = _without(findings, whole, portion.tolist())
        for criterion in heads.scheme.criteria:
            answers[criterion.id].append(heads.answer(criterion, shorter))
    return {
        name: (np.concatenate([applies for applies, _ in parts]), np.concatenate([levels for _, levels in parts]))
        for name, parts in answers.items()
    }


def _without(findings: Sequence[Findings], whole: Described, trials: Sequence[tuple[int, int]]) -> Described:
    """Describe contacts as if one sentence had not been said, trial by trial."""
    tried = {contact: [sentence for _, sentence in own] for contact, own in groupby(trials, key=itemgetter(0))}
    chosen = [findings[contact] for contact in tried]
    readings = Reading.of([found.reading for found in chosen])
    layouts = Layouts.of([found.encoded.layout for found in chosen])
    rows, claims = [], []
    summaries = whole.claims[list(tried)]
    for found, summary, start, count, sentences in zip(
        chosen, summaries, layouts.starts, layouts.counts, tried.values(), strict=True
    ):
        kept = np.arange(count - 1)
        rows.append((start + kept + (kept >= np.array(sentences)[:, None])).ravel())
        stated = {verdict.sentence for verdict in found.verdicts}
        claims += [found.summary(without=sentence) if sentence in stated else summary for sentence in sentences]
    at = np.concatenate(rows)
    each = [len(sentences) for sentences in tried.values()]
    shorter = Layouts(
        layouts.agent[at], layouts.turn[at], np.repeat(layouts.counts - 1, each), np.repeat(layouts.channels, each)
    )
    applies, level = chosen[0].heads.reader.answer(readings.votes[at], readings.shown[at], shorter.counts)
    return Described(Shown(readings.indicators[at], shorter), applies, level, np.stack(claims))


def _rounded(levels: np.ndarray) -> dict[str, float]:
    """Round probabilities so that they still sum to 1."""
    rounded = levels.round(DIGITS)
    rounded[int(levels.argmax())] += 1 - rounded.sum()
    return {level: round(float(value), DIGITS) for level, value in zip(LEVELS, rounded, strict=True)}
