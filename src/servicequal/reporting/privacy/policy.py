"""Privacy: how closely a report may look at people."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from servicequal.reporting.privacy.pseudonyms import fresh_key

LEAST_AGENTS, LEAST_CONTACTS = 5, 10


@dataclass(frozen=True, slots=True)
class Privacy:
    """How closely a report may look at people; the default looks at no single one.

    Attributes:
        purpose: why single agents are looked at. Naming it switches the agent level on, and it is written into the
            report and the audit log; without it, no figure and no passage leads to an agent.
        least_agents: a team, or another group of agents, with fewer has no figures.
        least_contacts: a group of any kind with fewer has no figures.
        key: secret of the pseudonyms; without one, pseudonyms hold for one report only.
        audit: the log of requests, JSONL; needed to look at single agents.
        contact_ids: whether contacts keep their ids at the team level. An id usually leads to the agent in the system
            that the contact comes from.

    Raises:
        ValueError: if the purpose is blank or comes without an audit log, or a least number is below 1.

    Example:
        >>> Privacy().level, Privacy("coaching as agreed on 1 March", audit=Path("audit.jsonl")).level
        ('team', 'agent')
    """

    purpose: str | None = None
    least_agents: int = LEAST_AGENTS
    least_contacts: int = LEAST_CONTACTS
    key: bytes = field(default_factory=fresh_key, repr=False)
    audit: Path | None = None
    contact_ids: bool = False

    def __post_init__(self) -> None:
        if self.purpose is not None and not self.purpose.strip():
            raise ValueError("the purpose is blank; say why single agents are looked at")
        if self.purpose is not None and self.audit is None:
            raise ValueError("single agents are looked at without an audit log; name a file that keeps it")
        if min(self.least_agents, self.least_contacts) < 1:
            raise ValueError("least_agents and least_contacts are 1 or more")

    @property
    def level(self) -> str:
        """``team`` or ``agent``."""
        return "team" if self.purpose is None else "agent"

    @property
    def shows_contact_ids(self) -> bool:
        """Whether contacts keep their ids: at the agent level, or where it was asked for."""
        return self.contact_ids or self.purpose is not None
