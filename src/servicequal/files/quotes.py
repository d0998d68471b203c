"""One mail's body → its newest text and the mails quoted below it, with what their headers say."""

from __future__ import annotations

import re
from dataclasses import dataclass

from servicequal.files.quote_headers import Header, header_at

_QUOTED = re.compile(r"\s{0,3}>")
_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Part:
    """The newest text of a mail, or a quoted mail.

    Attributes:
        text: without quotation marks and headers.
        header: what stands above it; empty if nothing does.
    """

    text: str
    header: Header


def split(body: str) -> list[Part]:
    r"""Split a mail's body, newest first.

    The first part is what the mail itself says, even where that is nothing; quoted mails without text are left out.

    Example:
        >>> body = "Danke!\n\nAm 3. Mai 2026 um 10:12 schrieb Anna <anna@shop.de>:\n> Gern. Ihr Paket kommt morgen."
        >>> [(part.text, part.header.sender) for part in split(body)]
        [('Danke!', None), ('Gern. Ihr Paket kommt morgen.', 'anna@shop.de')]
    """
    lines = body.split("\n")
    header, parts = Header(), list[Part]()
    for _ in range(_DEPTH):
        newest, below, lines = _cut(lines)
        if (text := _joined(newest)) or not parts:
            parts.append(Part(text, header))
            header = Header()
        header = below.over(header)
        if not lines:
            return parts
    oldest = Part(_joined([line.lstrip("> \t") for line in lines]), header)
    return [*parts, oldest] if oldest.text else parts


def _cut(lines: list[str]) -> tuple[list[str], Header, list[str]]:
    """Cut at the first quoted mail: what is new, the header between, and what is quoted."""
    for at, line in enumerate(lines):
        header, count = (Header(), 0) if _QUOTED.match(line) else header_at(lines, at) or (None, 0)
        if header is None:
            continue
        below = lines[at + count :]
        first = next((line for line in below if line.strip()), "")
        if not _QUOTED.match(first):
            return lines[:at], header, below
        answers, quoted = _unquoted(below)
        return lines[:at] + answers, header, quoted
    return lines, Header(), []


def _unquoted(lines: list[str]) -> tuple[list[str], list[str]]:
    """Part answers written between or below quoted lines from these; a further header ends the answers."""
    answers: list[str] = []
    quoted: list[str] = []
    for at, line in enumerate(lines):
        if _QUOTED.match(line):
            quoted.append(re.sub(r"^\s{0,3}> ?", "", line))
        elif header_at(lines, at):
            return answers, quoted + lines[at:]
        else:
            answers.append(line)
    return answers, quoted


def _joined(lines: list[str]) -> str:
    """Join lines without the rule that some mail programs draw above a quoted mail."""
    text = "\n".join(lines).strip()
    rule = len(text) - len(text.rstrip("-_=*"))
    return text[: len(text) - rule].strip() if rule >= 5 else text
