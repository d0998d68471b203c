"""A parsed JSON document → contacts: the first format that recognises it reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from servicequal.contact import Contact
from servicequal.errors import ContactError
from servicequal.files import (
    assemblyai,
    azure,
    call_analytics,
    contact_lens,
    deepgram,
    genesys,
    insights,
    intercom,
    whisper,
    zendesk,
)
from servicequal.files.loose_json import text
from servicequal.files.named_after import is_first, named_after
from servicequal.files.rejected import Rejected
from servicequal.records import kind


class Format(Protocol):
    """What the module of a vendor's format offers."""

    NAME: str

    def recognises(self, document: Any) -> bool:
        """Tell the format by the document's keys."""

    def read(self, document: Any, path: Path) -> Iterator[Contact | Rejected]:
        """Read the document's contacts; bad content is rejected, never raised."""


FORMATS: tuple[Format, ...] = (
    contact_lens,
    call_analytics,
    insights,
    genesys,
    azure,
    deepgram,
    assemblyai,
    whisper,
    zendesk,
    intercom,
)

_SHOWN = 6  # keys of a document that nothing recognises
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}")  # any other key may be a customer's text


def read_document(document: Any, path: Path) -> Iterator[Contact | Rejected]:
    """Read a document of a vendor, a contact of our own, or a list of these.

    Args:
        document: any parsed JSON value.
        path: the file that it comes from; a contact without an id is named by its stem, from the second on with a
            number: ``stem#2``.

    Yields:
        The contacts, and for what cannot be read the reason, with its place in a list as the line.

    Example:
        >>> turns = [{"speaker": "agent", "text": "Hi!"}]
        >>> own = {"id": "c-1", "channel": "chat", "turns": turns}
        >>> list(read_document(own, Path("one.json")))
        [Contact('c-1', chat, 1 turns)]
        >>> for item in read_document({"messages": [], "topic": "x"}, Path("odd.json")):
        ...     print(item)  # doctest: +ELLIPSIS
        odd.json: an object with the keys 'messages', 'topic'; expected a contact (id, channel, turns) or ...
    """
    if isinstance(document, list) and document and _format_of(document) is None:
        for number, element in enumerate(document, start=1):
            for item in _read_one(element, path):
                if isinstance(item, Rejected):
                    yield replace(item, line=number)
                else:
                    yield replace(item, id=named_after(path, number)) if is_first(item.id, path) else item
    else:
        yield from _read_one(document, path)


def _read_one(document: Any, path: Path) -> Iterator[Contact | Rejected]:
    if isinstance(document, dict) and {"id", "channel", "turns"} <= document.keys():
        yield _own(document, path)
        return
    vendor = _format_of(document)
    if vendor is not None:
        yield from vendor.read(document, path)
    else:
        yield Rejected(path.name, _unknown(document), contact=text(document, "id"))


def _format_of(document: Any) -> Format | None:
    return next((one for one in FORMATS if one.recognises(document)), None)


def _own(document: dict[str, Any], path: Path) -> Contact | Rejected:
    try:
        return Contact.from_dict(document)
    except ContactError as error:
        return Rejected(path.name, str(error), contact=text(document, "id"))


def _unknown(document: Any) -> str:
    found = kind(document)
    if isinstance(document, dict) and document:
        names = [repr(key) if _NAME.fullmatch(str(key)) else "(no plain word)" for key in document]
        more = ", …" if len(names) > _SHOWN else ""
        found += f" with the keys {', '.join(names[:_SHOWN])}{more}"
    elif document in ({}, []):
        found += " with nothing in it"
    known = ", ".join(one.NAME for one in FORMATS)
    return f"{found}; expected a contact (id, channel, turns) or a document of {known}"
