"""Rejected: what a reader could not turn into a contact, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rejected:
    """One record that was refused.

    Attributes:
        source: the file's name.
        reason: what was found and what was expected; never a customer's text.
        line: 1-based line or record number within the file, if it holds several.
        contact: the contact's id, if it could be read.
    """

    source: str
    reason: str
    line: int | None = None
    contact: str | None = None

    def __str__(self) -> str:
        place = self.source if self.line is None else f"{self.source}, line {self.line}"
        return f"{place}: {self.reason}"

    def to_dict(self) -> dict[str, Any]:
        """Write the rejection as a JSON object."""
        return {"source": self.source, "line": self.line, "contact": self.contact, "reason": self.reason}
