"""How should a statement be held against a fact: which fact is meant, and does it agree? Out of fold.

    python benchmarks/quality/verdict_networks.py > benchmarks/results/verdict_networks.json  # 10 minutes on one core

On the corpus's statements that raters held against the reference; fitted on those of the other folds (or, with
``--held-out company``, of the other companies), and on the contacts that only train. Agreement is measured as if the
fact were known: area under the curve and macro-F1 of supported against contradicted; the fact by how often the
likeliest is the one that raters named, where they named one, and by the log-loss over all facts and none of them.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from networks import ANNOTATIONS, examples_of
from sklearn.metrics import f1_score, log_loss, roc_auc_score
from torch import Tensor, nn
from torch.nn import functional

from servicequal import Reference, Scheme, TrainConfig
from servicequal.bundle import ENCODER, models_folder
from servicequal.corpus.folder import with_facts_beside
from servicequal.grounding.knowledge import Knowledge
from servicequal.grounding.pairs import AGREEMENT, RELEVANCE
from servicequal.grounding.space import Space
from servicequal.inference.encoder import Encoder
from servicequal.stats.logistic import fit_logistic
from servicequal.training.fit_grounding import BATCH, RANK, RATE, WEIGHT_DECAY, WIDTH
from servicequal.training.repeatable import repeatable

MARGINS = [number for number, name in enumerate(RELEVANCE) if name.endswith("_margin")]


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement, and all facts of its company.

    Attributes:
        fold: of its contact.
        company: likewise.
        measured: whether it is one of the corpus.
        said: float [width], its vector; ``asked``: of the customer's sentence before.
        facts: float [facts, width].
        relevance: float [facts, 16]; ``agreement``: float [35], with the fact named.
        about: float [facts + 1], share of the verdicts that name each fact, and none.
        named: number of the fact named most often; -1 for none.
        supported: share of the verdicts on it that say so.
    """

    fold: int
    company: str
    measured: bool
    said: np.ndarray
    asked: np.ndarray
    facts: np.ndarray
    relevance: np.ndarray
    agreement: np.ndarray
    about: np.ndarray
    named: int
    supported: float


class Agreement(nn.Module):
    """What ships, with parts left out or put in: see ``servicequal.grounding.network.AgreementReader``."""

    def __init__(
        self, vector: int, *, dropout: float = 0.5, most: float = 2.0, among: bool = True, question: bool = False
    ) -> None:
        super().__init__()
        self.most, self.among, self.question = most, among, question
        self.read = nn.Linear(len(AGREEMENT), 1)
        self.dropout = nn.Dropout(dropout)
        self.meet = nn.Linear((4 if question else 3) * vector, WIDTH)
        self.exact = nn.Linear(len(AGREEMENT), WIDTH, bias=False)
        self.tell = nn.Linear(WIDTH, 1)
        nn.init.zeros_(self.tell.weight)
        nn.init.zeros_(self.tell.bias)

    def forward(self, said: Tensor, asked: Tensor, fact: Tensor, exact: Tensor) -> Tensor:
        together = [said, fact, said * fact] + ([asked] if self.question else [])
        hidden = self.meet(self.dropout(torch.cat(together, 1))) + (self.exact(exact) if self.among else 0)
        told = self.tell(self.dropout(functional.gelu(hidden)))
        limited = self.most * torch.tanh(told / self.most) if self.most else told
        return (self.read(exact) + limited)[:, 0]


class Finder(nn.Module):
    """What ships, with parts left out or put in: see ``servicequal.grounding.network.FactFinder``."""

    def __init__(self, vector: int, *, met: int = 64, margins: bool = True, question: bool = False) -> None:
        super().__init__()
        self.kept = [n for n in range(len(RELEVANCE)) if margins or n not in MARGINS]
        self.read = nn.Linear(len(self.kept), 1)
        self.met = nn.Sequential(nn.Linear(len(self.kept), met), nn.GELU(), nn.Linear(met, 1)) if met else None
        self.dropout = nn.Dropout(0.4)
        self.of_statement, self.of_fact = (nn.Linear(vector, RANK, bias=False) for _ in range(2))
        self.of_question = nn.Linear(vector, RANK, bias=False) if question else None
        self.none = nn.Linear(2 * vector, 1)
        for zero in (self.none.weight, self.none.bias, *([self.met[2].weight, self.met[2].bias] if met else ())):
            nn.init.zeros_(zero)

    def forward(self, said: Tensor, asked: Tensor, facts: Tensor, relevance: Tensor) -> Tensor:
        said, asked, read = self.dropout(said), self.dropout(asked), relevance[..., self.kept]
        own = self.of_statement(said) + (self.of_question(asked) if self.of_question else 0)
        meets = (own[:, None] * self.of_fact(facts)).sum(-1) / math.sqrt(RANK)
        logits = meets + self.read(read)[..., 0] + (self.met(read)[..., 0] if self.met else 0)
        return torch.cat([logits, self.none(torch.cat([said, asked], 1))], 1)


AGREEMENTS = {
    "read exactly, alone": (partial(Agreement, most=1e-9), 0),
    "and vectors beside it, 8 epochs": (partial(Agreement, dropout=0.4, most=1.25, among=False), 8),
    "16 epochs": (partial(Agreement, dropout=0.4, most=1.25, among=False), 16),
    "what is read exactly among the vectors, more dropout (ships)": (Agreement, 16),
    "not limited": (partial(Agreement, most=0), 16),
    "and the question's vector": (partial(Agreement, question=True), 16),
}
FINDERS = {
    "a weighted sum, and vectors": (partial(Finder, met=0, margins=False), 8),
    "and lead over other facts": (partial(Finder, met=0), 8),
    "and a hidden layer (ships)": (Finder, 8),
    "16 epochs": (Finder, 16),
    "and the question's vector": (partial(Finder, question=True), 8),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--held-out", choices=("fold", "company"), default="fold")
    held_out = parser.parse_args().held_out
    config, scheme = TrainConfig(), Scheme.load(ANNOTATIONS / "scheme.json")
    encoder = Encoder(models_folder() / ENCODER, backend="auto")
    shop, only = (examples_of(waves, encoder, scheme, config) for waves in ("20*", "training-only"))
    reference = Reference.load(ANNOTATIONS / "reference.jsonl", cases=ANNOTATIONS / "cases.jsonl")
    reference = with_facts_beside(reference, [ANNOTATIONS / "training-only"])
    space = Space.of(np.concatenate([example.encoded.vectors for example in [*shop, *only]]))
    knowledge = Knowledge(reference, encoder, config.prefix, space)
    statements = [one for examples in (shop, only) for one in asked_of(examples, knowledge, measured=examples is shop)]
    rows: dict[str, list] = {"agreement": [], "fact": []}
    for kind, trials, run in (("agreement", AGREEMENTS, agreement), ("fact", FINDERS, fact)):
        for name, (network, epochs) in trials.items():
            began = time.monotonic()
            rows[kind].append({"network": name, **run(statements, held_out, network, epochs)})
            print(rows[kind][-1], round(time.monotonic() - began), "s", file=sys.stderr, flush=True)
    count = sum(one.measured for one in statements)
    print(json.dumps({"statements": count, "held_out": held_out, **rows}, indent=1))


def asked_of(examples: Sequence, knowledge: Knowledge, *, measured: bool) -> Iterator[Asked]:
    for example in examples:
        facts, needed = knowledge.of(example.encoded.contact)
        if not facts or not example.verdicts:
            continue
        place = {fact.id: number for number, fact in enumerate(facts)}
        compared = knowledge.compare(example.encoded, facts, needed, example.verdicts)
        for sentence, verdicts in example.verdicts.items():
            on_facts = [(place[fact], verdict == "supported") for fact, verdict in verdicts if fact in place]
            about = np.bincount([fact for fact, _ in on_facts], minlength=len(facts) + 1) / len(verdicts)
            named = int(about.argmax()) if on_facts else -1
            about[-1] = 1 - about.sum()
            yield Asked(
                example.fold,
                str(example.encoded.contact.attributes.get("company")),
                measured,
                compared.said[sentence],
                compared.asked(sentence),
                compared.facts,
                compared.relevance(sentence),
                compared.agreement(sentence, max(named, 0)),
                about,
                named,
                float(np.mean([supported for fact, supported in on_facts if fact == named])) if on_facts else math.nan,
            )


def agreement(statements: Sequence[Asked], held_out: str, make: Callable[..., nn.Module], epochs: int) -> dict:
    named = [one for one in statements if one.named >= 0]

    def tensors(some: Sequence[Asked]) -> list[Tensor]:
        facts = np.stack([one.facts[one.named] for one in some])
        said, asked = (np.stack([getattr(one, name) for one in some]) for name in ("said", "asked"))
        return [spread(said), spread(asked), spread(facts), floats(np.stack([one.agreement for one in some]))]

    truth, logits = [], []
    for learned, asked in parts(named, held_out):
        target = floats(np.array([one.supported for one in learned]))
        network = make(learned[0].said.size)
        start(network.read, np.stack([one.agreement for one in learned]), target.numpy())
        network.read.requires_grad_(False)
        given = tensors(learned)
        descend(
            network,
            lambda of, given=given, target=target, network=network: functional.binary_cross_entropy_with_logits(
                network(*(one[of] for one in given)), target[of]
            ),
            len(learned),
            epochs,
        )
        with torch.inference_mode():
            logits.append(network(*tensors(asked)).double().numpy())
        truth.append(np.array([one.supported > 0.5 for one in asked]))
    t, z = np.concatenate(truth), np.concatenate(logits)
    return rounded(
        auc=roc_auc_score(t, z),
        macro_f1=f1_score(t, z > 0, average="macro"),
        log_loss=log_loss(t, 1 / (1 + np.exp(-z))),
    )


def fact(statements: Sequence[Asked], held_out: str, make: Callable[..., nn.Module], epochs: int) -> dict:
    def tensors(some: Sequence[Asked]) -> tuple[list[Tensor], Tensor]:
        facts, relevance = (padded([floats(getattr(one, name)) for one in some]) for name in ("facts", "relevance"))
        absent = padded([torch.ones(len(one.facts)) for one in some]) == 0
        said, asked = (spread(np.stack([getattr(one, name) for one in some])) for name in ("said", "asked"))
        return [said, asked, facts * math.sqrt(facts.shape[-1]), relevance], functional.pad(absent, (0, 1))

    right, losses = [], []
    for learned, asked in parts(statements, held_out):
        network = make(learned[0].said.size)
        x, y = (np.concatenate(v) for v in zip(*((one.relevance, one.about[:-1]) for one in learned), strict=True))
        start(network.read, x[:, network.kept], y)

        def loss(of: Tensor, some: Sequence[Asked], network: nn.Module = network) -> Tensor:
            chosen = [some[number] for number in of.tolist()]
            given, absent = tensors(chosen)
            longest = absent.shape[1] - 1
            about = torch.stack(
                [
                    torch.cat([functional.pad(floats(o.about[:-1]), (0, longest - len(o.facts))), floats(o.about[-1:])])
                    for o in chosen
                ]
            )
            logits = network(*given).masked_fill(absent, -1e9)
            if not network.training:
                best = logits[:, :-1].argmax(1).tolist()
                right.extend(bool(o.about[b]) for o, b in zip(chosen, best, strict=True) if o.named >= 0)
            return functional.cross_entropy(logits, about, reduction="mean" if network.training else "none")

        descend(network, partial(loss, some=learned), len(learned), epochs)
        with torch.inference_mode():
            for of in torch.arange(len(asked)).split(256):
                losses.append(loss(of, asked).numpy())
    return rounded(likeliest_is_right=np.mean(right), log_loss=np.concatenate(losses).mean())


def parts(statements: Sequence[Asked], held_out: str) -> Iterator[tuple[list[Asked], list[Asked]]]:
    """Give what is learned from and what is asked, part by part."""
    for part in sorted({getattr(one, held_out) for one in statements if one.measured}):
        asked = [one for one in statements if one.measured and getattr(one, held_out) == part]
        yield [one for one in statements if getattr(one, held_out) != part], asked


def descend(network: nn.Module, loss: Callable[[Tensor], Tensor], rows: int, epochs: int) -> None:
    """As ``servicequal.training.fit_grounding`` does."""
    each, rng = math.ceil(rows / BATCH), np.random.default_rng(0)
    learning = [one for one in network.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=RATE, weight_decay=WEIGHT_DECAY, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / max(epochs * each, 1))
    network.train()
    for _ in range(epochs):
        for batch in np.array_split(rng.permutation(rows), each):
            optimizer.zero_grad()
            loss(torch.from_numpy(batch)).backward()
            optimizer.step()
            schedule.step()
    network.eval()


def start(linear: nn.Linear, features: np.ndarray, target: np.ndarray) -> None:
    weight, bias = fit_logistic(features, target[:, None].astype(float), penalty=1.0)
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(weight))
        linear.bias.copy_(torch.from_numpy(bias))


def spread(vectors: np.ndarray) -> Tensor:
    return floats(vectors * math.sqrt(vectors.shape[-1]))


def floats(values: np.ndarray) -> Tensor:
    return torch.from_numpy(np.asarray(values, dtype=np.float32))


def padded(values: list[Tensor]) -> Tensor:
    return nn.utils.rnn.pad_sequence(values, batch_first=True)


def rounded(**figures: float) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in figures.items()}


if __name__ == "__main__":
    with repeatable(0):
        main()
