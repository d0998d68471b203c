"""Hugging Face ``datasets``: a folder as ``save_to_disk`` writes it, a row per contact with its annotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.errors import AnnotationError
from servicequal.files.datasets_folder import library, splits_of
from servicequal.files.exchange.task import Task, attempt, exported
from servicequal.files.table_row import COLUMNS
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
    library(path).Dataset.from_list([_row(task) for task in tasks]).save_to_disk(str(path))


def read(path: Path, contacts: Mapping[str, Contact], scheme: Scheme) -> Iterator[tuple[str, dict[str, Any] | str]]:  # noqa: ARG001
    """Yield for each annotation its place, and its record or what is wrong with it; one split after another."""
    try:
        splits = splits_of(path)
    except (OSError, ValueError, TypeError, KeyError) as error:
        yield str(path), f"a data set that cannot be loaded ({type(error).__name__}); expected a folder of save_to_disk"
        return
    for split in splits.values():
        if "annotations" not in split.column_names:
            yield str(path), "no column 'annotations'; expected a data set that servicequal exported"
            continue
        for number, row in enumerate(split, 1):
            for annotation in row["annotations"] or ():
                yield attempt(
                    f"{path}, row {number}", "servicequal",
                    lambda row=row, annotation=annotation: _record(row, annotation, contacts),  # type: ignore[misc]
                )  # fmt: skip


def _row(task: Task) -> dict[str, Any]:
    row = dict.fromkeys(COLUMNS) | task.contact.to_dict()  # all columns in the first row: it names them for the rest
    annotations = [one.to_dict() for one in task.annotations]
    for record in annotations:
        del record["contact"]
        record["ratings"] = [{"criterion": name, "level": level} for name, level in record["ratings"].items()]
        record.pop("attributes", None)
    turns = [{"speaker": turn.speaker, "text": turn.text} for turn in task.contact.turns]
    return row | {"turns": turns, "attributes": to_json(row["attributes"] or {}), "annotations": annotations}


def _record(row: Mapping[str, Any], annotation: Mapping[str, Any], contacts: Mapping[str, Contact]) -> dict[str, Any]:
    contact = exported(contacts, row["id"], turns=row["turns"])
    record = {key: value for key, value in annotation.items() if value is not None}
    ratings = {rating["criterion"]: rating["level"] for rating in record.pop("ratings")}
    return record | {"contact": contact.id, "ratings": ratings}
