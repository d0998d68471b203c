"""The bundled scorer on real contacts that nobody on this project wrote.

    python benchmarks/quality/real.py --real FOLDER [--protocol FILE] > benchmarks/results/real.json

FOLDER holds contacts.jsonl and annotations-dev.jsonl: chats from the WMT 2024 chat task and Polish calls from DiaBiz,
rated by language models under the same scheme (see annotations/README.md). Their licences do not allow
them to be shipped, so they are not part of the project. Look seldom: nothing may be tuned on them. FILE holds further
ratings of the same contacts, by raters who had the corpus's PROTOCOL.md before them as those of annotations-dev.jsonl
had not: how far the two agree is as far as a scorer that learned from the corpus can get.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from answers import ANSWERS

from servicequal import Annotation, Scorer, evaluate, read_annotations, read_contacts
from servicequal.stats.agreement import weighted_kappa


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, required=True)
    parser.add_argument("--protocol", type=Path)
    options = parser.parse_args()
    folder = options.real
    contacts = {contact.id: contact for contact in read_contacts(folder / "contacts.jsonl")}
    annotations = read_annotations(folder / "annotations-dev.jsonl")
    rated = [contacts[name] for name in dict.fromkeys(annotation.contact for annotation in annotations)]
    scorer = Scorer.load()
    cards = scorer.score(rated)
    figures = evaluate(cards, annotations).to_dict()
    if options.protocol:
        others = read_annotations(options.protocol)
        figures["under_the_protocol"] = {
            "raters": agreement(annotations, others),
            "scorer": evaluate(cards, others).to_dict()["criteria"],
        }
    kinds = Counter(f"{contact.language} {contact.channel}" for contact in rated)
    print(json.dumps({"scorer": scorer.bundle.name, "kinds": dict(kinds)} | figures, indent=1))


def agreement(first: Sequence[Annotation], second: Sequence[Annotation]) -> dict[str, float]:
    """Give the linear-weighted kappa over four answers of all pairs of raters, one of either side, by criterion."""
    known = {one.contact: one.ratings for one in second}
    pairs = defaultdict(list)
    for one in first:
        for criterion, level in one.ratings.items():
            if criterion in known.get(one.contact, {}):
                pairs[criterion].append((ANSWERS.index(level), ANSWERS.index(known[one.contact][criterion])))
    return {name: round(weighted_kappa(*np.array(given).T, levels=len(ANSWERS)), 4) for name, given in pairs.items()}


if __name__ == "__main__":
    main()
