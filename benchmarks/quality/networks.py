"""What should read a contact's sentences, and learn from what? Contacts of held-out cases and customers.

    python benchmarks/quality/networks.py [--fold 0] > benchmarks/results/networks.json

Each row is fitted on all contacts outside a fold and asked about the corpus's in it; nothing is calibrated, so rows
compare models, not the shipped scorer. Kappa is linear-weighted over the four answers (not_applicable, not_met,
partly_met, fully_met) against each blind rater; a sentence shows an indicator where at least half of its raters say so,
F1 is at probability 0.5. "linear" is what the network replaced: logistic regressions on a sentence's vector and the one
before it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score

from servicequal import Scheme, TrainConfig, read_annotations, read_contacts, read_phrases
from servicequal.bundle import ENCODER, models_folder
from servicequal.features import Layouts, layout_features
from servicequal.grounding.knowledge import Knowledge
from servicequal.inference.encoder import Encoder
from servicequal.inference.pipeline import encode_contacts
from servicequal.inference.reading import Reader, Reading
from servicequal.scheme import LEVELS, NOT_APPLICABLE
from servicequal.stats.agreement import weighted_kappa
from servicequal.stats.logistic import fit_logistic, fit_ordinal, ordinal_probabilities, sigmoid
from servicequal.training.examples import by_contact, make_example
from servicequal.training.fit_network import fit_networks
from servicequal.training.material import Material, phrase_rows

ANNOTATIONS = Path(__file__).parents[2] / "annotations"
LANGUAGES = ("de", "en", "pl")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fold", type=int, default=0)
    fold = parser.parse_args().fold
    config, scheme, encoder = (
        TrainConfig(),
        Scheme.load(ANNOTATIONS / "scheme.json"),
        Encoder(models_folder() / ENCODER, backend="auto"),
    )
    shop = examples_of("20*", encoder, scheme, config)
    only = [one for kind in ("other-trades", "training-only") for one in examples_of(kind, encoder, scheme, config)]
    asked = [example for example in shop if example.fold == fold]
    train = [example for example in shop if example.fold != fold]
    every = train + [example for example in only if example.fold != fold]
    bank = phrase_rows(read_phrases(ANNOTATIONS / "phrases"), scheme, encoder, config.prefix)
    material = Material(scheme, Knowledge(None, encoder, config.prefix, None), config, bank)

    def fitted(examples, **changes):
        return reader(fit_networks(examples, replace(material, config=replace(config, **changes))))

    trials = {
        "as shipped": lambda: fitted(every),
        "as shipped, another seed": lambda: fitted(every, seed=1),
        "15 epochs at 1e-3": lambda: fitted(every, epochs=15, learning_rate=1e-3),
        "two networks": lambda: fitted(every, networks=2),
        "without the phrase bank": lambda: reader(fit_networks(every, replace(material, phrases=None))),
        "without the contacts that only train": lambda: fitted(train),
        "without either": lambda: reader(fit_networks(train, replace(material, phrases=None))),
        "depth 1": lambda: fitted(every, depth=1),
        "width 320": lambda: fitted(every, width=320),
        "linear": lambda: linear(every, scheme),
    }
    rows = []

    def note(name, **found):
        rows.append({"model": name, **found})
        print(rows[-1], file=sys.stderr, flush=True)

    for name, fit in trials.items():
        began = time.monotonic()
        network = fit()
        note(name, seconds=round(time.monotonic() - began), **measure(network, asked, train, scheme))
        if name == "as shipped":
            shipped = network
    for language in LANGUAGES:
        alone = fitted([example for example in every if example.encoded.language == language])
        own = [example for example in asked if example.encoded.language == language]
        for kind, network in ((f"trained on {language} alone", alone), ("as shipped", shipped)):
            note(f"{kind}, asked in {language}", **measure(network, own, train, scheme))
    print(json.dumps({"fold": fold, "contacts": len(asked), "trained_on": len(every), "rows": rows}, indent=1))


def examples_of(waves, encoder, scheme, config):
    folders = sorted(ANNOTATIONS.glob(waves))
    contacts = [contact for folder in folders for contact in read_contacts(folder / "contacts.jsonl")]
    joined = by_contact(contacts, [one for folder in folders for one in read_annotations(folder)], scheme)
    raters = {one.rater for _, annotations in joined.values() for one in annotations}
    known = [contact for contact, _ in joined.values()]
    return [
        make_example(e, joined[e.contact.id][1], scheme, folds=config.folds, marking=raters)
        for e in encode_contacts(known, encoder, LANGUAGES, prefix=config.prefix)
    ]


def reader(networks):
    """Read contacts, given as vectors and layout, one at a time."""
    one = Reader(networks)
    return lambda contacts: [one.read(vectors, Layouts.of([layout])) for vectors, layout in contacts]


def linear(examples, scheme):
    """Logistic regressions on a sentence, the one before it and its place; no criterion."""
    centre = np.concatenate([example.encoded.vectors for example in examples]).mean(0)
    of_agent = np.array([indicator.speaker == "agent" for indicator in scheme.indicators])

    def features(vectors, layout):
        v = vectors - centre
        return np.hstack([v, np.vstack([np.zeros_like(v[:1]), v[:-1]]), layout_features(Layouts.of([layout]))])

    x = np.concatenate([features(e.encoded.vectors, e.encoded.layout) for e in examples])
    agent = np.concatenate([e.encoded.layout.agent for e in examples])
    marked = np.concatenate([e.marked for e in examples])
    weight, bias = fit_logistic(x, marked, weights=(agent[:, None] == of_agent).astype(float), penalty=2.0)
    nothing = np.full((1, len(scheme.criteria)), np.nan)

    def answer(contacts):
        for vectors, layout in contacts:
            shown = sigmoid(features(vectors, layout) @ weight.T + bias) * (layout.agent[:, None] == of_agent)
            yield Reading(shown[:, None], nothing, nothing, nothing, nothing)

    return lambda contacts: list(answer(contacts))


def measure(network, asked, train, scheme):
    readings, known = ([network([(e.encoded.vectors, e.encoded.layout)])[0] for e in part] for part in (asked, train))
    truth = np.concatenate([example.marked >= 0.5 for example in asked])
    shown = np.concatenate([reading.indicators for reading in readings])
    agent = np.concatenate([example.encoded.layout.agent for example in asked])
    f1, precision = [], []
    for column, indicator in enumerate(scheme.indicators):
        rows = agent == (indicator.speaker == "agent")
        t, p = truth[rows, column], shown[rows, column]
        if t.any():
            f1.append(2 * (t & (p >= 0.5)).sum() / (t.sum() + (p >= 0.5).sum()))
            precision.append(average_precision_score(t, p))
    figures = {"indicator_f1": float(np.mean(f1)), "indicator_average_precision": float(np.mean(precision))}
    if not np.isnan(readings[0].applies).any():
        steps = [steps_of(number, criterion, train, known) for number, criterion in enumerate(scheme.criteria)]
        kappas = [kappa(n, c, asked, readings, steps[n]) for n, c in enumerate(scheme.criteria)]
        figures["kappa"] = float(np.mean(kappas))
    return {name: round(value, 3) for name, value in figures.items()}


def steps_of(number, criterion, train, readings):
    """Cut the network's score of a level into levels, on the training contacts."""
    rated = [place for place, example in enumerate(train) if criterion.id in example.levels]
    scores = np.array([[readings[place].level[0, number]] for place in rated])
    return fit_ordinal(scores, np.stack([train[place].levels[criterion.id] for place in rated]), penalty=0.0)


def kappa(number, criterion, asked, readings, steps):
    given, answered = [], []
    for example, reading in zip(asked, readings, strict=True):
        levels = ordinal_probabilities(reading.level[0, number : number + 1] * steps[0], steps[1])[0]
        applies = criterion.always or reading.applies[0, number] >= 0
        for one in example.annotations:
            if criterion.id in one.ratings:
                level = one.ratings[criterion.id]
                given.append(0 if level == NOT_APPLICABLE else 1 + LEVELS.index(level))
                answered.append(1 + int(levels.argmax()) if applies else 0)
    return weighted_kappa(np.array(given), np.array(answered), levels=4, weights=np.ones(len(given)))


if __name__ == "__main__":
    main()
