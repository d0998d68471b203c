"""Which vectors should the context network read? One fold of our contacts held out, per encoder and prefix.

    python benchmarks/quality/encoders.py [--encoder FOLDER] [--prefix "query: "]

The network is fitted on the other folds, the contacts of other trades and the phrase bank, and read on the fold held
out: average precision and F1 of the indicators (macro; F1 at 0.5 and at the best threshold of each), how well it tells
where a criterion applies (area under the ROC curve), and how its level goes with the raters' (Spearman).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score, roc_auc_score

from servicequal import Scheme, TrainConfig, read_annotations, read_contacts, read_phrases
from servicequal.bundle import ENCODER, models_folder
from servicequal.grounding.knowledge import Knowledge
from servicequal.heads import Heads
from servicequal.inference.encoder import Encoder
from servicequal.inference.pipeline import encode_contacts
from servicequal.rating import find
from servicequal.training.examples import by_contact, make_example
from servicequal.training.fit_network import fit_network
from servicequal.training.material import Material, phrase_rows

ANNOTATIONS = Path(__file__).parents[2] / "annotations"
LANGUAGES = ("de", "en", "pl")
HELD_OUT = 0
THRESHOLDS = np.linspace(0.1, 0.7, 13)


def examples(folders, scheme, encoder, prefix):
    contacts = [contact for folder in folders for contact in read_contacts(folder / "contacts.jsonl")]
    annotations = [one for folder in folders for one in read_annotations(folder)]
    joined = by_contact(contacts, annotations, scheme)
    marking = {one.rater for one in annotations if one.indicators}
    encoded = encode_contacts((contact for contact, _ in joined.values()), encoder, LANGUAGES, prefix=prefix)
    return [make_example(e, joined[e.contact.id][1], scheme, folds=5, marking=marking) for e in encoded]


def f1(marked, shown):
    return 2 * (marked & shown).sum() / max(marked.sum() + shown.sum(), 1)


def indicator_figures(scheme, test, readings):
    of_agent = np.array([indicator.speaker == "agent" for indicator in scheme.indicators])
    marked = np.concatenate([example.marked >= 0.5 for example in test])
    chance = np.concatenate([reading.indicators for reading in readings])
    able = np.concatenate([example.encoded.layout.agent[:, None] == of_agent for example in test])
    rows = []
    for column in range(len(of_agent)):
        m, p = marked[able[:, column], column], chance[able[:, column], column]
        if m.any():
            rows.append((average_precision_score(m, p), f1(m, p >= 0.5), max(f1(m, p >= t) for t in THRESHOLDS)))
    names = ("average_precision", "f1_at_half", "f1_at_best")
    return {name: round(float(value), 3) for name, value in zip(names, np.mean(rows, axis=0), strict=True)}


def criterion_figures(scheme, test, readings):
    figures = {}
    for number, criterion in enumerate(scheme.criteria):
        rated = [(e, r) for e, r in zip(test, readings, strict=True) if criterion.id in e.applies]
        applies = np.array([example.applies[criterion.id] >= 0.5 for example, _ in rated])
        levels = [
            (float(e.levels[criterion.id] @ [0, 1, 2]), r.level[number]) for e, r in rated if criterion.id in e.levels
        ]
        figures[criterion.id] = {
            "applies_auc": None
            if applies.all()
            else round(float(roc_auc_score(applies, [r.applies[number] for _, r in rated])), 3),
            "level_spearman": round(float(spearmanr(*zip(*levels, strict=True))[0]), 3),
        }
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", type=Path, default=models_folder() / ENCODER)
    parser.add_argument("--prefix", default="")
    arguments = parser.parse_args()
    scheme, encoder = Scheme.load(ANNOTATIONS / "scheme.json"), Encoder(arguments.encoder)
    ours = examples(sorted(ANNOTATIONS.glob("20*")), scheme, encoder, arguments.prefix)
    others = examples([ANNOTATIONS / "other-trades"], scheme, encoder, arguments.prefix)
    config = TrainConfig(prefix=arguments.prefix)
    phrases = phrase_rows(read_phrases(ANNOTATIONS / "phrases"), scheme, encoder, config.prefix)
    knowledge = Knowledge(None, encoder, config.prefix, None)
    material = Material(scheme, knowledge, config, phrases)
    network = fit_network([e for e in ours if e.fold != HELD_OUT] + others, material)
    test = [example for example in ours if example.fold == HELD_OUT]
    heads = Heads(scheme, network, {})
    readings = [find(example.encoded, heads, None, knowledge).reading for example in test]
    print(
        json.dumps(
            {
                "encoder": arguments.encoder.name,
                "prefix": arguments.prefix,
                "contacts_held_out": len(test),
                "indicators": indicator_figures(scheme, test, readings),
                "criteria": criterion_figures(scheme, test, readings),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
