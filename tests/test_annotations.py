"""The corpus holds what annotations/DATASHEET.md says, and nothing is wrong in it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from servicequal import Annotation, Contact, Scheme, check_annotations, read_annotations, read_contacts, read_phrases
from servicequal.corpus.disputes import levels_given, settled
from servicequal.corpus.near_duplicates import shingles
from servicequal.scheme import LEVELS

ROOT = Path(__file__).parents[1] / "annotations"
PLANNED = ("2026-q1", "2026-q2", "2026-q3")  # the corpus as it was planned; later waves bring more real customers
VISITED = (*PLANNED, "2026-q4")  # with mystery contacts
WAVES = (*VISITED, "2026-q4b")
SCHEME = Scheme.load(ROOT / "scheme.json")


@pytest.fixture(scope="module")
def contacts() -> list[Contact]:
    return [contact for wave in WAVES for contact in read_contacts(ROOT / wave / "contacts.jsonl")]


@pytest.fixture(scope="module")
def annotations() -> list[Annotation]:
    return [annotation for wave in WAVES for annotation in read_annotations(ROOT / wave)]


@pytest.fixture(scope="module")
def planned(contacts: list[Contact]) -> list[Contact]:
    return [contact for contact in contacts if contact.attributes["wave"] in PLANNED]


def words(contact: Contact) -> int:
    return sum(len(turn.text.split()) for turn in contact.turns)


def test_nothing_is_wrong() -> None:
    assert check_annotations(ROOT) == []


def test_languages_channels_and_lengths(planned: list[Contact]) -> None:
    assert len(planned) >= 600
    share = {key: n / len(planned) for key, n in Counter(contact.language for contact in planned).items()}
    assert share == pytest.approx({"de": 0.38, "en": 0.34, "pl": 0.28}, abs=0.01)
    share = {key: n / len(planned) for key, n in Counter(contact.channel for contact in planned).items()}
    assert share == pytest.approx({"phone": 0.40, "email": 0.40, "chat": 0.20}, abs=0.025)
    lengths = sorted(words(contact) for contact in planned)
    assert lengths[0] >= 35
    assert sum(length > 2000 for length in lengths) >= 6
    assert sum(length > 4000 for length in lengths) >= 3


@pytest.mark.parametrize("wave", VISITED)
def test_every_case_goes_to_all_four_shops(wave: str, contacts: list[Contact]) -> None:
    visited: dict[str, set[str]] = {}
    for contact in contacts:
        if contact.attributes["wave"] == wave and contact.attributes["mystery"]:
            visited.setdefault(contact.attributes["case"], set()).add(contact.attributes["company"])
    assert len(visited) == 30
    assert all(companies == {"voltana", "kabelhof", "norrtek", "zappio"} for companies in visited.values())


def test_mystery_and_real_customers(planned: list[Contact]) -> None:
    assert sum(bool(contact.attributes["mystery"]) for contact in planned) > len(planned) / 2
    customers = Counter(contact.attributes.get("customer") for contact in planned if not contact.attributes["mystery"])
    assert sum(2 <= count <= 4 for count in customers.values()) >= 40
    rated = [contact.attributes["rating"] for contact in planned if "rating" in contact.attributes]
    assert set(rated) == {1, 2, 3, 4, 5}
    assert len(rated) < sum(customers.values())  # some do not answer, as in life


def test_raters(annotations: list[Annotation]) -> None:
    raters = Counter(annotation.contact for annotation in annotations)
    assert sum(count >= 2 for count in raters.values()) >= 200
    assert sum(count >= 3 for count in raters.values()) >= 60
    assert all(annotation.blind for annotation in annotations)


def test_the_contacts_of_a_customer_go_on_in_time(contacts: list[Contact]) -> None:
    chains: dict[str, list[str]] = {}
    for contact in contacts:  # in the order of their ids
        if contact.attributes["wave"] not in PLANNED and "customer" in contact.attributes:
            chains.setdefault(contact.attributes["customer"], []).append(contact.attributes["started_at"])
    assert len(chains) >= 150
    assert all(days == sorted(days) for days in chains.values())


def test_every_level_indicator_and_verdict_is_there(annotations: list[Annotation]) -> None:
    decided = settled(annotations, read_annotations(ROOT, name="adjudications.jsonl"))
    assert decided.keys() == levels_given(annotations).keys()
    levels = Counter((criterion, level) for (_, criterion), level in decided.items())
    assert min(levels[criterion.id, level] for criterion in SCHEME.criteria for level in LEVELS) >= 60
    spans = {(a.contact, s.turn, s.start, s.indicator) for a in annotations for s in a.indicators}
    indicators = Counter(span[-1] for span in spans)
    assert min(indicators[indicator.id] for indicator in SCHEME.indicators) >= 80
    claims = {
        (a.contact, v.turn, v.start, v.fact) for a in annotations for v in a.verdicts if v.verdict == "contradicted"
    }
    assert len(claims) >= 200


def test_no_phrase_of_six_words_runs_through_the_contacts(contacts: list[Contact]) -> None:
    runs = Counter(run for one in contacts for run in shingles(" ".join(turn.text for turn in one.turns)))
    assert max(runs.values()) <= 0.02 * len(contacts)


def test_phrase_bank() -> None:
    phrases = read_phrases(ROOT / "phrases")
    cells = Counter((phrase.language, phrase.indicator, phrase.shows) for phrase in phrases)
    registers = Counter((phrase.language, phrase.indicator, phrase.register) for phrase in phrases)
    for language in ("de", "en", "pl"):
        for indicator in SCHEME.indicators:
            assert cells[language, indicator.id, True] >= 60
            assert cells[language, indicator.id, False] >= 30
            assert min(registers[language, indicator.id, register] for register in ("spoken", "written")) >= 25
    openings = Counter((phrase.language, " ".join(phrase.text.lower().split()[:4])) for phrase in phrases)
    assert max(openings.values()) <= 0.005 * len(phrases)


def test_protocol_shows_every_indicator_and_criterion() -> None:
    protocol = (ROOT / "PROTOCOL.md").read_text(encoding="utf-8")
    assert all(f"`{part.id}`" in protocol for part in (*SCHEME.indicators, *SCHEME.criteria))
    assert "@@" not in protocol


def test_the_protocol_quotes_word_for_word(contacts: list[Contact]) -> None:
    protocol = (ROOT / "PROTOCOL.md").read_text(encoding="utf-8")
    quotes = re.findall(r'"([^"|]+)" \((q\d-\w\w-\d+)', protocol)
    texts = {contact.id: " ".join(" ".join(turn.text.split()) for turn in contact.turns) for contact in contacts}
    assert len(quotes) >= 80
    assert [(quote, name) for quote, name in quotes if quote not in texts[name]] == []


def test_no_code_reads_what_the_writers_were_told() -> None:
    for path in (ROOT.parent / "src").rglob("*.py"):
        assert "generation" not in path.read_text(encoding="utf-8"), path
