"""Labelled turns, as a transcript has them, → a Contact; or the reason why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from servicequal.contact import Contact, Turn
from servicequal.errors import ContactError
from servicequal.files.rejected import Rejected
from servicequal.files.role_words import speaker_of
from servicequal.files.roles import assign_roles

Labelled = tuple[str, str, float | None, float | None]
"""A speaker's label, the text, its start and its end."""


def assemble(
    path: Path,
    contact_id: str,
    channel: str,
    labelled: Iterable[Labelled],
    *,
    attributes: Mapping[str, Any] | None = None,
    language: str | None = None,
    line: int | None = None,
) -> Contact | Rejected:
    """Build one contact of labelled turns; turns without text are dropped.

    A label that names a role gets it. Labels that name none get the one that is free, and where no label names
    agent or customer, the roles are inferred and their probability kept as ``roles_inferred``.

    Example:
        >>> turns = [("Berater", "Guten Tag!", 0.0, 1.5), ("Frau Meier", "Hallo.", 2.0, 2.4)]
        >>> assemble(Path("call.txt"), "call", "phone", turns).turns[1]
        Turn(customer, 6 characters)
        >>> print(assemble(Path("call.txt"), "call", "phone", []))
        call.txt: no turn with text; expected at least one
    """
    attributes = {key: value for key, value in (attributes or {}).items() if value not in (None, "")}
    try:
        turns, probability = _with_roles([turn for turn in labelled if turn[1].strip()])
        if probability is not None:
            attributes["roles_inferred"] = round(probability, 3)
        return Contact(contact_id, channel, turns, language, attributes)
    except ContactError as error:
        return Rejected(path.name, str(error), line, contact_id)


def _with_roles(labelled: list[Labelled]) -> tuple[tuple[Turn, ...], float | None]:
    roles = {label: speaker_of(label) for label, *_ in labelled}
    found = {role for role in roles.values() if role}
    if None in roles.values():
        if not found & {"agent", "customer"}:
            return _inferred(labelled, roles)
        free = "customer" if "customer" not in found else "agent" if "agent" not in found else "system"
        roles = {label: role or free for label, role in roles.items()}
    return tuple(Turn(roles[label] or "system", text, start, end) for label, text, start, end in labelled), None


def _inferred(labelled: list[Labelled], roles: Mapping[str, str | None]) -> tuple[tuple[Turn, ...], float]:
    """Infer agent and customer; what the system says keeps its place."""
    people, probability = assign_roles([turn for turn in labelled if not roles[turn[0]]])
    remaining = iter(people)
    turns = tuple(Turn("system", *turn[1:]) if roles[turn[0]] else next(remaining) for turn in labelled)
    return turns, probability
