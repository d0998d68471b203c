"""Examples → a context network, by gradient descent on what raters marked and rated."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from servicequal.features import LAYOUT_FEATURES, Layout
from servicequal.inference.context import UNMARKED, ContextNetwork, Outputs, padded
from servicequal.scheme import LEVELS, Scheme
from servicequal.training.config import TrainConfig
from servicequal.training.examples import Example
from servicequal.training.material import Material, PhraseRows
from servicequal.training.repeatable import repeatable

PHRASES = 64  # phrases beside the contacts of a step
WARM_UP = 0.05  # share of the steps in which the learning rate rises
BAG = 5  # a contact speaks for a criterion as loudly as its first five agent's sentences


def fit_networks(examples: Sequence[Example], material: Material) -> tuple[ContextNetwork, ...]:
    """Fit as many networks as are asked for, each from a seed of its own: the configuration's, and those after it."""
    seeds = range(material.config.seed, material.config.seed + material.config.networks)
    return tuple(fit_network(examples, material, seed=seed) for seed in seeds)


def fit_network(examples: Sequence[Example], material: Material, *, seed: int) -> ContextNetwork:
    """Fit a network on examples and phrases; with the same seed and configuration, on one machine, the same again."""
    with repeatable(seed):
        network = _untrained(examples, material.scheme, material.config)
        _descend(network, examples, material, np.random.default_rng(seed))
    return network.eval()


def _untrained(examples: Sequence[Example], scheme: Scheme, config: TrainConfig) -> ContextNetwork:
    vectors = np.concatenate([example.encoded.vectors for example in examples])
    marked = np.concatenate([example.marked for example in examples])
    known = marked[~np.isnan(marked).any(axis=1)]
    network = ContextNetwork(
        vector=vectors.shape[1],
        of_agent=[indicator.speaker == "agent" for indicator in scheme.indicators],
        criteria=len(scheme.criteria),
        width=config.width,
        depth=config.depth,
        dropout=config.dropout,
    )
    network.mean.copy_(torch.from_numpy(vectors.mean(axis=0)))
    network.scale.copy_(torch.from_numpy(vectors.std(axis=0) + 1e-6))
    nn.init.zeros_(network.alone.weight)
    rate = known.mean(axis=0) if len(known) else np.zeros(len(scheme.indicators))
    with torch.no_grad():
        network.alone.bias.copy_(torch.logit(torch.from_numpy(rate), eps=UNMARKED))
    return network


def _descend(
    network: ContextNetwork, examples: Sequence[Example], material: Material, rng: np.random.Generator
) -> None:
    config = material.config
    steps = torch.nn.Parameter(torch.tensor([1.0, -1.0]).repeat(len(material.scheme.criteria), 1))
    parameters = [*network.parameters(), steps]
    optimizer = torch.optim.AdamW(parameters, lr=config.learning_rate, weight_decay=config.weight_decay, fused=True)
    each = math.ceil(len(examples) / config.batch)
    epochs = max(config.epochs, math.ceil(config.least_steps / each))
    total = epochs * each
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (WARM_UP * total + 1)) * (1 - step / total)
    )
    network.train()
    for _ in range(epochs):
        for batch in batches(examples, config.batch, rng):
            shorter = [_shortened(example, config.sentence_dropout, rng) for example in batch]
            loss = contact_loss(network, shorter, steps, material.scheme)
            if material.phrases is not None:
                chosen = rng.integers(0, len(material.phrases.column), PHRASES)
                loss = loss + config.phrase_weight * phrase_loss(network, material.phrases, chosen)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            schedule.step()


def batches(examples: Sequence[Example], size: int, rng: np.random.Generator) -> Iterator[list[Example]]:
    """Shuffle contacts into batches of about equal length, so that little is filled up."""
    length = np.array([len(example.encoded.sentences) for example in examples])
    order = np.argsort(length * rng.uniform(0.7, 1.4, len(length)), kind="stable")
    batches = [order[first : first + size] for first in range(0, len(order), size)]
    for number in rng.permutation(len(batches)):
        yield [examples[int(place)] for place in batches[number]]


def _shortened(example: Example, share: float, rng: np.random.Generator) -> Example:
    """Leave out some sentences that nobody marked, in a contact with marks: how it fares hangs on the others."""
    idle = (example.marked == 0).all(axis=1) & example.marked.any()
    if not share or not idle.any():
        return example
    kept = (rng.random(len(idle)) >= share) | ~idle
    whole = example.encoded
    layout = Layout(whole.layout.agent[kept], whole.layout.turn[kept], whole.layout.channel)
    encoded = replace(
        whole, sentences=list(compress(whole.sentences, kept)), vectors=whole.vectors[kept], layout=layout
    )
    return replace(example, encoded=encoded, marked=example.marked[kept])


@dataclass(frozen=True, slots=True)
class _Targets:
    """What raters said of a batch; NaN where nobody did, and where a contact is filled up."""

    marked: Tensor
    applies: Tensor
    above: Tensor
    level: Tensor


def contact_loss(network: ContextNetwork, batch: Sequence[Example], steps: Tensor, scheme: Scheme) -> Tensor:
    """Hold what a network says of contacts against what raters marked and rated; ``steps`` part the levels."""
    vectors, layout, absent = padded([(example.encoded.vectors, example.encoded.layout) for example in batch])
    out = network(vectors, layout, absent)
    targets = _targets(batch, vectors.shape[1], scheme)
    agent = layout[..., :1] > 0
    may_stand = (agent == network.of_agent) & ~absent[..., None]
    indicators = 10 * _mean_loss(out.indicators, torch.where(may_stand, targets.marked, torch.nan))
    return (
        indicators
        + _criteria_loss(out, targets, steps)
        + _speaks_loss(out.speaks, targets.level, agent & ~absent[..., None])
    )


def _criteria_loss(out: Outputs, targets: _Targets, steps: Tensor) -> Tensor:
    applies = _mean_loss(out.applies, targets.applies)
    return applies + 2 * _mean_loss(out.level[..., None] + steps, targets.above)


def _speaks_loss(speaks: Tensor, level: Tensor, agent: Tensor) -> Tensor:
    """Give every sentence of the agent the contact's level: multiple-instance learning, a bag for each contact."""
    rated = level[:, None].expand_as(speaks).where(agent, torch.nan)
    share = torch.clamp(BAG / agent.sum(1, keepdim=True).clamp(min=1), max=1.0).expand_as(speaks)
    return _mean_loss(speaks, rated, weights=share) / 2


def phrase_loss(network: ContextNetwork, phrases: PhraseRows, chosen: np.ndarray) -> Tensor:
    """Read phrases as if each stood in the middle of a contact, behind what was said before it."""
    agent = torch.from_numpy(network.of_agent.numpy()[phrases.column[chosen]]).float()
    layout = torch.full((len(chosen), 2, LAYOUT_FEATURES), 1 / 3)
    layout[:, :, 2:8] = torch.tensor([0.0, 0.0, 0.5, 0.5, 0.0, 0.5])
    layout[:, :, :2] = torch.stack([torch.stack([1 - agent, agent], 1), torch.stack([agent, 1 - agent], 1)], dim=2)
    absent = torch.zeros(len(chosen), 2, dtype=torch.bool)
    absent[:, 0] = torch.from_numpy(phrases.alone[chosen])
    vectors = torch.stack([torch.as_tensor(part[chosen]) for part in (phrases.before, phrases.vectors)], dim=1)
    _, indicators = network.read(vectors, layout, absent)
    own = indicators[:, 1].gather(1, torch.from_numpy(phrases.column[chosen])[:, None])[:, 0]
    return functional.binary_cross_entropy_with_logits(own, torch.from_numpy(phrases.shows[chosen]).float())


def _mean_loss(logits: Tensor, targets: Tensor, *, weights: Tensor | None = None) -> Tensor:
    """Mean cross-entropy where the target is known; 0 where none is."""
    known = ~torch.isnan(targets)
    if not known.any():
        return logits.sum() * 0
    loss = functional.binary_cross_entropy_with_logits(logits[known], targets[known], reduction="none")
    return loss.mean() if weights is None else (loss * weights[known]).sum() / weights[known].sum()


def _targets(batch: Sequence[Example], longest: int, scheme: Scheme) -> _Targets:
    names = [criterion.id for criterion in scheme.criteria]
    nothing = np.full(len(LEVELS), np.nan)
    levels = np.array([[example.levels.get(name, nothing) for name in names] for example in batch])
    applies = [[example.applies.get(name, np.nan) for name in names] for example in batch]
    marked = torch.full((len(batch), longest, len(scheme.indicators)), torch.nan)
    for number, example in enumerate(batch):
        marked[number, : len(example.marked)] = torch.from_numpy(example.marked)
    return _Targets(
        marked,
        torch.tensor(applies, dtype=torch.float32),
        torch.from_numpy(np.stack([levels[..., 1:].sum(-1), levels[..., 2]], axis=-1)).float(),
        torch.from_numpy(levels @ np.linspace(0, 1, len(LEVELS))).float(),
    )
