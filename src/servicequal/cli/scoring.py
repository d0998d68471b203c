"""Commands that score: score, convert, inspect, demo."""

from __future__ import annotations

import json
from pathlib import Path

import click

from servicequal.cli.shared import PATH, cases_option, inputs_argument, load_reference, reference_option, set_option
from servicequal.reference import Reference


@click.command()
@inputs_argument
@click.option("--out", default="-", show_default=True, help="cards.jsonl, cards.parquet, DIR/ or - for stdout.")
@click.option("--scorer", type=PATH, help="A trained scorer's folder [default: the bundled one].")
@reference_option
@cases_option
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or cuda:N.")
@set_option
@click.option("--page", type=PATH, help="Also write a readable HTML page.")
def score(
    inputs: tuple[str, ...],
    out: str,
    scorer: Path | None,
    reference: Path | None,
    cases: Path | None,
    device: str,
    attributes: dict[str, str],
    page: Path | None,
) -> None:
    """Score the contacts in files, folders or globs."""
    from servicequal.console import PageKeeper, read_all, rejections, write_cards
    from servicequal.scorer import Scorer

    knowledge = load_reference(reference, cases)
    with rejections(out, inputs) as reject:
        contacts = read_all(inputs, reject, attributes)
        loaded = Scorer.load(scorer, device=device)
        if page is None:
            write_cards(loaded.stream(contacts, reference=knowledge, reject=reject), out, loaded.scheme)
        else:
            keeper = PageKeeper()
            cards = loaded.stream(keeper.contacts(contacts), reference=knowledge, reject=reject)
            write_cards(keeper.cards(cards), out, loaded.scheme)
            keeper.report(loaded.scheme).write_html(page)


@click.command()
@inputs_argument
@click.option("--out", default="-", show_default=True, help="contacts.jsonl, contacts.parquet or - for stdout.")
@set_option
def convert(inputs: tuple[str, ...], out: str, attributes: dict[str, str]) -> None:
    """Read contacts in any format and write them in servicequal's own."""
    from servicequal.console import read_all, rejections, written_lines
    from servicequal.files.jsonl import write_contacts_jsonl
    from servicequal.files.parquet import write_contacts_parquet

    with rejections(out, inputs) as reject:
        contacts = read_all(inputs, reject, attributes)
        if out == "-":
            written_lines((contact.to_dict() for contact in contacts), out)
        elif out.endswith(".parquet"):
            write_contacts_parquet(contacts, out)
        else:
            write_contacts_jsonl(contacts, out)


@click.command()
@click.argument("scorer", required=False, type=PATH)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the manifest: digests, lineage, decision, figures of training."
)
def inspect(scorer: Path | None, as_json: bool) -> None:
    """Print a trained scorer's card, with its lineage and how it came to be promoted; no weights are loaded."""
    from servicequal.bundle import DEFAULT, models_folder, read_manifest

    folder = scorer or models_folder() / DEFAULT
    manifest = read_manifest(folder)
    card = folder / "README.md"
    if card.is_file() and not as_json:
        click.echo(card.read_text(encoding="utf-8"))
        return
    seen = manifest.pop("seen", ())
    click.echo(json.dumps({**manifest, "contacts_seen": len(seen)}, indent=1, ensure_ascii=False))


@click.command()
@click.option("--out", default="demo", show_default=True, type=PATH, help="The folder to write.")
def demo(out: Path) -> None:
    """Score the example contacts that come with the library: scorecards, a page and a table."""
    from servicequal.console import PageKeeper, read_all, rejections, write_cards
    from servicequal.examples import examples_folder
    from servicequal.scorer import Scorer

    folder = examples_folder()
    knowledge = Reference.load(folder / "reference.jsonl", cases=folder / "cases.jsonl")
    loaded, keeper, result = Scorer.load(), PageKeeper(), out / "cards.jsonl"
    out.mkdir(parents=True, exist_ok=True)
    with rejections(str(result), ()) as reject:
        contacts = keeper.contacts(read_all([str(folder / "examples")], reject))
        cards = loaded.score(contacts, reference=knowledge, reject=reject)
        write_cards(keeper.cards(cards), str(result), loaded.scheme)
        report = keeper.report(loaded.scheme)
        report.write_html(out / "page.html")
        click.echo(f"{report}\n\nscorecards: {result}\nto read:    {out / 'page.html'}")
