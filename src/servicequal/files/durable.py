"""Files that are there as a whole and stay there, whatever happens to the process or to the power."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def write_durably(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file under a scratch name, force it to disk, and give it its name.

    The scratch name depends on the file alone: what a killed run left there, the next one replaces.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_durably(Path(folder) / "a.txt", [b"one ", b"two"])
        ...     [(path.name, path.read_text()) for path in Path(folder).iterdir()]
        [('a.txt', 'one two')]
    """
    scratch = path.with_name(f".{path.name}.part")
    with scratch.open("wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    force_folder(path.parent)


def force_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
