"""Commands that report: report, factsheet, reveal."""

from __future__ import annotations

from pathlib import Path

import click

from servicequal.cli.shared import (
    PATH,
    annotations_in,
    cases_option,
    load_reference,
    reference_option,
)
from servicequal.errors import ServicequalError
from servicequal.files.rejected import Rejected
from servicequal.reporting.privacy.policy import LEAST_AGENTS, LEAST_CONTACTS, Privacy
from servicequal.reporting.privacy.pseudonyms import fresh_key, kept_key

AUDIT = "servicequal-audit.jsonl"
_language = click.option(
    "--language", default="en", show_default=True, type=click.Choice(["en", "de", "pl"]), help="Of the page."
)


@click.command()
@click.argument("cards", type=PATH)
@click.option("--by", help="The attribute to compare, such as company, team or wave.")
@click.option("--company", help="Whose report it is; the others are its competitors.")
@click.option(
    "--annotations", multiple=True, type=PATH, help="Blind ones correct the scorer's bias; a file or a folder."
)
@click.option("--contacts", multiple=True, help="The texts of the contacts; may be given several times.")
@reference_option
@cases_option
@click.option("--scorer", type=PATH, help="The folder of the scorer of these cards [default: the bundled one].")
@click.option("--out", type=PATH, help="The page to write, HTML [default: tables on standard output].")
@_language
@click.option("--tables", type=PATH, help="Also a folder of all tables, as CSV and Parquet.")
@click.option("--duckdb", type=PATH, help="Also a DuckDB database of all tables.")
@click.option("--agents", metavar="PURPOSE", help="Look at single agents, for this purpose; it is written down.")
@click.option(
    "--least-agents", default=LEAST_AGENTS, show_default=True, type=click.IntRange(1), help="In a group with figures."
)
@click.option(
    "--least-contacts",
    default=LEAST_CONTACTS,
    show_default=True,
    type=click.IntRange(1),
    help="In a group with figures.",
)
@click.option("--contact-ids", is_flag=True, help="Show the contacts' own ids; they may lead to agents.")
@click.option("--key", type=PATH, help="The secret of the pseudonyms; drawn if there is no such file.")
@click.option("--audit", type=PATH, help=f"The log of requests [default: {AUDIT} beside what is written].")
def report(
    cards: Path, by: str | None, company: str | None, annotations: tuple[Path, ...], contacts: tuple[str, ...],
    reference: Path | None, cases: Path | None, scorer: Path | None, out: Path | None, language: str,
    tables: Path | None, duckdb: Path | None, agents: str | None, least_agents: int, least_contacts: int,
    contact_ids: bool, key: Path | None, audit: Path | None,
) -> None:  # fmt: skip
    """Report what scorecards tell: means, comparisons, causes, and the contacts to look into.

    The report looks at groups of agents, and at single ones only where --agents says why.
    """
    from servicequal.console import check_output, read_all
    from servicequal.files.scorecards import read_scorecards
    from servicequal.reporting.report import report as build

    written = [path for path in (out, tables, duckdb) if path is not None]
    check_output(written, (cards, *annotations, *contacts))
    found = build(
        read_scorecards(cards), by=by, company=company, annotations=annotations_in(annotations),
        contacts=read_all(contacts, _left_out), reference=load_reference(reference, cases), scorer=scorer,
        privacy=Privacy(
            _said(agents), least_agents, least_contacts, fresh_key() if key is None else kept_key(key),
            audit or (written[0].parent if written else Path()) / AUDIT, contact_ids,
        ),
    )  # fmt: skip
    if out is not None:
        found.write_html(out, language=language)
    if tables is not None:
        found.write_tables(tables)
    if duckdb is not None:
        found.write_duckdb(duckdb)
    click.echo(", ".join(map(str, written)) if written else str(found), err=bool(written))


@click.command()
@click.argument("scorer", required=False, type=PATH)
@click.option("--out", type=PATH, help="The page to write, HTML [default: text on standard output].")
@_language
def factsheet(scorer: Path | None, out: Path | None, language: str) -> None:
    """Write facts on the system for a works council and the EU's AI Act; no legal advice."""
    from servicequal.reporting.report import fact_sheet_report
    from servicequal.reporting.table import printed_sections
    from servicequal.reporting.words import Words

    found = fact_sheet_report(scorer)
    if out is None:
        click.echo(printed_sections(found.sections, Words(language)))
    else:
        found.write_html(out, language=language)


@click.command()
@click.argument("cards", type=PATH)
@click.argument("pseudonyms", nargs=-1, required=True)
@click.option("--key", required=True, type=PATH, help="The secret that the report was made with.")
@click.option("--purpose", required=True, help="Why; it is written into the log.")
@click.option("--audit", required=True, type=PATH, help="The log of requests.")
def reveal(cards: Path, pseudonyms: tuple[str, ...], key: Path, purpose: str, audit: Path) -> None:
    """Tell who or what the pseudonyms of a report stand for."""
    from servicequal.files.scorecards import read_scorecards
    from servicequal.reporting.privacy.audit import log_request
    from servicequal.reporting.privacy.reveal import reveal as find

    if not key.is_file():
        raise ServicequalError(f"{key}: there is no such file; expected the key that the report was made with")
    names = find(pseudonyms, read_scorecards(cards), kept_key(key))
    log_request(audit, {"asked": "reveal", "pseudonyms": list(pseudonyms), "purpose": purpose})
    for pseudonym, name in names.items():
        click.echo(f"{pseudonym}\t{name}")


def _left_out(rejected: Rejected) -> None:
    click.echo(f"without its text: {rejected}", err=True)


def _said(purpose: str | None) -> str | None:
    if purpose is not None and not purpose.strip():
        raise click.BadParameter("say why single agents are looked at", param_hint="--agents")
    return purpose
