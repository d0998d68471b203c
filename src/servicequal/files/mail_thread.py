"""The letters of one mail thread → a contact: who of the writers is the agent, by address and by who wrote first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.files.assemble import assemble
from servicequal.files.clock import iso
from servicequal.files.letters import Letter
from servicequal.files.mail_agents import agents_among, company_of
from servicequal.files.mail_writers import is_address, names_among, with_senders
from servicequal.files.rejected import Rejected


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
    letters = with_senders(letters)
    everyone = {letter.sender for letter in letters} | {name for letter in letters for name in letter.recipients}
    agents = agents_among({name for name in everyone if name and is_address(name)}, letters[0].sender)
    names = names_among(letters)
    labels = _labels(letters, agents, names)
    begun = min((date for letter in letters if (date := letter.sent or letter.quoted_date)), default=None)
    found = {
        "started_at": iso(begun),
        "company": company_of(agents or ()),
        "agent": _first(letters, labels, "agent", names),
        "customer": _first(letters, labels, "customer", names),
    } | dict(attributes or {})
    starts = _starts(letters, begun)
    turns = [(label, letter.text, start, None) for label, letter, start in zip(labels, letters, starts, strict=True)]
    return assemble(path, contact_id, "email", turns, attributes=found, language=language, line=line)


def _starts(letters: Sequence[Letter], begun: datetime | None) -> list[float | None]:
    """Count seconds from the first letter, if all letters with text are dated."""
    if begun is None or any(letter.sent is None for letter in letters if letter.text):
        return [None] * len(letters)
    return [(letter.sent - begun).total_seconds() if letter.sent else None for letter in letters]


def _labels(letters: Sequence[Letter], agents: frozenset[str] | None, names: Mapping[str, str]) -> list[str]:
    """Give each letter its writer's role, or a label: a name may tell the role, the words of an address must not."""
    writers = list(dict.fromkeys(letter.sender for letter in letters))
    labels = {writer: f"Writer {number}" for number, writer in enumerate(writers, start=1)}
    labels |= {name: name for name in writers if name and not is_address(name)}
    labels |= {writer: names[writer] for writer in writers if writer and writer in names}
    if agents is not None:
        labels = {writer: "agent" if writer in agents else "customer" for writer in writers}
    return ["system" if letter.automatic else labels[letter.sender] for letter in letters]


def _first(letters: Sequence[Letter], labels: Sequence[str], role: str, names: Mapping[str, str]) -> str | None:
    """Name the first writer who has a role."""
    writers = (letter.sender for letter, label in zip(letters, labels, strict=True) if label == role)
    return next((names.get(writer, writer) for writer in writers if writer), None)
