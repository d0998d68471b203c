"""Bytes → text: UTF-8 or UTF-16, with or without a byte order mark; anything else is refused rather than guessed."""

from __future__ import annotations

import codecs
from pathlib import Path

from servicequal.errors import ContactError

HEAD = 65_536

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark begins alike
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(head: bytes) -> str:
    """Name the encoding that a file's first bytes speak for.

    Example:
        >>> encoding_of("Grüße".encode()), encoding_of("Hello".encode("utf-16-le"))
        ('utf-8', 'utf-16-le')
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    even, odd = head[0:1024:2].count(0), head[1:1024:2].count(0)
    quarter = min(len(head), 1024) / 8
    if odd > quarter and not even:
        return "utf-16-le"
    return "utf-16-be" if even > quarter and not odd else "utf-8"


def decode_head(head: bytes) -> str:
    r"""Decode the beginning of a file, which may end within a character; the empty string if it is no text.

    Example:
        >>> decode_head("Grüße".encode()[:3]), decode_head(b"Gr\xfc\xdfe")
        ('Gr', '')
    """
    try:
        return codecs.getincrementaldecoder(encoding_of(head))().decode(head)
    except UnicodeDecodeError:
        return ""


def decode(raw: bytes) -> str:
    r"""Decode a whole file, with every line ending as ``\n``.

    Raises:
        ContactError: if the bytes are neither UTF-8 nor UTF-16.
    """
    try:
        text = raw.decode(encoding_of(raw))
    except UnicodeDecodeError as error:
        raise undecodable(error) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_text(path: Path) -> str:
    """Read a whole text file.

    Raises:
        ContactError: if the bytes are neither UTF-8 nor UTF-16.
    """
    return decode(path.read_bytes())


def undecodable(error: UnicodeDecodeError) -> ContactError:
    """Say that bytes are not text, without quoting them."""
    return ContactError(f"byte {error.start + 1} is not {error.encoding}; expected UTF-8 (or UTF-16): save it as UTF-8")
