"""Scorecards are valid, exact, and the same for a contact whatever else is scored."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from servicequal import Contact, Reference, Rejected, Scorecard, Scorer, Turn, evidence, read_contacts, score
from servicequal.errors import ContactError
from servicequal.examples import examples_folder
from servicequal.inference.encoder import Encoder
from servicequal.scheme import LEVELS

VERDICTS = {"supported", "contradicted", "not_in_reference"}


def assert_valid(card: Scorecard, contact: Contact, scorer: Scorer) -> None:
    """Check a card against the contract."""
    record = json.loads(json.dumps(card.to_dict()))
    assert Scorecard.from_dict(record) == card
    assert (card.contact, card.channel, card.attributes) == (contact.id, contact.channel, contact.attributes)
    assert card.language in scorer.bundle.languages
    assert list(card.ratings) == [criterion.id for criterion in scorer.scheme.criteria]
    indicators = {indicator.id for indicator in scorer.scheme.indicators}
    for rating in card.ratings.values():
        assert 0 <= rating.applicable <= 1
        assert list(rating.levels) == list(LEVELS)
        assert sum(rating.levels.values()) == pytest.approx(1, abs=1e-9)
        assert rating.decision in ("auto", "review")
        assert (rating.level == "not_applicable") == (rating.applicable < 0.5)
        assert bool(rating.evidence) == (rating.level != "not_applicable")
        for item in rating.evidence:
            assert contact.turns[item.turn].text[item.start : item.end] == item.text
            assert item.indicator in indicators
            assert 0 <= item.probability <= 1
    for claim in card.claims:
        assert contact.turns[claim.turn].text[claim.start : claim.end] == claim.text
        assert contact.turns[claim.turn].speaker == "agent"
        assert claim.verdict in VERDICTS
        assert (claim.fact is None) == (claim.verdict == "not_in_reference")
    if card.overall.score is not None:
        assert 0 <= card.overall.low <= card.overall.score <= card.overall.high <= 100
    assert "sha256" in card.scorer


@pytest.fixture(scope="module")
def examples() -> list[Contact]:
    return list(read_contacts(examples_folder() / "examples"))


@pytest.fixture(scope="module")
def reference() -> Reference:
    folder = examples_folder()
    return Reference.load(folder / "reference.jsonl", cases=folder / "cases.jsonl")


@pytest.fixture(scope="module")
def cards(scorer: Scorer, examples: list[Contact], reference: Reference) -> list[Scorecard]:
    return scorer.score(examples, reference=reference)


def test_every_card_is_valid(scorer: Scorer, examples: list[Contact], cards: list[Scorecard]) -> None:
    assert [card.contact for card in cards] == [contact.id for contact in examples]
    for card, contact in zip(cards, examples, strict=True):
        assert_valid(card, contact, scorer)
    assert any(card.claims for card in cards)


def test_the_same_alone_and_in_any_order(
    scorer: Scorer, examples: list[Contact], reference: Reference, cards: list[Scorecard]
) -> None:
    scorer = Scorer(scorer.bundle, Encoder(scorer.encoder.folder, backend="auto", kept=0))  # encodes all anew
    backwards = scorer.score(examples[::-1], reference=reference)[::-1]
    assert backwards == cards
    for contact, card in list(zip(examples, cards, strict=True))[:4]:
        assert scorer.score([contact], reference=reference) == [card]


@pytest.mark.parametrize("count", [1, 7, 20])
def test_a_sentence_has_one_vector_in_any_company(scorer: Scorer, examples: list[Contact], count: int) -> None:
    texts = list(dict.fromkeys(turn.text for contact in examples for turn in contact.turns))[:60]
    encoder = Encoder(scorer.encoder.folder, backend="auto", kept=0)  # encodes all anew
    together = encoder.encode(texts)
    assert np.array_equal(encoder.encode(texts[:count]), together[:count])


def test_evidence_is_the_same_in_however_many_portions_it_is_sought(
    scorer: Scorer,
    examples: list[Contact],
    reference: Reference,
    cards: list[Scorecard],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evidence, "READ_AT_ONCE", 50)
    assert scorer.score(examples, reference=reference) == cards


def test_the_same_after_saving(
    scorer: Scorer, examples: list[Contact], cards: list[Scorecard], reference: Reference, tmp_path: Path
) -> None:
    scorer.save(tmp_path / "saved")
    assert not (tmp_path / "saved" / "encoder").exists()
    loaded = Scorer.load(tmp_path / "saved")
    assert loaded.score(examples[:3], reference=reference) == cards[:3]


def test_without_a_reference(scorer: Scorer, chat: Contact) -> None:
    (card,) = score([chat], scorer=scorer)
    assert card["correct_answers"].level == "not_applicable"
    assert card.warnings == ("no reference",)
    assert card.claims == ()


def test_claims_are_what_a_rater_would_mark_as_facts(
    scorer: Scorer, examples: list[Contact], cards: list[Scorecard]
) -> None:
    known = [card for card in cards if not any("no reference" in warning for warning in card.warnings)]
    spans = {contact.id: scorer.annotate(contact).indicators for contact in examples}
    marked = {(c.contact, s.turn, s.start) for c in known for s in spans[c.contact] if s.indicator == "states_fact"}
    assert len(marked) >= 10
    assert {(card.contact, claim.turn, claim.start) for card in known for claim in card.claims} == marked


def test_a_company_without_facts(scorer: Scorer, reference: Reference) -> None:
    stranger = Contact("c", "chat", (Turn("customer", "Hello?"), Turn("agent", "Hello!")), attributes={"company": "x"})
    nobodys = replace(stranger, attributes={})
    assert scorer.score([stranger], reference=reference)[0].warnings == ("no reference for company 'x'",)
    assert scorer.score([nobodys], reference=reference)[0].warnings == ("no reference: the contact names no company",)


def test_a_long_contact_is_scored_whole(scorer: Scorer) -> None:
    small_talk = tuple(Turn(("customer", "agent")[n % 2], f"Yes, that is number {n}, I see.") for n in range(800))
    kind = Turn("agent", "I am so sorry that your mother had to wait in the cold, that must have been awful for her.")
    worried = Turn("customer", "I am really worried about my mother, she waited in the cold for hours.")
    goodbye = Turn("agent", "Thank you very much for your call, have a lovely day, goodbye!")
    contact = Contact("long", "phone", (*small_talk, worried, kind, goodbye))
    (card,) = scorer.score([contact])
    assert any(item.turn >= 800 for rating in card.ratings.values() for item in rating.evidence)
    marked = scorer.annotate(contact).indicators
    assert {(span.turn, span.indicator) for span in marked} >= {(800, "concern"), (801, "acknowledges")}


def test_roles_that_were_inferred_are_said(examples: list[Contact], cards: list[Scorecard]) -> None:
    inferred = [card for contact, card in zip(examples, cards, strict=True) if "roles_inferred" in contact.attributes]
    assert inferred
    assert all("roles were inferred" in card.warnings[0] for card in inferred)


def test_what_cannot_be_read_is_handed_over(scorer: Scorer, chat: Contact) -> None:
    arabic = Contact("arabic", "chat", (Turn("customer", "مرحبا، أين طلبي؟ لم يصل بعد"),))
    rejected: list[Rejected] = []
    assert [card.contact for card in scorer.score([arabic, chat], reject=rejected.append)] == ["kettle"]
    assert [item.contact for item in rejected] == ["arabic"]
    with pytest.raises(ContactError, match="most letters are Arabic"):
        scorer.score([arabic])


def test_stream_is_lazy(scorer: Scorer, chat: Contact) -> None:
    def endless() -> object:
        number = 0
        while True:
            yield Contact(f"c-{number}", chat.channel, chat.turns)
            number += 1

    stream = scorer.stream(endless())
    assert [next(stream).contact for _ in range(3)] == ["c-0", "c-1", "c-2"]


def test_the_real_contacts(scorer: Scorer) -> None:
    path = Path(__file__).parents[2] / "shared" / "real" / "contacts.jsonl"
    if not path.exists():
        pytest.skip("the real contacts are not part of the project")
    contacts = list(read_contacts(path))[::12]
    for card, contact in zip(scorer.score(contacts), contacts, strict=True):
        assert_valid(card, contact, scorer)


def test_swapped_speakers_are_noticed(scorer: Scorer, examples: list[Contact]) -> None:
    other = {"agent": "customer", "customer": "agent", "system": "system"}
    swapped = [
        Contact(c.id, c.channel, tuple(Turn(other[turn.speaker], turn.text) for turn in c.turns), c.language)
        for c in examples
    ]
    warned = ["may be swapped" in " ".join(card.warnings) for card in scorer.score(swapped)]
    right = ["may be swapped" in " ".join(card.warnings) for card in scorer.score(examples)]
    assert sum(warned) >= 9
    assert sum(right) == 0
