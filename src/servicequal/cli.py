"""The command line: parse, call the public function, write. Results to files or stdout, the rest to stderr."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from servicequal import __version__
from servicequal.annotation import Annotation, read_annotations
from servicequal.errors import ServicequalError
from servicequal.records import to_json
from servicequal.reference import Reference
from servicequal.scheme import Scheme


class _Commands(click.Group):
    """Turns our errors into one line and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # whoever reads our output has had enough
            ctx.exit(0)
        except (ServicequalError, OSError) as error:
            click.echo(f"servicequal: {' '.join(str(error).split())}", err=True)
            ctx.exit(1)


def _pairs(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:  # noqa: ARG001
    pairs = [value.partition("=") for value in values]
    if wrong := ["".join(pair) for pair in pairs if not pair[0] or not pair[1]]:
        raise click.BadParameter(f"{wrong[0]!r} is no KEY=VALUE; expected one such as company=voltana")
    return {key: value for key, _, value in pairs}


_PATH = click.Path(path_type=Path)
_inputs = click.argument("inputs", nargs=-1, required=True)
_reference = click.option("--reference", type=_PATH, help="Facts of the companies, JSONL.")
_cases = click.option("--cases", type=_PATH, help="Mystery cases with the facts they need, JSONL.")
_contacts = click.option(
    "--contacts", multiple=True, required=True, help="The contacts annotated; may be given several times."
)
_scheme = click.option("--scheme", required=True, type=_PATH, help="The rating scheme, JSON.")
_tool = click.option(
    "--tool", required=True, type=click.Choice(["label-studio", "prodigy", "doccano", "docbin", "datasets"])
)
_set = click.option(
    "--set", "attributes", multiple=True, metavar="KEY=VALUE", callback=_pairs,
    help="An attribute for contacts that lack it, such as company=voltana.",
)  # fmt: skip


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="servicequal")
def main() -> None:
    """How good is the service, really? Rates calls, chats and e-mails, with evidence."""


@main.command()
@_inputs
@click.option("--out", default="-", show_default=True, help="cards.jsonl, cards.parquet, DIR/ or - for stdout.")
@click.option("--scorer", type=_PATH, help="A trained scorer's folder [default: the bundled one].")
@_reference
@_cases
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or cuda:N.")
@_set
@click.option("--page", type=_PATH, help="Also write a readable HTML page.")
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

    knowledge = _load_reference(reference, cases)
    with rejections(out, inputs) as reject:
        contacts = read_all(inputs, reject, attributes)
        loaded = Scorer.load(scorer, device=device)
        if page is None:
            write_cards(loaded.stream(contacts, reference=knowledge, reject=reject), out, loaded.scheme)
        else:
            keeper = PageKeeper()
            cards = loaded.stream(keeper.contacts(contacts), reference=knowledge, reject=reject)
            write_cards(keeper.cards(cards), out, loaded.scheme)
            keeper.write(page, loaded.scheme)


@main.command()
@_inputs
@click.option("--out", default="-", show_default=True, help="contacts.jsonl, contacts.parquet or - for stdout.")
@_set
def convert(inputs: tuple[str, ...], out: str, attributes: dict[str, str]) -> None:
    """Read contacts in any format and write them in servicequal's own."""
    from servicequal.console import read_all, rejections, stdout
    from servicequal.files.jsonl import write_contacts_jsonl
    from servicequal.files.parquet import write_contacts_parquet

    with rejections(out, inputs) as reject:
        contacts = read_all(inputs, reject, attributes)
        if out == "-":
            for contact in contacts:
                stdout().write(to_json(contact.to_dict()) + "\n")
        elif out.endswith(".parquet"):
            write_contacts_parquet(contacts, out)
        else:
            write_contacts_jsonl(contacts, out)


@main.command()
@click.argument("annotations", nargs=-1, required=True)
@_contacts
@_scheme
@click.option("--out", required=True, type=_PATH, help="The folder to create.")
@click.option("--base", type=_PATH, help="A scorer whose encoder is used.")
@click.option("--phrases", type=_PATH, help="A phrase bank, JSONL or a folder of it.")
@_reference
@_cases
def train(
    annotations: tuple[str, ...],
    contacts: tuple[str, ...],
    scheme: Path,
    out: Path,
    base: Path | None,
    phrases: Path | None,
    reference: Path | None,
    cases: Path | None,
) -> None:
    """Train a scorer on annotated contacts, and measure it out of fold."""
    from servicequal.console import read_all, refuse
    from servicequal.evaluation import evaluate as measure
    from servicequal.phrase import read_phrases
    from servicequal.training.card import render_card
    from servicequal.training.train import fit

    if out.exists():
        raise ServicequalError(f"{out}: exists already; a trained scorer is never overwritten: choose another folder")
    given, read = _annotations(annotations), list(read_all(contacts, refuse))
    if not any(annotation.blind for annotation in given):
        raise ServicequalError("none of the annotations is blind: nothing could be measured; give some blind ones too")
    trained = fit(
        read, given, Scheme.load(scheme), reference=_load_reference(reference, cases),
        phrases=read_phrases(phrases) if phrases else (), base=base,
    )  # fmt: skip
    figures = measure(trained.out_of_fold, given)
    documents = {
        "evaluation.json": json.dumps(figures.to_dict(), indent=1) + "\n",
        "README.md": render_card(trained.scorer.bundle, figures.to_dict()),
    }
    trained.scorer.save(out, documents=documents)
    click.echo(f"out of fold, on the training contacts: {figures}")
    click.echo(f"{trained.scorer} saved to {out}", err=True)


@main.command()
@click.argument("cards", type=_PATH)
@click.argument("annotations", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def evaluate(cards: Path, annotations: tuple[str, ...], as_json: bool) -> None:
    """Measure scorecards against blind annotations of contacts the scorer has not seen."""
    from servicequal.evaluation import evaluate as measure
    from servicequal.scorecard import read_scorecards

    figures = measure(read_scorecards(cards), _annotations(annotations))
    click.echo(json.dumps(figures.to_dict(), indent=1) if as_json else str(figures))


@main.command("export-annotations")
@click.argument("annotations", nargs=-1)
@_contacts
@_scheme
@_tool
@click.option("--cards", type=_PATH, help="Scorecards to start from, JSONL; whoever starts from them is not blind.")
@click.option("--out", required=True, type=_PATH, help="The file to write, for datasets a folder.")
def export(
    annotations: tuple[str, ...], contacts: tuple[str, ...], scheme: Path, tool: str, cards: Path | None, out: Path
) -> None:
    """Write contacts, with annotations if there are any, for an annotation tool."""
    from servicequal.console import read_all, refuse
    from servicequal.files.exchange.task import tasks
    from servicequal.files.exchange.tools import export_annotations
    from servicequal.scorecard import read_scorecards

    scored = read_scorecards(cards) if cards else []
    joined = list(tasks(read_all(contacts, refuse), _annotations(annotations), scored))
    export_annotations(joined, out, Scheme.load(scheme), tool=tool)
    click.echo(f"{len(joined)} contacts with {sum(len(task.annotations) for task in joined)} annotations", err=True)


@main.command("import-annotations")
@click.argument("export", type=_PATH)
@_contacts
@_scheme
@_tool
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


@main.command()
@click.argument("annotations", nargs=-1, required=True, type=_PATH)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def agreement(annotations: tuple[Path, ...], as_json: bool) -> None:
    """Measure how far the raters of the same contacts agree; contacts.jsonl lies beside the annotations."""
    from servicequal.console import refuse
    from servicequal.corpus.folder import annotated_contacts
    from servicequal.rater_agreement import agreement as measure

    contacts = [one for path in annotations for one in annotated_contacts(path, refuse)]
    figures = measure(_annotations(annotations), contacts)
    click.echo(json.dumps(figures.to_dict(), indent=1) if as_json else str(figures))


@main.command("check-annotations")
@click.argument("folder", type=_PATH)
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


@main.command()
@click.argument("scorer", required=False, type=_PATH)
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
@click.option("--out", default="demo", show_default=True, type=_PATH, help="The folder to write.")
def demo(out: Path) -> None:
    """Score the example contacts that come with the library: scorecards, a page and a table."""
    from servicequal.console import PageKeeper, read_all, rejections, write_cards
    from servicequal.examples import examples_folder
    from servicequal.reporting.table import print_summary
    from servicequal.scorer import Scorer

    folder = examples_folder()
    knowledge = Reference.load(folder / "reference.jsonl", cases=folder / "cases.jsonl")
    loaded, keeper, result = Scorer.load(), PageKeeper(), out / "cards.jsonl"
    out.mkdir(parents=True, exist_ok=True)
    with rejections(str(result), ()) as reject:
        contacts = keeper.contacts(read_all([str(folder / "examples")], reject))
        cards = loaded.score(contacts, reference=knowledge, reject=reject)
        write_cards(keeper.cards(cards), str(result), loaded.scheme)
        keeper.write(out / "page.html", loaded.scheme)
        print_summary(cards, loaded.scheme)
        click.echo(f"\nscorecards: {result}\nto read:    {out / 'page.html'}")


def _annotations(paths: Iterable[str | Path]) -> list[Annotation]:
    return [annotation for path in paths for annotation in read_annotations(path)]


def _load_reference(reference: Path | None, cases: Path | None) -> Reference | None:
    if reference is None:
        if cases is not None:
            raise ServicequalError("--cases is given without --reference; a case names facts of a reference: give both")
        return None
    return Reference.load(reference, cases=cases)
