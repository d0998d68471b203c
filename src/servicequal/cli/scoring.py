"""Commands that score: score, convert, inspect, demo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from servicequal.cli.shared import PATH, cases_option, inputs_argument, load_reference, reference_option, set_option
from servicequal.reference import Reference

if TYPE_CHECKING:
    from servicequal.history.sources import Source


@click.command()
@click.argument("inputs", nargs=-1)
@click.option("--out", default="-", show_default=True, help="cards.jsonl, cards.parquet, DIR/ or - for stdout.")
@click.option("--scorer", type=PATH, help="A trained scorer's folder [default: the bundled one].")
@reference_option
@cases_option
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or cuda:N.")
@click.option("--backend", default="auto", show_default=True, help="torch-bf16, torch-fp32, openvino, onnx, …")
@set_option
@click.option("--page", type=PATH, help="Also write a readable HTML page; not for DIR/.")
@click.option("--query", help="Instead of INPUTS: a DuckDB query that gives id, channel, turns, …")
@click.option("--database", help="What the query runs in: postgresql://… [default: DuckDB, over files].")
@click.option("--vectors", type=PATH, help="DIR/ only: keep sentence vectors here, and use those that are kept.")
@click.option("--engine", default="local", show_default=True, type=click.Choice(["local", "ray"]), help="DIR/ only.")
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="DIR/ only: of ray [default: one per GPU, or per CPU]; else, to tokenise beside a GPU [default: none].",
)
@click.option("--shard", type=click.IntRange(1), help="DIR/ only: contacts in one file [default: 2000].")
@click.option("--progress", is_flag=True, help="DIR/ only: lines of progress where stderr is no terminal.")
def score(
    inputs: tuple[str, ...],
    out: str,
    scorer: Path | None,
    reference: Path | None,
    cases: Path | None,
    device: str,
    backend: str,
    attributes: dict[str, str],
    page: Path | None,
    query: str | None,
    database: str | None,
    **whole: Any,
) -> None:
    """Score the contacts in files, folders or globs, or those that a query gives.

    Into DIR/, a whole history: it may be interrupted at any moment, and the same command goes on where it was.
    """
    source = _source(inputs, query, database, attributes)
    knowledge = load_reference(reference, cases)
    if out.endswith("/") or Path(out).is_dir():
        if page is not None:
            raise click.UsageError("--page is not for DIR/; make a page of it with servicequal report DIR/")
        options = {name: value for name, value in whole.items() if value is not None}
        _score_history(
            source, out, {"scorer": scorer, "reference": knowledge, "device": device, "backend": backend, **options}
        )
        return
    if given := [name for name, value in whole.items() if value not in (None, False, "local")]:
        raise click.UsageError(f"--{given[0]} is for a whole history; expected --out DIR/")
    _score_file(source, out, {"path": scorer, "device": device, "backend": backend}, knowledge, page)


def _source(inputs: tuple[str, ...], query: str | None, database: str | None, attributes: dict[str, str]) -> Source:
    from servicequal.history.sources import Files, Query

    if bool(inputs) == (query is not None):
        raise click.UsageError("Missing argument 'INPUTS...', or both INPUTS and --query; expected one of them")
    if query is None and database is not None:
        raise click.UsageError("--database is given without --query; expected a query to run in it")
    return Files(inputs, attributes) if query is None else Query(query, database, attributes)


def _score_history(source: Source, out: str, options: dict[str, Any]) -> None:
    from servicequal.console import SOME_WRONG, RunWatcher, check_output
    from servicequal.history.run import score_history

    check_output([Path(out.rstrip("/"))], ())
    with RunWatcher(asked=options.pop("progress", False)) as watcher:
        history = score_history(source, out, watcher=watcher, **options)
    click.echo(str(history), err=True)
    if history.rejected:
        click.get_current_context().exit(SOME_WRONG)


def _score_file(
    source: Source, out: str, scorer: dict[str, Any], knowledge: Reference | None, page: Path | None
) -> None:
    from servicequal.console import PageKeeper, read_history, rejections, write_cards
    from servicequal.scorer import Scorer

    with rejections(out, getattr(source, "inputs", ())) as reject:
        contacts = read_history(source, reject)
        loaded = Scorer.load(**scorer)
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
