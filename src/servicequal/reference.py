"""Reference, Fact and Case: what is true at a company on a day, and what a mystery case asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.errors import KnowledgeError
from servicequal.records import check_keys, read_records


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement of a company's knowledge base.

    Attributes:
        id: the same id may stand for the same rule at several companies, and for its versions over time.
        company: whose fact it is; None for a fact that holds at every company.
        statement: one sentence, in any of the scorer's languages.
        topic: to group by.
        language: ISO 639-1 code of the statement.
        valid_from: first day (ISO 8601), None for ever since.
        valid_until: last day (ISO 8601), None for still.
    """

    id: str
    statement: str
    company: str | None = None
    topic: str | None = None
    language: str | None = None
    valid_from: str | None = None
    valid_until: str | None = None

    def __post_init__(self) -> None:
        for name, value in (("valid_from", self.valid_from), ("valid_until", self.valid_until)):
            if value is not None and not _is_day(value):
                raise KnowledgeError(f"fact {self.id!r}: {name} is no day; expected one such as '2026-01-31'")
        if (self.valid_from or "") > (self.valid_until or "9999"):
            raise KnowledgeError(f"fact {self.id!r}: it ends before it begins")
        if not self.statement.strip():
            raise KnowledgeError(f"fact {self.id!r}: the statement is empty")

    def valid_on(self, day: str) -> bool:
        """Say whether the fact held on a day (ISO 8601)."""
        return (self.valid_from or "") <= day <= (self.valid_until or "9999")


@dataclass(frozen=True, slots=True)
class Case:
    """A mystery case, put to every company in the same words.

    Attributes:
        id: the name that a contact's attribute ``case`` has.
        facts: ids of the facts that a complete answer needs.
    """

    id: str
    area: str | None = None
    channel: str | None = None
    persona: str | None = None
    triggers: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reference:
    """A knowledge base: facts, and the cases that need them.

    Example:
        >>> reference = Reference((Fact("window", "Returns within 30 days.", company="voltana"),))
        >>> from servicequal.contact import Contact, Turn
        >>> contact = Contact("c-1", "chat", (Turn("customer", "Hi"),), attributes={"company": "voltana"})
        >>> [fact.id for fact in reference.facts_for(contact)]
        ['window']
    """

    facts: tuple[Fact, ...]
    cases: Mapping[str, Case] = field(default_factory=dict)

    def facts_for(self, contact: Contact) -> tuple[Fact, ...]:
        """Give the facts of the contact's company that were valid when it started.

        A contact without ``started_at`` (ISO 8601) is checked against the facts that are valid today.
        """
        company = contact.attributes.get("company")
        day = started_on(contact) or date.today().isoformat()
        return tuple(fact for fact in self.facts if fact.company in (None, company) and fact.valid_on(day))

    def needed_by(self, contact: Contact) -> frozenset[str]:
        """Give the ids of the facts that a complete answer needs: those of its case and its own."""
        case = self.cases.get(str(contact.attributes.get("case")))
        return frozenset((*(case.facts if case else ()), *contact.facts))

    @classmethod
    def load(cls, path: str | PathLike[str], *, cases: str | PathLike[str] | None = None) -> Reference:
        """Read a reference, and cases if there are any, from JSONL files.

        Raises:
            KnowledgeError: naming the file, the line and the key that is wrong.
        """
        facts = tuple(_build(Fact, record, where) for where, record in read_records(Path(path), KnowledgeError))
        entries = read_records(Path(cases), KnowledgeError) if cases else ()
        listed = [_build(Case, record, where) for where, record in entries]
        known = {fact.id for fact in facts}
        for case in listed:
            for fact in case.facts:
                if fact not in known:
                    raise KnowledgeError(f"{cases}: case {case.id!r} needs fact {fact!r}, which {path} does not have")
        return cls(facts, {case.id: case for case in listed})


def started_on(contact: Contact) -> str | None:
    """Give the day (ISO 8601) on which a contact started, None where its ``started_at`` is missing or no such day."""
    day = str(contact.attributes.get("started_at"))[:10]
    return day if _is_day(day) else None


def _is_day(value: Any) -> bool:
    """Say whether a value is a day as facts have it, so that days can be compared as text."""
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _build(noun: Any, record: Any, where: str) -> Any:
    required = {"id", "statement"} if noun is Fact else {"id", "facts"}
    types = {name: list if name in ("facts", "triggers") else str for name in noun.__slots__}
    optional = set(noun.__slots__)
    check_keys(record, required=required, optional=optional, where=where, error=KnowledgeError, types=types)
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in record.items()}
    if any(not isinstance(item, str) for value in values.values() if isinstance(value, tuple) for item in value):
        raise KnowledgeError(f"{where}: a list holds something else than ids")
    try:
        return noun(**values)
    except KnowledgeError as error:
        raise KnowledgeError(f"{where}: {error}") from None
