"""How often is the right fact found for an agent's statement, and the right verdict given? Out of fold.

    python benchmarks/quality/verdicts.py > benchmarks/results/verdicts.json

On the sentences that raters held against the reference; the majority of a sentence's verdicts is taken as right. Once
by the folds of training, and once with all contacts of a company left out, whose facts are then new to what verifies
them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from servicequal import Reference, Scheme, TrainConfig, read_annotations, read_contacts
from servicequal.annotation import VERDICTS
from servicequal.bundle import ENCODER, models_folder
from servicequal.grounding.knowledge import Knowledge
from servicequal.grounding.space import Space
from servicequal.grounding.verification import verify
from servicequal.inference.encoder import Encoder
from servicequal.inference.pipeline import encode_contacts
from servicequal.training.examples import Example, by_contact, make_example
from servicequal.training.fit_grounding import fit_grounding

ANNOTATIONS = Path(__file__).parents[2] / "annotations"
LANGUAGES = ("de", "en", "pl")


def main() -> None:
    config, encoder = TrainConfig(), Encoder(models_folder() / ENCODER)
    scheme = Scheme.load(ANNOTATIONS / "scheme.json")
    reference = Reference.load(ANNOTATIONS / "reference.jsonl", cases=ANNOTATIONS / "cases.jsonl")
    contacts = read_contacts(str(ANNOTATIONS / "20*" / "contacts.jsonl"))
    annotations = [a for wave in sorted(ANNOTATIONS.glob("20*")) for a in read_annotations(wave)]
    joined = by_contact(contacts, annotations, scheme)
    encoded = encode_contacts((contact for contact, _ in joined.values()), encoder, LANGUAGES, prefix=config.prefix)
    raters = {annotation.rater for annotation in annotations}
    examples = [
        make_example(one, joined[one.contact.id][1], scheme, folds=config.folds, marking=raters) for one in encoded
    ]
    space = Space.of(np.concatenate([example.encoded.vectors for example in examples]))
    knowledge = Knowledge(reference, encoder, config.prefix, space)
    held_out = {"by_fold": lambda example: example.fold, "by_company": company}
    print(json.dumps({name: measured(examples, knowledge, part, config) for name, part in held_out.items()}, indent=1))


def company(example: Example) -> object:
    return example.encoded.contact.attributes.get("company")


def measured(
    examples: Sequence[Example], knowledge: Knowledge, part: Callable[[Example], object], config: TrainConfig
) -> dict[str, Any]:
    """Verify the statements of each part by heads fitted on the others."""
    confusion, found = Counter(), Counter()
    for held in sorted({part(example) for example in examples}, key=str):
        heads = fit_grounding([e for e in examples if part(e) != held], knowledge, seed=config.seed)
        for example in (e for e in examples if part(e) == held and e.verdicts):
            facts, needed = knowledge.of(example.encoded.contact)
            compared = knowledge.compare(example.encoded, facts, needed, example.verdicts)
            for verdict in verify(heads, dict.fromkeys(sorted(example.verdicts), 1.0), compared):
                given = example.verdicts[verdict.sentence]
                truth = Counter(name for _, name in given).most_common(1)[0][0]
                confusion[truth, verdict.verdict] += 1
                if truth != "not_in_reference":
                    named = None if verdict.fact is None else facts[verdict.fact].id
                    found[named in {fact for fact, _ in given}] += 1
    table = {truth: {answer: confusion[truth, answer] for answer in VERDICTS} for truth in VERDICTS}
    recalls = [row[truth] / max(sum(row.values()), 1) for truth, row in table.items()]
    scores = [
        2 * table[name][name] / (sum(table[name].values()) + sum(row[name] for row in table.values()))
        for name in VERDICTS
    ]
    return {
        "statements": sum(confusion.values()),
        "right_fact": round(found[True] / sum(found.values()), 3),
        "balanced_accuracy": round(float(np.mean(recalls)), 3),
        "macro_f1": round(float(np.mean(scores)), 3),
        "truth_by_answer": table,
    }


if __name__ == "__main__":
    main()
