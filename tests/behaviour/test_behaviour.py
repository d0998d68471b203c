"""The behavioural suite is well formed, and the bundled scorer passes as much of it as when the floors were set.

``floors.json`` is written by ``benchmarks/quality/behaviour.py --floors``: each measured share minus 0.03.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from behaviour import LANGUAGES, Case, pass_rates, read_cases, run
from servicequal import Scheme, Scorer
from servicequal.scheme import LEVELS, NOT_APPLICABLE

ROOT = Path(__file__).parents[2]
SCHEME = Scheme.load(ROOT / "annotations" / "scheme.json")
FLOORS = json.loads(Path(__file__).with_name("floors.json").read_text(encoding="utf-8"))
CAPABILITIES = (
    "vocabulary negation near_miss speaker question_or_statement formula_or_specific irony indirect temporal contrast "
    "no_opportunity typos_and_case speech_style names dialect length pasted_formula links trades"
).split()


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [case for language in LANGUAGES for case in read_cases(language)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_enough_cases_of_each_kind(language: str, cases: list[Case]) -> None:
    kinds = Counter(case.kind for case in cases if case.language == language)
    assert kinds.total() >= 150
    assert all(kinds[kind] >= 25 for kind in ("indicator", "level", "invariance", "direction")), kinds


def test_ids_are_unique_and_name_their_language(cases: list[Case]) -> None:
    assert len({case.id for case in cases}) == len(cases)
    assert all(case.id.startswith(f"{case.language}-") for case in cases)


def test_names_are_those_of_the_scheme(cases: list[Case]) -> None:
    criteria = {criterion.id: criterion for criterion in SCHEME.criteria}
    indicators = {indicator.id for indicator in SCHEME.indicators}
    for case in cases:
        assert case.capability in CAPABILITIES, case.id
        if case.kind == "indicator":
            assert case.expect["indicator"] in indicators, case.id
            assert 0 <= case.expect["turn"] < len(case.contacts[0].turns), case.id
            continue
        criterion = criteria[case.expect["criterion"]]
        assert set(case.expect.get("levels", LEVELS)) <= {*LEVELS, NOT_APPLICABLE}, case.id
        assert case.expect.get("change", "rises") in ("rises", "falls"), case.id
        assert bool(case.facts) == criterion.grounded, f"{case.id}: what needs a reference has facts, and nothing else"


def test_both_versions_differ(cases: list[Case]) -> None:
    for case in cases:
        assert len({contact.fingerprint for contact in case.contacts}) == len(case.contacts), case.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_indicator_is_tried_present_and_absent(language: str, cases: list[Case]) -> None:
    tried = {
        (case.expect["indicator"], case.expect["present"])
        for case in cases
        if case.language == language and case.kind == "indicator"
    }
    for indicator in SCHEME.indicators:
        assert {(indicator.id, True), (indicator.id, False)} <= tried, indicator.id


@pytest.mark.slow
def test_pass_rates_are_not_below_their_floors(cases: list[Case], scorer: Scorer) -> None:
    assert FLOORS.keys() == {"all", "language", "kind", "language and kind"}
    rates = pass_rates(run(cases, scorer))
    below = {
        f"{by}: {name}": (rates[by][name]["passed"], floor)
        for by, floors in FLOORS.items()
        for name, floor in floors.items()
        if rates[by][name]["passed"] < floor
    }
    assert not below
