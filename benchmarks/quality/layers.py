"""Which layers of the frozen encoder tell most about a sentence? Indicators out of fold, on all waves.

    python benchmarks/quality/layers.py > benchmarks/results/layers.json

Mean-pooled vectors of some layers, each dimension standardised, feed the same indicator heads, without phrases. Nothing
ships from this table yet: two layers side by side double what is stored per sentence, and the heads.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from phrases import measure
from torch.nn import functional

from servicequal import Scheme, TrainConfig, read_annotations, read_contacts
from servicequal.bundle import ENCODER, models_folder
from servicequal.inference.encoder import MIN_ROWS, Encoder
from servicequal.inference.pipeline import encode_contacts
from servicequal.training.examples import by_contact, make_example
from servicequal.training.material import Material

ANNOTATIONS = Path(__file__).parents[2] / "annotations"
TAPPED = (6, 8, 10, 12)
CHOICES = ((12,), (10,), (8,), (6,), (8, 12), (6, 10, 12))


class TappedEncoder(Encoder):
    """Gives the mean-pooled vectors of several layers side by side."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.inner, self.width = self.width, self.width * len(TAPPED)

    @torch.inference_mode()
    def _forward(self, batch):
        ids = torch.from_numpy(batch.ids)
        places = np.concatenate([np.arange(length) for length in batch.lengths]) + self._offset
        x = self._layer_norm(self._words[ids] + self._positions[torch.from_numpy(places)], self._norm)
        x = functional.pad(x, (0, 0, 0, max(0, MIN_ROWS - len(x))))
        runs, pooled = list(batch.runs), []
        for number, (qkv, out, norm_1, widen, narrow, norm_2) in enumerate(self._layers, 1):
            x = self._layer_norm(functional.linear(self._attend(functional.linear(x, *qkv), runs), *out) + x, norm_1)
            x = self._layer_norm(functional.linear(functional.gelu(functional.linear(x, *widen)), *narrow) + x, norm_2)
            if number in TAPPED:
                means = [x[at : at + count * length].view(count, length, -1).mean(1) for at, count, length in runs]
                pooled.append(torch.cat(means))
        return torch.cat(pooled, dim=1).numpy()

    def _attend(self, qkv, runs):
        self.width, outer = self.inner, self.width
        try:
            return super()._attend(qkv, runs)
        finally:
            self.width = outer

    def _layer_norm(self, x, parameters):
        return functional.layer_norm(x, (self.inner,), *parameters, self._epsilon)


def main() -> None:
    config, scheme = TrainConfig(), Scheme.load(ANNOTATIONS / "scheme.json")
    waves = sorted(ANNOTATIONS.glob("20*"))
    contacts = [contact for wave in waves for contact in read_contacts(wave / "contacts.jsonl")]
    annotations = [annotation for wave in waves for annotation in read_annotations(wave)]
    joined = by_contact(contacts, annotations, scheme)
    raters = {annotation.rater for annotation in annotations}
    encoder = TappedEncoder(models_folder() / ENCODER)
    known = [contact for contact, _ in joined.values()]
    examples = [
        make_example(one, joined[one.contact.id][1], scheme, folds=config.folds, marking=raters)
        for one in encode_contacts(known, encoder, ("de", "en", "pl"), prefix=config.prefix)
    ]
    rows = []
    for layers in CHOICES:
        columns = np.concatenate([np.arange(encoder.inner) + encoder.inner * TAPPED.index(layer) for layer in layers])
        chosen = standardised(examples, columns, encoder.inner)
        material = Material(scheme, None, np.zeros(len(columns), dtype=np.float32), config)
        found = measure(chosen, scheme, material)
        rows.append({"layers": layers, "width": len(columns)} | found)
        print(layers, found["macro_f1"], found["mean_average_precision"], file=sys.stderr)
    print(json.dumps({"contacts": len(examples), "rows": rows}, indent=1))


def standardised(examples, columns, inner):
    """Give every dimension the same spread, that of the last layer's on average, so that penalties mean the same."""
    vectors = np.concatenate([example.encoded.vectors for example in examples])
    scale = vectors[:, columns].std(axis=0) / vectors[:, -inner:].std(axis=0).mean()
    centre = vectors[:, columns].mean(axis=0)
    chosen = []
    for example in examples:
        x = ((example.encoded.vectors[:, columns] - centre) / scale).astype(np.float32)
        chosen.append(replace(example, encoded=replace(example.encoded, vectors=x)))
    return chosen


if __name__ == "__main__":
    main()
