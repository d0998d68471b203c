"""Prodigy: JSONL for a recipe with the views ``spans_manual`` and ``choice``, a line per contact and annotator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from servicequal.annotation import Annotation
from servicequal.contact import Contact
from servicequal.errors import AnnotationError
from servicequal.files.exchange.task import ANSWERS, Task, categories
from servicequal.files.exchange.transcript import labelled_places, marks_of, transcript_of
from servicequal.files.whole_file import written_whole
from servicequal.records import read_records, to_json
from servicequal.scheme import Scheme


def write(tasks: Iterable[Task], path: Path, scheme: Scheme) -> None:
    """Write a line for each annotation, and one for each contact that has none yet."""
    options = [
        {"id": f"{criterion.id}={answer}", "text": f"{criterion.id}: {answer.replace('_', ' ')}"}
        for criterion in scheme.criteria
        for answer in ANSWERS
    ]
    with written_whole(path) as scratch, scratch.open("w", encoding="utf-8") as file:
        for task in tasks:
            for annotation in task.annotations or (task.proposal(),):
                file.write(to_json(_line(task.contact, annotation) | {"options": options}) + "\n")


def read(path: Path, contacts: Mapping[str, Contact], scheme: Scheme) -> Iterator[tuple[str, dict[str, Any] | str]]:  # noqa: ARG001
    """Yield for each accepted line its place, and the annotation's record or what is wrong with it."""
    for where, line in read_records(path, AnnotationError):
        try:
            if line["text"] and line.get("answer") == "accept":  # the others are ignored, rejected or not yet asked
                yield where, _record(line, contacts)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            yield where, f"not as Prodigy writes it ({type(error).__name__}: {error})"


def _line(contact: Contact, annotation: Annotation | None) -> dict[str, Any]:
    line: dict[str, Any] = {"text": transcript_of(contact).text, "meta": {"contact": contact.id}}
    if annotation is None:
        return line
    line["spans"] = [
        {"start": start, "end": end, "label": label} for start, end, label in labelled_places(contact, annotation)
    ]
    line["accept"] = categories(annotation.ratings)
    line["meta"] |= {"wave": annotation.wave, "blind": annotation.blind}
    return line | {"answer": "accept", "_annotator_id": annotation.rater}


def _record(line: Mapping[str, Any], contacts: Mapping[str, Contact]) -> dict[str, Any]:
    meta = line["meta"]
    places = [(span["start"], span["end"], span["label"]) for span in line.get("spans", ())]
    marks = marks_of(contacts[meta["contact"]], line["text"], places, line.get("accept", ()))
    fields = {"contact": meta["contact"], "rater": line["_annotator_id"]}
    return fields | {key: meta.get(key) for key in ("wave", "blind")} | marks
