"""doccano: JSONL of its project type "Intent Detection and Slot Filling", a line per contact and annotator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from servicequal.annotation import Annotation
from servicequal.contact import Contact
from servicequal.errors import AnnotationError
from servicequal.files.exchange.task import Task, categories
from servicequal.files.exchange.transcript import labelled_places, marks_of, transcript_of
from servicequal.files.whole_file import written_whole
from servicequal.records import read_records, to_json
from servicequal.scheme import Scheme


def write(tasks: Iterable[Task], path: Path, scheme: Scheme) -> None:  # noqa: ARG001 - every tool has this signature
    """Write a line for each annotation, and one for each contact that has none yet."""
    with written_whole(path) as scratch, scratch.open("w", encoding="utf-8") as file:
        for task in tasks:
            for annotation in task.annotations or (task.proposal(),):
                file.write(to_json(_line(task.contact, annotation)) + "\n")


def read(path: Path, contacts: Mapping[str, Contact], scheme: Scheme) -> Iterator[tuple[str, dict[str, Any] | str]]:  # noqa: ARG001
    """Yield for each annotated line its place, and the annotation's record or what is wrong with it.

    doccano writes a file per annotator, named after them; a line that names no rater takes the file's name.
    """
    for where, line in read_records(path, AnnotationError):
        try:
            if line["entities"] or line["cats"]:  # the others are not yet annotated
                yield where, _record(line, path.stem, contacts)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            yield where, f"not as doccano writes it ({type(error).__name__}: {error})"


def _line(contact: Contact, annotation: Annotation | None) -> dict[str, Any]:
    line: dict[str, Any] = {"text": transcript_of(contact).text, "contact": contact.id, "entities": [], "cats": []}
    if annotation is None:
        return line
    line["entities"] = [list(place) for place in labelled_places(contact, annotation)]
    line["cats"] = categories(annotation.ratings)
    return line | {"rater": annotation.rater, "wave": annotation.wave, "blind": annotation.blind}


def _record(line: Mapping[str, Any], stem: str, contacts: Mapping[str, Contact]) -> dict[str, Any]:
    places = [(start, end, label) for start, end, label in line["entities"]]
    marks = marks_of(contacts[line["contact"]], line["text"], places, line["cats"])
    fields = {"contact": line["contact"], "rater": line.get("rater") or stem}
    return fields | {key: line.get(key) for key in ("wave", "blind")} | marks
