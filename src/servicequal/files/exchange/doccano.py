"""doccano: JSONL of its project type "Intent Detection and Slot Filling", a line per contact and annotator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from servicequal.annotation import Annotation
from servicequal.contact import Contact
from servicequal.errors import AnnotationError, ServicequalError
from servicequal.files.exchange.task import Task, attempt, categories, exported
from servicequal.files.exchange.transcript import labelled_places, marks_of, transcript_of
from servicequal.files.whole_file import written_whole
from servicequal.records import read_records, to_json
from servicequal.scheme import Scheme

PROJECT = "doccano's project type 'Intent Detection and Slot Filling'"


def write(tasks: Iterable[Task], path: Path, scheme: Scheme) -> None:  # noqa: ARG001 - every tool has this signature
    """Write a line for each annotation, and one for each contact that has none yet."""
    with written_whole(path) as scratch, scratch.open("w", encoding="utf-8") as file:
        for task in tasks:
            for annotation in task.annotations or (None,):
                file.write(to_json(_line(task.contact, annotation)) + "\n")


def read(path: Path, contacts: Mapping[str, Contact], scheme: Scheme) -> Iterator[tuple[str, dict[str, Any] | str]]:  # noqa: ARG001
    """Yield for each annotated line its place, and the annotation's record or what is wrong with it.

    doccano writes a file per annotator, named after them; a line that names no rater takes the file's name.
    """
    broken: list[ServicequalError] = []
    for where, line in read_records(path, AnnotationError, broken.append):
        found = attempt(where, PROJECT, lambda line=line: _record(line, path.stem, contacts))  # type: ignore[misc]
        if found[1] != {}:
            yield found
    yield from (("", str(error)) for error in broken)


def _line(contact: Contact, annotation: Annotation | None) -> dict[str, Any]:
    line: dict[str, Any] = {"text": transcript_of(contact).text, "contact": contact.id, "entities": [], "cats": []}
    if annotation is None:
        return line
    line["entities"] = [list(place) for place in labelled_places(contact, annotation)]
    line["cats"] = categories(annotation.ratings)
    return line | {"rater": annotation.rater, "wave": annotation.wave, "blind": annotation.blind}


def _record(line: Mapping[str, Any], stem: str, contacts: Mapping[str, Contact]) -> dict[str, Any]:
    """Read a line; nothing where it is not yet annotated."""
    contact = exported(contacts, line["contact"])
    places = [(start, end, label) for start, end, label in line["entities"]]
    if not places and not line["cats"]:
        return {}
    fields = {"contact": contact.id, "rater": line.get("rater") or stem}
    return (
        fields
        | {key: line.get(key) for key in ("wave", "blind")}
        | marks_of(contact, line["text"], places, line["cats"])
    )
