"""Commands that analyse scorecards: benchmark, trend, drivers, mystery, demand, coach, plan."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from servicequal.annotation import Annotation
from servicequal.cli.reporting import AUDIT
from servicequal.cli.shared import PATH, annotations_in, cases_option, load_reference, reference_option
from servicequal.scheme import Scheme
from servicequal.scorecard import Scorecard

if TYPE_CHECKING:
    from servicequal.reporting.section import Section

_company = click.option("--company", help="Whose contacts; all by default.")


@dataclass(frozen=True)
class _Material:
    """Scorecards and annotations past the privacy gate."""

    cards: Sequence[Scorecard]
    annotations: Sequence[Annotation]
    scheme: Scheme

    @property
    def rated(self) -> dict[str, Any]:
        return {"scheme": self.scheme, "annotations": self.annotations}


def _analysis(analyse: Callable[..., Sequence[Section]]) -> Callable[..., None]:
    """Make a command of an analysis: read, pass the gate, print the sections as text or as JSON."""

    @click.argument("cards", type=PATH)
    @click.option(
        "--annotations", multiple=True, type=PATH, help="Blind ones correct the scorer's bias; a file or a folder."
    )
    @click.option("--scorer", type=PATH, help="The folder of the scorer of these cards [default: the bundled one].")
    @click.option("--agents", metavar="PURPOSE", help=f"Look at single agents, for this purpose; logged in {AUDIT}.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
    @click.option("--language", default="en", show_default=True, type=click.Choice(["en", "de", "pl"]))
    @wraps(analyse)
    def command(
        cards: Path, annotations: tuple[Path, ...], scorer: Path | None, agents: str | None, as_json: bool,
        language: str, **options: Any,
    ) -> None:  # fmt: skip
        _echo(analyse(_gated(cards, annotations, scorer, agents), **options), language, as_json=as_json)

    return command


@click.command()
@_analysis
@click.option("--company", required=True, help="The own one.")
def benchmark(material: _Material, company: str) -> Sequence[Section]:
    """Compare the own company with each competitor on the same cases."""
    from servicequal.reporting.benchmark import analyse_benchmark

    return [analyse_benchmark(material.cards, company=company, **material.rated)]


@click.command()
@_analysis
@_company
@click.option("--trained", multiple=True, metavar="CRITERION", help="A criterion that was trained; may be repeated.")
@click.option("--trained-from", metavar="WAVE", help="The first wave after the training [default: the second].")
def trend(
    material: _Material, company: str | None, trained: tuple[str, ...], trained_from: str | None
) -> Sequence[Section]:
    """Follow the criteria from wave to wave, the trained ones beside the others."""
    from servicequal.reporting.trend import analyse_trend

    cards = material.cards
    return [analyse_trend(cards, company=company, trained=trained, trained_from=trained_from, **material.rated)]


@click.command()
@_analysis
@click.option("--write-scheme", type=PATH, help="Also write the scheme with the weights by impact, JSON.")
def drivers(material: _Material, write_scheme: Path | None) -> Sequence[Section]:
    """Say what the customers' own ratings go with, and what weights that would give."""
    from servicequal.files.whole_file import written_whole
    from servicequal.reporting.drivers import analyse_drivers, fit_drivers, reweighted

    section = analyse_drivers(material.cards, **material.rated)
    if write_scheme is not None:
        weights = fit_drivers(material.cards, **material.rated).weights(material.scheme)
        record = reweighted(material.scheme, weights).to_dict()
        with written_whole(write_scheme) as scratch:
            scratch.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return [section]


@click.command()
@_analysis
def mystery(material: _Material) -> Sequence[Section]:
    """Compare shoppers' contacts with real customers' of the same agents."""
    from servicequal.reporting.mystery import analyse_mystery

    return [analyse_mystery(material.cards, **material.rated)]


@click.command()
@_analysis
@reference_option
@cases_option
def demand(material: _Material, reference: Path | None, cases: Path | None) -> Sequence[Section]:
    """Say what customers come for, how much of it is failure demand, and what chains of contacts show."""
    from servicequal.reporting.analyses import or_needs
    from servicequal.reporting.consistency import analyse_consistency
    from servicequal.reporting.demand import analyse_demand

    known = load_reference(reference, cases)
    return [
        or_needs("demand", lambda: analyse_demand(material.cards, reference=known, **material.rated)),
        or_needs("consistency", lambda: analyse_consistency(material.cards, reference=known, **material.rated)),
    ]


@click.command()
@_analysis
@_company
@reference_option
@cases_option
def coach(material: _Material, company: str | None, reference: Path | None, cases: Path | None) -> Sequence[Section]:
    """Say where points get lost and why, what to coach, with passages, and what rises faster than chance."""
    from servicequal.reporting.alarms import analyse_alarms
    from servicequal.reporting.analyses import or_needs
    from servicequal.reporting.causes import analyse_causes
    from servicequal.reporting.coaching import BY, analyse_coaching
    from servicequal.reporting.means import AGENT

    known, cards = load_reference(reference, cases), material.cards
    rated: dict[str, Any] = {"company": company, **material.rated}
    return [
        or_needs("causes", lambda: analyse_causes(cards, reference=known, **rated)),
        or_needs("coaching", lambda: analyse_coaching(cards, by=(*BY, AGENT), **rated)),
        or_needs("alarms", lambda: analyse_alarms(cards, scheme=material.scheme, reference=known, company=company)),
    ]


@click.command()
@_analysis
@click.option("--difference", default=5.0, show_default=True, type=click.FloatRange(0, 100, min_open=True))
@click.option("--power", default=0.8, show_default=True, type=click.FloatRange(0.5, 0.99))
def plan(material: _Material, difference: float, power: float) -> Sequence[Section]:
    """Say how many contacts, or ratings by people, a difference of some points takes to be seen."""
    from servicequal.reporting.plan import analyse_plan

    return [analyse_plan(material.cards, difference=difference, power=power, **material.rated)]


def _gated(cards: Path, annotations: Sequence[Path], scorer: Path | None, agents: str | None) -> _Material:
    from servicequal.files.scorecards import read_scorecards
    from servicequal.reporting.fact_sheet import System
    from servicequal.reporting.privacy.audit import log_request
    from servicequal.reporting.privacy.gate import Gate
    from servicequal.reporting.privacy.policy import Privacy

    if agents is not None and not agents.strip():
        raise click.BadParameter("say why single agents are looked at", param_hint="--agents")
    privacy = Privacy(agents, audit=Path(AUDIT) if agents else None)
    gate = Gate(read_scorecards(cards), privacy)
    if privacy.audit is not None:
        command = click.get_current_context().info_name
        log_request(privacy.audit, {"asked": command, "level": privacy.level, "purpose": privacy.purpose})
    given = gate.annotations(annotations_in(annotations))
    return _Material(gate.cards, given, System.load(scorer).scheme)


def _echo(sections: Sequence[Section], language: str, *, as_json: bool) -> None:
    from servicequal.reporting.table import printed_sections
    from servicequal.reporting.words import Words

    if as_json:
        click.echo(json.dumps([section.to_dict() for section in sections], indent=1, ensure_ascii=False))
    else:
        click.echo(printed_sections(sections, Words(language)))
