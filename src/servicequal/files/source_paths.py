"""A file, a folder or a glob → the paths to read, in the order of names."""

from __future__ import annotations

from functools import cache
from itertools import takewhile
from pathlib import Path

from servicequal.errors import ContactError
from servicequal.files import datasets_folder

_WILD = frozenset("*?[")


def paths_of(source: str | Path) -> tuple[Path, list[Path]]:
    """Find the files and saved data sets of a source; hidden ones are left out, unless the source itself names one.

    Returns:
        The folder that all are in, a glob's being what stands before its wildcards; and the paths.

    Raises:
        ContactError: if a folder or a glob holds no file.

    Example:
        >>> paths_of("mails/one.eml") == (Path("mails"), [Path("mails/one.eml")])
        True
    """
    path = Path(source)
    if path.is_dir() and not is_data_set(path):
        return path, _units(source, path, list(path.rglob("*")))
    if path.exists() or _WILD.isdisjoint(str(source)):
        return path.parent, [path]
    anchor = Path(path.anchor)
    root = Path(*takewhile(_WILD.isdisjoint, path.parts))
    return root, _units(source, root, list(anchor.glob(str(path.relative_to(anchor)))))


def is_data_set(path: Path) -> bool:
    """Tell a folder that holds a saved data set; one that cannot be looked into holds none."""
    try:
        return datasets_folder.recognises(path)
    except PermissionError:
        return False


def _units(source: str | Path, root: Path, found: list[Path]) -> list[Path]:
    """Choose what is to be read, a data set as a whole."""
    visible = [path for path in found if not any(part.startswith(".") for part in path.relative_to(root).parts)]
    known = cache(is_data_set)
    units = {
        next((folder for folder in (path, *path.parents) if known(folder)), path): None
        for path in sorted(visible)
        if _is_to_read(path)
    }
    if not units:
        raise ContactError(f"{source}: no file; expected at least one with contacts")
    return list(units)


def _is_to_read(path: Path) -> bool:
    """Tell files, data sets, and what cannot be looked into and is to be rejected by name."""
    try:
        if not path.is_dir():
            return path.is_file()
        next(path.iterdir(), None)
    except PermissionError:
        return True
    return is_data_set(path)
