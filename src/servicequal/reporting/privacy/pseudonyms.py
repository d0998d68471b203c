"""Keyed pseudonyms: stable for whoever holds the key, and nothing can be read from them without it."""

from __future__ import annotations

import hmac
import os
import secrets
from base64 import b32encode
from pathlib import Path

from servicequal.errors import ServicequalError

LETTERS = 10  # of base 32: 50 bits; two of 100,000 contacts meet with a probability of 5 in a million


def pseudonym(kind: str, value: str, key: bytes) -> str:
    """Give a name's pseudonym: HMAC-SHA256 under a secret key (RFC 2104), cut to ten letters and digits.

    A plain hash would not do: whoever knows the agents' names could hash them all and compare.

    Args:
        kind: ``agent``, ``customer`` or ``contact``; the same value has another pseudonym as another kind.
        value: what is to be hidden.
        key: secret.

    Example:
        >>> pseudonym("agent", "Sophie", b"k" * 32), pseudonym("customer", "Sophie", b"k" * 32)
        ('agent-mdms5ivrfb', 'customer-23flrnxw7j')
    """
    digest = hmac.digest(key, f"{kind}\0{value}".encode("utf-8", "surrogatepass"), "sha256")
    return f"{kind}-{b32encode(digest)[:LETTERS].decode().lower()}"


def fresh_key() -> bytes:
    """Draw a key that nobody keeps: pseudonyms of one run, which cannot be linked with those of another."""
    return secrets.token_bytes(32)


def kept_key(path: Path) -> bytes:
    """Read the key in a file; if there is no such file, draw one and write it, for its owner's eyes only.

    Raises:
        ServicequalError: if the file holds no key.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    key = fresh_key()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
    return key


def _read(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (ValueError, OSError):
        key = b""
    if len(key) != 32:
        raise ServicequalError(f"{path}: no key of 64 hexadecimal digits; name a new file to have one drawn")
    return key
