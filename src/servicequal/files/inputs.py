"""Several files, folders and globs as one stream of contacts, with each id once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.errors import ContactError
from servicequal.files.rejected import Rejected
from servicequal.files.seen import SeenIds
from servicequal.files.source import read_source


def check_inputs(inputs: Iterable[str]) -> None:
    """Refuse inputs that do not exist, before anything is read.

    Raises:
        ContactError: naming the input.
    """
    for source in inputs:
        if not source or (not Path(source).exists() and not any(sign in source for sign in "*?[")):
            raise ContactError(f"{source or repr(source)}: there is no such file or folder")


def read_inputs(inputs: Iterable[str]) -> Iterator[Contact | Rejected]:
    """Read several sources one after another; a second contact with the same id is rejected."""
    seen = SeenIds()
    for source in inputs:
        try:
            yield from distinct(read_source(source), source, seen)
        except ContactError as error:  # a folder or a pattern without files: the other inputs are read
            yield Rejected(source, str(error).removeprefix(f"{source}: "))


def distinct(items: Iterable[Contact | Rejected], source: str, seen: SeenIds) -> Iterator[Contact | Rejected]:
    """Reject contacts whose id has been seen."""
    for item in items:
        if isinstance(item, Contact) and not seen.add(item.id):
            reason = f"a second contact has the id {item.id!r}; expected each id once over all inputs"
            yield Rejected(source, reason, contact=item.id)
        else:
            yield item


def with_attributes(items: Iterable[Contact | Rejected], attributes: Mapping[str, Any]) -> Iterator[Contact | Rejected]:
    """Give contacts the attributes that they lack."""
    for item in items:
        if isinstance(item, Contact) and attributes:
            yield replace(item, attributes={**attributes, **item.attributes})
        else:
            yield item
