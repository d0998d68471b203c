"""A mail's body → the letters in it: its own, and those that it quotes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from servicequal.files.quotes import Part, split
from servicequal.files.signatures import cut_signature


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail of a thread, without the mails that it quotes.

    Attributes:
        text: what its writer wrote.
        sender: address, or a name where no address is known; None if neither.
        recipients: addresses or names, likewise.
        names: the names displayed, by address, as far as its headers tell.
        quoted_date: when it was sent, as the mail that quotes it states.
        sent: when, if headers of its own say so.
        automatic: whether a machine sent it.
    """

    text: str
    sender: str | None = None
    recipients: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    quoted_date: datetime | None = None
    sent: datetime | None = None
    automatic: bool = False

    def __repr__(self) -> str:
        """Show no address and no text."""
        return f"Letter({len(self.text)} characters)"


def letters_of_text(body: str, zone: tzinfo | None = None) -> list[Letter]:
    r"""Split a mail's body into the letters quoted, oldest first, and its own as the last, even if that is empty.

    Args:
        body: without the mail's headers.
        zone: of who sent it, in whose time the mails quoted are dated; UTC if it is not known.

    Example:
        >>> letters_of_text("Gern!\n\nAnna <anna@web.de> schrieb am 3.5.2026:\n> Danke.\n> --\n> Anna, Berlin")
        [Letter(6 characters), Letter(5 characters)]
    """
    own, *quoted = (_letter(part, zone or UTC) for part in split(body))
    return [letter for letter in reversed(quoted) if letter.text] + [own]


def _letter(part: Part, zone: tzinfo) -> Letter:
    header, sent = part.header, part.header.sent
    recipients = (header.recipient,) if header.recipient else ()
    dated = sent if sent is None or sent.tzinfo else sent.replace(tzinfo=zone)
    return Letter(cut_signature(part.text), header.sender, recipients, header.names, dated)
