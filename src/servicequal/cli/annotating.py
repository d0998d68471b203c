"""Commands for annotations: agreement, check-annotations, export-annotations, import-annotations."""

from __future__ import annotations

import json
from pathlib import Path

import click

from servicequal.cli.shared import PATH, annotations_in, contacts_option, scheme_option, tool_option
from servicequal.records import to_json
from servicequal.scheme import Scheme


@click.command()
@click.argument("annotations", nargs=-1, required=True, type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def agreement(annotations: tuple[Path, ...], as_json: bool) -> None:
    """Measure how far the raters of the same contacts agree; contacts.jsonl lies beside the annotations."""
    from servicequal.console import refuse
    from servicequal.corpus.folder import annotated_contacts
    from servicequal.rater_agreement import agreement as measure

    contacts = [one for path in annotations for one in annotated_contacts(path, refuse)]
    figures = measure(annotations_in(annotations), contacts)
    click.echo(json.dumps(figures.to_dict(), indent=1) if as_json else str(figures))


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
    from servicequal.console import read_all, refuse
    from servicequal.files.exchange.task import tasks
    from servicequal.files.exchange.tools import export_annotations
    from servicequal.scorecard import read_scorecards

    scored = read_scorecards(cards) if cards else []
    joined = list(tasks(read_all(contacts, refuse), annotations_in(annotations), scored))
    export_annotations(joined, out, Scheme.load(scheme), tool=tool)
    click.echo(f"{len(joined)} contacts with {sum(len(task.annotations) for task in joined)} annotations", err=True)


@click.command("import-annotations")
@click.argument("export", type=PATH)
@contacts_option
@scheme_option
@tool_option
@click.option("--out", required=True, help="annotations.jsonl to write.")
def import_(export: Path, contacts: tuple[str, ...], scheme: Path, tool: str, out: str) -> None:
    """Read annotations that an annotation tool wrote, each checked against its contact and the scheme."""
    from servicequal.console import read_all, refuse, rejections
    from servicequal.files.exchange.tools import import_annotations
    from servicequal.files.rejected import Rejected
    from servicequal.files.whole_file import written_whole

    with rejections(out, [str(export)]) as reject:
        known = read_all(contacts, refuse)
        found = import_annotations(
            export, known, Scheme.load(scheme), tool=tool, reject=lambda error: reject(Rejected("", str(error)))
        )
        with written_whole(Path(out)) as scratch, scratch.open("w", encoding="utf-8") as file:
            file.writelines(to_json(one.to_dict()) + "\n" for one in found)
