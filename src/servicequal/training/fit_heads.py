"""Examples → heads: sentence heads, grounding heads, criterion heads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from servicequal.features import sentence_features
from servicequal.grounding.knowledge import Knowledge, read_sentences
from servicequal.grounding.pairs import AGREEMENT, RELEVANCE, agreement_features, relevance_features
from servicequal.grounding.verification import GroundingHeads, context
from servicequal.heads import SentenceHeads
from servicequal.scheme import LEVELS, Scheme
from servicequal.stats.logistic import fit_logistic, fit_ordinal
from servicequal.training.config import TrainConfig
from servicequal.training.examples import Example
from servicequal.training.material import Material

SPEAKERS = ("customer", "agent")


def fit_sentence_heads(examples: Sequence[Example], material: Material) -> SentenceHeads:
    """Fit the indicator heads, each on its own speaker's sentences and phrases, and the direct heads on the agent's."""
    scheme, centre = material.scheme, material.centre
    x = np.concatenate([sentence_features(e.encoded.vectors - centre, e.encoded.layout) for e in examples])
    marked = np.concatenate([example.marked for example in examples])
    agent = np.concatenate([example.encoded.layout.agent for example in examples])
    weight, bias = np.zeros((len(scheme.indicators), x.shape[1])), np.zeros(len(scheme.indicators))
    for speaker in SPEAKERS:
        columns = [n for n, indicator in enumerate(scheme.indicators) if indicator.speaker == speaker]
        rows = agent == (speaker == "agent")
        if columns:
            weight[columns], bias[columns] = _fit_indicators(x[rows], marked[np.ix_(rows, columns)], columns, material)
    direct = fit_direct(examples, scheme, centre, material.config)
    return SentenceHeads(*(np.asarray(array, dtype=np.float32) for array in (centre, weight, bias, *direct)))


def _fit_indicators(
    x: np.ndarray, marked: np.ndarray, columns: Sequence[int], material: Material
) -> tuple[np.ndarray, np.ndarray]:
    """Fit one speaker's indicators; a phrase weighs in its own indicator only."""
    targets, weights = np.nan_to_num(marked), (~np.isnan(marked)).astype(float)
    phrases = material.phrases
    if phrases is not None:
        use = np.isin(phrases.column, columns)
        own = phrases.column[use, None] == np.array(columns)
        x = np.concatenate([x, phrases.x[use]])
        targets = np.concatenate([targets, own * phrases.shows[use, None]])
        weights = np.concatenate([weights, own * material.config.phrase_weight])
    return fit_logistic(x, targets, weights=weights, penalty=material.config.indicator_penalty)


def fit_direct(
    examples: Sequence[Example], scheme: Scheme, centre: np.ndarray, config: TrainConfig
) -> tuple[np.ndarray, np.ndarray]:
    """Learn what a sentence of the agent says by itself about each criterion, from the contact's level alone.

    Every sentence of a contact is given the contact's level (multiple-instance learning; a bag weighs as its first five
    sentences), so a criterion can be learned from ratings even where nobody marked a sentence.
    """
    x, targets, weights = [], [], []
    for example in examples:
        agent = example.encoded.layout.agent
        known = [example.levels.get(criterion.id) for criterion in scheme.criteria]
        level = [0.0 if k is None else float(k @ np.arange(len(LEVELS))) / (len(LEVELS) - 1) for k in known]
        count = int(agent.sum())
        x.append(example.encoded.vectors[agent] - centre)
        targets.append(np.tile(level, (count, 1)))
        weights.append(np.tile([k is not None for k in known], (count, 1)) * min(1.0, 5 / max(count, 1)))
    return fit_logistic(
        np.concatenate(x), np.concatenate(targets), weights=np.concatenate(weights), penalty=config.direct_penalty
    )


def fit_grounding(examples: Sequence[Example], knowledge: Knowledge, centre: np.ndarray) -> GroundingHeads | None:
    """Fit relevance, coverage and agreement on the raters' verdicts; None where there are none."""
    relevance, about, agreement, agrees = [], [], [], []
    for example in examples:
        facts, read, needed = knowledge.of(example.encoded.contact)
        if not facts or not example.verdicts:
            continue
        place = {fact.id: number for number, fact in enumerate(facts)}
        statements = read_sentences(example.encoded, centre)
        for sentence, verdicts in example.verdicts.items():
            where = context(statements, example.encoded.layout.agent, sentence)
            relevance.append(relevance_features(statements[sentence], *where, read, needed))
            target = np.zeros(len(facts))
            for fact, verdict in verdicts:
                if fact in place:
                    target[place[fact]] = 1.0
                    agreement.append(agreement_features(statements[sentence], read[place[fact]]))
                    agrees.append(float(verdict == "supported"))
            about.append(target)
    if not agreement:
        return None
    relevant = _logistic(np.concatenate(relevance), np.concatenate(about))
    best = np.array([(x @ relevant[:-1] + relevant[-1]).max() for x in relevance])
    covered = _logistic(best[:, None], np.array([target.max() for target in about]))
    agreeing = _logistic(np.stack(agreement), np.array(agrees))
    if (len(relevant), len(agreeing)) != (len(RELEVANCE) + 1, len(AGREEMENT) + 1):
        raise AssertionError("pair features and their names have come apart")
    return GroundingHeads(relevant, covered, agreeing)


def _logistic(x: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Fit one output; coefficients, then the intercept."""
    weight, bias = fit_logistic(x, target[:, None], penalty=1.0)
    return np.asarray(np.r_[weight[0], bias])


def fit_criterion(
    x: np.ndarray, applies: np.ndarray, levels: np.ndarray, config: TrainConfig
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Fit whether a criterion applies, and its level where it does.

    Args:
        x: float [contacts, features].
        applies: float [contacts], share of raters; NaN where nobody rated.
        levels: float [contacts, 3], share of the levels; NaN where it applies for nobody.
        config: penalties.

    Returns:
        Mean, scale, opportunity, level and steps, as ``CriterionHead`` has them.
    """
    mean, scale = x.mean(0), x.std(0)
    scale = np.where(scale < 1e-6, 1.0, scale)
    z = (x - mean) / scale
    rated, has_level = ~np.isnan(applies), ~np.isnan(levels[:, 0])
    weight, bias = fit_logistic(z[rated], applies[rated, None], penalty=config.criterion_penalty)
    if not has_level.any():
        return mean, scale, np.r_[weight[0], bias], np.zeros(x.shape[1]), np.array([0.5, -0.5])
    level, steps = fit_ordinal(
        z[has_level], levels[has_level], weights=applies[has_level], penalty=config.criterion_penalty
    )
    return mean, scale, np.r_[weight[0], bias], level, steps
