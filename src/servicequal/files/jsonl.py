"""One JSON object a line: servicequal's own contacts, or vendors' documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from servicequal.contact import Contact
from servicequal.errors import ContactError
from servicequal.files.encoding import decode_head, encoding_of, read_text, undecodable
from servicequal.files.json_document import read_value
from servicequal.files.named_after import named_after
from servicequal.files.rejected import Rejected
from servicequal.files.seen import SeenIds
from servicequal.files.strict_json import parse
from servicequal.files.whole_file import written_whole
from servicequal.records import to_json


def recognises(path: Path, head: bytes) -> bool:
    """Tell lines of JSON objects from one object written over several lines."""
    if not decode_head(head).lstrip().startswith("{"):
        return False
    with path.open("rb") as file:
        lines = (line.strip() for line in file)
        first, second = (next((line for line in lines if line), b"") for _ in range(2))
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return first != b"{"
    return first.endswith(b"}") and second.startswith(b"{")


def read(path: Path) -> Iterator[Contact | Rejected]:
    r"""Read contacts line by line; blank lines are skipped, and a second contact with the same id is rejected.

    Example:
        >>> import tempfile
        >>> contact = '{"id": "c-1", "channel": "chat", "turns": [{"speaker": "agent", "text": "Hi!"}]}'
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "contacts.jsonl"
        ...     _ = path.write_text(contact + "\n" + contact)
        ...     for item in read(path):
        ...         print(item)
        Contact('c-1', chat, 1 turns)
        contacts.jsonl, line 2: a second contact has the id 'c-1'; expected each id once
    """
    seen = SeenIds()
    try:
        for number, line in enumerate(_lines(path), start=1):
            for item in _items(line, path, number):
                if isinstance(item, Rejected):
                    yield replace(item, line=number)
                elif not seen.add(item.id):
                    reason = f"a second contact has the id {item.id!r}; expected each id once"
                    yield Rejected(path.name, reason, number, item.id)
                else:
                    yield item
    except ContactError as error:  # a file in UTF-16 that breaks off
        yield Rejected(path.name, str(error))


def write_contacts_jsonl(contacts: Iterable[Contact], path: str | Path) -> None:
    """Write contacts, one JSON object a line, UTF-8; the file appears when all are written.

    Example:
        >>> import tempfile
        >>> from servicequal.contact import Turn
        >>> contact = Contact("c-1", "chat", (Turn("agent", "Grüß Gott!"),))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_contacts_jsonl([contact], Path(folder) / "contacts.jsonl")
        ...     list(read(Path(folder) / "contacts.jsonl")) == [contact]
        True
    """
    with written_whole(Path(path)) as scratch, scratch.open("wb") as file:
        for contact in contacts:
            file.write(to_json(contact.to_dict()).encode() + b"\n")


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        if encoding_of(file.peek()).startswith("utf-8"):
            yield from file
            return
    yield from (line.encode() for line in read_text(path).split("\n"))


def _items(line: bytes, path: Path, number: int) -> Iterator[Contact | Rejected]:
    try:
        text = line.decode("utf-8-sig").strip()
        if text:
            nameless = named_after(path, number)
            yield from read_value(parse(text, one_line=True), path, nameless)
    except UnicodeDecodeError as error:
        yield Rejected(path.name, str(undecodable(error)))
    except ContactError as error:
        yield Rejected(path.name, str(error))
