"""Scheme, reference, annotation and scorecard refuse what contradicts itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from servicequal import Annotation, Contact, Reference, Scheme, Scorer, Turn, read_annotations
from servicequal.errors import AnnotationError, KnowledgeError, SchemeError
from servicequal.examples import examples_folder

CRITERION = {
    "id": "empathy",
    "description": "when worried",
    "levels": {"not_met": "-", "partly_met": "0", "fully_met": "+"},
    "trigger": "concern",
}
INDICATOR = {"id": "concern", "speaker": "customer", "description": "worry"}
SERVING = {"id": "acknowledges", "speaker": "agent", "description": "names it", "serves": "empathy"}


def scheme(*, criterion: dict[str, Any] | None = None, serving: dict[str, Any] | None = None) -> Scheme:
    indicators = [INDICATOR, SERVING | (serving or {})]
    return Scheme.from_dict({"id": "s", "criteria": [CRITERION | (criterion or {})], "indicators": indicators})


def test_scheme_round_trip() -> None:
    assert Scheme.from_dict(scheme().to_dict()) == scheme()


def test_the_default_scheme_is_the_bundled_one(scorer: Scorer) -> None:
    source = Path(__file__).parents[1] / "annotations" / "scheme.json"
    assert scorer.scheme == Scheme.load(source)
    assert {c.id: c.weight for c in scorer.scheme.criteria} == {
        "empathy": 1.0, "correct_answers": 1.5, "buying_signals": 1.0,
        "complaint_handling": 1.5, "courtesy": 0.5, "next_steps": 0.5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("criterion", "serving", "message"),
    [
        ({"trigger": "concerns"}, {}, "trigger 'concerns' is no customer indicator; did you mean 'concern'?"),
        ({"trigger": "acknowledges"}, {}, "trigger 'acknowledges' is no customer indicator"),
        ({"weight": 0}, {}, "weight is 0; expected a number above 0"),
        ({"levels": {"bad": "", "good": ""}}, {}, "levels are ['bad', 'good']; expected ['not_met',"),
        ({"always": True}, {}, "it has a trigger and applies always; choose one"),
        ({"wieght": 1}, {}, "unknown key 'wieght'; did you mean 'weight'?"),
        ({}, {"serves": "empathie"}, "serves no criterion 'empathie'; did you mean 'empathy'?"),
        ({}, {"speaker": "bot"}, "speaker is neither 'customer' nor 'agent'"),
        ({}, {"polarity": 2}, "polarity is neither 1 nor -1"),
        ({}, {"id": "concern"}, "'concern' is defined twice"),
    ],
)
def test_a_wrong_scheme_is_named(criterion: dict[str, Any], serving: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemeError) as caught:
        scheme(criterion=criterion, serving=serving)
    assert message in str(caught.value)


def test_a_scheme_file_that_is_missing_or_broken(tmp_path: Path) -> None:
    with pytest.raises(SchemeError, match="there is no such file"):
        Scheme.load(tmp_path / "none.json")
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(SchemeError, match="not JSON in UTF-8"):
        Scheme.load(tmp_path / "broken.json")


def test_facts_go_by_company_and_day() -> None:
    folder = examples_folder()
    reference = Reference.load(folder / "reference.jsonl", cases=folder / "cases.jsonl")

    def express(day: str) -> list[str]:
        attributes = {"company": "voltana", "started_at": f"{day}T09:00:00Z", "case": "order-01"}
        contact = Contact("c", "phone", (Turn("customer", "Hi"),), attributes=attributes)
        assert reference.needed_by(contact) == {"express", "delivery-time"}
        return [fact.statement for fact in reference.facts_for(contact) if fact.id == "express"]

    assert len(express("2026-03-31")) == len(express("2026-04-01")) == 1
    assert express("2026-03-31") != express("2026-04-01")


def test_a_wrong_reference_is_named(tmp_path: Path) -> None:
    facts, cases = tmp_path / "facts.jsonl", tmp_path / "cases.jsonl"
    facts.write_text(json.dumps({"id": "f", "statement": "It is so.", "valid_from": "yesterday"}))
    with pytest.raises(KnowledgeError, match="fact 'f': valid_from is no day"):
        Reference.load(facts)
    facts.write_text(json.dumps({"id": "f", "statement": "It is so."}))
    cases.write_text(json.dumps({"id": "k", "facts": ["g"]}))
    with pytest.raises(KnowledgeError, match="case 'k' needs fact 'g'"):
        Reference.load(facts, cases=cases)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ratings": {"empathie": "not_met"}}, "unknown criterion 'empathie'; did you mean 'empathy'?"),
        ({"indicators": [{"turn": 0, "start": 0, "end": 2, "indicator": "greet"}]}, "unknown indicator 'greet'"),
        (
            {"indicators": [{"turn": 1, "start": 0, "end": 2, "indicator": "concern"}]},
            "turn 1; the contact has 1 turns",
        ),
        ({"indicators": [{"turn": 0, "start": 0, "end": 9, "indicator": "concern"}]}, "its text has 2 characters"),
        ({"verdicts": [{"turn": 0, "start": 0, "end": 2, "fact": None, "verdict": "true"}]}, "unknown verdict 'true'"),
        ({"indicators": [{"turn": "0", "start": 0, "end": 2, "indicator": "concern"}]}, "turn is a string"),
    ],
)
def test_a_wrong_annotation_is_named(change: dict[str, Any], message: str) -> None:
    contact = Contact("c", "chat", (Turn("customer", "Hi"),))
    record = {"contact": "c", "rater": "r", "ratings": {"empathy": "not_met"}} | change
    with pytest.raises(AnnotationError) as caught:
        Annotation.from_dict(record).check(contact, scheme())
    assert message in str(caught.value)


def test_annotations_round_trip() -> None:
    path = Path(__file__).parents[1] / "annotations" / "2026-q1" / "annotations.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [annotation.to_dict() for annotation in read_annotations(path)] == [json.loads(line) for line in lines]
