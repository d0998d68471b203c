"""report(): scorecards → a Report, which prints as tables and is written as a page, as tables or as a database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any

from servicequal.annotation import Annotation
from servicequal.contact import Contact
from servicequal.errors import ServicequalError, nearest
from servicequal.files.whole_file import written_whole
from servicequal.reference import Reference
from servicequal.reporting.analyses import analyse
from servicequal.reporting.contact_view import ContactView, contact_views
from servicequal.reporting.fact_sheet import System, fact_sheet
from servicequal.reporting.overview import overview
from servicequal.reporting.privacy.audit import log_request
from servicequal.reporting.privacy.gate import Gate
from servicequal.reporting.privacy.policy import Privacy
from servicequal.reporting.section import Section, Text
from servicequal.reporting.selection import MOST, selected
from servicequal.reporting.words import Words
from servicequal.scheme import Scheme
from servicequal.scorecard import Scorecard


@dataclass(frozen=True)
class Report:
    """What scorecards tell, past the privacy gate.

    Attributes:
        sections: an overview, the analyses that the data allow, and the fact sheet of the system.
        contacts: a bounded selection to look into.
        chosen: how they were selected.
        cards: of all contacts, past the gate.
        notes: at which level the report looks at people, and what was suppressed.
        scorers: names of the scorers that the cards come from.
    """

    sections: tuple[Section, ...]
    contacts: tuple[ContactView, ...]
    chosen: Text
    cards: tuple[Scorecard, ...] = field(repr=False)
    notes: tuple[Text, ...]
    scorers: tuple[str, ...]

    def __str__(self) -> str:
        from servicequal.reporting.table import printed

        return printed(self, Words())

    def only(self, *names: str) -> Report:
        """Give the report with some of its sections, and without contacts.

        Args:
            names: ids of sections, such as ``benchmark`` and ``drivers``.

        Raises:
            ServicequalError: if there is no such section.
        """
        by_name = {section.id: section for section in self.sections}
        for name in names:
            if name not in by_name:
                raise ServicequalError(f"the report has no section {name!r}; {nearest(name, by_name)}")
        return replace(self, sections=tuple(by_name[name] for name in names), contacts=())

    def to_html(self, language: str = "en") -> str:
        """Write the report as one HTML page that needs nothing from elsewhere.

        Args:
            language: ``en``, ``de`` or ``pl``.

        Raises:
            ServicequalError: if there are no words in that language.
        """
        from servicequal.reporting.page import render_page

        return render_page(self, Words(language))

    def write_html(self, path: str | PathLike[str], *, language: str = "en") -> None:
        """Write the page to a file, which appears when all is written."""
        page = self.to_html(language)
        with written_whole(Path(path)) as scratch:
            scratch.write_text(page, encoding="utf-8")

    def write_tables(self, folder: str | PathLike[str]) -> list[Path]:
        """Write each table as CSV and as Parquet; gives the files.

        An estimate is spread over the columns ``x``, ``x_low``, ``x_high``, ``x_n`` and ``x_shrunken``. The tables
        ``contacts`` and ``ratings`` hold all contacts, past the privacy gate.
        """
        from servicequal.reporting.tables import write_tables

        return write_tables(self, Path(folder))

    def write_duckdb(self, path: str | PathLike[str]) -> None:
        """Write the same tables as one DuckDB database, for SQL.

        Raises:
            MissingExtraError: if duckdb is not installed.
        """
        from servicequal.reporting.database import write_duckdb

        write_duckdb(self, Path(path))


def report(  # noqa: PLR0913 - each is a source of its own
    cards: Iterable[Scorecard],
    *,
    by: str | None = None,
    annotations: Iterable[Annotation] = (),
    contacts: Iterable[Contact] = (),
    reference: Reference | None = None,
    company: str | None = None,
    scorer: str | PathLike[str] | None = None,
    privacy: Privacy | None = None,
) -> Report:
    """Report what scorecards tell: means, comparisons, causes, and the contacts to look into.

    Args:
        cards: of one scheme.
        by: the attribute to compare, such as ``company``, ``team`` or ``wave``.
        annotations: blind ones correct the scorer's bias.
        contacts: the texts; those of the contacts shown are kept, the others pass by.
        reference: names the topics of wrong answers.
        company: whose report it is; the others are its competitors.
        scorer: folder of the scorer that the cards come from; without it the bundled one.
        privacy: how closely to look at people; without it at no single agent.

    Raises:
        ServicequalError: if there is no card, the cards are of another scheme than the scorer, no card has the
            attribute ``by``, or it is ``agent`` and the report looks at none.

    Example:
        >>> from servicequal import read_contacts, score
        >>> from servicequal.examples import examples_folder
        >>> found = report(score(read_contacts(examples_folder() / "examples")), by="company")
        >>> len(found.cards), found.sections[0].id
        (12, 'overview')
    """
    given, privacy = list(cards), privacy or Privacy()
    system = System.load(Path(scorer) if scorer is not None else None)
    _check(given, system, by)
    if by == "agent" and privacy.level != "agent":
        raise ServicequalError("by agent, but the report looks at no single agent; give a purpose to look at them")
    gate = Gate(given, privacy, by=by)
    if privacy.audit is not None:
        log_request(privacy.audit, _asked(gate, privacy, by, given))
    found = analyse(
        gate.cards, scheme=system.scheme, annotations=gate.annotations(annotations), reference=reference,
        company=company, by=by,
    )  # fmt: skip
    sections = (overview(gate.cards, system.scheme), *found, fact_sheet(system, privacy))
    shown = selected(gate.cards, found)
    chosen = Text("contacts.all" if len(shown) == len(given) else "contacts.selected", {"shown": len(shown)})
    return _assembled(gate, sections, shown, chosen, contacts)


def contacts_report(cards: Sequence[Scorecard], contacts: Iterable[Contact], scheme: Scheme) -> Report:
    """Report what was just scored: the overview and the first contacts with their ids, for whoever scored them.

    Args:
        cards: of one scheme.
        contacts: the texts of the first ``MOST``.
        scheme: that they were scored with.
    """
    gate = Gate(cards, Privacy(contact_ids=True))
    shown = gate.cards[:MOST]
    chosen = Text("contacts.all" if len(shown) == len(cards) else "contacts.first", {"shown": len(shown)})
    return _assembled(gate, (overview(gate.cards, scheme),), shown, chosen, contacts)


def fact_sheet_report(scorer: Path | None = None) -> Report:
    """Report nothing but the fact sheet of a scorer; without a folder, of the bundled one."""
    return Report((fact_sheet(System.load(scorer), Privacy()),), (), Text("contacts.all", {"shown": 0}), (), (), ())


def _assembled(
    gate: Gate, sections: tuple[Section, ...], shown: Sequence[Scorecard], chosen: Text, contacts: Iterable[Contact]
) -> Report:
    texts = gate.contacts(contacts, (card.contact for card in shown))
    return Report(
        sections,
        tuple(contact_views(shown, texts)),
        chosen,
        gate.cards,
        tuple(gate.notes()),
        tuple(sorted({card.scorer for card in gate.cards if card.scorer})),
    )


def _asked(gate: Gate, privacy: Privacy, by: str | None, cards: Sequence[Scorecard]) -> dict[str, Any]:
    """Say what was asked for, for the audit log."""
    return {
        "asked": "report", "by": by, "level": privacy.level, "purpose": privacy.purpose,
        "least_agents": privacy.least_agents, "least_contacts": privacy.least_contacts,
        "contact_ids": privacy.shows_contact_ids, "contacts": len(cards), "suppressed": gate.suppressed,
    }  # fmt: skip


def _check(cards: Sequence[Scorecard], system: System, by: str | None) -> None:
    if not cards:
        raise ServicequalError("no scorecard; there is nothing to report")
    names = {criterion.id for criterion in system.scheme.criteria}
    for card in cards:
        if missing := sorted(names - card.ratings.keys()):
            raise ServicequalError(
                f"scorecard of contact {card.contact!r}: no rating of {missing[0]!r}, a criterion of {system.name}; "
                "name the scorer that the cards come from"
            )
    if by is not None and by not in ("channel", "language") and not any(by in card.attributes for card in cards):
        known = {"channel", "language", *(name for card in cards for name in card.attributes)}
        raise ServicequalError(f"no scorecard has the attribute {by!r}; {nearest(by, known)}")
