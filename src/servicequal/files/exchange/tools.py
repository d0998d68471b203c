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


def export_annotations(tasks: Iterable[Task], path: Path, scheme: Scheme, *, tool: str) -> None:
    """Write contacts and their annotations for a tool of ``TOOLS``.

    What a tool has no place for stays behind: an annotation's attributes, and the times of turns.
    """
    _module(tool).write(tasks, path, scheme)


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
            if annotation.contact not in known:
                raise AnnotationError(f"{annotation.where}: the contacts given have no such id; give those exported")
            annotation.check(known[annotation.contact], scheme)
        except AnnotationError as error:
            wrong = AnnotationError(f"{where}: {error}")
            if reject is None:
                raise wrong from None
            reject(wrong)
        else:
            yield annotation


def _module(tool: str) -> Any:
    return import_module(f"servicequal.files.exchange.{TOOLS[tool]}")
