"""Tune the encoder's upper layers on text that only trains: phrases, contacts of other trades, claims and facts.

The bundled encoder knows what a text is about, not what it does: "we shall refund it" and "we shall not refund it" lie
close together. Two tasks are to move them apart: which indicators a sentence shows (linear in its vector and in that of
the sentence before), and whether a statement agrees with a fact (linear in the vector of both read as one text). No
contact that quality is measured on is among the material. ``encoders.py`` holds the result against the encoder as it
is: on our contacts it is no better, so it is not what ships.

    python benchmarks/quality/tune_encoder.py models/encoder tuned        # 40 minutes on one core
    python benchmarks/quality/encoders.py --encoder tuned
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn import functional

from servicequal import Scheme, read_annotations, read_contacts, read_phrases
from servicequal.inference.encoder import Encoder
from servicequal.inference.pipeline import encode_contacts
from servicequal.inference.tokens import Tokenizer
from servicequal.inference.weights import Weights
from servicequal.training.examples import by_contact, make_example

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "models"))
from build_encoder import quantise  # noqa: E402 - a script beside the models, not a package

ANNOTATIONS = ROOT / "annotations"
LANGUAGES = ("de", "en", "pl")
VERDICTS = ("supported", "contradicted", "not_in_reference")
LAYERS, EPOCHS, RATE, HEAD_RATE, WARM_UP = 6, 4, 1.2e-4, 3e-3, 0.06
PHRASES, PAIRS = 40, 28  # a step, beside one contact
HELD_OUT = 20  # every twentieth phrase and group of claims is kept to watch the tuning by


@dataclass(frozen=True)
class Texts:
    """All texts, each once, by number."""

    numbers: dict[str, int]

    def number(self, text: str) -> int:
        """Give the number of a text, a new one if it is new."""
        return self.numbers.setdefault(" ".join(text.split()), len(self.numbers))


@dataclass(frozen=True, slots=True)
class PhraseRow:
    """A phrase: numbers of its text and of what was said before (-1: nothing), its indicator, whether it shows it."""

    text: int
    before: int
    column: int
    shows: float
    held: bool
    source: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """A claim and a fact: number of their text, of the verdict, and where they come from."""

    text: int
    verdict: int
    held: bool
    source: str


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact: its sentences' numbers, what is marked, float [sentences, indicators], and who speaks."""

    texts: np.ndarray
    marked: np.ndarray
    agent: np.ndarray


def _held(key: str) -> bool:
    return zlib.crc32(key.encode()) % HELD_OUT == 0


def phrase_material(texts: Texts, scheme: Scheme) -> list[PhraseRow]:
    """Read the phrase bank."""
    column = {indicator.id: number for number, indicator in enumerate(scheme.indicators)}
    return [
        PhraseRow(
            texts.number(phrase.text),
            -1 if phrase.before is None else texts.number(phrase.before),
            column[phrase.indicator],
            float(phrase.shows),
            _held(phrase.text[:25]),
            "contrast" if "contrast" in file.name else "phrases",
        )
        for file in sorted((ANNOTATIONS / "phrases").glob("*.jsonl"))
        for phrase in read_phrases(file)
    ]


def contact_material(texts: Texts, scheme: Scheme, encoder: Encoder) -> list[ContactRow]:
    """Read the contacts of other trades."""
    folder = ANNOTATIONS / "other-trades"
    joined = by_contact(read_contacts(folder / "contacts.jsonl"), read_annotations(folder), scheme)
    raters = {one.rater for _, annotations in joined.values() for one in annotations}
    rows = []
    for encoded in encode_contacts((contact for contact, _ in joined.values()), encoder, LANGUAGES, prefix=""):
        example = make_example(encoded, joined[encoded.contact.id][1], scheme, folds=5, marking=raters)
        numbers = np.array([texts.number(sentence.text) for sentence in encoded.sentences])
        rows.append(ContactRow(numbers, example.marked, encoded.layout.agent))
    return rows


def pair_material(texts: Texts, encoder: Encoder, rng: np.random.Generator) -> list[PairRow]:
    """Read claims and facts; half of the claims also beside a similar fact of another group, which settles nothing."""
    claims = [
        json.loads(line)
        for file in sorted((ANNOTATIONS / "claims").glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    rows = [_pair(texts, claim, claim["fact"], claim["verdict"], claim["group"][:4]) for claim in claims]
    facts = list(dict.fromkeys((claim["group"], claim["fact"]) for claim in claims))
    groups = np.array([group for group, _ in facts])
    vectors = encoder.encode([f"query: {fact}" for _, fact in facts])
    vectors = vectors - vectors.mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    place = {fact: number for number, (_, fact) in enumerate(facts)}
    for claim in {(claim["group"], claim["statement"]): claim for claim in claims}.values():
        if rng.random() < 0.5:
            likeness = np.where(groups == claim["group"], -9.0, vectors @ vectors[place[claim["fact"]]])
            near = facts[int(rng.choice(np.argsort(-likeness)[:12]))][1]
            rows.append(_pair(texts, claim, near, "not_in_reference", "near"))
    return rows


def pair_text(question: str | None, statement: str, fact: str) -> str:
    """Write a statement and a fact as one text, behind the question that it answers."""
    return f"{question} » {statement} || {fact}" if question else f"{statement} || {fact}"


def _pair(texts: Texts, claim: dict[str, str], fact: str, verdict: str, source: str) -> PairRow:
    number = texts.number(pair_text(claim["question"], claim["statement"], fact))
    return PairRow(number, VERDICTS.index(verdict), _held(claim["group"]), source)


class Tuned:
    """An encoder cut in two: what the lower layers make of each text is kept, the upper layers learn.

    Attributes:
        upper: float32 tensors by their names in the state, of the layers that learn.
    """

    def __init__(self, folder: Path, texts: Texts) -> None:
        weights = Weights.read(folder)
        self.heads, self.width, self.epsilon = weights.heads, weights.width, weights.epsilon
        self.layers = range(weights.layers)
        names = [name for name in weights.arrays if not name.endswith(".scale")]
        self.state = {name: torch.from_numpy(weights.dense(name)) for name in names}
        windows = Tokenizer(folder / "tokenizer.json", window=weights.window).windows(list(texts.numbers))
        self.ids = np.split(windows.ids, np.cumsum(windows.lengths)[:-1])
        if len(self.ids) != len(texts.numbers):
            raise SystemExit("a text is longer than the encoder's window; shorten it")
        self.length = np.array([len(ids) for ids in self.ids])
        learning = tuple(f"encoder.layer.{layer}." for layer in self.layers[-LAYERS:])
        self.upper = {name: t.clone().requires_grad_() for name, t in self.state.items() if name.startswith(learning)}
        self.lower: list[Tensor] = [torch.empty(0)] * len(self.ids)
        self._keep_lower()

    def vectors(self, wanted: Sequence[int] | np.ndarray) -> dict[int, Tensor]:
        """Run texts, given by number, through the upper layers: mean vectors by number, with gradients."""
        order = np.unique(wanted)
        order = order[np.argsort(self.length[order], kind="stable")]
        runs = self._runs(order)
        x = torch.cat([functional.pad(self.lower[n], (0, 0, 0, _up(self.length[n]) - self.length[n])) for n in order])
        with torch.autocast("cpu", torch.bfloat16):
            for layer in self.layers[-LAYERS:]:
                x = self._layer(x.float(), self.upper, layer, runs)
        means = [_mean(x[start:stop].float().view(len(mask), -1, self.width), mask) for start, stop, mask in runs]
        return dict(zip(order.tolist(), torch.cat(means), strict=True))

    @torch.inference_mode()
    def _keep_lower(self) -> None:
        order = np.argsort(self.length, kind="stable")
        for part in np.array_split(order, math.ceil(self.length.sum() / 6_000)):
            runs = self._runs(part)
            tokens = np.concatenate([np.pad(self.ids[n], (0, _up(len(self.ids[n])) - len(self.ids[n]))) for n in part])
            places = np.concatenate([np.arange(_up(self.length[n])) for n in part])
            e = "embeddings."
            x = self.state[e + "word_embeddings.weight"][torch.from_numpy(tokens)]
            x = x + self.state[e + "position_embeddings.weight"][torch.from_numpy(places)]
            x = self._norm(x + self.state[e + "token_type_embeddings.weight"][0], self.state, e + "LayerNorm")
            with torch.autocast("cpu", torch.bfloat16):
                for layer in self.layers[:-LAYERS]:
                    x = self._layer(x, self.state, layer, runs)
            first = 0
            for n in part:
                self.lower[n] = x[first : first + self.length[n]].bfloat16().clone()
                first += _up(self.length[n])

    def _runs(self, order: np.ndarray) -> list[tuple[int, int, Tensor]]:
        """Cut texts, sorted by length, into runs of one padded length: first and last token, and where padding is."""
        runs, first = [], 0
        padded = np.array([_up(self.length[n]) for n in order])
        for length in np.unique(padded).tolist():
            own = torch.from_numpy(self.length[order[padded == length]])
            runs.append((first, first + len(own) * length, torch.arange(length)[None] >= own[:, None]))
            first = runs[-1][1]
        return runs

    def _layer(self, x: Tensor, state: dict[str, Tensor], layer: int, runs: list[tuple[int, int, Tensor]]) -> Tensor:
        def linear(x: Tensor, name: str) -> Tensor:
            return functional.linear(x, state[f"{at}{name}.weight"], state[f"{at}{name}.bias"])

        at = f"encoder.layer.{layer}."
        three = [linear(x, f"attention.self.{name}") for name in ("query", "key", "value")]
        attended = []
        for start, stop, mask in runs:
            q, k, v = (one[start:stop].view(len(mask), -1, self.heads, self.width // self.heads) for one in three)
            unseen = torch.zeros(mask.shape, dtype=q.dtype).masked_fill(mask, -1e4)[:, None, None]
            seen = functional.scaled_dot_product_attention(*(one.transpose(1, 2) for one in (q, k, v)), unseen)
            attended.append(seen.transpose(1, 2).reshape(stop - start, self.width))
        x = self._norm(
            linear(torch.cat(attended), "attention.output.dense") + x, state, f"{at}attention.output.LayerNorm"
        )
        inner = functional.gelu(linear(x, "intermediate.dense"))
        return self._norm(linear(inner, "output.dense") + x, state, f"{at}output.LayerNorm")

    def _norm(self, x: Tensor, state: dict[str, Tensor], name: str) -> Tensor:
        return functional.layer_norm(x, (self.width,), state[f"{name}.weight"], state[f"{name}.bias"], self.epsilon)


def _up(length: int) -> int:
    return int((length + 3) // 4 * 4 if length <= 32 else (length + 15) // 16 * 16)


def _mean(x: Tensor, padding: Tensor) -> Tensor:
    kept = (~padding)[..., None].float()
    return (x * kept).sum(1) / kept.sum(1)


class Tasks(nn.Module):
    """The two linear heads that the encoder is tuned through, on vectors of mean 0; they are not kept."""

    def __init__(self, scheme: Scheme, phrases: Tensor, pairs: Tensor) -> None:
        super().__init__()
        self.of_agent = torch.tensor([indicator.speaker == "agent" for indicator in scheme.indicators])
        self.centre, self.pair_centre, self.scale = phrases.mean(0), pairs.mean(0), phrases.std(0).mean()
        width = phrases.shape[1]
        self.indicators, self.verdicts = nn.Linear(2 * width, len(scheme.indicators)), nn.Linear(width, len(VERDICTS))
        for head in (self.indicators, self.verdicts):
            nn.init.zeros_(head.weight)
        nn.init.constant_(self.indicators.bias, -1.5)

    def shown(self, vectors: Tensor, before: Tensor) -> Tensor:
        """Logits of the indicators; a sentence before that is not there has vector 0 after centring."""
        return self.indicators(torch.cat([self._dropped(vectors), self._dropped(before)], dim=1))

    def centred(self, vectors: Sequence[Tensor]) -> Tensor:
        """Centre and scale sentences' vectors."""
        return (torch.stack(list(vectors)) - self.centre) / self.scale

    def phrase_loss(self, rows: Sequence[PhraseRow], vectors: dict[int, Tensor]) -> Tensor:
        """Cross-entropy of each phrase's own indicator."""
        own = self.centred([vectors[row.text] for row in rows])
        before = self.centred([vectors.get(row.before, self.centre) for row in rows])
        logits = self.shown(own, before)[torch.arange(len(rows)), [row.column for row in rows]]
        targets = torch.tensor([0.94 * row.shows + 0.03 for row in rows])
        return functional.binary_cross_entropy_with_logits(logits, targets)

    def contact_loss(self, row: ContactRow, vectors: dict[int, Tensor]) -> Tensor:
        """Cross-entropy of all indicators that each sentence's speaker can show."""
        own = self.centred([vectors[number] for number in row.texts.tolist()])
        logits = self.shown(own, functional.pad(own[:-1], (0, 0, 1, 0)))
        able = torch.from_numpy(row.agent)[:, None] == self.of_agent
        targets = torch.from_numpy(row.marked).float()
        return 4 * functional.binary_cross_entropy_with_logits(logits[able], targets[able])

    def verdict_logits(self, rows: Sequence[PairRow], vectors: dict[int, Tensor]) -> Tensor:
        """Logits of the verdicts."""
        apart = torch.stack([vectors[row.text] for row in rows]) - self.pair_centre
        return self.verdicts(self._dropped(apart / self.scale))

    def pair_loss(self, rows: Sequence[PairRow], vectors: dict[int, Tensor]) -> Tensor:
        """Cross-entropy of the verdicts."""
        targets = torch.tensor([row.verdict for row in rows])
        return functional.cross_entropy(self.verdict_logits(rows, vectors), targets, label_smoothing=0.05)

    def _dropped(self, vectors: Tensor) -> Tensor:
        return functional.dropout(vectors, 0.1, self.training)


class Round:
    """Hands out rows in a random order, again and again."""

    def __init__(self, rows: Sequence[Any], rng: np.random.Generator) -> None:
        self._rows, self._rng, self._order = rows, rng, np.zeros(0, int)

    def take(self, count: int) -> list[Any]:
        """Give the next rows; a rest too short for it is left out."""
        if len(self._order) < count:
            self._order = self._rng.permutation(len(self._rows))
        taken, self._order = self._order[:count], self._order[count:]
        return [self._rows[number] for number in taken]


def tune(tuned: Tuned, scheme: Scheme, material: tuple[list[PhraseRow], list[ContactRow], list[PairRow]]) -> None:
    """Descend on both tasks, and print how the rows held out fare."""
    rng = np.random.default_rng(0)
    phrases, contacts, pairs = material
    kept_phrases, kept_pairs = [p for p in phrases if not p.held], [p for p in pairs if not p.held]
    with torch.no_grad():
        tasks = Tasks(scheme, _stack(tuned, kept_phrases[::8]), _stack(tuned, kept_pairs[::12]))
    rounds = Round(kept_phrases, rng), Round(contacts, rng), Round(kept_pairs, rng)
    epoch = len(kept_phrases) // PHRASES
    upper, heads = list(tuned.upper.values()), list(tasks.parameters())
    groups = [
        {"params": upper, "lr": RATE, "weight_decay": 0.01},
        {"params": heads, "lr": HEAD_RATE, "weight_decay": 0},
    ]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, EPOCHS * epoch))
    for step in range(EPOCHS * epoch):
        some, (contact,), others = rounds[0].take(PHRASES), rounds[1].take(1), rounds[2].take(PAIRS)
        before = [row.before for row in some if row.before >= 0]
        wanted = [*(row.text for row in some), *before, *contact.texts.tolist(), *(row.text for row in others)]
        vectors = tuned.vectors(wanted)
        losses = (
            tasks.phrase_loss(some, vectors),
            tasks.contact_loss(contact, vectors),
            tasks.pair_loss(others, vectors),
        )
        optimizer.zero_grad()
        sum(losses).backward()
        nn.utils.clip_grad_norm_(upper, 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 0:
            print(step, *(round(loss.item(), 3) for loss in losses), flush=True)
        if step % epoch == epoch - 1:
            print(f"epoch {step // epoch + 1}:", watch(tuned, tasks, phrases, pairs), flush=True)


def _rate(step: int, steps: int) -> float:
    return min(1.0, (step + 1) / (WARM_UP * steps)) * max(0.02, 1 - step / steps)


def _stack(tuned: Tuned, rows: Sequence[PhraseRow | PairRow]) -> Tensor:
    numbers = [row.text for row in rows]
    order, found = sorted(numbers, key=lambda number: tuned.length[number]), {}
    for first in range(0, len(order), 256):
        found |= tuned.vectors(order[first : first + 256])
    return torch.stack([found[number] for number in numbers])


@torch.no_grad()
def watch(tuned: Tuned, tasks: Tasks, phrases: Sequence[PhraseRow], pairs: Sequence[PairRow]) -> dict[str, float]:
    """Give the share that is right of the phrases and pairs held out, by source."""
    tasks.eval()
    right: dict[str, list[bool]] = {}
    for row in (row for row in phrases if row.held):
        vectors = tuned.vectors([row.text, *([row.before] if row.before >= 0 else [])])
        own, before = (tasks.centred([vectors.get(n, tasks.centre)]) for n in (row.text, row.before))
        right.setdefault(row.source, []).append(bool(tasks.shown(own, before)[0, row.column] > 0) == bool(row.shows))
    for pair in (row for row in pairs if row.held):
        best = tasks.verdict_logits([pair], tuned.vectors([pair.text]))[0].argmax()
        right.setdefault(pair.source, []).append(int(best) == pair.verdict)
    tasks.train()
    return {source: round(float(np.mean(answers)), 3) for source, answers in right.items()}


def main() -> None:
    """Read, tune, and write the tuned encoder's folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("untuned", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    scheme, encoder, texts = (
        Scheme.load(ANNOTATIONS / "scheme.json"),
        Encoder(arguments.untuned, device="cpu"),
        Texts({}),
    )
    phrases, contacts = phrase_material(texts, scheme), contact_material(texts, scheme, encoder)
    pairs = pair_material(texts, encoder, np.random.default_rng(0))
    tuned = Tuned(arguments.untuned, texts)
    tune(tuned, scheme, (phrases, contacts, pairs))
    state = tuned.state | {name: tensor.detach() for name, tensor in tuned.upper.items()}
    arguments.out.mkdir(parents=True, exist_ok=True)
    packed = quantise({name: tensor.numpy() for name, tensor in state.items()})
    save_file(packed, arguments.out / "model.safetensors", metadata={"format": "pt"})
    for name in ("config.json", "tokenizer.json"):
        if arguments.untuned != arguments.out:
            shutil.copy(arguments.untuned / name, arguments.out / name)


if __name__ == "__main__":
    main()
