"""Is a sentence's vector better for the encoder's middle layers beside the last? Held-out cases and customers.

    python benchmarks/quality/layers.py --folds 0 1 2 3 4 --pooled 12 --pooled 8 12 > benchmarks/results/layers.json

A sentence is described by the means of its hidden states after the layers named, end to end; the context network is
fitted on that as in training, on all contacts outside a fold, and asked about those of the fold that were rated
blindly. Figures are those of ``networks.py``: nothing is calibrated, rows compare vectors, not the shipped scorer.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

import torch
from networks import ANNOTATIONS, examples_of, measure, reader
from torch.nn import functional

from servicequal import Scheme, TrainConfig, read_phrases
from servicequal.bundle import ENCODER, models_folder
from servicequal.inference.backends.torch_packed import TorchBackend
from servicequal.inference.encoder import Encoder
from servicequal.inference.runs import filled
from servicequal.inference.weights import Weights
from servicequal.training.fit_network import fit_network
from servicequal.training.material import Material, phrase_rows


class Layered(TorchBackend):
    """The packed encoder in bf16; a window's vector is the means of several layers, end to end."""

    def __init__(self, weights: Weights, pooled: list[int]) -> None:
        super().__init__(weights, device=torch.device("cpu"), dtype=torch.bfloat16)
        self._pooled = pooled

    def _forward(self, batch, ids, places, starts=None):
        x = functional.embedding(ids, self._words) + functional.embedding(places, self._positions)
        x, means = filled(self._layer_norm(x, self._norm)), []
        for number, (qkv, out, norm_1, widen, narrow, norm_2) in enumerate(self._layers, start=1):
            heads = qkv(x.to(self._dtype)).view(len(x), 3, self._heads, -1)
            x = self._layer_norm(out(self._attend(heads, batch, starts)) + x, norm_1)
            x = self._layer_norm(narrow(widen.gelu(x.to(self._dtype))) + x, norm_2)
            if number in self._pooled:
                runs = [x[first : first + n * long].view(n, long, -1).mean(1).float() for first, n, long in batch.runs]
                means.append(torch.cat(runs))
        return torch.cat(means, dim=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, nargs="+", default=[0])
    parser.add_argument("--pooled", type=int, nargs="+", action="append", required=True)
    options = parser.parse_args()
    config, scheme = TrainConfig(), Scheme.load(ANNOTATIONS / "scheme.json")
    rows = []
    for pooled in options.pooled:
        encoder = encoder_of(pooled)
        kinds = ("20*", "other-trades", "training-only")
        examples = [example for kind in kinds for example in examples_of(kind, encoder, scheme, config)]
        bank = phrase_rows(read_phrases(ANNOTATIONS / "phrases"), scheme, encoder, config.prefix)
        material = Material(scheme, None, config, bank)
        for fold in options.folds:
            began = time.monotonic()
            train = [example for example in examples if example.fold != fold]
            asked = [example for example in examples if example.fold == fold and blind(example)]
            network = reader([fit_network(train, material, seed=config.seed)])
            found = measure(network, asked, [example for example in train if blind(example)], scheme)
            rows.append({"pooled": pooled, "fold": fold, "contacts": len(asked), **found})
            print(rows[-1], round(time.monotonic() - began), "s", file=sys.stderr)
    print(json.dumps({"rows": rows}, indent=1))


def encoder_of(pooled: list[int]) -> Encoder:
    """Give the bundled encoder, asked for other layers."""
    weights = Weights.read(models_folder() / ENCODER)
    encoder = Encoder(models_folder() / ENCODER, backend=Layered(weights, pooled))
    encoder.width = weights.width * len(pooled)
    return encoder


def blind(example) -> bool:
    """Say whether somebody rated it who had not written it."""
    return any(annotation.blind for annotation in example.annotations)


if __name__ == "__main__":
    main()
