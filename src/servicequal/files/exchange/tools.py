"""The annotation tools by name, and reading and writing their files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from servicequal.annotation import Annotation
from servicequal.contact import Contact
from servicequal.errors import AnnotationError
from servicequal.files.exchange.task import Task
from servicequal.scheme import Scheme

TOOLS = {
    "label-studio": "label_studio",
    "prodigy": "prodigy",
    "doccano": "doccano",
    "docbin": "docbin",
    "datasets": "hugging_face",
}


def written_by(tool: str, path: Path) -> list[Path]:
    """Name the files that an export writes: Label Studio's labelling interface lies beside its tasks."""
    return [path, path.with_suffix(".xml")] if tool == "label-studio" else [path]


def export_annotations(tasks: Iterable[Task], path: Path, scheme: Scheme, *, tool: str) -> None:
    """Write contacts and their annotations for a tool of ``TOOLS``.

    What a tool has no place for stays behind: an annotation's attributes, and the times of turns.

    Raises:
        AnnotationError: if an annotation does not fit its contact or the scheme, or a model's answers are to go to a
            tool that cannot tell them from a person's work.
    """
    given = list(tasks)
    for task in given:
        for annotation in task.annotations:
            annotation.check(task.contact, scheme)
        if task.card and tool != "label-studio":
            raise AnnotationError(
                f"scorecards cannot go to {tool}: it would take them for a person's work; leave them out"
            )
    _module(tool).write(given, path, scheme)


def import_annotations(
    path: Path,
    contacts: Iterable[Contact],
    scheme: Scheme,
    *,
    tool: str,
    reject: Callable[[AnnotationError], None] | None = None,
) -> Iterator[Annotation]:
    """Read the annotations that a tool of ``TOOLS`` wrote, each checked against its contact and the scheme.

    Args:
        path: the tool's export.
        contacts: those exported.
        scheme: what was rated.
        tool: a name of ``TOOLS``.
        reject: is handed the error of each annotation that cannot be read; without it the first one is raised.

    Raises:
        AnnotationError: naming the place in the file and what is wrong.
    """
    known = {contact.id: contact for contact in contacts}
    for where, record in _module(tool).read(path, known, scheme):
        try:
            if isinstance(record, str):
                raise AnnotationError(record)
            annotation = Annotation.from_dict(record)
            annotation.check(known[annotation.contact], scheme)
        except AnnotationError as error:
            wrong = AnnotationError(f"{where}: {error}" if where else str(error))
            if reject is None:
                raise wrong from None
            reject(wrong)
        else:
            yield annotation


def _module(tool: str) -> Any:
    return import_module(f"servicequal.files.exchange.{TOOLS[tool]}")
