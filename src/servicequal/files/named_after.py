"""Ids of contacts that have none of their own: made of the file's name, and known as such."""

from __future__ import annotations

from pathlib import Path


class NamedAfterFile(str):
    """An id that a file's name gave, not its data: where it is taken, another may be given."""

    __slots__ = ()


def named_after(path: Path, number: int = 1) -> NamedAfterFile:
    """Name a file's contact by the file's stem, from the second on with its number.

    Example:
        >>> named_after(Path("calls/monday.json")), named_after(Path("calls/monday.json"), 2)
        ('monday', 'monday#2')
    """
    return NamedAfterFile(path.stem if number == 1 else f"{path.stem}#{number}")


def placed(name: NamedAfterFile, path: Path, root: Path) -> str:
    """Tell a file's contact from those of files with the same stem in other folders.

    Example:
        >>> placed(named_after(Path("mails/b/1.mbox"), 2), Path("mails/b/1.mbox"), Path("mails"))
        'b/1#2'
    """
    return (path.parent.relative_to(root) / name).as_posix()


def is_first(name: str, path: Path) -> bool:
    """Tell the id that the only, or the first, contact of a file gets for want of its own.

    Example:
        >>> path = Path("monday.json")
        >>> is_first(named_after(path), path), is_first(named_after(path, 2), path), is_first("monday", path)
        (True, False, False)
    """
    return isinstance(name, NamedAfterFile) and name == path.stem
