"""Commands from wave to wave: select, drift, bridge, diff."""

from __future__ import annotations

from pathlib import Path

import click

from servicequal.cli.shared import PATH, annotations_in, contacts_option


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
    from servicequal.scorecard import read_scorecards
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
