"""How strongly should the heads be regularised? Out-of-fold agreement over a small grid.

    python benchmarks/quality/penalties.py > benchmarks/results/penalties.json

On the first wave. The defaults of ``TrainConfig`` lie on the plateau that this table shows.
"""

from __future__ import annotations

import json
import sys
from itertools import product
from pathlib import Path

import numpy as np

from servicequal import Reference, Scheme, TrainConfig, evaluate, read_annotations, read_contacts
from servicequal.bundle import ENCODER, models_folder
from servicequal.inference.encoder import Encoder
from servicequal.training.train import fit

ANNOTATIONS = Path(__file__).parents[2] / "annotations"
GRID = {"indicator_penalty": (2.0, 5.0), "direct_penalty": (50.0, 300.0), "criterion_penalty": (3.0, 10.0, 30.0)}


class RememberingEncoder(Encoder):
    """Encodes each text once: the grid differs in heads only."""

    def __init__(self, folder):
        super().__init__(folder)
        self.known = {}

    def encode(self, texts):
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        self.known.update(zip(new, super().encode(new), strict=True))
        return np.stack([self.known[text] for text in texts])


def main() -> None:
    contacts = list(read_contacts(ANNOTATIONS / "2026-q1" / "contacts.jsonl"))
    annotations = read_annotations(ANNOTATIONS / "2026-q1")
    scheme = Scheme.load(ANNOTATIONS / "scheme.json")
    reference = Reference.load(ANNOTATIONS / "reference.jsonl", cases=ANNOTATIONS / "cases.jsonl")
    encoder = RememberingEncoder(models_folder() / ENCODER)
    rows = []
    for values in product(*GRID.values()):
        setting = dict(zip(GRID, values, strict=True))
        trained = fit(contacts, annotations, scheme, reference=reference, base=encoder, config=TrainConfig(**setting))
        criteria = evaluate(trained.out_of_fold, annotations).criteria
        rows.append(
            setting
            | {f"{figure}_mean": round(float(np.mean([getattr(c, figure).value for c in criteria.values()])), 4)
               for figure in ("kappa", "log_loss", "opportunity")}
            | {"kappa": {name: round(c.kappa.value, 3) for name, c in criteria.items()}}
        )  # fmt: skip
        print(rows[-1], file=sys.stderr)
    print(json.dumps(sorted(rows, key=lambda row: row["log_loss_mean"]), indent=1))


if __name__ == "__main__":
    main()
