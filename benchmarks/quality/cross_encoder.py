"""Does the encoder, tuned on statement and fact read together, tell contradicted from supported?

    python benchmarks/quality/cross_encoder.py > benchmarks/results/cross_encoder.json  # 20 minutes on one core, AMX

All twelve layers are tuned on ``annotations/claims`` and on the verdicts of contacts that only train, and asked about
the corpus's statements, each beside the fact that its raters named, with what was said before it. Beside it stands what
ships: exact reading and networks over the two sentences' vectors, fitted out of fold, which know the four shops' facts
from the other folds. "Together" is a logistic regression on both logits, by fold.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from networks import ANNOTATIONS, examples_of
from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score
from torch import Tensor, nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).parents[2] / "models"))
import tune_encoder

from servicequal import Reference, Scheme, TrainConfig
from servicequal.bundle import ENCODER, models_folder
from servicequal.corpus.folder import with_facts_beside
from servicequal.grounding.knowledge import Knowledge
from servicequal.grounding.space import Space
from servicequal.inference.encoder import Encoder
from servicequal.stats.logistic import fit_logistic, logit
from servicequal.training.examples import Example
from servicequal.training.fit_grounding import fit_grounding
from servicequal.training.repeatable import repeatable

LAYERS, EPOCHS, BATCH, RATE, HEAD_RATE, WARM_UP = 12, 3, 32, 1e-4, 4e-4, 0.06
ASKED, SAID = 30, 16  # words of the customer's turn before, and of the agent's sentence before
SPREAD = 20  # mean vectors are about as long as 1


@dataclass(frozen=True, slots=True)
class Pair:
    """A statement beside a fact: the text that is read, and the share of its verdicts that say "supported"."""

    text: str
    supported: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A pair of the corpus: where it stands, its fold, and what ships out of fold makes of it."""

    pair: Pair
    fold: int
    language: str
    shipped: float


class CrossEncoder(nn.Module):
    """The encoder's layers over pairs, and a head over their mean vectors."""

    def __init__(self, folder: Path, texts: Sequence[str]) -> None:
        super().__init__()
        self.layers = tune_encoder.Upper(folder, texts, layers=LAYERS)
        width = self.layers.width
        self.head = nn.Sequential(nn.Linear(width, 256), nn.GELU(), nn.Dropout(0.1), nn.Linear(256, 1))

    def forward(self, numbers: np.ndarray) -> Tensor:
        """Give the logits, float [texts], that the texts of these numbers are supported."""
        vectors = self.layers(numbers)
        logits: Tensor = self.head(torch.stack([vectors[number] for number in numbers.tolist()]) * SPREAD)
        return logits[:, 0]


def main() -> None:
    config, scheme = TrainConfig(), Scheme.load(ANNOTATIONS / "scheme.json")
    encoder = Encoder(models_folder() / ENCODER, backend="auto")
    shop, only = (examples_of(waves, encoder, scheme, config) for waves in ("20*", "training-only"))
    reference = Reference.load(ANNOTATIONS / "reference.jsonl", cases=ANNOTATIONS / "cases.jsonl")
    reference = with_facts_beside(reference, [ANNOTATIONS / "training-only"])
    asked = list(asked_of(shop, only, reference, encoder, config))
    learned = [pair for example in only for _, _, pair in pairs_of(example, reference)] + claims()
    with repeatable(0):
        tuned = tune(learned, [one.pair for one in asked], encoder.folder)
    truth = np.array([one.pair.supported > 0.5 for one in asked])
    fold, shipped = np.array([one.fold for one in asked]), logit(np.array([one.shipped for one in asked]))
    language = np.array([one.language for one in asked])
    logits = {"ships": shipped[:, None], "cross_encoder": tuned[:, None], "together": np.stack([shipped, tuned], 1)}
    found = {name: figures(by_fold(x, truth, fold), truth, language) for name, x in logits.items()}
    print(json.dumps({"learned_from": len(learned), "asked": len(asked), **found}, indent=1))


def asked_of(
    shop: Sequence[Example], only: Sequence[Example], reference: Reference, encoder: Encoder, config: TrainConfig
) -> Iterator[Asked]:
    """Give the pairs of the corpus, with what ships out of fold makes of them."""
    space = Space.of(np.concatenate([example.encoded.vectors for example in [*shop, *only]]))
    knowledge = Knowledge(reference, encoder, config.prefix, space)
    for fold in range(config.folds):
        heads = fit_grounding([one for one in [*shop, *only] if one.fold != fold], knowledge, seed=config.seed)
        for example in (one for one in shop if one.fold == fold and one.verdicts):
            facts, needed = knowledge.of(example.encoded.contact)
            compared = knowledge.compare(example.encoded, facts, needed, example.verdicts)
            for sentence, fact, pair in pairs_of(example, reference):
                yield Asked(pair, fold, example.encoded.language, float(heads.agree(compared, [sentence], [fact])[0]))


def pairs_of(example: Example, reference: Reference) -> Iterator[tuple[int, int, Pair]]:
    """Give each statement's sentence, the number of the fact that most verdicts name, and the two as a pair."""
    facts = reference.facts_for(example.encoded.contact)
    number = {fact.id: place for place, fact in enumerate(facts)}
    for sentence, verdicts in example.verdicts.items():
        on_facts = [(fact, verdict == "supported") for fact, verdict in verdicts if fact in number]
        if on_facts:
            fact = number[Counter(name for name, _ in on_facts).most_common(1)[0][0]]
            said = example.encoded.sentences[sentence].text
            read = text_of(before(example, sentence), said, facts[fact].statement)
            yield sentence, fact, Pair(read, float(np.mean([supported for _, supported in on_facts])))


def before(example: Example, sentence: int) -> str:
    """Give the end of the customer's last turn, and of what the agent says before in this one."""
    earlier, turn = example.encoded.sentences[:sentence], example.encoded.sentences[sentence].turn
    customer = [one for one in earlier if one.speaker == "customer"]
    asked = " ".join(one.text for one in customer if one.turn == customer[-1].turn)
    own = " ".join(one.text for one in earlier if one.turn == turn)
    return " ".join(asked.split()[-ASKED:] + own.split()[-SAID:])


def text_of(before: str, statement: str, fact: str) -> str:
    """Lay a pair out as the encoder reads several texts: parted by its own mark of an end."""
    return " ".join(f"{before} </s> {statement} </s> {fact}".split())


def claims() -> list[Pair]:
    """Read those that are about their fact."""
    lines = [line for path in sorted((ANNOTATIONS / "claims").glob("*.jsonl")) for line in path.open(encoding="utf-8")]
    return [
        Pair(text_of(one["question"] or "", one["statement"], one["fact"]), float(one["verdict"] == "supported"))
        for one in map(json.loads, lines)
        if one["verdict"] != "not_in_reference"
    ]


def tune(learned: Sequence[Pair], asked: Sequence[Pair], folder: Path) -> np.ndarray:
    """Descend on all layers; give the logits of what is asked, float64 [asked]."""
    texts = tune_encoder.Texts()
    own, others = (texts.numbers(pair.text for pair in pairs) for pairs in (learned, asked))
    network = CrossEncoder(folder, texts.every()).train()
    target, rng = torch.tensor([pair.supported for pair in learned]), np.random.default_rng(0)
    optimizer = torch.optim.AdamW(
        [{"params": network.layers.parameters(), "lr": RATE}, {"params": network.head.parameters(), "lr": HEAD_RATE}],
        betas=(0.9, 0.98), weight_decay=0.01, fused=True,
    )  # fmt: skip
    each = math.ceil(len(own) / BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (WARM_UP * EPOCHS * each)) * max(0.02, 1 - step / (EPOCHS * each))
    )
    for epoch in range(EPOCHS):
        print(f"epoch {epoch + 1} of {EPOCHS}", file=sys.stderr, flush=True)
        order = np.argsort(network.layers.length[own] * rng.uniform(0.8, 1.25, len(own)))  # little is filled up
        parts = np.array_split(order, each)
        for batch in (parts[place] for place in rng.permutation(each)):
            loss = functional.binary_cross_entropy_with_logits(network(own[batch]), target[batch])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.layers.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    network.eval()
    with torch.inference_mode():
        return (
            torch.cat([network(part) for part in np.array_split(others, math.ceil(len(others) / 256))]).double().numpy()
        )


def by_fold(x: np.ndarray, truth: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Give the logits, float [rows], of regressions fitted on the other folds."""
    logits = np.empty(len(truth))
    for held in np.unique(fold):
        weight, bias = fit_logistic(x[fold != held], truth[fold != held, None].astype(float), penalty=1.0)
        logits[fold == held] = x[fold == held] @ weight[0] + bias[0]
    return logits


def figures(logits: np.ndarray, truth: np.ndarray, language: np.ndarray) -> dict[str, object]:
    """Measure, as if which fact a statement is about were known."""
    auc = {
        str(one): round(roc_auc_score(truth[language == one], logits[language == one]), 3)
        for one in np.unique(language)
    }
    return {
        "auc": round(roc_auc_score(truth, logits), 3),
        "auc_by_language": auc,
        "balanced_accuracy": round(balanced_accuracy_score(truth, logits > 0), 3),
        "macro_f1": round(f1_score(truth, logits > 0, average="macro"), 3),
    }


if __name__ == "__main__":
    main()
