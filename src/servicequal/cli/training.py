"""Commands that learn and measure: train, certify, evaluate."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from servicequal.annotation import Annotation
from servicequal.cli.shared import (
    PATH,
    annotations_in,
    cases_option,
    load_reference,
    reference_option,
)
from servicequal.errors import ServicequalError
from servicequal.scheme import Scheme

if TYPE_CHECKING:
    from servicequal.corpus.folder import Corpus
    from servicequal.training.train import Trained


_SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)


@click.command()
@click.argument("annotations", nargs=-1)
@click.option("--contacts", multiple=True, help="The contacts annotated [default: contacts.jsonl beside annotations].")
@click.option("--scheme", type=PATH, help="The rating scheme, JSON [default: scheme.json above the wave].")
@click.option("--out", required=True, type=PATH, help="The folder to create.")
@click.option("--base", type=PATH, help="A scorer whose encoder is used; with --wave, the champion.")
@click.option("--wave", type=PATH, help="The newest wave’s folder: train on all waves to date, promote by the rule.")
@click.option("--phrases", type=PATH, help="A phrase bank, JSONL or a folder of it.")
@reference_option
@cases_option
@click.option(
    "--max-error", default=0.10, show_default=True, type=_SHARE, help="Error allowed among automatic ratings."
)
@click.option("--risk", default=0.10, show_default=True, type=_SHARE, help="Chance that this bound may fail.")
@click.option("--cards", help="Also write the contacts' out-of-fold scorecards: JSONL or Parquet.")
@click.option("--metric", default="brier", show_default=True, type=click.Choice(["brier", "log-loss"]))
@click.option("--workers", type=click.IntRange(0), help="Processes that fit folds side by side [default: one per CPU].")
@click.option("--vectors", type=PATH, help="Keep sentence vectors here, and use those that are kept.")
@click.option("--reason", help="Why a challenger that is no better, but no worse either, may take over.")
def train(
    annotations: tuple[str, ...],
    contacts: tuple[str, ...],
    scheme: Path | None,
    out: Path,
    base: Path | None,
    wave: Path | None,
    phrases: Path | None,
    reference: Path | None,
    cases: Path | None,
    max_error: float,
    risk: float,
    cards: str | None,
    metric: str,
    workers: int | None,
    vectors: Path | None,
    reason: str | None,
) -> None:
    """Train a scorer on annotated contacts, and measure it out of fold.

    A folder of annotations may hold the contacts and the facts (reference.jsonl) that they are about. With --wave,
    ANNOTATIONS are the earlier waves; without them, those beside the newest one whose names sort before it. Scheme,
    reference, cases and phrases that are not given are taken from the folder above the wave.
    """
    from servicequal.scorer import Scorer
    from servicequal.training.config import TrainConfig
    from servicequal.training.train import fit
    from servicequal.waves.decision import PromotionRule
    from servicequal.waves.retrain import retrain

    refused = out.with_name(f"{out.name}-not-promoted")
    for folder in (out, refused):
        if folder.exists():
            raise ServicequalError(f"{folder}: exists already; a trained scorer is never overwritten: choose another")
    if wave is None and not annotations:
        raise click.UsageError("nothing to learn from; give ANNOTATIONS or --wave")
    if wave is not None and base is None:
        raise click.UsageError("--wave needs --base, the champion that the new scorer is held against")
    config = TrainConfig(max_error=max_error, risk=risk)
    workers = (os.cpu_count() or 1) if workers is None else workers
    corpus, newest = _corpus(annotations, wave, contacts, scheme, reference, cases, phrases)
    if wave is None:
        trained = fit(
            corpus.contacts, corpus.annotations, corpus.scheme,
            reference=corpus.reference, phrases=tuple(corpus.phrases.values()), base=base,
            config=config, workers=workers, vectors=vectors,
        )  # fmt: skip
    else:
        rule = PromotionRule(metric=metric)
        done = retrain(
            Scorer.load(base), corpus, newest=newest,
            config=config, rule=rule, reason=reason, workers=workers, vectors=vectors,
        )  # fmt: skip
        trained, out = done.trained, out if done.decision.promoted else refused
        click.echo(f"{done.decision}\n")
    if cards is not None:
        from servicequal.console import write_cards

        write_cards(trained.out_of_fold, cards, trained.scorer.scheme)
    _save(trained, corpus.annotations, out)


def _corpus(
    annotations: tuple[str, ...],
    wave: Path | None,
    contacts: tuple[str, ...],
    scheme: Path | None,
    reference: Path | None,
    cases: Path | None,
    phrases: Path | None,
) -> tuple[Corpus, set[str]]:
    """Read what the options name, or what lies beside the wave; and name the contacts of the newest wave."""
    from servicequal.console import read_all, refuse
    from servicequal.corpus.folder import Corpus, annotated_contacts, with_facts_beside
    from servicequal.phrase import located_phrases
    from servicequal.waves.folders import home_of, waves_to_date

    paths = [Path(path) for path in annotations]
    newest = set()
    if wave is not None:
        to_date = waves_to_date(wave)
        newest = {one.contact for one in annotations_in([wave])}
        paths = [*paths, wave] if paths else to_date
        home = home_of(wave)
        scheme, phrases = scheme or home.scheme, phrases or home.phrases
        reference, cases = (reference, cases) if reference else (home.reference, cases or home.cases)
        click.echo(f"waves to date: {', '.join(path.name for path in paths)}", err=True)
    if scheme is None:
        raise ServicequalError("no scheme; give --scheme, or put scheme.json into the folder above the wave")
    given = annotations_in(paths)
    if not any(annotation.blind for annotation in given):
        raise ServicequalError("none of the annotations is blind: nothing could be measured; give some blind ones too")
    read = read_all(contacts, refuse) if contacts else (c for p in paths for c in annotated_contacts(p, refuse))
    known = with_facts_beside(load_reference(reference, cases), paths)
    return Corpus(
        Scheme.load(scheme), tuple(read), tuple(given), known, located_phrases(phrases) if phrases else {}
    ), newest


def _save(trained: Trained, annotations: Sequence[Annotation], out: Path) -> None:
    """Measure a scorer out of fold, and write it with its figures, its card and what certificates are made from."""
    from servicequal.evaluation.evaluate import evaluate as measure
    from servicequal.training.card import render_card
    from servicequal.training.certificate import ANSWERS, answers_to_json

    scheme, cards = trained.scorer.scheme, trained.out_of_fold
    figures = measure(cards, annotations, scheme=scheme, by=("language", "channel"))
    documents = {
        "evaluation.json": json.dumps(figures.to_dict(), indent=1) + "\n",
        "README.md": render_card(trained.scorer.bundle, figures.to_dict()),
        ANSWERS: answers_to_json(trained.answers),
    }
    trained.scorer.save(out, documents=documents)
    click.echo(f"out of fold, on the training contacts: {replace(figures, groups={})}")
    click.echo(f"{trained.scorer} saved to {out}", err=True)


@click.command()
@click.argument("scorer", type=PATH)
@click.option("--max-error", required=True, type=_SHARE, help="Error allowed among automatic ratings.")
@click.option("--risk", default=0.10, show_default=True, type=_SHARE, help="Chance that this bound may fail.")
@click.option("--out", type=PATH, help="Also write the scorer with these thresholds to a new folder.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def certify(scorer: Path, max_error: float, risk: float, out: Path | None, as_json: bool) -> None:
    """Choose another bound on the error of automatic ratings, without training again.

    Choose the bound first: whoever tries several and keeps one that passes takes the risk several times.
    """
    from servicequal.bundle import encoder_folder, read_bundle, write_bundle
    from servicequal.stats.intervals import to_plain
    from servicequal.training.card import render_certified
    from servicequal.training.certificate import ANSWERS, read_answers, recertified
    from servicequal.training.certificate import certify as certify_one

    answers = read_answers(scorer)
    found = {name: certify_one(one, max_error=max_error, risk=risk) for name, one in answers.items()}
    lines = [f"{name}: {certificate}" for name, certificate in found.items()]
    click.echo(json.dumps(to_plain(found), indent=1) if as_json else "\n".join(lines))
    if out is not None:
        bundle = recertified(read_bundle(scorer), found)
        kept = {file: (scorer / file).read_text(encoding="utf-8") for file in (ANSWERS, "evaluation.json")}
        card = (scorer / "README.md").read_text(encoding="utf-8")
        documents = kept | {"README.md": render_certified(bundle, lines, card)}
        write_bundle(bundle, out, encoder=encoder_folder(scorer), documents=documents)
        click.echo(f"{bundle.name} saved to {out}", err=True)


@click.command()
@click.argument("cards", type=PATH)
@click.argument("annotations", nargs=-1, required=True)
@click.option("--scheme", type=PATH, help="The rating scheme, JSON: evidence is measured too.")
@click.option("--by", help="Also per language, channel or value of an attribute such as company.")
@click.option("--plots", type=PATH, help="Also draw reliability per criterion and language: SVG, to this folder.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def evaluate(
    cards: Path, annotations: tuple[str, ...], scheme: Path | None, by: str | None, plots: Path | None, as_json: bool
) -> None:
    """Measure scorecards against blind annotations of contacts the scorer has not seen."""
    from servicequal.evaluation.evaluate import evaluate as measure
    from servicequal.files.scorecards import read_scorecards

    known = Scheme.load(scheme) if scheme else None
    scored, given = read_scorecards(cards), annotations_in(annotations)
    figures = measure(scored, given, by=by, scheme=known)
    click.echo(json.dumps(figures.to_dict(), indent=1) if as_json else str(figures))
    if plots is not None:
        from servicequal.evaluation.reliability import reliability
        from servicequal.reporting.reliability import draw_reliability

        drawn = draw_reliability(reliability(scored, given, by=by or "language"), plots)
        click.echo(f"{len(drawn)} plots in {plots}", err=True)
