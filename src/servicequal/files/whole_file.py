"""Files written whole: under a scratch name first, then moved to their own, so that none is ever half there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give the path to write to; on success it becomes ``path``, on an error it is removed.

    A pipe or a device is written to directly.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     target = Path(folder) / "note.txt"
        ...     with written_whole(target) as scratch:
        ...         _ = scratch.write_text("done")
        ...     target.read_text()
        'done'
    """
    if path.exists() and not path.is_file():
        yield path
        return
    path = path.resolve()
    scratch = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield scratch
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
