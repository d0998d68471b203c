"""A folder that Hugging Face's ``datasets`` wrote with ``save_to_disk``; needs that optional library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.errors import MissingExtraError
from servicequal.files.rejected import Rejected
from servicequal.files.table_row import read_row, wrong_columns


def recognises(path: Path, head: bytes = b"") -> bool:  # noqa: ARG001 - every format has this signature
    """Tell a saved ``Dataset`` or ``DatasetDict`` by the JSON files beside its data."""
    return (path / "dataset_dict.json").is_file() or all(
        (path / name).is_file() for name in ("dataset_info.json", "state.json")
    )


def read(path: Path) -> Iterator[Contact | Rejected]:
    """Read the contacts of a saved data set, one split after another.

    Raises:
        MissingExtraError: if ``datasets`` is not installed.
    """
    try:
        splits = splits_of(path)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:  # what it raises on broken files
        kind = type(error).__name__
        yield Rejected(path.name, f"a data set that cannot be loaded ({kind}); expected a folder of save_to_disk")
        return
    for name, split in splits.items():
        source = f"{path.name}/{name}".rstrip("/")
        if wrong := wrong_columns(split.column_names):
            yield Rejected(source, wrong)
            continue
        for number, row in enumerate(split, start=1):
            yield read_row(row, source, number)


def splits_of(path: Path) -> dict[str, Any]:
    """Load a saved data set: its splits by name, or the one under no name.

    Raises:
        MissingExtraError: if ``datasets`` is not installed.
    """
    saved = library(path).load_from_disk(str(path))
    return saved if isinstance(saved, dict) else {"": saved}


def library(path: Path) -> Any:
    """Import ``datasets`` for a folder.

    Raises:
        MissingExtraError: if it is not installed.
    """
    try:
        import datasets
    except ImportError:
        raise MissingExtraError(
            f"{path.name}: a Hugging Face data set needs datasets; pip install 'servicequal[datasets]'"
        ) from None
    return datasets
