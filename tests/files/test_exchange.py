"""Annotations survive the way to each annotation tool and back; what cannot be read is named and loses nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import spacy
from click.testing import CliRunner
from datasets import load_from_disk
from spacy.tokens import DocBin

from servicequal import Annotation, Contact, Scheme, Turn, read_annotations, read_contacts
from servicequal.annotation import MarkedClaim, Span
from servicequal.cli import main
from servicequal.errors import AnnotationError
from servicequal.files.exchange.task import tasks
from servicequal.files.exchange.tools import TOOLS, export_annotations, import_annotations
from servicequal.scorecard import Evidence, Overall, Rating, Scorecard

ROOT = Path(__file__).parents[2] / "annotations"
SCHEME = Scheme.load(ROOT / "scheme.json")
HEARTS = "Oh 💔💔 nein… die Kanne tropft! 😡 Und jetzt?"
CONTACT = Contact(
    "c-1", "chat", (Turn("customer", HEARTS), Turn("agent", "Das tut mir leid.\nSie bekommen  eine neue.")), "de"
)
ANNOTATION = Annotation(
    "c-1", "r1", {"empathy": "partly_met", "courtesy": "fully_met"},
    (Span(0, 9, 32, "complaint"), Span(0, 33, len(HEARTS), "question"), Span(1, 0, 17, "apologises")),
    (MarkedClaim(1, 18, 42, "new-one", "supported"), MarkedClaim(1, 0, 17, None, "not_in_reference")),
    "2026-q1", False,
)  # fmt: skip


def path_for(tool: str, folder: Path) -> Path:
    return folder / {"datasets": "saved", "docbin": "a.spacy", "label-studio": "a.json"}.get(tool, "a.jsonl")


def as_set(annotation: Annotation) -> tuple[object, ...]:
    return (
        annotation.contact, annotation.rater, annotation.wave, annotation.blind, frozenset(annotation.ratings.items()),
        frozenset(annotation.indicators), frozenset(annotation.verdicts),
    )  # fmt: skip


def round_trip(
    tool: str, contacts: list[Contact], annotations: list[Annotation], folder: Path, scheme: Scheme = SCHEME
) -> list[Annotation]:
    path = path_for(tool, folder)
    export_annotations(tasks(contacts, annotations), path, scheme, tool=tool)
    return list(import_annotations(path, contacts, scheme, tool=tool))


@pytest.mark.parametrize("tool", TOOLS)
def test_a_whole_wave_comes_back(tool: str, tmp_path: Path) -> None:
    contacts = list(read_contacts(ROOT / "2026-q1" / "contacts.jsonl"))[::6]
    kept = {contact.id for contact in contacts}
    annotations = [one for one in read_annotations(ROOT / "2026-q1") if one.contact in kept]
    back = round_trip(tool, contacts, annotations, tmp_path)
    assert {as_set(one) for one in back} == {as_set(one) for one in annotations}


@pytest.mark.parametrize("tool", TOOLS)
def test_emoji_line_breaks_and_double_spaces_shift_nothing(tool: str, tmp_path: Path) -> None:
    assert [as_set(one) for one in round_trip(tool, [CONTACT], [ANNOTATION], tmp_path)] == [as_set(ANNOTATION)]


@pytest.mark.parametrize("tool", ["label-studio", "prodigy", "doccano", "datasets"])
def test_a_contact_without_annotations_is_exported_and_gives_none(tool: str, tmp_path: Path) -> None:
    other = Contact("c-2", "email", (Turn("customer", "Wo ist mein Paket?"),))
    assert [one.contact for one in round_trip(tool, [other, CONTACT], [ANNOTATION], tmp_path)] == ["c-1"]
    written = path_for(tool, tmp_path)
    files = [written] if written.is_file() else list(written.glob("*.arrow"))
    assert any(b"Wo ist mein Paket?" in file.read_bytes() for file in files)


@pytest.mark.parametrize("tool", TOOLS)
def test_other_contacts_under_the_same_id_are_refused(tool: str, tmp_path: Path) -> None:
    path = path_for(tool, tmp_path)
    export_annotations(tasks([CONTACT], [ANNOTATION]), path, SCHEME, tool=tool)
    changed = Contact("c-1", "chat", (Turn("customer", "Etwas anderes"), CONTACT.turns[1]), "de")
    with pytest.raises(AnnotationError, match="not that of the contact"):
        list(import_annotations(path, [changed], SCHEME, tool=tool))


@pytest.mark.parametrize("tool", TOOLS)
def test_a_file_of_something_else_is_refused(tool: str, tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_text('{"a": 1}\n')
    with pytest.raises(AnnotationError, match=r"expected|not as"):
        list(import_annotations(path, [CONTACT], SCHEME, tool=tool))


def test_label_studio_counts_as_javascript_does(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    export_annotations(tasks([CONTACT], [ANNOTATION]), path, SCHEME, tool="label-studio")
    result = json.loads(path.read_text())[0]["annotations"][0]["result"]
    complaint = next(item for item in result if item["value"].get("paragraphlabels") == ["complaint"])["value"]
    in_javascript = HEARTS.encode("utf-16-le")[2 * complaint["startOffset"] : 2 * complaint["endOffset"]]
    assert in_javascript.decode("utf-16-le") == HEARTS[9:32] == complaint["text"]


def test_label_studio_interface_names_all_that_results_name(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    export_annotations(tasks([CONTACT], [ANNOTATION]), path, SCHEME, tool="label-studio")
    view = ET.fromstring(path.with_suffix(".xml").read_text())  # noqa: S314 - our own
    controls = {node.get("name"): node for node in view if node.get("toName")}
    for item in json.loads(path.read_text())[0]["annotations"][0]["result"]:
        control = controls[item["from_name"]]
        assert control.tag.lower() == item["type"]
        offered = {node.get("value") for node in control}
        assert set(item["value"].get("choices", item["value"].get("paragraphlabels", ()))) <= offered


def test_a_users_own_label_studio_export_is_read(tmp_path: Path) -> None:
    region = {
        "start": "1",
        "end": "1",
        "startOffset": 0,
        "endOffset": 17,
        "paragraphlabels": ["apologises", "restates"],
    }
    choice = {"from_name": "courtesy", "to_name": "dialogue", "type": "choices", "value": {"choices": ["not_met"]}}
    span = {"id": "x", "from_name": "indicators", "to_name": "dialogue", "type": "paragraphlabels", "value": region}
    turns = [{"speaker": turn.speaker, "text": turn.text} for turn in CONTACT.turns]
    made = {"result": [choice | {"id": "y"}, span]}
    annotations = [
        made | {"completed_by": {"id": 3, "email": "ana@shop.test"}},
        made | {"completed_by": 4, "parent_prediction": 9},
        made | {"completed_by": 5, "was_cancelled": True},
    ]
    path = tmp_path / "export.json"
    path.write_text(json.dumps([{"id": 1, "data": {"contact": "c-1", "dialogue": turns}, "annotations": annotations}]))
    first, second = import_annotations(path, [CONTACT], SCHEME, tool="label-studio")
    assert (first.rater, first.blind, second.rater, second.blind) == ("ana@shop.test", True, "user-4", False)
    assert [span.indicator for span in first.indicators] == ["apologises", "restates"]


def test_a_wrong_annotation_loses_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    export_annotations(tasks([CONTACT], [ANNOTATION]), path, SCHEME, tool="prodigy")
    line = json.loads(path.read_text())
    wrong = [line | {"accept": ["emphaty=not_met"]}, line | {"spans": [{"start": 0, "end": 99, "label": "concern"}]}]
    path.write_text("".join(json.dumps(one) + "\n" for one in [*wrong, line | {"answer": "ignore"}, line]))
    refused: list[AnnotationError] = []
    kept = list(import_annotations(path, [CONTACT], SCHEME, tool="prodigy", reject=refused.append))
    assert [as_set(one) for one in kept] == [as_set(ANNOTATION)]
    assert ["did you mean 'empathy'" in str(refused[0]), "lies in 2 turns" in str(refused[1])] == [True, True]


@pytest.fixture
def card() -> Scorecard:
    evidence = (
        Evidence(1, 0, 17, "Das tut mir leid.", "apologises", 0.9),
        Evidence(1, 18, 42, "Sie bekommen  eine neue.", "courtesy", 0.2),  # of the criterion itself, by no indicator
    )
    levels = {"not_met": 0.1, "partly_met": 0.2, "fully_met": 0.7}
    rating = Rating("fully_met", 1.0, levels, "review", evidence)
    return Scorecard("c-1", "chat", "de", Overall(100.0, 50.0, 100.0), {"courtesy": rating}, scorer="s 1")


def test_label_studio_gets_a_model_s_answer_and_nobody_is_taken_to_have_given_it(
    card: Scorecard, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    export_annotations(tasks([CONTACT], [], [card]), path, SCHEME, tool="label-studio")
    prediction = json.loads(path.read_text())[0]["predictions"][0]
    assert prediction["model_version"] == "s 1"
    values = [item["value"] for item in prediction["result"]]
    assert [value.get("choices") or value["paragraphlabels"] for value in values] == [["fully_met"], ["apologises"]]
    assert list(import_annotations(path, [CONTACT], SCHEME, tool="label-studio")) == []


@pytest.mark.parametrize("tool", ["prodigy", "doccano", "docbin", "datasets"])
def test_tools_that_would_take_a_model_s_answer_for_a_person_s_do_not_get_it(
    tool: str, card: Scorecard, tmp_path: Path
) -> None:
    with pytest.raises(AnnotationError, match="take them for a person's work"):
        export_annotations(tasks([CONTACT], [], [card]), path_for(tool, tmp_path), SCHEME, tool=tool)


@pytest.mark.parametrize("tool", TOOLS)
def test_an_annotation_off_the_text_is_not_exported(tool: str, tmp_path: Path) -> None:
    wrong = Annotation("c-1", "r1", {}, (Span(1, 0, 500, "greets"),))
    with pytest.raises(AnnotationError, match="its text has 42 characters"):
        export_annotations(tasks([CONTACT], [wrong]), path_for(tool, tmp_path), SCHEME, tool=tool)
    assert not path_for(tool, tmp_path).exists()


@pytest.mark.parametrize("tool", TOOLS)
def test_contacts_that_were_not_exported_are_named(tool: str, tmp_path: Path) -> None:
    path = path_for(tool, tmp_path)
    export_annotations(tasks([CONTACT], [ANNOTATION]), path, SCHEME, tool=tool)
    with pytest.raises(AnnotationError, match="contact 'c-1': the contacts given have no such id"):
        list(import_annotations(path, [], SCHEME, tool=tool))


def labelled(value: dict[str, object], **more: object) -> dict[str, object]:
    return {
        "from_name": "indicators",
        "to_name": "dialogue",
        "type": "paragraphlabels",
        "id": "x",
        "value": value,
    } | more


REGION = {"start": "1", "end": "1", "startOffset": 0, "endOffset": 17, "paragraphlabels": ["apologises"]}
RELATION = {"type": "relation", "from_id": "x", "to_id": "y", "direction": "right"}


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ([labelled(REGION | {"end": "2"})], "mark each paragraph by itself"),
        ([labelled(REGION | {"text": "Das tut mir sehr leid."})], "another text than its offsets"),
        ([labelled(REGION, from_name="label")], "a result of 'label'"),
        ([labelled({"choices": ["not_met", "partly_met"]}, from_name="courtesy")], "'courtesy' has 2 entries"),
    ],
)
def test_label_studio_results_that_cannot_be_are_refused(
    result: list[dict[str, object]], message: str, tmp_path: Path
) -> None:
    path = studio(tmp_path, {"result": result, "completed_by": 1})
    with pytest.raises(AnnotationError, match=message):
        list(import_annotations(path, [CONTACT], SCHEME, tool="label-studio"))


def test_label_studio_relations_do_no_harm_and_an_accepted_prediction_is_not_blind(tmp_path: Path) -> None:
    path = studio(tmp_path, {"result": [labelled(REGION, origin="prediction"), RELATION], "completed_by": 1})
    (annotation,) = import_annotations(path, [CONTACT], SCHEME, tool="label-studio")
    assert (annotation.blind, annotation.wave, len(annotation.indicators)) == (False, "3", 1)


def studio(folder: Path, annotation: dict[str, object]) -> Path:
    turns = [{"speaker": turn.speaker, "text": turn.text} for turn in CONTACT.turns]
    path = folder / "export.json"
    path.write_text(
        json.dumps([{"data": {"contact": "c-1", "dialogue": turns, "wave": 3}, "annotations": [annotation]}])
    )
    return path


def test_an_exported_data_set_can_be_scored_and_its_splits_be_imported(tmp_path: Path) -> None:
    other = Contact("c-2", "email", (Turn("customer", "Wo ist mein Paket?"),))
    export_annotations(tasks([other, CONTACT], [ANNOTATION]), tmp_path / "saved", SCHEME, tool="datasets")
    assert list(read_contacts(tmp_path / "saved")) == [other, CONTACT]
    load_from_disk(str(tmp_path / "saved")).train_test_split(0.5, shuffle=False).save_to_disk(str(tmp_path / "split"))
    back = list(import_annotations(tmp_path / "split", [other, CONTACT], SCHEME, tool="datasets"))
    assert [as_set(one) for one in back] == [as_set(ANNOTATION)]


def test_docbin_holds_what_spacy_trains_on(tmp_path: Path) -> None:
    path = tmp_path / "a.spacy"
    export_annotations(tasks([CONTACT], [ANNOTATION]), path, SCHEME, tool="docbin")
    (doc,) = DocBin().from_disk(path).get_docs(spacy.blank("de").vocab)
    assert doc.cats == {"empathy=partly_met": 1.0, "courtesy=fully_met": 1.0}
    assert {span.text for span in doc.spans["servicequal"] if span.label_ == "complaint"} == {HEARTS[9:32]}


def test_a_cut_off_line_loses_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    export_annotations(tasks([CONTACT], [ANNOTATION]), path, SCHEME, tool="doccano")
    path.write_text(path.read_text() + '{"text": "cut o')
    refused: list[AnnotationError] = []
    assert len(list(import_annotations(path, [CONTACT], SCHEME, tool="doccano", reject=refused.append))) == 1
    assert "line 2: not JSON" in str(refused[0])


def test_commands_overwrite_no_input(tmp_path: Path) -> None:
    copy = tmp_path / "contacts.jsonl"
    copy.write_bytes((ROOT / "2026-q1" / "contacts.jsonl").read_bytes())
    shared = ["--contacts", str(copy), "--scheme", str(ROOT / "scheme.json"), "--tool", "doccano", "--out", str(copy)]
    for command in (["export-annotations"], ["import-annotations", str(ROOT / "2026-q1" / "annotations.jsonl")]):
        done = CliRunner().invoke(main, [*command, *shared])
        assert (done.exit_code, "is an input" in done.output) == (1, True)
    assert copy.read_bytes() == (ROOT / "2026-q1" / "contacts.jsonl").read_bytes()


def test_commands_write_and_read(tmp_path: Path) -> None:
    given = [str(ROOT / "2026-q1" / name) for name in ("annotations.jsonl", "contacts.jsonl")]
    shared = ["--contacts", given[1], "--scheme", str(ROOT / "scheme.json"), "--tool", "doccano"]
    done = CliRunner().invoke(main, ["export-annotations", given[0], *shared, "--out", str(tmp_path / "out.jsonl")])
    assert done.exit_code == 0, done.output
    back = ["import-annotations", str(tmp_path / "out.jsonl"), *shared, "--out", str(tmp_path / "back.jsonl")]
    assert CliRunner().invoke(main, back).exit_code == 0
    assert len(read_annotations(tmp_path / "back.jsonl")) == len(read_annotations(given[0]))
    (tmp_path / "out.jsonl").write_text((tmp_path / "out.jsonl").read_text() + '{"text": "x"}\n')
    assert CliRunner().invoke(main, back).exit_code == 3
    assert "not as doccano" in (tmp_path / "back.jsonl.rejected.jsonl").read_text()
