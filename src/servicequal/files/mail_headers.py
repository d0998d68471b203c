"""A mail's headers, as far as threads and roles need them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_string
from email.message import Message
from email.policy import default
from email.utils import parsedate_to_datetime

from servicequal.files.persons import addresses, names_displayed, person

MALFORMED = (ValueError, LookupError, AttributeError, TypeError, RecursionError)
"""What the standard parser raises on malformed headers and charsets, where it does not mend them."""

_REPLY = re.compile(
    r"\s*(?:(?:re|aw|antw|antwort|odp|fwd?|fw|wg|pd|sv)\s*(?:\[\d+\])?\s*:|\[(?:ext|extern|external)\])\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Headers:
    """Who wrote to whom, when, about what, and in answer to which mails.

    Attributes:
        subject: without Re:, AW:, Odp: and the like; ``is_reply`` says whether there was any.
        sender: address, or a name where there is none.
        names: the names displayed, by address.
        sent: in the zone of who sent it.
        automatic: whether a machine sent the mail.
    """

    identity: str
    references: tuple[str, ...]
    subject: str
    is_reply: bool
    sender: str | None
    names: Mapping[str, str]
    recipients: tuple[str, ...]
    sent: datetime | None
    automatic: bool

    def __repr__(self) -> str:
        """Show no address and no subject."""
        return f"Headers({len(self.references)} references)"

    @property
    def correspondents(self) -> frozenset[str]:
        """Sender and recipients."""
        return frozenset(filter(None, (self.sender, *self.recipients)))


def read_headers(raw: bytes) -> Headers:
    r"""Read the headers of a mail; those that are malformed count as missing.

    Example:
        >>> headers = read_headers(b"From: Anna <Anna@web.de>\nSubject: AW: Re: Paket\n\nHallo")
        >>> headers.sender, headers.names, headers.subject
        ('anna@web.de', {'anna@web.de': 'Anna'}, 'Paket')
    """
    top = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    try:
        text = top.decode()
    except UnicodeDecodeError:
        text = top.decode("cp1252", errors="replace")
    message = message_from_string(text, policy=default)
    sender, recipients, subject = (_header(message, name) for name in ("From", "To", "Subject"))
    return Headers(
        identity=next(iter(_identities(message, "Message-ID")), ""),
        references=(*_identities(message, "References"), *_identities(message, "In-Reply-To")),
        subject=_bare(subject),
        is_reply=_REPLY.match(subject) is not None,
        sender=person(sender),
        names=names_displayed(recipients) | _name(sender),
        recipients=tuple(addresses(recipients)),
        sent=_sent(message),
        automatic=_header(message, "Auto-Submitted").lower() not in ("", "no"),
    )


def _name(sender: str) -> dict[str, str]:
    """Give the one name before, or beside, the sender's address, even where a comma in it is not quoted."""
    name = re.sub(r"<[^<>]*>|\([^()]*\)", "", sender).strip(" \"'")
    return {address: name for address in addresses(sender)[:1] if name and "@" not in name}


def _bare(subject: str) -> str:
    while match := _REPLY.match(subject):
        subject = subject[match.end() :]
    return subject


def _header(message: Message, name: str) -> str:
    try:
        return re.sub(r"[\s\ud800-\udfff\x00]+", " ", str(message.get(name, ""))).strip()
    except MALFORMED:
        return ""


def _identities(message: Message, name: str) -> list[str]:
    return re.findall(r"<[^<>\s]+>", _header(message, name))


def _sent(message: Message) -> datetime | None:
    try:
        sent = parsedate_to_datetime(_header(message, "Date"))
        return sent.astimezone(UTC).astimezone(sent.tzinfo) if sent.tzinfo else sent.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None
