"""Where a quoted mail begins: attributions, 'Original Message' rules, header blocks, in English, German and Polish."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from servicequal.files.attributions import attribution_at, names_in, writer_in
from servicequal.files.persons import names_displayed, person, without_addresses
from servicequal.files.quote_dates import date_in

_FIELD = re.compile(
    r"\s*\**(?:(?P<sender>From|Von|Od|Nadawca)|(?P<recipient>To|An|Do|Adresat)"
    r"|(?P<date>Sent|Date|Gesendet(?: am)?|Datum|Wysłano|Wysłane|Data)|(?P<subject>Subject|Betreff|Temat)"
    r"|Cc|Bcc|Kopie|DW|UDW|Reply-To|Antwort an|Odpowiedź do|Importance|Priorität|Wichtigkeit|Ważność"
    r"|Attachments|Anlagen|Załączniki)\s*:\**(?:\s+(?P<value>.*)|)\s*",
    re.IGNORECASE,
)
_RULE_WORDS = (
    r"(?:Original(?: Message| E?-?Mail|nachricht)|(?:Ursprüngliche|Weitergeleitete) Nachricht|Forwarded message"
    r"|Wiadomość (?:oryginalna|przekazana|pierwotna)|(?:Oryginalna|Przekazana) wiadomość|Reply message"
    r"|Treść (?:oryginalnej|przekazanej) wiadomości)"
)
_RULE = re.compile(
    rf"[\s>*]*(?:[-_=]{{2,}}\s*{_RULE_WORDS}\s*[-_=]{{2,}}|Begin forwarded message\s*:"
    r"|Anfang der weitergeleiteten (?:Nachricht|E-Mail)\s*:|Początek przekaz(?:yw)?anej wiadomości\s*:)\s*",
    re.IGNORECASE,
)
_BLOCK = 40  # lines of a header block, at most
_VALUE = 1000  # characters of a value, at most


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above a quoted mail.

    Attributes:
        sender: address, or a name where there is no address.
        recipient: likewise.
        sent: as written: without a zone where none is.
        names: the names displayed, by address.
    """

    sender: str | None = None
    recipient: str | None = None
    sent: datetime | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Show no address and no name."""
        return f"Header({'dated' if self.sent else 'undated'})"

    def over(self, other: Header) -> Header:
        """Fill in what this header lacks."""
        return Header(
            self.sender or other.sender,
            self.recipient or other.recipient,
            self.sent or other.sent,
            {**other.names, **self.names},
        )


def header_at(lines: Sequence[str], at: int) -> tuple[Header, int] | None:
    """Read the header of a quoted mail that starts at a line.

    Returns:
        The header and how many lines it takes, or None.

    Example:
        >>> header, count = header_at(["W dniu 3.05.2026 o 10:12, Anna Nowak pisze:", "> Dzień dobry"], 0)
        >>> header.sender, str(header.sent), count
        ('Anna Nowak', '2026-05-03 10:12:00', 1)
    """
    if not lines[at].strip():
        return None
    if _RULE.fullmatch(lines[at]):
        return Header(), 1
    return _block(lines, at) or _attribution(lines, at)


def _block(lines: Sequence[str], at: int) -> tuple[Header, int] | None:
    """Read From, Sent, To, Subject … in any order; blank lines may part them."""
    found: dict[str, str] = {}
    end = at
    for number, line in enumerate(lines[at : at + _BLOCK], start=at):
        if field := _FIELD.fullmatch(line):
            found |= {
                name: (field["value"] or "")[:_VALUE]
                for name in ("sender", "recipient", "date", "subject")
                if field[name]
            }
            end = number + 1
        elif found and end == number and line[:1].isspace() and line.strip():  # a value goes on
            end = number + 1
        elif line.strip() or number > end:
            break
    if "sender" not in found or not {"date", "subject"} & found.keys():
        return None
    sender, recipient = found["sender"], found.get("recipient", "")
    names = {**names_displayed(recipient), **names_displayed(sender)}
    return Header(person(sender), person(recipient), date_in(found.get("date", "")), names), end - at


def _attribution(lines: Sequence[str], at: int) -> tuple[Header, int] | None:
    found = attribution_at(lines, at)
    if not found:
        return None
    text, count = found
    return Header(writer_in(text), None, date_in(without_addresses(text)), names_in(text)), count
