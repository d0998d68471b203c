"""Commands that learn and measure: train, evaluate."""

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
    scheme_option,
)
from servicequal.errors import ServicequalError
from servicequal.scheme import Scheme


@click.command()
@click.argument("annotations", nargs=-1, required=True)
@contacts_option
@scheme_option
@click.option("--out", required=True, type=PATH, help="The folder to create.")
@click.option("--base", type=PATH, help="A scorer whose encoder is used.")
@click.option("--phrases", type=PATH, help="A phrase bank, JSONL or a folder of it.")
@reference_option
@cases_option
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
    given, read = annotations_in(annotations), list(read_all(contacts, refuse))
    if not any(annotation.blind for annotation in given):
        raise ServicequalError("none of the annotations is blind: nothing could be measured; give some blind ones too")
    trained = fit(
        read, given, Scheme.load(scheme), reference=load_reference(reference, cases),
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


@click.command()
@click.argument("cards", type=PATH)
@click.argument("annotations", nargs=-1, required=True)
@click.option("--by", help="Also per language, channel or value of an attribute such as company.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def evaluate(cards: Path, annotations: tuple[str, ...], by: str | None, as_json: bool) -> None:
    """Measure scorecards against blind annotations of contacts the scorer has not seen."""
    from servicequal.evaluation import evaluate as measure
    from servicequal.files.scorecards import read_scorecards

    figures = measure(read_scorecards(cards), annotations_in(annotations), by=by)
    click.echo(json.dumps(figures.to_dict(), indent=1) if as_json else str(figures))
