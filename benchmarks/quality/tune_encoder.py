"""Should the encoder's upper layers learn with the context network? Contacts of held-out cases and customers.

    python benchmarks/quality/tune_encoder.py > benchmarks/results/tune_encoder.json    # hours, on one core

Six of the twelve layers are tuned end to end, through the losses of the context network, which starts as fitted on
frozen vectors. "all" tunes on every contact outside the fold, and would have to be done for each fold and each wave
anew; "training-only" tunes, once for all, on contacts that no figure is measured on, and the network is then fitted
anew on the vectors of all. Figures are those of ``networks.py``, of one network each.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import replace

import networks
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from servicequal import Scheme, TrainConfig, read_phrases
from servicequal.bundle import ENCODER, models_folder
from servicequal.grounding.knowledge import Knowledge
from servicequal.inference.encoder import Encoder
from servicequal.inference.tokens import Tokenizer
from servicequal.inference.weights import Weights
from servicequal.training import fit_network
from servicequal.training.material import Material, phrase_rows

LAYERS, EPOCHS, RATE, NETWORK_RATE, WARM_UP, PHRASES = 6, 3, 6e-5, 4e-4, 0.06, 64


class Upper:
    """An encoder cut in two: what the lower layers make of each text is kept, the upper layers learn.

    Attributes:
        learning: float32 tensors by their names in the state.
    """

    def __init__(self, folder, texts):
        weights = Weights.read(folder)
        self.heads, self.width, self.epsilon = weights.heads, weights.width, weights.epsilon
        self.layers = range(weights.layers)
        names = [name for name in weights.arrays if not name.endswith(".scale")]
        self.state = {name: torch.from_numpy(weights.dense(name)) for name in names}
        windows = Tokenizer(folder / "tokenizer.json", window=weights.window).windows(texts)
        self.ids = np.split(windows.ids, np.cumsum(windows.lengths)[:-1])
        if len(self.ids) != len(texts):
            raise SystemExit("a sentence is longer than the encoder's window; shorten it")
        self.length = np.array([len(ids) for ids in self.ids])
        upper = tuple(f"encoder.layer.{layer}." for layer in self.layers[-LAYERS:])
        self.learning = {name: t.clone().requires_grad_() for name, t in self.state.items() if name.startswith(upper)}
        self.lower = [torch.empty(0)] * len(texts)
        self._keep_lower()

    def vectors(self, wanted) -> dict[int, Tensor]:
        """Run texts, given by number, through the upper layers: mean vectors by number, with gradients."""
        order = np.unique(wanted)
        order = order[np.argsort(self.length[order], kind="stable")]
        runs = self._runs(order)
        x = torch.cat([functional.pad(self.lower[n], (0, 0, 0, _up(self.length[n]) - self.length[n])) for n in order])
        with torch.autocast("cpu", torch.bfloat16):
            for layer in self.layers[-LAYERS:]:
                x = self._layer(x.float(), self.learning, layer, runs)
        means = [_mean(x[start:stop].float().view(len(mask), -1, self.width), mask) for start, stop, mask in runs]
        return dict(zip(order.tolist(), torch.cat(means), strict=True))

    @torch.no_grad()
    def all_vectors(self) -> dict[int, np.ndarray]:
        """Do the same for every text."""
        parts = np.array_split(np.argsort(self.length, kind="stable"), math.ceil(self.length.sum() / 6_000))
        return {number: vector.numpy() for part in parts for number, vector in self.vectors(part).items()}

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

    def _runs(self, order):
        """Cut texts, sorted by length, into runs of one padded length: first and last token, and where padding is."""
        runs, first = [], 0
        padded = np.array([_up(self.length[n]) for n in order])
        for length in np.unique(padded).tolist():
            own = torch.from_numpy(self.length[order[padded == length]])
            runs.append((first, first + len(own) * length, torch.arange(length)[None] >= own[:, None]))
            first = runs[-1][1]
        return runs

    def _layer(self, x, state, layer, runs):
        def linear(x, name):
            return functional.linear(x, state[f"{at}{name}.weight"], state[f"{at}{name}.bias"])

        at = f"encoder.layer.{layer}."
        three = [linear(x, f"attention.self.{name}") for name in ("query", "key", "value")]
        attended = []
        for start, stop, mask in runs:
            q, k, v = (one[start:stop].view(len(mask), -1, self.heads, self.width // self.heads) for one in three)
            unseen = torch.zeros(mask.shape).masked_fill(mask, -1e4)[:, None, None]
            with torch.autocast("cpu", enabled=False):  # a processor's gradient of it takes three times as long in bf16
                seen = functional.scaled_dot_product_attention(*(o.transpose(1, 2).float() for o in (q, k, v)), unseen)
            attended.append(seen.transpose(1, 2).reshape(stop - start, self.width))
        x = self._norm(
            linear(torch.cat(attended), "attention.output.dense") + x, state, f"{at}attention.output.LayerNorm"
        )
        inner = functional.gelu(linear(x, "intermediate.dense"))
        return self._norm(linear(inner, "output.dense") + x, state, f"{at}output.LayerNorm")

    def _norm(self, x, state, name):
        return functional.layer_norm(x, (self.width,), state[f"{name}.weight"], state[f"{name}.bias"], self.epsilon)


def _up(length) -> int:
    return int((length + 3) // 4 * 4 if length <= 32 else (length + 15) // 16 * 16)


def _mean(x, padding):
    kept = (~padding)[..., None].float()
    return (x * kept).sum(1) / kept.sum(1)


class Texts:
    """All sentences and phrases, each once, by number; -1 where nothing was said before a phrase."""

    def __init__(self, examples, phrases):
        numbers: dict[str, int] = {}

        def number(text):
            return -1 if text is None else numbers.setdefault(" ".join(text.split()), len(numbers))

        self.of = {
            one.encoded.contact.id: np.array([number(sentence.text) for sentence in one.encoded.sentences])
            for one in examples
        }
        self.phrases = np.array([number(phrase.text) for phrase in phrases])
        self.before = np.array([number(phrase.before) for phrase in phrases])
        self.every = list(numbers)


def tune(examples, texts, upper, material):
    """Descend on encoder and network at once; give the network, while the encoder's layers learn in place."""
    network, rng = fit_network.fit_network(examples, material, seed=0).train(), np.random.default_rng(0)
    steps = nn.Parameter(torch.tensor([1.0, -1.0]).repeat(len(material.scheme.criteria), 1))
    layers, heads = list(upper.learning.values()), [*network.parameters(), steps]
    optimizer = torch.optim.AdamW(
        [{"params": layers, "lr": RATE, "weight_decay": 0.01}, {"params": heads, "lr": NETWORK_RATE}],
        betas=(0.9, 0.98),
        weight_decay=material.config.weight_decay,
    )
    total = EPOCHS * math.ceil(len(examples) / material.config.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (WARM_UP * total)) * max(0.02, 1 - step / total)
    )
    for _ in range(EPOCHS):
        for batch in fit_network._batches(examples, material.config.batch, rng):
            chosen = rng.integers(0, len(texts.phrases), PHRASES)
            own = [texts.of[one.encoded.contact.id] for one in batch]
            before = texts.before[chosen]
            vectors = upper.vectors(np.concatenate([*own, texts.phrases[chosen], before[before >= 0]]))
            said = rows_anew(material.phrases, texts, vectors, chosen)
            loss = fit_network._loss(
                network, encoded_anew(batch, texts, vectors, stack=torch.stack), steps, material.scheme
            )
            loss = loss + material.config.phrase_weight * fit_network._phrase_loss(network, said, np.arange(PHRASES))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(layers, 1.0)
            nn.utils.clip_grad_norm_(heads, 1.0)
            optimizer.step()
            schedule.step()
    return network.eval()


def encoded_anew(examples, texts, vectors, *, stack=np.stack):
    """Give the same contacts with other vectors."""
    return [
        replace(one, encoded=replace(one.encoded, vectors=stack([vectors[n] for n in own.tolist()])))
        for one, own in ((one, texts.of[one.encoded.contact.id]) for one in examples)
    ]


def rows_anew(rows, texts, vectors, chosen):
    """Give some phrases with other vectors."""
    nothing = torch.zeros(rows.vectors.shape[1])
    parts = (texts.phrases[chosen], texts.before[chosen])
    said, before = (torch.stack([torch.as_tensor(vectors.get(n, nothing)) for n in part.tolist()]) for part in parts)
    return replace(
        rows,
        vectors=said,
        before=before,
        alone=rows.alone[chosen],
        column=rows.column[chosen],
        shows=rows.shows[chosen],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fold", type=int, default=0)
    fold = parser.parse_args().fold
    scheme = Scheme.load(networks.ANNOTATIONS / "scheme.json")
    config = TrainConfig(epochs=8, sentence_dropout=0.15, phrase_weight=0.6)
    fit_network.PHRASES = 128
    folder, phrases = models_folder() / ENCODER, read_phrases(networks.ANNOTATIONS / "phrases")
    encoder = Encoder(folder, backend="auto")
    shop = networks.examples_of("20*", encoder, scheme, config)
    kinds = ("other-trades", "training-only")
    only = [one for kind in kinds for one in networks.examples_of(kind, encoder, scheme, config)]
    bank = phrase_rows(phrases, scheme, encoder, config.prefix)
    material = Material(scheme, Knowledge(None, encoder, config.prefix, None), config, bank)
    every, texts, rows = shop + only, Texts(shop + only, phrases), []

    def note(name, network, contacts):
        asked, train = ([one for one in contacts if (one.encoded.contact.id in held) is so] for so in (True, False))
        figures = networks.measure(networks.reader([network]), asked, train, scheme)
        rows.append({"model": name, **figures})
        print(rows[-1], file=sys.stderr, flush=True)

    held = {one.encoded.contact.id for one in shop if one.fold == fold}
    outside = [one for one in every if one.fold != fold]
    note("frozen", fit_network.fit_network(outside, material, seed=0), shop)
    note("frozen, learned from training-only", fit_network.fit_network(only, material, seed=0), shop)
    for name, learned in (("all", outside), ("training-only", only)):
        upper = Upper(folder, texts.every)
        network, vectors = tune(learned, texts, upper, material), upper.all_vectors()
        note(f"tuned on {name}", network, encoded_anew(shop, texts, vectors))
        if learned is only:
            anew = replace(material, phrases=rows_anew(bank, texts, vectors, np.arange(len(phrases))))
            again = fit_network.fit_network(encoded_anew(outside, texts, vectors), anew, seed=0)
            note("tuned on training-only, network fitted anew on all", again, encoded_anew(shop, texts, vectors))
    print(json.dumps({"fold": fold, "contacts": len(held), "layers": LAYERS, "epochs": EPOCHS, "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
