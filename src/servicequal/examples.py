"""The example contacts that come with the library."""

from __future__ import annotations

from pathlib import Path


def examples_folder() -> Path:
    """Give the folder with ``examples/`` (contacts), ``reference.jsonl`` and ``cases.jsonl``.

    Example:
        >>> (examples_folder() / "examples").is_dir()
        True
    """
    package = Path(__file__).parent
    installed, source = package / "annotations", package.parents[1] / "annotations"
    return installed if installed.is_dir() else source
