"""The annotated waves are what annotations/README.md says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from servicequal import Contact, Reference, Scheme, read_annotations, read_contacts
from servicequal.scheme import LEVELS, NOT_APPLICABLE

ROOT = Path(__file__).parents[1] / "annotations"
WAVES = sorted(path.name for path in ROOT.glob("20*"))
SCHEME = Scheme.load(ROOT / "scheme.json")


@pytest.fixture(scope="module", params=WAVES)
def wave(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def contacts(wave: str) -> dict[str, Contact]:
    return {contact.id: contact for contact in read_contacts(ROOT / wave / "contacts.jsonl")}


def test_counts(contacts: dict[str, Contact]) -> None:
    assert len(contacts) == 168
    assert Counter(contact.language for contact in contacts.values()) == {"de": 64, "en": 57, "pl": 47}
    assert sum(bool(contact.attributes["mystery"]) for contact in contacts.values()) == 90
    assert min(Counter(contact.channel for contact in contacts.values()).values()) >= 30


def test_every_case_goes_to_the_own_shop_and_two_competitors(contacts: dict[str, Contact]) -> None:
    visited: dict[str, set[str]] = {}
    for contact in contacts.values():
        if contact.attributes["mystery"]:
            visited.setdefault(contact.attributes["case"], set()).add(contact.attributes["company"])
    assert len(visited) == 30
    assert all("voltana" in companies and len(companies) == 3 for companies in visited.values())


def test_every_annotation_fits_its_contact(wave: str, contacts: dict[str, Contact]) -> None:
    annotations = read_annotations(ROOT / wave)
    reference = Reference.load(ROOT / "reference.jsonl", cases=ROOT / "cases.jsonl")
    criteria = {criterion.id for criterion in SCHEME.criteria}
    speakers = {indicator.id: indicator.speaker for indicator in SCHEME.indicators}
    for annotation in annotations:
        contact = contacts[annotation.contact]
        annotation.check(contact, SCHEME)
        assert set(annotation.ratings) == criteria
        assert annotation.blind
        assert all(contact.turns[span.turn].speaker == speakers[span.indicator] for span in annotation.indicators)
        facts = {fact.id for fact in reference.facts_for(contact)}
        assert {claim.fact for claim in annotation.verdicts} - {None} <= facts
    assert {annotation.contact for annotation in annotations} == set(contacts)
    pairs = [(annotation.contact, annotation.rater) for annotation in annotations]
    assert len(pairs) == len(set(pairs))


def test_every_level_is_there(wave: str) -> None:
    annotations = read_annotations(ROOT / wave)
    for criterion in ("empathy", "buying_signals", "complaint_handling"):
        found = Counter(annotation.ratings[criterion] for annotation in annotations)
        assert all(found[level] >= 15 for level in (*LEVELS, NOT_APPLICABLE))


def test_no_code_reads_what_the_writers_were_told() -> None:
    for path in (ROOT.parent / "src").rglob("*.py"):
        assert "generation" not in path.read_text(encoding="utf-8"), path
