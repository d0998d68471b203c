"""Examples → what holds statements against facts, from the verdicts of raters."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from servicequal.grounding.knowledge import Knowledge
from servicequal.grounding.network import AgreementReader, FactFinder
from servicequal.grounding.verification import GroundingHeads
from servicequal.stats.logistic import fit_logistic
from servicequal.training.examples import Example
from servicequal.training.repeatable import repeatable

RANK, FINDER_DROPOUT, FINDER_EPOCHS = 128, 0.4, 8
WIDTH, AGREEMENT_DROPOUT, AGREEMENT_EPOCHS = 256, 0.5, 16
BATCH, RATE, WEIGHT_DECAY = 64, 1e-3, 0.02


def fit_grounding(examples: Sequence[Example], knowledge: Knowledge, *, seed: int) -> GroundingHeads | None:
    """Fit on the raters' verdicts; None where nobody found a fact for a statement.

    What is read exactly is weighed by logistic regressions, for which a few hundred verdicts suffice; the networks
    start from there.
    """
    judged = list(_judged(examples, knowledge))
    if knowledge.space is None or not any(one.about.any() for one in judged):
        return None
    named, facts = [one for one in judged if one.about.any()], torch.from_numpy(knowledge.vectors)
    with repeatable(seed):
        return GroundingHeads(knowledge.space, _finder(judged, facts, seed), _agreement(named, facts, seed))


@dataclass(frozen=True, slots=True)
class _Judged:
    """A statement that raters held against the reference.

    Attributes:
        said: float [width], its vector.
        asked: float [width], of the customer's sentence before.
        facts: int [facts], rows of the company's facts among the reference's vectors.
        relevance: float [facts, 16], how it meets each.
        about: float [facts], share of the verdicts that name each.
        named: row of the one named most often.
        agreement: float [35], how it meets that one.
        supported: share of the verdicts on that one that say so; NaN where there is none.
    """

    said: np.ndarray
    asked: np.ndarray
    facts: np.ndarray
    relevance: np.ndarray
    about: np.ndarray
    named: int
    agreement: np.ndarray
    supported: float


def _judged(examples: Sequence[Example], knowledge: Knowledge) -> Iterator[_Judged]:
    for example in examples:
        facts, needed = knowledge.of(example.encoded.contact)
        if not facts or not example.verdicts:
            continue
        place = {fact.id: number for number, fact in enumerate(facts)}
        rows = knowledge.rows(facts)
        compared = knowledge.compare(example.encoded, facts, needed, example.verdicts)
        for sentence, verdicts in example.verdicts.items():
            on_facts = [(place[fact], verdict == "supported") for fact, verdict in verdicts if fact in place]
            about = np.bincount([fact for fact, _ in on_facts], minlength=len(facts)) / len(verdicts)
            named = int(about.argmax())
            on_this = [supported for fact, supported in on_facts if fact == named]
            yield _Judged(
                compared.said[sentence],
                compared.asked(sentence),
                rows,
                compared.relevance(sentence),
                about,
                rows[named],
                compared.agreement(sentence, named),
                float(np.mean(on_this)) if on_this else math.nan,
            )


def _finder(judged: Sequence[_Judged], facts: Tensor, seed: int) -> FactFinder:
    finder = FactFinder(vector=facts.shape[1], rank=RANK, dropout=FINDER_DROPOUT)
    _start(finder.read, *(np.concatenate([getattr(one, name) for one in judged]) for name in ("relevance", "about")))
    rows = _filled([one.facts for one in judged]).long()
    absent = _filled([np.ones(len(one.facts)) for one in judged]) == 0
    relevance, about = (_filled([getattr(one, name) for one in judged]) for name in ("relevance", "about"))
    about = torch.cat([about, 1 - about.sum(1, keepdim=True)], dim=1)
    said, asked = (torch.from_numpy(np.stack([getattr(one, name) for one in judged])) for name in ("said", "asked"))

    def loss(of: Tensor) -> Tensor:
        logits = finder(said[of], asked[of], finder.project(facts)[rows[of]], relevance[of])
        return functional.cross_entropy(logits.masked_fill(functional.pad(absent[of], (0, 1)), -1e9), about[of])

    _descend(finder, loss, len(judged), FINDER_EPOCHS, seed)
    return finder


def _agreement(judged: Sequence[_Judged], facts: Tensor, seed: int) -> AgreementReader:
    reader = AgreementReader(vector=facts.shape[1], width=WIDTH, dropout=AGREEMENT_DROPOUT)
    features, supported = np.stack([one.agreement for one in judged]), np.array([one.supported for one in judged])
    _start(reader.read, features, supported)
    reader.read.requires_grad_(False)  # or it would lean on the vectors, which are limited
    said, held = torch.from_numpy(np.stack([one.said for one in judged])), facts[[one.named for one in judged]]
    exact, target = torch.from_numpy(features).float(), torch.from_numpy(supported).float()

    def loss(of: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(reader(said[of], held[of], exact[of]), target[of])

    _descend(reader, loss, len(judged), AGREEMENT_EPOCHS, seed)
    return reader


def _start(linear: nn.Linear, features: np.ndarray, target: np.ndarray) -> None:
    """Let a layer start as the logistic regression of a target on features."""
    weight, bias = fit_logistic(features, target[:, None], penalty=1.0)
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(weight))
        linear.bias.copy_(torch.from_numpy(bias))


def _filled(values: Sequence[np.ndarray]) -> Tensor:
    """Put arrays side by side, filled up with 0 to the longest: float32 [arrays, longest, ...]."""
    return nn.utils.rnn.pad_sequence([torch.from_numpy(value).float() for value in values], batch_first=True)


def _descend(network: nn.Module, loss: Callable[[Tensor], Tensor], rows: int, epochs: int, seed: int) -> None:
    rng, batches = np.random.default_rng(seed), math.ceil(rows / BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / (epochs * batches))
    network.train()
    for _ in range(epochs):
        for batch in np.array_split(rng.permutation(rows), batches):
            optimizer.zero_grad()
            loss(torch.from_numpy(batch)).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    network.eval()
