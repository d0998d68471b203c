"""Does it help to learn from contacts that are changed as speech recognisers and strangers change them? Held-out fold.

    python benchmarks/quality/augmentation.py > benchmarks/results/augmentation.json  # 10 minutes on one core, AMX

Training contacts are changed sentence by sentence, so that what raters marked stays where it was: lower-case and
without punctuation, with a tenth of the words wrong, or with other names and numbers; each contact in one way, drawn by
chance, and half of the contacts are learned from as changed. Figures are those of ``networks.py``, on the contacts of
the fold as they are, and changed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from networks import ANNOTATIONS, examples_of, measure, reader
from perturb import NAME, OTHERS, TITLED, WordErrors, plain, said

from servicequal import Contact, Scheme, TrainConfig, Turn, read_phrases
from servicequal.bundle import ENCODER, models_folder
from servicequal.grounding.knowledge import Knowledge
from servicequal.inference.encoder import Encoder
from servicequal.training.examples import Example
from servicequal.training.fit_network import fit_networks
from servicequal.training.material import Material, phrase_rows

ERRORS = 0.1
Change = Callable[[Contact], Contact]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fold", type=int, default=0)
    fold = parser.parse_args().fold
    config, scheme = TrainConfig(), Scheme.load(ANNOTATIONS / "scheme.json")
    encoder = Encoder(models_folder() / ENCODER, backend="auto")
    shop = examples_of("20*", encoder, scheme, config)
    only = [one for kind in ("other-trades", "training-only") for one in examples_of(kind, encoder, scheme, config)]
    own = [example for example in shop if example.fold != fold]
    train = own + [example for example in only if example.fold != fold]
    asked = [example for example in shop if example.fold == fold]
    ways = changes([example.encoded.contact for example in [*shop, *only]])
    bank = phrase_rows(read_phrases(ANNOTATIONS / "phrases"), scheme, encoder, config.prefix)
    material = Material(scheme, Knowledge(None, encoder, config.prefix, None), config, bank)

    chance = np.random.default_rng(0)
    drawn = [list(ways.values())[number] for number in chance.integers(0, len(ways), len(train))]
    changed = changed_examples(train, drawn, encoder, config.prefix)
    half = chance.random(len(train)) < 0.5
    learned = {
        "as shipped": train,
        "changed ones instead, half of them": [
            other if swap else one for one, other, swap in zip(train, changed, half, strict=True)
        ],
    }
    questions = {"as they are": asked} | {
        name: changed_examples(asked, [way] * len(asked), encoder, config.prefix) for name, way in ways.items()
    }
    rows = []
    for name, examples in learned.items():
        network = reader(fit_networks(examples, material))
        found = {kind: measure(network, some, own, scheme) for kind, some in questions.items()}
        rows.append({"learned from": name, "contacts": len(examples), **found})
        print(rows[-1], file=sys.stderr, flush=True)
    print(json.dumps({"fold": fold, "asked": len(asked), "rows": rows}, indent=1))


def changes(contacts: Sequence[Contact]) -> dict[str, Change]:
    """Name the ways to change a contact whose turns are single sentences."""
    errors, draw = WordErrors(contacts), np.random.default_rng(0)
    return {
        "plain text": plain,
        "a tenth of the words wrong": lambda one: errors(one, ERRORS, seed=int(draw.integers(2**31))),
        "other names and numbers": lambda one: renamed(one, draw),
    }


def renamed(contact: Contact, draw: np.random.Generator) -> Contact:
    """Give customers other names, and numbers other digits."""
    name = re.compile(f"({TITLED[str(contact.language)]}){NAME}")

    def change(text: str) -> str:
        text = name.sub(lambda hit: hit[1] + str(draw.choice(OTHERS)), text)
        return re.sub(r"[1-9]", lambda _: str(draw.integers(1, 10)), text)

    return said(contact, change)


def changed_examples(
    examples: Sequence[Example], ways: Sequence[Change], encoder: Encoder, prefix: str
) -> list[Example]:
    """Change each example's sentences in its way, and encode them anew; all else stays."""
    texts = []
    for example, change in zip(examples, ways, strict=True):
        sentences = tuple(Turn(sentence.speaker, sentence.text) for sentence in example.encoded.sentences)
        contact = Contact("c", example.encoded.contact.channel, sentences, example.encoded.language)
        texts += [prefix + (turn.text.strip() or "…") for turn in change(contact).turns]
    vectors = encoder.encode(texts)
    parts = np.split(vectors, np.cumsum([len(example.encoded.sentences) for example in examples])[:-1])
    return [
        replace(example, encoded=replace(example.encoded, vectors=part))
        for example, part in zip(examples, parts, strict=True)
    ]


if __name__ == "__main__":
    main()
