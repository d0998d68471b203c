"""Hugging Face ``datasets``: a folder as ``save_to_disk`` writes it, a row per contact with its annotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.errors import AnnotationError, MissingExtraError
from servicequal.files.exchange.task import Task
from servicequal.records import to_json
from servicequal.scheme import Scheme


def write(tasks: Iterable[Task], path: Path, scheme: Scheme) -> None:  # noqa: ARG001 - every tool has this signature
    """Write a row for each contact: its columns as in Parquet, and a list of its annotations.

    Raises:
        AnnotationError: if the folder exists.
        MissingExtraError: if ``datasets`` is not installed.
    """
    if path.exists():
        raise AnnotationError(f"{path}: exists already; choose another folder")
    _datasets().Dataset.from_list([_row(task) for task in tasks]).save_to_disk(str(path))


def read(path: Path, contacts: Mapping[str, Contact], scheme: Scheme) -> Iterator[tuple[str, dict[str, Any] | str]]:  # noqa: ARG001
    """Yield for each annotation its place and its record."""
    try:
        rows = _datasets().load_from_disk(str(path))
    except (OSError, ValueError, TypeError, KeyError) as error:
        yield str(path), f"a data set that cannot be loaded ({type(error).__name__}); expected a folder of save_to_disk"
        return
    for number, row in enumerate(rows, 1):
        for annotation in row.get("annotations") or ():
            try:
                yield f"{path}, row {number}", _record(row["id"], annotation)
            except (KeyError, TypeError, AttributeError) as error:
                yield f"{path}, row {number}", f"not as servicequal writes it ({type(error).__name__}: {error})"


def _row(task: Task) -> dict[str, Any]:
    row = task.contact.to_dict()
    annotations = [one.to_dict() for one in task.annotations]
    for record in annotations:
        del record["contact"]
        record["ratings"] = [{"criterion": name, "level": level} for name, level in record["ratings"].items()]
        record.pop("attributes", None)
    turns = [{"speaker": turn.speaker, "text": turn.text} for turn in task.contact.turns]
    return row | {"turns": turns, "attributes": to_json(row.get("attributes", {})), "annotations": annotations}


def _record(contact: str, annotation: Mapping[str, Any]) -> dict[str, Any]:
    record = {key: value for key, value in annotation.items() if value is not None}
    ratings = {rating["criterion"]: rating["level"] for rating in record.pop("ratings")}
    return record | {"contact": contact, "ratings": ratings}


def _datasets() -> Any:
    try:
        import datasets
    except ImportError:
        raise MissingExtraError("a Hugging Face data set needs datasets; pip install 'servicequal[datasets]'") from None
    return datasets
