"""The command line: parse, call the public function, write. Results to files or stdout, the rest to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from servicequal import __version__
from servicequal.annotation import Annotation, read_annotations
from servicequal.contact import Contact
from servicequal.errors import ContactError, ServicequalError
from servicequal.files.rejected import Rejected
from servicequal.reference import Reference
from servicequal.scheme import Scheme

if TYPE_CHECKING:
    from servicequal.scorecard import Scorecard
    from servicequal.scorer import Scorer

SOME_REJECTED = 3

_inputs = click.argument("inputs", nargs=-1, required=True)
_reference = click.option("--reference", type=click.Path(path_type=Path), help="Facts of the companies, JSONL.")
_cases = click.option("--cases", type=click.Path(path_type=Path), help="Mystery cases with the facts they need, JSONL.")
_device = click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or cuda:N.")


class _Commands(click.Group):
    """Turns our errors into one line and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ServicequalError, OSError) as error:
            click.echo(f"servicequal: {' '.join(str(error).split())}", err=True)
            ctx.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="servicequal")
def main() -> None:
    """How good is the service, really? Rates calls, chats and e-mails, with evidence."""


@main.command()
@_inputs
@click.option("--out", default="-", show_default=True, help="cards.jsonl, cards.parquet, DIR/ or - for stdout.")
@click.option("--scorer", type=click.Path(path_type=Path), help="A trained scorer's folder [default: the bundled one].")
@_reference
@_cases
@_device
@click.option("--page", type=click.Path(path_type=Path), help="Also write a readable HTML page.")
def score(
    inputs: tuple[str, ...],
    out: str,
    scorer: Path | None,
    reference: Path | None,
    cases: Path | None,
    device: str,
    page: Path | None,
) -> None:
    """Score the contacts in files, folders or globs."""
    from servicequal.scorer import Scorer

    knowledge = _load_reference(reference, cases)
    loaded = Scorer.load(scorer, device=device)
    with _rejections(_rejected_path(out)) as reject:
        seen: dict[str, Contact] = {}
        shown: list[Scorecard] = []
        contacts = _remembered(_read(inputs, reject), seen) if page else _read(inputs, reject)
        cards = loaded.stream(_counted(contacts, "contacts"), reference=knowledge, reject=reject)
        _write_cards(_kept(cards, shown) if page else cards, out, loaded)
        if page:
            _write_page(page, shown, seen, loaded.scheme)


@main.command()
@_inputs
@click.option("--out", default="-", show_default=True, help="contacts.jsonl, contacts.parquet or - for stdout.")
def convert(inputs: tuple[str, ...], out: str) -> None:
    """Read contacts in any format and write them in servicequal's own."""
    from servicequal.files.jsonl import write_contacts_jsonl
    from servicequal.files.parquet import write_contacts_parquet

    with _rejections(_rejected_path(out)) as reject:
        contacts = _counted(_read(inputs, reject), "contacts")
        if out == "-":
            for contact in contacts:
                click.echo(json.dumps(contact.to_dict(), ensure_ascii=False))
        elif out.endswith(".parquet"):
            write_contacts_parquet(contacts, out)
        else:
            write_contacts_jsonl(contacts, out)


@main.command()
@click.argument("annotations", nargs=-1, required=True)
@click.option("--contacts", multiple=True, required=True, help="The contacts annotated; may be given several times.")
@click.option("--scheme", required=True, type=click.Path(path_type=Path), help="The rating scheme, JSON.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder to create.")
@click.option("--base", type=click.Path(path_type=Path), help="A scorer whose encoder is used.")
@_reference
@_cases
def train(
    annotations: tuple[str, ...],
    contacts: tuple[str, ...],
    scheme: Path,
    out: Path,
    base: Path | None,
    reference: Path | None,
    cases: Path | None,
) -> None:
    """Train a scorer on annotated contacts, and measure it out of fold."""
    from servicequal.evaluation import evaluate as measure
    from servicequal.training.card import render_card
    from servicequal.training.train import fit

    if out.exists():
        raise ServicequalError(f"{out}: exists already; a trained scorer is never overwritten: choose another folder")
    given = _annotations(annotations)
    read = list(_counted(_read(contacts, _raise), "contacts"))
    knowledge = _load_reference(reference, cases)
    trained = fit(read, given, Scheme.load(scheme), reference=knowledge, base=base)
    figures = measure(trained.out_of_fold, given)
    documents = {
        "evaluation.json": json.dumps(figures.to_dict(), indent=1) + "\n",
        "README.md": render_card(trained.scorer.bundle, figures.to_dict()),
    }
    trained.scorer.save(out, documents=documents)
    click.echo(f"out of fold, on the training contacts: {figures}")
    click.echo(f"{trained.scorer} saved to {out}", err=True)


@main.command()
@click.argument("cards")
@click.argument("annotations", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def evaluate(cards: str, annotations: tuple[str, ...], as_json: bool) -> None:
    """Measure scorecards against blind annotations of contacts the scorer has not seen."""
    from servicequal.evaluation import evaluate as measure
    from servicequal.scorecard import read_scorecards

    figures = measure(read_scorecards(cards), _annotations(annotations))
    click.echo(json.dumps(figures.to_dict(), indent=1) if as_json else str(figures))


@main.command()
@click.argument("scorer", required=False, type=click.Path(path_type=Path))
def inspect(scorer: Path | None) -> None:
    """Print a trained scorer's card; no weights are loaded."""
    from servicequal.bundle import DEFAULT, models_folder, read_manifest

    folder = scorer or models_folder() / DEFAULT
    manifest = read_manifest(folder)
    card = folder / "README.md"
    click.echo(
        card.read_text(encoding="utf-8") if card.is_file() else json.dumps(manifest, indent=1, ensure_ascii=False)
    )


@main.command()
@click.option("--out", default="demo", show_default=True, type=click.Path(path_type=Path), help="The folder to write.")
def demo(out: Path) -> None:
    """Score the example contacts that come with the library: scorecards, a page and a table."""
    from servicequal.examples import examples_folder
    from servicequal.files.scorecards import write_jsonl
    from servicequal.reporting.table import print_summary
    from servicequal.scorer import Scorer

    folder = examples_folder()
    knowledge = Reference.load(folder / "reference.jsonl", cases=folder / "cases.jsonl")
    loaded = Scorer.load()
    out.mkdir(parents=True, exist_ok=True)
    with _rejections(out / "cards.rejected.jsonl") as reject:
        contacts = list(_counted(_read((str(folder / "examples"),), reject), "contacts"))
        cards = loaded.score(contacts, reference=knowledge, reject=reject)
    with (out / "cards.jsonl").open("w", encoding="utf-8") as file:
        write_jsonl(cards, file)
    _write_page(out / "page.html", cards, {contact.id: contact for contact in contacts}, loaded.scheme)
    print_summary(cards, loaded.scheme)
    click.echo(f"\nscorecards: {out / 'cards.jsonl'}\nto read:    {out / 'page.html'}")


def _read(inputs: Iterable[str], reject: Callable[[Rejected], None]) -> Iterator[Contact]:
    """Read several sources as one: ids are unique over all of them."""
    from servicequal.files.source import read_contacts

    for source in inputs:  # before the work begins
        if not Path(source).exists() and not any(sign in source for sign in "*?["):
            raise ContactError(f"{source}: there is no such file or folder")
    seen = set()
    for source in inputs:
        for contact in read_contacts(source, reject=reject):
            if contact.id in seen:
                reason = f"a second contact has the id {contact.id!r}; expected each id once over all inputs"
                reject(Rejected(str(source), reason, contact=contact.id))
                continue
            seen.add(contact.id)
            yield contact


def _annotations(paths: Iterable[str]) -> list[Annotation]:
    return [annotation for path in paths for annotation in read_annotations(path)]


def _load_reference(reference: Path | None, cases: Path | None) -> Reference | None:
    if reference is None:
        if cases is not None:
            raise ServicequalError("--cases is given without --reference; a case names facts of a reference: give both")
        return None
    return Reference.load(reference, cases=cases)


def _raise(rejected: Rejected) -> None:
    raise ContactError(str(rejected))


def _rejected_path(out: str) -> Path | None:
    if out == "-":
        return None
    return Path(out) / "rejected.jsonl" if out.endswith("/") else Path(f"{out}.rejected.jsonl")


@contextmanager
def _rejections(path: Path | None) -> Iterator[Callable[[Rejected], None]]:
    """Collect rejected records: each to the file and as a line on stderr; at the end, exit code 3 if there were any."""
    count = 0
    if path is not None:
        path.unlink(missing_ok=True)  # of an earlier run

    def reject(rejected: Rejected) -> None:
        nonlocal count
        count += 1
        click.echo(f"rejected: {rejected}", err=True)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(rejected.to_dict(), ensure_ascii=False) + "\n")

    yield reject
    if count:
        click.echo(f"{count} rejected" + (f", see {path}" if path else ""), err=True)
        click.get_current_context().exit(SOME_REJECTED)


def _write_cards(cards: Iterable[Scorecard], out: str, scorer: Scorer) -> None:
    from servicequal.files import scorecards
    from servicequal.files.whole_file import written_whole

    if out == "-":
        scorecards.write_jsonl(cards, sys.stdout)
    elif out.endswith("/"):
        scorecards.write_parts(cards, Path(out), scorer.scheme)
    elif out.endswith(".parquet"):
        scorecards.write_parquet(cards, Path(out), scorer.scheme)
    else:
        with written_whole(Path(out)) as scratch, scratch.open("w", encoding="utf-8") as file:
            scorecards.write_jsonl(cards, file)


def _write_page(path: Path, cards: list[Scorecard], contacts: dict[str, Contact], scheme: Scheme) -> None:
    from servicequal.reporting.page import render_page

    path.write_text(render_page(cards, contacts, scheme), encoding="utf-8")


def _remembered(contacts: Iterable[Contact], seen: dict[str, Contact]) -> Iterator[Contact]:
    for contact in contacts:
        seen[contact.id] = contact
        yield contact


def _kept(cards: Iterable[Scorecard], shown: list[Scorecard]) -> Iterator[Scorecard]:
    for card in cards:
        shown.append(card)
        yield card


def _counted(contacts: Iterable[Contact], unit: str) -> Iterator[Contact]:
    """Show how many have been read and how fast, on a terminal only."""
    if not sys.stderr.isatty():
        yield from contacts
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), MofNCompleteColumn(), unit, TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield from progress.track(contacts, description=unit)
