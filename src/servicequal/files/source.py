"""A file, a folder or a glob → contacts: each file goes to the format that recognises its content."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from servicequal.contact import Contact
from servicequal.errors import ContactError
from servicequal.files import (
    captions,
    csv_table,
    datasets_folder,
    json_document,
    jsonl,
    mail,
    parquet,
    plain_text,
    whatsapp,
)
from servicequal.files.encoding import HEAD, decode
from servicequal.files.named_after import NamedAfterFile, placed
from servicequal.files.rejected import Rejected
from servicequal.files.seen import SeenIds
from servicequal.files.source_paths import is_data_set, paths_of

_FORMATS = (parquet, captions, jsonl, json_document, mail, whatsapp, csv_table, plain_text)
_BY_SUFFIX: dict[str, ModuleType] = {
    ".parquet": parquet,
    ".vtt": captions,
    ".srt": captions,
    ".jsonl": jsonl,
    ".ndjson": jsonl,
    ".json": json_document,
    ".eml": mail,
    ".mbox": mail,
    ".csv": csv_table,
    ".tsv": csv_table,
    ".txt": plain_text,
}
_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"(\xb5/\xfd", b"7z\xbc\xaf")


def read_contacts(source: str | Path, *, reject: Callable[[Rejected], None] | None = None) -> Iterator[Contact]:
    r"""Read the contacts of a file, a folder or a glob, one at a time.

    Args:
        source: a path, or a pattern such as ``"exports/**/*.eml"``.
        reject: called with each record that cannot be read; without it the first one raises.

    Raises:
        ContactError: if there is no file, or, without ``reject``, at the first record that cannot be read.
        MissingExtraError: if the source is a Hugging Face data set and ``datasets`` is not installed.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = (Path(folder) / "a.txt").write_text("Agent: Hello!\nCustomer: Hi!")
        ...     _ = (Path(folder) / "b.txt").write_text("no dialogue")
        ...     list(read_contacts(folder, reject=print))
        b.txt: no speakers; expected lines such as 'Agent: …' and 'Customer: …', or a mail's history
        [Contact('a', chat, 2 turns)]
    """
    for item in read_source(source):
        if isinstance(item, Contact):
            yield item
        elif reject is None:
            raise ContactError(str(item))
        else:
            reject(item)


def read_source(source: str | Path) -> Iterator[Contact | Rejected]:
    """Read a file, a folder or a glob; a second contact with the same id is rejected.

    A folder is read with the folders in it, in the order of names; hidden files are left out. Where a contact is named
    after its file and the name is taken, it gets its folders' names before it: ``b/1``.

    Raises:
        ContactError: if a folder or a glob holds no file.
        MissingExtraError: if the source is a Hugging Face data set and ``datasets`` is not installed.
    """
    seen = SeenIds()
    root, paths = paths_of(source)
    for path in paths:
        for item in _read_path(path):
            if isinstance(item, Rejected):
                yield item
                continue
            contact = _named(item, path, root, seen)
            if not seen.add(contact.id):
                reason = f"a second contact has the id {contact.id!r}; expected each id once within the source"
                yield Rejected(path.name, reason, contact=contact.id)
            else:
                yield contact


def _named(contact: Contact, path: Path, root: Path, seen: SeenIds) -> Contact:
    """Make the id of a contact that is named after its file a plain one, if possible one that is not taken."""
    if not isinstance(contact.id, NamedAfterFile):
        return contact
    return replace(contact, id=placed(contact.id, path, root) if contact.id in seen else str(contact.id))


def _read_path(path: Path) -> Iterator[Contact | Rejected]:
    try:
        if is_data_set(path):
            yield from datasets_folder.read(path)
        elif path.is_dir():
            yield Rejected(path.name, "the folder cannot be read; check its permissions")
        elif not path.is_file():
            reason = "neither a file nor a folder" if path.exists() else "no such file"
            yield Rejected(path.name, f"{reason}; expected a file with contacts")
        else:
            yield from _read_file(path)
    except OSError as error:
        yield Rejected(path.name, f"the file cannot be read ({error.strerror}); check its permissions")


def _read_file(path: Path) -> Iterator[Contact | Rejected]:
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        yield Rejected(path.name, "the file is empty; expected contacts")
        return
    by_content = next((form for form in _FORMATS if form.recognises(path, head)), None)
    form = by_content or _BY_SUFFIX.get(path.suffix.lower())
    if form is None:
        yield Rejected(path.name, _unknown(head))
    else:
        yield from form.read(path)


def _unknown(head: bytes) -> str:
    if head.startswith(_PACKED):
        return "a packed file; expected contacts: unpack it first"
    if b"\x00" not in head:
        try:
            decode(head[:-4] if len(head) == HEAD else head)
        except ContactError as error:
            return str(error)
    return "unknown format; expected JSON, Parquet, CSV, mail, captions, WhatsApp or text with 'Agent:' and 'Customer:'"
