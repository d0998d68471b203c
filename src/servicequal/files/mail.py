"""Mails: a single one (.eml), or a mailbox (.mbox) whose mails become threads."""

from __future__ import annotations

import mailbox
import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from servicequal.contact import Contact
from servicequal.errors import ContactError
from servicequal.files.letters import Letter, letters_of_text
from servicequal.files.mail_body import read_body
from servicequal.files.mail_headers import Headers, read_headers
from servicequal.files.mail_thread import assemble_mail
from servicequal.files.mbox_threads import group
from servicequal.files.named_after import named_after
from servicequal.files.rejected import Rejected

_KNOWN = re.compile(
    rb"^(?:(from)|to|subject|date|message-id|mime-version|received|return-path|delivered-to|content-type|reply-to"
    rb"|in-reply-to|references|x-[\w-]+)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_TELLING = 20  # letters from which on a text found within another is the same mail


def recognises(path: Path, head: bytes) -> bool:  # noqa: ARG001 - every format has this signature
    """Tell a mail by its first block of headers, a mailbox by its ``From `` line."""
    top = head.partition(b"\n")[2] if head.startswith(b"From ") else head.removeprefix(b"\xef\xbb\xbf").lstrip()
    block = top.replace(b"\r\n", b"\n")
    names = list(_KNOWN.finditer(block.partition(b"\n\n")[0]))
    at_the_top = re.match(rb"[\w-]+[ \t]*:", block) is not None
    return at_the_top and any(name[1] for name in names) and len(names) > 1


def read(path: Path) -> Iterator[Contact | Rejected]:
    r"""Read a mail with the mails that it quotes, or the threads of a mailbox in the order of their first mails.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "c-1.eml"
        ...     _ = path.write_text("From: anna@web.de\nTo: help@shop.de\nSubject: Parcel\n\nWhere is it?\n")
        ...     list(read(path))
        [Contact('c-1', email, 1 turns)]
    """
    with path.open("rb") as file:
        is_mailbox = file.read(5) == b"From "
    if is_mailbox:
        yield from _mailbox(path)
        return
    raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf").lstrip()
    if read_headers(raw).correspondents:
        yield _thread(path, named_after(path), [raw], None)
    else:
        yield Rejected(path.name, "a mail without From and To; expected headers, a blank line, then the text")


def _mailbox(path: Path) -> Iterator[Contact | Rejected]:
    box = mailbox.mbox(path, create=False)
    try:
        keys = list(box.iterkeys())
        headers = [_headers(box, key) for key in keys]
        for at, found in enumerate(headers, start=1):
            if not found.correspondents and not found.identity:
                reason = "a mail without From and To; is a text's line that begins with 'From ' unmarked?"
                yield Rejected(path.name, reason, at)
        for number, thread in enumerate(group(headers), start=1):
            mails = [re.sub(rb"^>(>*From )", rb"\1", box.get_bytes(keys[at]), flags=re.MULTILINE) for at in thread]
            yield _thread(path, named_after(path, number), mails, thread[0] + 1)
    finally:
        box.close()


def _headers(box: mailbox.mbox, key: str) -> Headers:
    with box.get_file(key) as file:
        return read_headers(b"".join(takewhile(lambda line: line not in (b"\n", b"\r\n"), iter(file.readline, b""))))


def _thread(path: Path, name: str, mails: list[bytes], line: int | None) -> Contact | Rejected:
    """Build the contact of mails in the order sent; what a mail quotes counts once."""
    letters: list[Letter] = []
    try:
        for raw in mails:
            headers = read_headers(raw)
            *quoted, own = letters_of_text(read_body(raw), headers.sent.tzinfo if headers.sent else None)
            letters += [letter for letter in quoted if not _is_among(letter, letters)]
            letters.append(_signed(own, headers))
    except ContactError as error:
        return Rejected(path.name, str(error), line, name)
    return assemble_mail(path, name, letters, attributes={"subject": read_headers(mails[0]).subject}, line=line)


def _signed(letter: Letter, headers: Headers) -> Letter:
    return Letter(
        letter.text, headers.sender, headers.recipients, headers.names, sent=headers.sent, automatic=headers.automatic
    )


def _is_among(letter: Letter, letters: list[Letter]) -> bool:
    """Tell whether a quoted mail is there already, however it is wrapped or cut short."""
    own = _letters_only(letter.text)
    others = [_letters_only(each.text) for each in letters]
    return any(
        own == other or (min(len(own), len(other)) > _TELLING and (own in other or other in own)) for other in others
    )


def _letters_only(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
