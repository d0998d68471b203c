"""Whether the analyses find what the corpus was written to show: agents' habits, a training, contradictory answers.

    python benchmarks/insight/planted.py --cards CARDS > benchmarks/results/insight.json

CARDS are scorecards of the corpus scored out of fold (`servicequal.training`); the contacts were written and rated by
language models. What the writers were told (`annotations/generation/`) is the truth here: per contact and criterion
good, middling or bad, drawn from the agent's habits and, for voltana from its second wave, from a training.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from servicequal import (
    Annotation,
    Reference,
    Scheme,
    Scorecard,
    analyse_coaching,
    analyse_means,
    analyse_trend,
    fit_drivers,
    read_annotations,
    read_scorecards,
)
from servicequal.reporting.chains import chains
from servicequal.reporting.consistency import contradictory
from servicequal.reporting.section import Section
from servicequal.stats.intervals import to_plain

FOLDER = Path("annotations")
OWN = "voltana"
POINTS = {"bad": 0.0, "middling": 50.0, "good": 100.0}
ANNOTATED = 250  # contacts, for means from a part
DRAWS = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cards", type=Path, required=True)
    cards = read_scorecards(parser.parse_args().cards)
    scheme, annotations = Scheme.load(FOLDER / "scheme.json"), read_annotations(FOLDER)
    plan = json.loads((FOLDER / "generation" / "agents.json").read_text(encoding="utf-8"))
    targets = {
        record["contact"]: {name: POINTS[level] for name, level in record["targets"].items()}
        for file in sorted((FOLDER / "generation").glob("*.jsonl"))
        for record in map(json.loads, file.read_text(encoding="utf-8").splitlines())
    }
    found = {
        "scorer": cards[0].scorer,
        "contacts": len(cards),
        "raters": "language models",
        "means_from_a_part": means(cards, annotations, scheme),
        "training": training(cards, annotations, scheme, plan, targets),
        "weakest_habits": coaching(cards, annotations, scheme, plan),
        "drivers": drivers(cards, annotations, scheme),
        "contradictory_chains": contradictions(cards, annotations),
    }
    print(json.dumps(to_plain(found), indent=1, ensure_ascii=False))


def means(cards: Sequence[Scorecard], annotations: Sequence[Annotation], scheme: Scheme) -> dict[str, Any]:
    """Company means from ANNOTATED contacts and all cards, against the means of all contacts as rated."""
    truth = _table(analyse_means(cards, scheme=scheme, annotations=annotations, by=("company",)), "by_company")
    names = ("overall", *(one.id for one in scheme.criteria))
    hits, widths, scored_hits = [], defaultdict(list), []
    contacts = sorted({one.contact for one in annotations})
    for seed in range(DRAWS):
        some = set(np.random.default_rng(seed).choice(contacts, ANNOTATED, replace=False))
        part = [one for one in annotations if one.contact in some]
        for way, kept in (("powered", cards), ("labels_only", [one for one in cards if one.contact in some])):
            table = _table(analyse_means(kept, scheme=scheme, annotations=part, by=("company",)), "by_company")
            for company, row in table.items():
                for name in names:
                    if row[name].value is None or row[name].shrunken:
                        continue
                    widths[way].append(row[name].high - row[name].low)
                    if way == "powered":
                        hits.append(row[name].low <= truth[company][name].value <= row[name].high)
    plain = _table(analyse_means(cards, scheme=scheme, by=("company",)), "by_company")
    for company, row in plain.items():
        scored_hits += [row[name].low <= truth[company][name].value <= row[name].high for name in names]
    return {
        "annotated": ANNOTATED,
        "draws": DRAWS,
        "share_of_intervals_that_hold_the_mean_of_all": float(np.mean(hits)),
        "mean_width": float(np.mean(widths["powered"])),
        "mean_width_labels_only": float(np.mean(widths["labels_only"])),
        "scorer_alone_intervals_that_hold_it": float(np.mean(scored_hits)),
    }


def training(
    cards: Sequence[Scorecard],
    annotations: Sequence[Annotation],
    scheme: Scheme,
    plan: Mapping[str, Any],
    targets: Mapping[str, Mapping[str, float]],
) -> dict[str, Any]:
    """The difference of differences as estimated, beside that of the targets of the same contacts.

    Contacts that were planned with the training although they are earlier are left out, as are waves planned without it
    although they are later.
    """
    trained, early = plan["training"]["criteria"], set(plan["training"]["planned_with_it_although_earlier"])
    untrained = set(plan["training"]["waves_planned_without_it_although_later"])
    kept = [one for one in cards if one.contact not in early and one.attributes["wave"] not in untrained]
    own = [one for one in kept if one.attributes["company"] == OWN]
    moved = {}
    for criterion in (one.id for one in scheme.criteria):
        sides = [
            [targets[one.contact][criterion] for one in own
             if criterion in targets[one.contact] and (one.attributes["wave"] >= plan["training"]["from_wave"]) is late]
            for late in (False, True)
        ]  # fmt: skip
        moved[criterion] = float(np.mean(sides[1]) - np.mean(sides[0]))
    planned = float(
        np.mean([moved[name] for name in trained]) - np.mean([moved[name] for name in moved if name not in trained])
    )
    ways = {"raters": annotations, "scorer_alone": ()}
    return {
        "planned": planned,
        "planned_by_criterion": moved,
        "estimated": {
            way: _effect(analyse_trend(kept, scheme=scheme, annotations=given, company=OWN, trained=trained))
            for way, given in ways.items()
        },
    }


def _effect(section: Section) -> Any:
    return section.tables[1].rows[-1][2]


def coaching(
    cards: Sequence[Scorecard], annotations: Sequence[Annotation], scheme: Scheme, plan: Mapping[str, Any]
) -> dict[str, Any]:
    """For each agent of the own shop, the criteria named to coach, beside the habits that were planted."""
    section = analyse_coaching(cards, scheme=scheme, annotations=annotations, company=OWN, by=("agent",))
    named = defaultdict(list)
    for row in section.tables[0].rows:
        named[str(row[0])].append(str(row[2]))
    found, right = {}, []
    for agent in plan["agents"]:
        if agent["company"] != OWN:
            continue
        criteria = list(dict.fromkeys(named[agent["names"][0]]))
        right += [agent["habits"][criterion] < 0 for criterion in criteria]
        found[agent["names"][0]] = {"habits": agent["habits"], "to_coach": criteria}
    return {"agents": found, "criteria_named": len(right), "of_them_with_a_bad_habit": sum(right)}


def drivers(cards: Sequence[Scorecard], annotations: Sequence[Annotation], scheme: Scheme) -> dict[str, Any]:
    """What the customers' ratings go with; the writers were told no weights, so this has no planted truth."""
    found = fit_drivers(cards, scheme=scheme, annotations=annotations)
    return {
        "rated": found.rated,
        "asked": found.asked,
        "ordinal": found.ordinal,
        "effects": {name: one.interval for name, one in found.effects.items()},
        "impact_weights": found.weights(scheme),
    }


def contradictions(cards: Sequence[Scorecard], annotations: Sequence[Annotation]) -> dict[str, Any]:
    """Chains called contradictory from the cards' claims, or from one rater's verdicts, against other raters' verdicts.

    A chain is contradictory where a fact is supported in one contact and contradicted in another.
    """
    reference = Reference.load(FOLDER / "reference.jsonl")
    by_rater: dict[str, list[Annotation]] = defaultdict(list)
    for one in annotations:
        by_rater[one.contact].append(one)
    every = chains(cards)
    found = {"chains": len(every)}
    for way in ("out_of_fold_claims", "first_raters_verdicts"):
        called = right = truly = 0
        for chain in every:
            first = way == "first_raters_verdicts"
            seen = [replace(one, claims=_claims(by_rater[one.contact][0])) for one in chain] if first else chain
            truth = _opposed([(one.contact, by_rater[one.contact][first:]) for one in chain])
            called += bool(contradictory(seen, reference))
            right += bool(contradictory(seen, reference)) and truth
            truly += truth
        found[way] = {"contradictory": truly, "called": called, "called_rightly": right}
    return found


def _claims(one: Annotation) -> tuple[Any, ...]:
    """Give a rater's verdicts as claims, without their words."""
    from servicequal.scorecard import Claim

    return tuple(Claim(v.turn, v.start, v.end, "", v.fact, v.verdict, 1.0) for v in one.verdicts)


def _opposed(chain: Sequence[tuple[str, Sequence[Annotation]]]) -> bool:
    where: dict[tuple[str, str], set[str]] = defaultdict(set)
    for contact, given in chain:
        for one in given:
            for verdict in one.verdicts:
                if verdict.fact:
                    where[verdict.fact, verdict.verdict].add(contact)
    facts = {fact for fact, _ in where}
    return any(
        first != second
        for fact in facts
        for first in where[fact, "supported"]
        for second in where[fact, "contradicted"]
    )


def _table(section: Section, name: str) -> dict[str, dict[str, Any]]:
    table = next(one for one in section.tables if one.id == name)
    return {str(row[0]): dict(zip((one.name for one in table.columns), row, strict=True)) for row in table.rows}


if __name__ == "__main__":
    main()
