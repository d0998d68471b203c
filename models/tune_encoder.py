"""Tune an encoder's upper layers on contacts that only train: python models/tune_encoder.py BUILT OUT

``BUILT`` is what ``build_encoder.py`` writes. Sentences are encoded alone, as ever; what they show, and how the contact
fares, is told by a context network that learns beside the encoder and is thrown away. So are the heads that bring
statements to their facts. Phrases, one sentence each, and pairs of statement and fact learn along. No contact that a
figure is measured on is seen, so scorers can be trained, and measured, on the vectors as on any encoder's. The bundled
weights learned from the annotations of commit 91d983b: with 216 contacts and 1,080 claims more, scorers were no better
(``benchmarks/results/tune_encoder.json``).

    python models/build_encoder.py built
    python models/tune_encoder.py built models/encoder          # 39 minutes on one core with AMX, beside other jobs
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from build_encoder import quantise
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn import functional

from servicequal import TrainConfig
from servicequal.corpus.folder import Corpus, read_corpus
from servicequal.files.strict_json import parse
from servicequal.grounding.knowledge import Knowledge
from servicequal.inference.encoder import Encoder
from servicequal.inference.pipeline import encode_contacts
from servicequal.inference.tokens import Tokenizer
from servicequal.inference.weights import FILES, Weights
from servicequal.phrase import Phrase
from servicequal.training.examples import Example, by_contact, make_example
from servicequal.training.fit_network import batches, contact_loss, fit_network, phrase_loss
from servicequal.training.material import Material, PhraseRows, phrase_rows
from servicequal.training.repeatable import repeatable

ANNOTATIONS = Path(__file__).parents[1] / "annotations"
ONLY_TRAIN = ("other-trades", "training-only")
LANGUAGES = ("de", "en", "pl")
LAYERS, EPOCHS, RATE, HEADS_RATE, WARM_UP = 6, 6, 1e-4, 4e-4, 0.06
PHRASES, CLAIMS = 128, 32  # beside the contacts of a step
CLAIM_WEIGHT = 0.5
RANK = 128  # where statements meet facts
CONFIG = TrainConfig(epochs=8, sentence_dropout=0.15, phrase_weight=0.6)
AT_ONCE = 6_000  # tokens


class Texts:
    """Texts by number, each once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str | None) -> int:
        """Give a text's number; -1 for none."""
        return -1 if text is None else self._numbers.setdefault(" ".join(text.split()), len(self._numbers))

    def numbers(self, texts: Iterable[str | None]) -> np.ndarray:
        """Do so for several: int [texts]."""
        return np.array([self.number(text) for text in texts], dtype=np.int64)

    def every(self) -> list[str]:
        """List them by number."""
        return list(self._numbers)


class Upper(nn.Module):
    """An encoder cut in two: what the lower layers make of each text is kept, the upper layers learn.

    Products are in bf16, what runs past them is in fp32, as in ``backends/torch_packed.py``.

    Args:
        folder: of the encoder.
        texts: that it will be asked for, by number.
        layers: how many learn.
    """

    def __init__(self, folder: Path, texts: Sequence[str], *, layers: int = LAYERS) -> None:
        super().__init__()
        weights = Weights.read(folder)
        self.heads, self.width, self.epsilon = weights.heads, weights.width, weights.epsilon
        every = list(weights.each_layer())
        self._lower_layers, self._upper_layers = every[:-layers], every[-layers:]
        windows = Tokenizer(folder / "tokenizer.json", window=weights.window).windows(texts)
        if len(windows.lengths) != len(texts):
            raise SystemExit("a sentence is longer than the encoder's window; shorten it")
        self.length = windows.lengths
        names = [name for name in weights.arrays if not name.endswith(".scale")]
        self.learning = nn.ParameterDict(
            {
                name.replace(".", "/"): nn.Parameter(torch.from_numpy(weights.dense(name)))
                for layer in self._upper_layers
                for name in names
                if name.startswith(layer.out.split("attention")[0])
            }
        )
        self._fixed = {name: torch.from_numpy(weights.dense(name)) for name in names}
        self._lower = self._below(windows.ids, weights.positions())

    def forward(self, wanted: np.ndarray) -> dict[int, Tensor]:
        """Run texts, given by number, through the upper layers: mean vectors by number, with gradients."""
        order = np.unique(wanted)
        order = order[np.argsort(self.length[order], kind="stable")]
        runs = self._runs(order)
        x = torch.cat([self._filled(self._lower[number], number) for number in order.tolist()])
        state = {name.replace("/", "."): parameter for name, parameter in self.learning.items()}
        x = self._through(self._upper_layers, x.float(), state, runs)
        sizes = [mask.numel() for mask in runs]
        parts = zip(x.split(sizes), runs, strict=True)
        means = [_mean(part.view(*mask.shape, self.width), mask) for part, mask in parts]
        return dict(zip(order.tolist(), torch.cat(means), strict=True))

    def state(self) -> dict[str, np.ndarray]:
        """Give all weights, float32, by their Hugging Face names."""
        learned = {name.replace("/", "."): parameter.detach() for name, parameter in self.learning.items()}
        return {name: learned.get(name, fixed).numpy() for name, fixed in self._fixed.items()}

    @torch.inference_mode()
    def _below(self, ids: np.ndarray, positions: np.ndarray) -> list[Tensor]:
        words, norm = self._fixed["embeddings.word_embeddings.weight"], "embeddings.LayerNorm"
        first = np.cumsum(self.length) - self.length
        kept = [torch.empty(0)] * len(self.length)
        order = np.argsort(self.length, kind="stable")
        for part in np.array_split(order, math.ceil(self.length.sum() / AT_ONCE)):
            own = [
                words[torch.from_numpy(ids[first[n] : first[n] + self.length[n]])]
                + torch.from_numpy(positions[: self.length[n]])
                for n in part
            ]
            x = torch.cat([self._filled(one, n) for one, n in zip(own, part.tolist(), strict=True)])
            x = self._norm(x, self._fixed, norm)
            x = self._through(self._lower_layers, x, self._fixed, self._runs(part))
            for n, one in zip(part.tolist(), x.split(_up(self.length[part]).tolist()), strict=True):
                kept[n] = one[: self.length[n]].bfloat16()
        return kept

    def _filled(self, x: Tensor, number: int) -> Tensor:
        return functional.pad(x, (0, 0, 0, int(_up(self.length[number])) - len(x)))

    def _runs(self, order: np.ndarray) -> list[Tensor]:
        """Cut texts, sorted by length, into runs of one padded length: where each is padded, bool [texts, length]."""
        padded = _up(self.length[order])
        return [
            torch.arange(length)[None] >= torch.from_numpy(self.length[order[padded == length]])[:, None]
            for length in np.unique(padded).tolist()
        ]

    def _through(self, layers: Sequence[Any], x: Tensor, state: dict[str, Tensor], runs: list[Tensor]) -> Tensor:
        sizes = [mask.numel() for mask in runs]

        def linear(x: Tensor, *names: str) -> Tensor:
            weight, bias = (torch.cat([state[f"{name}.{part}"] for name in names]) for part in ("weight", "bias"))
            return functional.linear(x.bfloat16(), weight.bfloat16(), bias.bfloat16())

        for layer in layers:
            attended = [
                self._attended(part, mask) for part, mask in zip(linear(x, *layer.qkv).split(sizes), runs, strict=True)
            ]
            x = self._norm(linear(torch.cat(attended), layer.out) + x, state, layer.norm_1)
            inner = functional.gelu(linear(x, layer.widen))
            x = self._norm(linear(inner, layer.narrow) + x, state, layer.norm_2)
        return x

    def _attended(self, qkv: Tensor, mask: Tensor) -> Tensor:
        q, k, v = qkv.float().view(*mask.shape, 3, self.heads, -1).permute(2, 0, 3, 1, 4)  # in bf16 thrice the time
        unseen = torch.zeros(mask.shape).masked_fill(mask, -1e4)[:, None, None]
        return functional.scaled_dot_product_attention(q, k, v, unseen).transpose(1, 2).reshape(-1, self.width)

    def _norm(self, x: Tensor, state: dict[str, Tensor], name: str) -> Tensor:
        return functional.layer_norm(x, (self.width,), state[f"{name}.weight"], state[f"{name}.bias"], self.epsilon)


def _up(length: np.ndarray) -> np.ndarray:
    """Pad to a multiple of 4, beyond 32 of 16: few runs, little padding."""
    return np.where(length <= 32, (length + 3) // 4 * 4, (length + 15) // 16 * 16)


def _mean(x: Tensor, padding: Tensor) -> Tensor:
    kept = (~padding)[..., None].float()
    return (x * kept).sum(1) / kept.sum(1)


@dataclass(frozen=True, slots=True)
class Claims:
    """Statements beside the facts that they are about.

    Attributes:
        said: int [claims], numbers of texts.
        fact: int [claims], likewise.
        agrees: float32 [claims], 1 where the statement is supported, 0 where it is contradicted.
    """

    said: np.ndarray
    fact: np.ndarray
    agrees: np.ndarray

    @classmethod
    def of(cls, texts: Texts, examples: Sequence[Example], corpora: Sequence[Corpus]) -> Claims:
        """Take those of annotated contacts, and of ``claims/``."""
        known = {
            (fact.company, fact.id): fact.statement for one in corpora if one.reference for fact in one.reference.facts
        }
        rows = [
            (one.encoded.sentences[sentence].text, known[one.encoded.contact.attributes["company"], fact], verdict)
            for one in examples
            for sentence, given in one.verdicts.items()
            for fact, verdict in given
            if fact is not None
        ]
        for path in sorted((ANNOTATIONS / "claims").glob("*.jsonl")):
            records = map(parse, path.read_text(encoding="utf-8").splitlines())
            rows += [(one["statement"], one["fact"], one["verdict"]) for one in records]
        rows = [row for row in rows if row[2] in ("supported", "contradicted")]
        said, fact, verdict = zip(*rows, strict=True)
        return cls(
            texts.numbers(said), texts.numbers(fact), np.array([v == "supported" for v in verdict], dtype=np.float32)
        )


class Meeting(nn.Module):
    """Heads over statement and fact: is it about this one, among those of the batch, and does it agree?"""

    def __init__(self, mean: Tensor, scale: Tensor) -> None:
        super().__init__()
        self.mean, self.scale = mean, scale
        self.of_statement, self.of_fact = (nn.Linear(len(mean), RANK, bias=False) for _ in range(2))
        self.agree = nn.Sequential(nn.Linear(3 * len(mean), 256), nn.GELU(), nn.Dropout(0.2), nn.Linear(256, 1))
        self.warmth = nn.Parameter(torch.tensor(2.5))

    def loss(self, claims: Claims, pairs: np.ndarray, vectors: dict[int, Tensor]) -> Tensor:
        """Cross-entropy of both."""
        numbers, place = claims.fact[pairs], torch.arange(len(pairs))
        said, facts = ((_stack(vectors, part) - self.mean) / self.scale for part in (claims.said[pairs], numbers))
        near = functional.normalize(self.of_statement(said)) @ functional.normalize(self.of_fact(facts)).T
        twice = torch.from_numpy(numbers[:, None] == numbers) & (place[:, None] != place)  # the same fact is no other
        found = functional.cross_entropy((near * self.warmth.exp()).masked_fill(twice, -1e4), place)
        told = self.agree(torch.cat([said, facts, said * facts], dim=1))[:, 0]
        return found + functional.binary_cross_entropy_with_logits(told, torch.from_numpy(claims.agrees[pairs]))


def tune(
    examples: Sequence[Example], phrases: Sequence[Phrase], corpora: Sequence[Corpus], material: Material, built: Path
) -> dict[str, np.ndarray]:
    """Descend on the upper layers and all heads at once; give all weights, float32, by name."""
    began, texts = time.monotonic(), Texts()
    own = {one.encoded.contact.id: texts.numbers(s.text for s in one.encoded.sentences) for one in examples}
    said, before = (texts.numbers(getattr(phrase, part) for phrase in phrases) for part in ("text", "before"))
    claims = Claims.of(texts, examples, corpora)
    upper = Upper(built, texts.every())
    network, rng = fit_network(examples, material, seed=0).train(), np.random.default_rng(0)
    meeting = Meeting(network.mean, network.scale)
    steps = nn.Parameter(torch.tensor([1.0, -1.0]).repeat(len(material.scheme.criteria), 1))
    layers, heads = list(upper.parameters()), [*network.parameters(), *meeting.parameters(), steps]
    optimizer = torch.optim.AdamW(
        [{"params": layers, "lr": RATE, "weight_decay": 0.01}, {"params": heads, "lr": HEADS_RATE}],
        betas=(0.9, 0.98),
        weight_decay=CONFIG.weight_decay,
        fused=True,
    )
    total = EPOCHS * math.ceil(len(examples) / CONFIG.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (WARM_UP * total)) * max(0.02, 1 - step / total)
    )
    for epoch in range(EPOCHS):
        print(f"{time.monotonic() - began:.0f} s: epoch {epoch + 1} of {EPOCHS}", file=sys.stderr, flush=True)
        for batch in batches(examples, CONFIG.batch, rng):
            some, pairs = rng.integers(0, len(said), PHRASES), rng.integers(0, len(claims.said), CLAIMS)
            parts = [own[one.encoded.contact.id] for one in batch]
            wanted = np.concatenate([*parts, said[some], before[some], claims.said[pairs], claims.fact[pairs]])
            vectors = upper(wanted[wanted >= 0])
            anew = [_with(one, _stack(vectors, part)) for one, part in zip(batch, parts, strict=True)]
            shown = _rows(material.phrases, some, _stack(vectors, said[some]), _stack(vectors, before[some]))
            loss = (
                contact_loss(network, anew, steps, material.scheme)
                + CONFIG.phrase_weight * phrase_loss(network, shown, np.arange(PHRASES))
                + CLAIM_WEIGHT * meeting.loss(claims, pairs, vectors)
            )
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(layers, 1.0)
            nn.utils.clip_grad_norm_(heads, 1.0)
            optimizer.step()
            schedule.step()
    return upper.state()


def _stack(vectors: dict[int, Tensor], numbers: np.ndarray) -> Tensor:
    """Give the vectors of texts by number, [texts, width]; 0 for none."""
    nothing = torch.zeros_like(next(iter(vectors.values())))
    return torch.stack([vectors.get(number, nothing) for number in numbers.tolist()])


def _with(example: Example, vectors: Tensor) -> Example:
    return replace(example, encoded=replace(example.encoded, vectors=vectors))


def _rows(bank: PhraseRows, some: np.ndarray, said: Tensor, before: Tensor) -> PhraseRows:
    return PhraseRows(said, before, bank.alone[some], bank.column[some], bank.shows[some])


def main() -> None:
    """Read what only trains, tune, and write the encoder's folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("built", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    corpora = [read_corpus(ANNOTATIONS / name, sys.exit) for name in ONLY_TRAIN]
    scheme, phrases = corpora[0].scheme, tuple(corpora[0].phrases.values())
    encoder = Encoder(arguments.built, backend="auto")
    examples = []
    for corpus in corpora:
        joined = by_contact(corpus.contacts, corpus.annotations, scheme)
        marking = {one.rater for one in corpus.annotations}
        for one in encode_contacts([contact for contact, _ in joined.values()], encoder, LANGUAGES, prefix=""):
            given = joined[one.contact.id][1]
            examples.append(make_example(one, given, scheme, folds=CONFIG.folds, marking=marking))
    bank = phrase_rows(phrases, scheme, encoder, "")
    material = Material(scheme, Knowledge(None, encoder, "", None), CONFIG, bank)
    with repeatable(0):
        state = tune(examples, phrases, corpora, material, arguments.built)
    arguments.out.mkdir(parents=True, exist_ok=True)
    save_file(quantise(state), arguments.out / "model.safetensors", metadata={"format": "pt"})
    for name in FILES[:2]:
        shutil.copyfile(arguments.built / name, arguments.out / name)


if __name__ == "__main__":
    main()
