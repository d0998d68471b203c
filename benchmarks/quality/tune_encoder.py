"""Is an encoder that was tuned on contacts that only train a better one? Contacts of held-out cases and customers.

    python models/build_encoder.py built
    python benchmarks/quality/tune_encoder.py built models/encoder --folds 0 1 > benchmarks/results/tune_encoder.json

With each encoder, a context network and the heads for verdicts are fitted on all contacts outside a fold, and asked
about the corpus's in it. Figures are those of ``networks.py`` and ``verdicts.py``: nothing is calibrated, so rows
compare encoders, not shipped scorers. ``models/tune_encoder.py`` has seen none of the contacts asked about.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from networks import ANNOTATIONS, examples_of, measure, reader
from verdicts import answered, figures

from servicequal import Reference, Scheme, TrainConfig, read_phrases
from servicequal.corpus.folder import with_facts_beside
from servicequal.grounding.knowledge import Knowledge
from servicequal.grounding.space import Space
from servicequal.inference.encoder import Encoder
from servicequal.training.fit_grounding import fit_grounding
from servicequal.training.fit_network import fit_network
from servicequal.training.material import Material, phrase_rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("encoders", type=Path, nargs="+")
    parser.add_argument("--folds", type=int, nargs="+", default=[0])
    options = parser.parse_args()
    rows = [row for folder in options.encoders for row in measured(folder, options.folds)]
    print(json.dumps({"rows": rows}, indent=1))


def measured(folder: Path, folds: Sequence[int]) -> list[dict]:
    """Measure one encoder on each fold."""
    config, scheme, encoder = TrainConfig(), Scheme.load(ANNOTATIONS / "scheme.json"), Encoder(folder, backend="auto")
    shop = examples_of("20*", encoder, scheme, config)
    every = shop + [
        one for kind in ("other-trades", "training-only") for one in examples_of(kind, encoder, scheme, config)
    ]
    cases = ANNOTATIONS / "cases.jsonl"
    reference = with_facts_beside(
        Reference.load(ANNOTATIONS / "reference.jsonl", cases=cases), [ANNOTATIONS / "training-only"]
    )
    space = Space.of(np.concatenate([one.encoded.vectors for one in every]))
    knowledge = Knowledge(reference, encoder, config.prefix, space)
    bank = phrase_rows(read_phrases(ANNOTATIONS / "phrases"), scheme, encoder, config.prefix)
    material, rows = Material(scheme, knowledge, config, bank), []
    for fold in folds:
        outside = [one for one in every if one.fold != fold]
        asked, known = ([one for one in shop if (one.fold == fold) is so] for so in (True, False))
        network = reader([fit_network(outside, material, seed=config.seed)])
        heads = fit_grounding(outside, knowledge, seed=config.seed)
        verdicts = figures(list(answered(asked, heads, knowledge)))
        names = ("right_fact", "balanced_accuracy", "macro_f1")
        found = {"verdicts": {name: verdicts[name] for name in names}}
        rows.append({"encoder": folder.name, "fold": fold, **measure(network, asked, known, scheme), **found})
        print(rows[-1], file=sys.stderr, flush=True)
    return rows


if __name__ == "__main__":
    main()
