"""How far do ratings move when a contact is changed in ways that should matter little or not at all?

    python benchmarks/quality/robustness.py > benchmarks/results/robustness.json

The bundled scorer's own answers before and after, on corpus contacts drawn evenly from languages and channels. It was
trained on these contacts (written by language models), so this says how steady it is, not how good: no rater's label is
used. Per criterion: share of ratings whose level stays, and how far the points move (P(applies) × expected level, 0–2),
with intervals clustered by case. Of the changes, ``formula`` and ``names`` must not move anything for the better;
``translated`` are translations by a language model (``tests/behaviour/translations.jsonl``).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from perturb import WordErrors, plain, renamed, swapped, with_formula
from shift import EQUAL, corpus_reference, corpus_sample, moved, points, share

from servicequal import Contact, Scorecard, Scorer, Turn

TRANSLATIONS = Path(__file__).parents[2] / "tests" / "behaviour" / "translations.jsonl"
RATES = (0.05, 0.1, 0.2)


def changes(contacts: Sequence[Contact], corpus: Sequence[Contact]) -> dict[str, list[tuple[int, Contact]]]:
    """Give, for each change, the changed contacts with the numbers of those that they were made of."""
    errors = WordErrors(corpus)
    everyone = list(enumerate(contacts))
    found = {"plain": [(n, plain(contact)) for n, contact in everyone]}
    for rate in RATES:
        found[f"word_errors_{rate:.0%}"] = [(n, errors(contact, rate, seed=n)) for n, contact in everyone]
    found["swapped"] = [(n, swapped(contact)) for n, contact in everyone]
    found["formula"] = [(n, with_formula(contact)) for n, contact in everyone]
    found["names"] = [(n, other) for n, contact in everyone if (other := renamed(contact, n)) is not None]
    return found


def read_translations(corpus: Sequence[Contact]) -> list[tuple[Contact, Contact]]:
    """Pair the corpus's contacts with their translations; attributes stay, so that the same reference holds."""
    known = {contact.id: contact for contact in corpus}
    pairs = []
    for line in TRANSLATIONS.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        turns = tuple(Turn(turn["speaker"], turn["text"]) for turn in record["turns"])
        original = known[record["of"]]
        pairs.append((original, replace(original, language=record["language"], turns=turns)))
    return pairs


def formula_effect(before: Sequence[Scorecard], after: Sequence[Scorecard]) -> dict:
    """Say how often, and by how much, a pasted formula raises empathy, by the level that it had before.

    The scheme itself gives a bare formula ``partly_met``, so that a rise from ``not_met`` is not wrong by its letter.
    """
    change = np.array([points(b["empathy"]) - points(a["empathy"]) for a, b in zip(before, after, strict=True)])
    levels = [card["empathy"].level for card in before]
    groups = {"all": list(range(len(levels)))}
    for number, level in enumerate(levels):
        groups.setdefault(level, []).append(number)
    return {
        group: {"mean_change": round(float(change[rows].mean()), 3)}
        | {"rises": share(change[rows] > EQUAL, [before[row] for row in rows])}
        for group, rows in groups.items()
    }


def swap_warnings(before: Sequence[Scorecard], after: Sequence[Scorecard]) -> dict:
    """Say how often a card warns of swapped speakers, rightly after the swap and wrongly before."""

    def warned(cards: Sequence[Scorecard]) -> dict:
        return share([any("swapped" in warning for warning in card.warnings) for card in cards], cards)

    return {"warned_after": warned(after), "warned_before": warned(before)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, default=90, help="so many contacts (and translations)")
    limit = parser.parse_args().limit
    contacts, corpus = corpus_sample(limit), corpus_sample(None)
    scorer, reference = Scorer.load(), corpus_reference()
    before = scorer.score(contacts, reference=reference)
    results: dict[str, dict] = {}
    for name, changed in changes(contacts, corpus).items():
        print(name, len(changed), file=sys.stderr)
        after = scorer.score((contact for _, contact in changed), reference=reference)
        base = [before[number] for number, _ in changed]
        results[name] = {"contacts": len(changed), "moved": moved(base, after)}
        if name == "formula":
            results[name]["empathy"] = formula_effect(base, after)
        if name == "swapped":
            results[name] |= swap_warnings(base, after)
    pairs = read_translations(corpus)[:limit]
    print("translated", len(pairs), file=sys.stderr)
    cards = scorer.score((contact for pair in pairs for contact in pair), reference=reference)
    results["translated"] = {"contacts": len(pairs), "moved": moved(cards[::2], cards[1::2])}
    print(json.dumps({"scorer": scorer.bundle.name, "contacts": len(contacts), "changes": results}, indent=1))


if __name__ == "__main__":
    main()
