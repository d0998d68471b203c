"""Minimal cases in the manner of CheckList (Ribeiro et al. 2020): does the bundled scorer do what anyone would expect?

    python benchmarks/quality/behaviour.py > benchmarks/results/behaviour.json

Cases are in ``tests/behaviour/{de,en,pl}.jsonl``, written for this purpose by language models and never trained on. An
indicator case is right if ``Scorer.annotate`` marks (or does not mark) the indicator in that turn; a level case if the
level is among those that a careful rater could give; an invariance if both versions have the same level; a direction if
the criterion's points, P(applies) × expected level, move the right way by more than 0.02. A case with ``facts`` is
scored against them as the company's reference; without, ``correct_answers`` could not be rated.

``--floors tests/behaviour/floors.json`` also writes what the tests demand: each share of this run minus 0.03.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shift import EQUAL, points

from servicequal import Contact, Reference, Scorecard, Scorer, Turn
from servicequal.reference import Fact

SUITE = Path(__file__).parents[2] / "tests" / "behaviour"
LANGUAGES = ("de", "en", "pl")
FLOORED, MARGIN = ("all", "language", "kind", "language and kind"), 0.03
KEYS = {"id", "capability", "channel", "turns", "expect"}
KINDS = {
    frozenset({"turn", "indicator", "present"}): "indicator",
    frozenset({"criterion", "levels"}): "level",
    frozenset({"criterion", "same"}): "invariance",
    frozenset({"criterion", "change"}): "direction",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One expectation of one contact, or of a contact and its changed version.

    Attributes:
        kind: ``indicator``, ``level``, ``invariance`` or ``direction``.
        contacts: the contact, and its changed version where the kind has one.
        expect: as in the file.
        facts: the company's reference, if the case has one.
    """

    id: str
    language: str
    capability: str
    kind: str
    contacts: tuple[Contact, ...]
    expect: dict
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a case was passed, and by how many points its rating moved if there are two versions."""

    case: Case
    passed: bool
    change: float | None = None


def read_cases(language: str) -> list[Case]:
    """Read the cases of one language.

    Raises:
        ValueError: naming the case and what is wrong with its form.
    """
    lines = (SUITE / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return [_case(json.loads(line), language) for line in lines]


def _case(record: dict, language: str) -> Case:
    name, expect = record["id"], record["expect"]
    kind = KINDS.get(frozenset(expect))
    paired = kind in ("invariance", "direction")
    if kind is None or record.keys() - {"facts"} != KEYS | ({"other"} if paired else set()):
        raise ValueError(f"case {name}: keys are {sorted(record)}, expect has {sorted(expect)}; see {SUITE}")
    facts = tuple(Fact(f"{name}-{n}", text, company=name) for n, text in enumerate(record.get("facts", ())))
    contacts = []
    for version in ("turns", "other") if paired else ("turns",):
        turns = tuple(Turn(speaker, text) for speaker, text in record[version])
        contacts.append(Contact(f"{name}-{version}", record["channel"], turns, language, {"company": name}))
    return Case(name, language, record["capability"], kind, tuple(contacts), expect, facts)


def run(cases: Sequence[Case], scorer: Scorer) -> list[Outcome]:
    """Score all cases, all contacts in one call, and hold them against what is expected."""
    reference = Reference(tuple(fact for case in cases for fact in case.facts))
    scored = [contact for case in cases if case.kind != "indicator" for contact in case.contacts]
    cards = {card.contact: card for card in scorer.score(scored, reference=reference)}
    outcomes = []
    for case in cases:
        if case.kind == "indicator":
            outcomes.append(Outcome(case, _marked(case, scorer) == case.expect["present"]))
        else:
            outcomes.append(_judge(case, [cards[contact.id] for contact in case.contacts]))
    return outcomes


def _marked(case: Case, scorer: Scorer) -> bool:
    spans = scorer.annotate(case.contacts[0]).indicators
    return any(span.turn == case.expect["turn"] and span.indicator == case.expect["indicator"] for span in spans)


def _judge(case: Case, cards: Sequence[Scorecard]) -> Outcome:
    ratings = [card[case.expect["criterion"]] for card in cards]
    if case.kind == "level":
        return Outcome(case, ratings[0].level in case.expect["levels"])
    change = points(ratings[1]) - points(ratings[0])
    if case.kind == "invariance":
        return Outcome(case, ratings[0].level == ratings[1].level, change)
    return Outcome(case, change * (1 if case.expect["change"] == "rises" else -1) > EQUAL, change)


def pass_rates(outcomes: Iterable[Outcome]) -> dict[str, dict[str, dict]]:
    """Give the share of cases passed by language, kind, capability, and what they are about."""
    total: Counter[tuple[str, str]] = Counter()
    passed: Counter[tuple[str, str]] = Counter()
    for outcome in outcomes:
        for group in _groups(outcome.case):
            total[group] += 1
            passed[group] += outcome.passed
    rates: dict[str, dict] = {}
    for by, name in sorted(total):
        share = round(passed[by, name] / total[by, name], 3)
        rates.setdefault(by, {})[name] = {"cases": total[by, name], "passed": share}
    return rates


def _groups(case: Case) -> Iterator[tuple[str, str]]:
    yield "all", "all"
    yield "language", case.language
    yield "kind", case.kind
    yield "language and kind", f"{case.language} {case.kind}"
    yield "capability", case.capability
    if case.kind == "indicator":
        yield "indicator", f"{case.expect['indicator']} {'present' if case.expect['present'] else 'absent'}"
    else:
        yield "criterion", case.expect["criterion"]


def floors(rates: dict[str, dict[str, dict]]) -> dict[str, dict[str, float]]:
    """Give what a later scorer must reach in each large group: its share here, less a margin."""
    return {by: {name: round(one["passed"] - MARGIN, 3) for name, one in rates[by].items()} for by in FLOORED}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, help="only about so many cases per language, evenly from its file")
    parser.add_argument("--floors", type=Path, help="file for the tests' floors")
    options = parser.parse_args()
    limit = options.limit
    suites = [read_cases(language) for language in LANGUAGES]
    cases = [case for suite in suites for case in suite[:: max(1, len(suite) // (limit or len(suite)))]]
    scorer = Scorer.load()
    print(f"{len(cases)} cases", file=sys.stderr)
    outcomes = run(cases, scorer)
    rates = pass_rates(outcomes)
    if options.floors:
        options.floors.write_text(json.dumps(floors(rates), indent=1) + "\n", encoding="utf-8")
    moved = [abs(o.change) for o in outcomes if o.case.kind == "invariance" and o.change is not None]
    failing: dict[str, list[str]] = {}
    for outcome in outcomes:
        if not outcome.passed:
            failing.setdefault(outcome.case.capability, []).append(outcome.case.id)
    summary = {
        "scorer": scorer.bundle.name,
        "pass_rates": rates,
        "invariances_mean_absolute_change": round(sum(moved) / max(len(moved), 1), 3),
        "failing": dict(sorted(failing.items())),
    }
    print(json.dumps(summary, indent=1))


if __name__ == "__main__":
    main()
