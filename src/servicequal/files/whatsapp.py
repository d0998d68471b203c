"""WhatsApp's chat exports, as Android and iPhones write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from servicequal.contact import Contact
from servicequal.errors import ContactError
from servicequal.files.assemble import assemble
from servicequal.files.clock import iso
from servicequal.files.encoding import decode_head, read_text
from servicequal.files.named_after import named_after
from servicequal.files.rejected import Rejected

_MESSAGE = re.compile(
    r"[\u200e\u200f]?(?P<bracket>\[)?(?P<first>\d{1,4})(?P<mark>[./-])(?P<second>\d{1,2})(?P=mark)(?P<third>\d{2,4})"
    r"(?:,|\s+um|\s+o)?\s+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second_of_minute>\d{2}))?"
    r"(?:\s*(?P<half>[ap])\.?\s?m\.?)?(?(bracket)\]\s?|\s+[-\u2013]\s)(?P<rest>.*)",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?P<name>(?!https?:)[^:\n]{1,60}):\s*(?P<text>.*)", re.DOTALL)
_NOTICE = re.compile(
    r"\u200e|.*\b(?:created (?:this )?group|added|removed|changed|end-to-end|security code|hat die Gruppe|hinzugefügt"
    r"|Ende-zu-Ende|Sicherheitsnummer|utworzył|dodał|zmienił|kompleksowo szyfrowane)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Message:
    parts: tuple[int, int, int]
    clock: tuple[int, int, int]
    text: str


def recognises(path: Path, head: bytes) -> bool:  # noqa: ARG001 - every format has this signature
    """Tell an export by the date and time at the first line's beginning."""
    return _MESSAGE.match(decode_head(head).lstrip()[:300]) is not None


def read(path: Path) -> Iterator[Contact | Rejected]:
    r"""Read one chat; its times carry no zone and are taken for UTC.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "chat.txt"
        ...     _ = path.write_text("03.05.26, 10:12 - Support: Hello!\n03.05.26, 10:14 - Anna: Hi,\nmy parcel …")
        ...     contact, = read(path)
        ...     contact, contact.turns[1].start, contact.attributes["started_at"]
        (Contact('chat', chat, 2 turns), 120.0, '2026-05-03T10:12:00Z')
    """
    try:
        messages = _messages(read_text(path))
        times = _times(messages)
    except ContactError as error:
        yield Rejected(path.name, str(error))
        return
    if not messages:
        yield Rejected(path.name, "no message; expected lines such as '03.05.26, 10:12 - Name: text'")
        return
    begun = times[0]
    turns = [
        (*_named(message.text), (time - begun).total_seconds(), None)
        for message, time in zip(messages, times, strict=True)
    ]
    yield assemble(path, named_after(path), "chat", turns, attributes={"started_at": iso(begun)})


def _messages(text: str) -> list[_Message]:
    """Split at the lines that begin with a date; other lines go on with the message before."""
    matches: list[tuple[re.Match[str], list[str]]] = []
    for line in text.split("\n"):
        if match := _MESSAGE.fullmatch(line):
            matches.append((match, [match["rest"]]))
        elif matches:
            matches[-1][1].append(line)
    return [_message(match, "\n".join(lines)) for match, lines in matches]


def _message(match: re.Match[str], text: str) -> _Message:
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    parts = int(match["first"]), int(match["second"]), int(match["third"])
    return _Message(parts, (hour, int(match["minute"]), int(match["second_of_minute"] or 0)), text)


def _times(messages: list[_Message]) -> list[datetime]:
    """Read the dates: year first, else the day, unless a month beyond 12 says that the month comes first."""
    month_first = any(message.parts[1] > 12 for message in messages)
    try:
        return [datetime(*_date(message.parts, month_first), *message.clock, tzinfo=UTC) for message in messages]
    except ValueError:
        raise ContactError("a date that is none; expected day, month and year in one order throughout") from None


def _date(parts: tuple[int, int, int], month_first: bool) -> tuple[int, int, int]:
    first, second, third = parts
    if first > 31:
        return first, second, third
    year = third if third > 99 else 2000 + third
    return (year, first, second) if month_first else (year, second, first)


def _named(text: str) -> tuple[str, str]:
    """Part the writer from the text; what names no writer, or is a notice, is the system's."""
    match = _NAMED.fullmatch(text)
    if match and not _NOTICE.match(match["text"]) and not _NOTICE.match(match["name"]):
        return match["name"].strip("~ \u200e\u202f\u202a\u202c"), match["text"].strip()
    return "System", text.strip("\u200e \n")
