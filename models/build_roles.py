"""Count which words agents and customers use, for files/roles.py, and measure it on contacts it has not seen.

    python models/build_roles.py annotations src/servicequal/files/roles.json [--real contacts.jsonl]

Reads the turns of the annotated waves (the roles are in them, no rating is needed). Prints, as JSON, how often agent
and customer are told apart: cross-fitted on these contacts, and on foreign ones that are given with --real.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

from servicequal.contact import Contact
from servicequal.files.roles import _WORD, agent_scores, swap_free_probability
from servicequal.files.source import read_contacts
from servicequal.training.examples import fold_of

SMOOTHING, LEAST, MOST, FOLDS = 2.0, 3, 4_000, 5


def log_odds(contacts: list[Contact]) -> dict[str, float]:
    """Count each word once per contact and speaker: log of (agents who use it / customers who use it), smoothed."""
    counts: dict[str, Counter[str]] = {"agent": Counter(), "customer": Counter()}
    for contact in contacts:
        for speaker, counter in counts.items():
            spoken = " ".join(turn.text for turn in contact.turns if turn.speaker == speaker)
            counter.update(set(_WORD.findall(spoken.lower())))
    agent, customer = counts["agent"], counts["customer"]
    frequent = [word for word in agent | customer if agent[word] + customer[word] >= LEAST]
    odds = {word: math.log((agent[word] + SMOOTHING) / (customer[word] + SMOOTHING)) for word in frequent}
    kept = sorted(odds, key=lambda word: (-abs(odds[word]), word))[:MOST]
    return {word: round(odds[word], 3) for word in sorted(kept)}


def scores(contact: Contact, words: dict[str, float]) -> dict[str, float]:
    """Score the two speakers of a contact whose roles are known."""
    return agent_scores(((turn.speaker, turn.text) for turn in contact.turns if turn.speaker != "system"), words)


def right(contact: Contact, words: dict[str, float]) -> bool:
    """Say whether the agent scores higher than the customer."""
    found = scores(contact, words)
    return found.get("agent", 0.0) > found.get("customer", 0.0)


def excerpts(contact: Contact) -> list[Contact]:
    """Cut a contact into pieces of a few turns: whole contacts of our own are too easy to learn doubt from."""
    cut = [contact.turns[start : start + size] for size in (2, 4) for start in range(0, len(contact.turns) - 1, size)]
    both = [turns for turns in cut if {"agent", "customer"} <= {turn.speaker for turn in turns}]
    return [replace(contact, turns=turns) for turns in both]


def fit_scale(contacts: list[Contact], tables: list[dict[str, float]]) -> float:
    """Choose the scale under which the probabilities fit the cross-fitted outcomes of excerpts best (log-loss)."""
    pieces = [piece for contact in contacts for piece in excerpts(contact)]

    def loss(scale: float) -> float:
        total = 0.0
        for contact in pieces:
            table = tables[fold_of(contact, FOLDS)]
            probability = swap_free_probability(scores(contact, table), scale)
            total -= math.log(max(probability if right(contact, table) else 1 - probability, 1e-6))
        return total

    return min((step / 20 for step in range(1, 101)), key=loss)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("annotations", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--real", type=Path)
    arguments = parser.parse_args()
    contacts = list(read_contacts(str(arguments.annotations / "20*" / "contacts.jsonl")))
    tables = [log_odds([c for c in contacts if fold_of(c, FOLDS) != fold]) for fold in range(FOLDS)]
    words = log_odds(contacts)
    table = {"scale": fit_scale(contacts, tables), "colleague": 1.0, "words": words}
    arguments.out.write_text(json.dumps(table, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    found = {
        "contacts": len(contacts),
        "cross_fitted": sum(right(c, tables[fold_of(c, FOLDS)]) for c in contacts) / len(contacts),
    }
    if arguments.real:
        real = list(read_contacts(arguments.real, reject=lambda _: None))
        found |= {"real_contacts": len(real)}
        for language in ("de", "en", "pl"):
            own = [contact for contact in real if contact.language == language]
            found[f"real_{language}"] = round(sum(right(c, words) for c in own) / max(len(own), 1), 3)
    print(json.dumps(found | {"words": len(words), "scale": table["scale"]}, indent=1))


if __name__ == "__main__":
    main()
