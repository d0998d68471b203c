"""Commands from wave to wave: select, drift, bridge, diff."""

from __future__ import annotations

import json
from pathlib import Path

import click

from servicequal.cli.shared import (
    PATH,
    annotations_in,
    cases_option,
    contacts_option,
    load_reference,
    reference_option,
)

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


@click.command()
@click.argument("cards", nargs=-1, required=True, type=PATH)
@contacts_option
@click.option("--n", required=True, type=click.IntRange(min=1), help="How many contacts to annotate.")
@click.option(
    "--random-share", default=0.5, show_default=True, type=click.FloatRange(0, 1), help="Share drawn at random."
)
@click.option("--annotated", multiple=True, type=PATH, help="Annotations there are: their contacts are left out.")
@click.option("--baseline", type=PATH, help="Scorecards of the training waves: what is unlike them is drifted.")
@click.option("--others", type=PATH, help="Scorecards of the same contacts by another scorer: where they disagree.")
@click.option("--seed", default=0, show_default=True, help="Of the random part.")
@click.option("--out", default="-", show_default=True, help="contacts.jsonl for export-annotations, or - for stdout.")
def select(
    cards: tuple[Path, ...],
    contacts: tuple[str, ...],
    n: int,
    random_share: float,
    annotated: tuple[Path, ...],
    baseline: Path | None,
    others: Path | None,
    seed: int,
    out: str,
) -> None:
    """Choose what to annotate next from scored contacts: a random part, and the most informative ones."""
    from servicequal.console import check_output, read_all, refuse, written_lines
    from servicequal.files.scorecards import read_scorecards
    from servicequal.waves.selection import RANDOM, chosen_contacts
    from servicequal.waves.selection import select as choose

    if out != "-":
        check_output([Path(out)], (*cards, *contacts, *annotated))
    known = {one.contact for one in annotations_in(annotated)}
    chosen = choose(
        (card for path in cards for card in read_scorecards(path) if card.contact not in known),
        n,
        random_share=random_share,
        baseline=read_scorecards(baseline) if baseline else (),
        others=read_scorecards(others) if others else (),
        seed=seed,
    )
    count = written_lines(chosen_contacts(read_all(contacts, refuse), chosen), out)
    drawn = sum(one.part == RANDOM for one in chosen)
    click.echo(f"{count} contacts: {drawn} random, {count - drawn} informative", err=True)


@click.command()
@click.argument("before", type=PATH)
@click.argument("after", type=PATH)
@click.option("--contacts-before", type=str, help="The contacts of BEFORE: length and vocabulary are compared too.")
@click.option("--contacts-after", type=str, help="The contacts of AFTER.")
@_json_option
@click.pass_context
def drift(
    context: click.Context,
    before: Path,
    after: Path,
    contacts_before: str | None,
    contacts_after: str | None,
    as_json: bool,
) -> None:
    """Compare scorecards of now (AFTER) with those of the training waves (BEFORE); exit 3 on an alarm."""
    from servicequal.console import SOME_WRONG, read_all, refuse
    from servicequal.files.scorecards import read_scorecards
    from servicequal.waves.drift import drift as compare

    if (contacts_before is None) != (contacts_after is None):
        raise click.UsageError("--contacts-before and --contacts-after belong together; give both")
    texts = None
    if contacts_before is not None and contacts_after is not None:
        texts = read_all([contacts_before], refuse), read_all([contacts_after], refuse)
    found = compare(read_scorecards(before), read_scorecards(after), contacts=texts)
    click.echo(json.dumps(found.to_dict(), indent=1) if as_json else str(found))
    if found.alarm:
        context.exit(SOME_WRONG)


@click.command()
@click.argument("before", type=PATH)
@click.argument("after", type=PATH)
@click.option("--anchors", multiple=True, required=True, help="Contacts that neither scorer learned from.")
@click.option("--old", required=True, type=PATH, help="The scorer that scored BEFORE.")
@click.option("--new", required=True, type=PATH, help="The scorer that scored AFTER.")
@reference_option
@cases_option
@_json_option
def bridge(
    before: Path,
    after: Path,
    anchors: tuple[str, ...],
    old: Path,
    new: Path,
    reference: Path | None,
    cases: Path | None,
    as_json: bool,
) -> None:
    """Split the change between two scored waves into service, model and scheme, on anchors scored by both scorers."""
    from servicequal.console import read_all, refuse
    from servicequal.files.scorecards import read_scorecards
    from servicequal.scorer import Scorer
    from servicequal.waves.bridge import bridge as split

    waves, contacts = (read_scorecards(before), read_scorecards(after)), list(read_all(anchors, refuse))
    knowledge, scorers = load_reference(reference, cases), (Scorer.load(old), Scorer.load(new))
    first, second = (scorer.score(contacts, reference=knowledge) for scorer in scorers)
    found = split(*waves, (first, second), schemes=(scorers[0].scheme, scorers[1].scheme))
    click.echo(json.dumps(found.to_dict(), indent=1) if as_json else str(found))


@click.command()
@click.argument("first", type=PATH)
@click.argument("second", type=PATH)
@contacts_option
@reference_option
@cases_option
@_json_option
def diff(
    first: Path,
    second: Path,
    contacts: tuple[str, ...],
    reference: Path | None,
    cases: Path | None,
    as_json: bool,
) -> None:
    """Score the same contacts by two scorers, and show how many answers change, by how much, and where to look."""
    from servicequal.console import read_all, refuse
    from servicequal.scorer import Scorer
    from servicequal.waves.difference import difference

    given, knowledge = list(read_all(contacts, refuse)), load_reference(reference, cases)
    found = difference(*(Scorer.load(path).score(given, reference=knowledge) for path in (first, second)))
    click.echo(json.dumps(found.to_dict(), indent=1) if as_json else str(found))
