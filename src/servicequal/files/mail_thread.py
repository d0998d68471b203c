"""The letters of one mail thread → a contact: who of the writers is the agent, by address and by who wrote first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.files.assemble import assemble
from servicequal.files.clock import iso
from servicequal.files.mail_agents import agents_among
from servicequal.files.quotes import split
from servicequal.files.rejected import Rejected
from servicequal.files.signatures import cut_signature


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail of a thread, without the mails that it quotes.

    Attributes:
        text: what its writer wrote.
        sender: address, or a name where no address is known; None if neither.
        recipients: addresses or names, likewise.
        name: the sender's display name.
        sent: when, if a header says so.
        automatic: whether a machine sent it.
    """

    text: str
    sender: str | None = None
    recipients: tuple[str, ...] = ()
    name: str | None = None
    sent: datetime | None = None
    automatic: bool = False

    def __repr__(self) -> str:
        """Show no address and no text."""
        return f"Letter({len(self.text)} characters)"


def letters_of_text(body: str) -> list[Letter]:
    r"""Split a mail's body into the letters quoted, oldest first, and its own as the last, even if that is empty.

    Example:
        >>> letters_of_text("Gern!\n\nAnna <anna@web.de> schrieb am 3.5.2026:\n> Danke.\n> --\n> Anna, Berlin")
        [Letter(6 characters), Letter(5 characters)]
    """
    own, *quoted = (
        Letter(cut_signature(part.text), part.sender, (part.recipient,) if part.recipient else ())
        for part in split(body)
    )
    return [letter for letter in reversed(quoted) if letter.text] + [own]


def assemble_mail(
    path: Path,
    contact_id: str,
    letters: Sequence[Letter],
    *,
    language: str | None = None,
    attributes: Mapping[str, Any] | None = None,
    line: int | None = None,
) -> Contact | Rejected:
    """Build the contact of a thread, oldest letter first."""
    letters = _with_senders(letters)
    everyone = {letter.sender for letter in letters} | {name for letter in letters for name in letter.recipients}
    agents = agents_among({name for name in everyone if name and _is_address(name)}, letters[0].sender)
    labels = _labels(letters, agents)
    dates = [letter.sent for letter in letters if letter.sent]
    begun = min(dates, default=None)
    found = {
        "started_at": iso(begun),
        "agent": _first(letters, labels, "agent"),
        "customer": _first(letters, labels, "customer"),
    } | dict(attributes or {})
    starts = _starts(letters, begun)
    turns = [(label, letter.text, start, None) for label, letter, start in zip(labels, letters, starts, strict=True)]
    return assemble(path, contact_id, "email", turns, attributes=found, language=language, line=line)


def _starts(letters: Sequence[Letter], begun: datetime | None) -> list[float | None]:
    """Count seconds from the first letter, if all letters with text are dated."""
    if begun is None or any(letter.sent is None for letter in letters if letter.text):
        return [None] * len(letters)
    return [(letter.sent - begun).total_seconds() if letter.sent else None for letter in letters]


def _labels(letters: Sequence[Letter], agents: frozenset[str] | None) -> list[str]:
    """Give each letter its writer's role, or a label: a name may tell the role, the words of an address must not."""
    names = {letter.sender: letter.name for letter in reversed(letters) if letter.name}
    names |= {letter.sender: letter.sender for letter in letters if letter.sender and not _is_address(letter.sender)}
    writers = list(dict.fromkeys(letter.sender for letter in letters))
    labels = {writer: names.get(writer) or f"Writer {number}" for number, writer in enumerate(writers, start=1)}
    if agents is not None:
        labels = {writer: "agent" if writer in agents else "customer" for writer in writers}
    return ["system" if letter.automatic else labels[letter.sender] for letter in letters]


def _first(letters: Sequence[Letter], labels: Sequence[str], role: str) -> str | None:
    """Name the first letter's writer who has a role."""
    writers = (letter for letter, label in zip(letters, labels, strict=True) if label == role)
    return next((letter.name or letter.sender for letter in writers if letter.name or letter.sender), None)


def _with_senders(letters: Sequence[Letter]) -> list[Letter]:
    """Give an address to a letter that has a name or nothing: by name, else it takes turns with its neighbour."""
    by_name = {letter.name.casefold(): letter.sender for letter in letters if letter.name and letter.sender}
    found = [replace(letter, sender=by_name.get((letter.sender or "").casefold(), letter.sender)) for letter in letters]
    for order in (range(len(found) - 2, -1, -1), range(1, len(found))):
        step = 1 if order.step < 0 else -1
        for at in order:
            if not _is_address(found[at].sender):
                found[at] = replace(found[at], sender=_other(found[at], found[at + step], found))
    return found


def _other(letter: Letter, neighbour: Letter, letters: Sequence[Letter]) -> str | None:
    """Who wrote the letter beside this one's neighbour: one of its recipients, else the only other writer."""
    others = [name for name in neighbour.recipients if _is_address(name)]
    others += [each.sender for each in letters if each.sender and _is_address(each.sender)]
    return (
        next((name for name in others if name != neighbour.sender), letter.sender)
        if neighbour.sender
        else letter.sender
    )


def _is_address(name: str | None) -> bool:
    return name is not None and "@" in name
