"""Prodigy: JSONL for a recipe with the views ``spans_manual`` and ``choice``, a line per contact and annotator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from servicequal.annotation import Annotation
from servicequal.contact import Contact
from servicequal.errors import AnnotationError, ServicequalError
from servicequal.files.exchange.task import ANSWERS, Task, attempt, categories, exported
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
            for annotation in task.annotations or (None,):
                file.write(to_json(_line(task.contact, annotation) | {"options": options}) + "\n")


def read(path: Path, contacts: Mapping[str, Contact], scheme: Scheme) -> Iterator[tuple[str, dict[str, Any] | str]]:  # noqa: ARG001
    """Yield for each accepted line its place, and the annotation's record or what is wrong with it."""
    broken: list[ServicequalError] = []
    for where, line in read_records(path, AnnotationError, broken.append):
        found = attempt(where, "Prodigy", lambda line=line: _record(line, contacts))  # type: ignore[misc]
        if found[1] != {}:
            yield found
    yield from (("", str(error)) for error in broken)


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
    """Read a line; nothing where it was ignored, rejected or not yet asked."""
    meta, text = line["meta"], line["text"]
    contact = exported(contacts, meta["contact"])
    if line.get("answer") != "accept":
        return {}
    places = [(span["start"], span["end"], span["label"]) for span in line.get("spans", ())]
    marks = marks_of(contact, text, places, line.get("accept", ()))
    fields = {"contact": contact.id, "rater": line["_annotator_id"]}
    return fields | {key: meta.get(key) for key in ("wave", "blind")} | marks
