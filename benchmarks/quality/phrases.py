"""Does the phrase bank help the indicator heads, and how much should a phrase weigh? Out of fold, on all waves.

    python benchmarks/quality/phrases.py > benchmarks/results/phrases.json

Heads are fitted on four folds of the contacts, with and without the phrases, and asked about the fifth. A sentence
shows an indicator where at least half of its raters say so. ``TrainConfig.phrase_weight`` is the best of this table.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score

from servicequal import Scheme, TrainConfig, read_annotations, read_contacts, read_phrases
from servicequal.bundle import ENCODER, models_folder
from servicequal.heads import Heads, speaker_mask
from servicequal.inference.encoder import Encoder
from servicequal.inference.pipeline import encode_contacts
from servicequal.training.examples import by_contact, make_example
from servicequal.training.fit_heads import fit_sentence_heads
from servicequal.training.material import Material, phrase_rows

ANNOTATIONS = Path(__file__).parents[2] / "annotations"
WEIGHTS = (0.0, 0.1, 0.3, 1.0)


def main() -> None:
    config = TrainConfig()
    scheme = Scheme.load(ANNOTATIONS / "scheme.json")
    waves = sorted(ANNOTATIONS.glob("20*"))
    contacts = [contact for wave in waves for contact in read_contacts(wave / "contacts.jsonl")]
    annotations = [annotation for wave in waves for annotation in read_annotations(wave)]
    encoder = Encoder(models_folder() / ENCODER)
    joined = by_contact(contacts, annotations, scheme)
    raters = {annotation.rater for annotation in annotations}
    known = [contact for contact, _ in joined.values()]
    encoded = encode_contacts(known, encoder, ("de", "en", "pl"), prefix=config.prefix)
    examples = [make_example(e, joined[e.contact.id][1], scheme, folds=config.folds, marking=raters) for e in encoded]
    centre = np.concatenate([example.encoded.vectors for example in examples]).mean(axis=0)
    phrases = read_phrases(ANNOTATIONS / "phrases")
    bank = phrase_rows(phrases, scheme, encoder, config.prefix, centre)
    rows = []
    for weight in WEIGHTS:
        material = Material(scheme, None, centre, replace(config, phrase_weight=weight), bank if weight else None)
        rows.append({"phrase_weight": weight} | measure(examples, scheme, material))
        print(rows[-1], file=sys.stderr)
    print(json.dumps({"contacts": len(examples), "phrases": len(phrases), "rows": rows}, indent=1))


def measure(examples, scheme, material):
    truth, answer, mask = [], [], []
    for fold in sorted({example.fold for example in examples}):
        heads = Heads(scheme, fit_sentence_heads([e for e in examples if e.fold != fold], material), {})
        for example in (e for e in examples if e.fold == fold):
            truth.append(example.marked >= 0.5)
            answer.append(heads.indicators(example.encoded.vectors, example.encoded.layout))
            mask.append(speaker_mask(scheme, example.encoded.layout))
    truth, answer, mask = (np.concatenate(part) for part in (truth, answer, mask))
    f1, precision = {}, {}
    for column, indicator in enumerate(scheme.indicators):
        rows = mask[:, column]
        t, a = truth[rows, column], answer[rows, column]
        f1[indicator.id] = round(float(2 * (t & (a >= 0.5)).sum() / max(t.sum() + (a >= 0.5).sum(), 1)), 3)
        precision[indicator.id] = round(float(average_precision_score(t, a)), 3)
    return {
        "macro_f1": round(float(np.mean(list(f1.values()))), 3),
        "mean_average_precision": round(float(np.mean(list(precision.values()))), 3),
        "f1": f1,
        "average_precision": precision,
    }


if __name__ == "__main__":
    main()
