"""Commands for annotations: agreement, check-annotations, export-annotations, import-annotations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from servicequal.annotation import Annotation
from servicequal.cli.shared import PATH, annotations_in, contacts_option, scheme_option, tool_option
from servicequal.errors import AnnotationError
from servicequal.scheme import Scheme


@click.command()
@click.argument("annotations", nargs=-1, required=True, type=PATH)
@click.option("--consensus", type=PATH, help="Also write what the raters of each contact together say, JSONL.")
@click.option("--cards", type=PATH, help="Scorecards: for --consensus, the scorer counts as one more rater.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def agreement(annotations: tuple[Path, ...], consensus: Path | None, cards: Path | None, as_json: bool) -> None:
    """Measure how far the raters of the same contacts agree; per language where contacts.jsonl lies beside."""
    from servicequal.console import refuse
    from servicequal.corpus.folder import annotated_contacts
    from servicequal.raters.agreement import agreement as measure

    given = annotations_in(annotations)
    contacts = [one for path in annotations for one in annotated_contacts(path, refuse, needed=False)]
    figures = measure(given, contacts)
    click.echo(json.dumps(figures.to_dict(), indent=1) if as_json else str(figures))
    if consensus is not None:
        _write_consensus(given, cards, consensus)


def _write_consensus(annotations: Sequence[Annotation], cards: Path | None, out: Path) -> None:
    from servicequal.console import written_lines
    from servicequal.files.scorecards import read_scorecards
    from servicequal.raters.consensus import consensus as join

    agreed = join(annotations, read_scorecards(cards) if cards else ())
    lines = (
        {"contact": contact, "ratings": {name: one.to_dict() for name, one in found.items()}}
        for contact, found in agreed.items()
    )
    written_lines(lines, str(out))
    disputed = sum(one.disputed for found in agreed.values() for one in found.values())
    click.echo(f"{len(agreed)} contacts in {out}; {disputed} ratings are disputed", err=True)


@click.command("check-annotations")
@click.argument("folder", type=PATH)
@click.option("--raters", default=1, show_default=True, help="How many raters each contact should have.")
@click.pass_context
def check(context: click.Context, folder: Path, raters: int) -> None:
    """Search annotated waves for what is wrong: labels, offsets, raters, contradictions, duplicates, leakage."""
    from servicequal.console import SOME_WRONG
    from servicequal.corpus.check import check_annotations

    findings = check_annotations(folder, raters=raters)
    for finding in findings:
        click.echo(str(finding))
    if findings:
        click.echo(f"{len(findings)} findings in {folder}", err=True)
        context.exit(SOME_WRONG)
    click.echo(f"nothing wrong found in {folder}", err=True)


@click.command("export-annotations")
@click.argument("annotations", nargs=-1)
@contacts_option
@scheme_option
@tool_option
@click.option("--cards", type=PATH, help="Scorecards to start from, JSONL; whoever starts from them is not blind.")
@click.option("--out", required=True, type=PATH, help="The file to write, for datasets a folder.")
def export(
    annotations: tuple[str, ...], contacts: tuple[str, ...], scheme: Path, tool: str, cards: Path | None, out: Path
) -> None:
    """Write contacts, with annotations if there are any, for an annotation tool."""
    from servicequal.console import check_output, read_all, refuse
    from servicequal.files.exchange.task import tasks
    from servicequal.files.exchange.tools import export_annotations, written_by
    from servicequal.files.scorecards import read_scorecards

    written = written_by(tool, out)
    check_output(written, (*annotations, *contacts, scheme, *([cards] if cards else [])))
    scored = read_scorecards(cards) if cards else []
    joined = list(tasks(read_all(contacts, refuse), annotations_in(annotations), scored))
    export_annotations(joined, out, Scheme.load(scheme), tool=tool)
    count = sum(len(task.annotations) for task in joined)
    click.echo(f"{len(joined)} contacts with {count} annotations: {', '.join(map(str, written))}", err=True)


@click.command("import-annotations")
@click.argument("export", type=PATH)
@contacts_option
@scheme_option
@tool_option
@click.option("--out", default="-", show_default=True, help="annotations.jsonl, or - for stdout.")
def import_(export: Path, contacts: tuple[str, ...], scheme: Path, tool: str, out: str) -> None:
    """Read annotations that an annotation tool wrote, each checked against its contact and the scheme."""
    from servicequal.console import read_all, refuse, rejections, written_lines
    from servicequal.files.exchange.tools import import_annotations
    from servicequal.files.rejected import Rejected

    with rejections(out, (export, *contacts, scheme)) as reject:

        def refuse_one(error: AnnotationError) -> None:
            reject(Rejected(export.name, str(error).removeprefix(f"{export}, ").removeprefix(f"{export}: ")))

        known = list(read_all(contacts, refuse))
        found = import_annotations(export, known, Scheme.load(scheme), tool=tool, reject=refuse_one)
        count = written_lines((one.to_dict() for one in found), out)
        click.echo(f"{count} annotations of {len(known)} contacts", err=True)
