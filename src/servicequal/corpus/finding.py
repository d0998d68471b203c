"""Finding: one thing that is wrong in annotated waves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        kind: ``unreadable``, ``unknown``, ``missing``, ``speaker``, ``contradiction``, ``duplicate`` or ``leakage``.
        where: contact, rater, phrase or file.
        message: what was found, what was expected, what to do.
    """

    kind: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.message}" if self.where else f"{self.kind}: {self.message}"
