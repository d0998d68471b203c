"""A whole .json file: a contact of our own, a list of them, or a vendor's document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.errors import ContactError
from servicequal.files.document import read_document
from servicequal.files.encoding import decode_head, read_text
from servicequal.files.named_after import NamedAfterFile, is_first, named_after
from servicequal.files.rejected import Rejected
from servicequal.files.strict_json import parse

_OWN_KEYS = {"id", "channel", "turns", "language", "attributes", "facts"}


def recognises(path: Path, head: bytes) -> bool:  # noqa: ARG001 - every format has this signature
    """Tell a JSON object or a list of objects by its first characters."""
    return re.match(r"\s*(?:\{|\[\s*(?:[\[{\]]|\Z))", decode_head(head)) is not None


def read(path: Path) -> Iterator[Contact | Rejected]:
    """Read a JSON document; a broken one gives one rejection with line and column.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "one.json"
        ...     _ = path.write_text('{"id": "c-1", "channel": "chat", "turns": [{"speaker": "agent", "text": "Hi!"}]}')
        ...     list(read(path))
        [Contact('c-1', chat, 1 turns)]
    """
    try:
        document = parse(read_text(path))
    except ContactError as error:
        yield Rejected(path.name, str(error))
        return
    yield from read_value(document, path, named_after(path))


def read_value(value: Any, path: Path, nameless: NamedAfterFile) -> Iterator[Contact | Rejected]:
    """Read a parsed JSON value: a contact of our own, a vendor's document, or a list of these.

    Args:
        value: the parsed value.
        path: the file that it comes from.
        nameless: the id of a contact that has none of its own.
    """
    if _is_own(value):
        yield _own(value, path)
        return
    for item in read_document(value, path):
        yield replace(item, id=nameless) if isinstance(item, Contact) and is_first(item.id, path) else item


def _is_own(value: Any) -> bool:
    """Tell our own contact, even one with a misspelt key, from a vendor's document."""
    if not isinstance(value, dict):
        return False
    return "turns" in value or 2 * len(_OWN_KEYS & value.keys()) > max(len(value), 2)


def _own(value: dict[str, Any], path: Path) -> Contact | Rejected:
    try:
        return Contact.from_dict(value)
    except ContactError as error:
        return Rejected(path.name, str(error), contact=name if isinstance(name := value.get("id"), str) else None)
