"""From wave to wave: how each criterion moved, and whether the trained ones moved more than the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from servicequal.annotation import Annotation
from servicequal.errors import ServicequalError, nearest
from servicequal.reporting.differences import SURE
from servicequal.reporting.measures import (
    MINIMUM,
    OVERALL,
    Measures,
    attribute,
    clusters,
    estimate,
    groups,
    how_measured,
    mean_estimate,
    measure,
)
from servicequal.reporting.section import Cell, Column, Estimate, Plot, Point, Section, Table, Text
from servicequal.scheme import Scheme
from servicequal.scorecard import Scorecard
from servicequal.stats.prediction_powered import Domains, join
from servicequal.stats.significance import Effect, holm


def analyse_trend(
    cards: Sequence[Scorecard],
    *,
    scheme: Scheme,
    annotations: Sequence[Annotation] = (),
    company: str | None = None,
    trained: Sequence[str] = (),
    trained_from: str | None = None,
) -> Section:
    """Follow each criterion over the waves (attribute ``wave``, in the order of their names).

    Args:
        cards: past the privacy gate.
        scheme: that they were scored with.
        annotations: the blind ones correct the scorer's errors.
        company: whose waves; all contacts by default.
        trained: criteria that were trained; they are compared with the others.
        trained_from: the first wave after the training; by default the second wave.

    Raises:
        ServicequalError: if there are not two waves, or a name is unknown.
    """
    kept = [card for card in cards if company in (None, attribute(card, "company"))]
    waves, domains = groups(kept, "wave")
    sizes = np.bincount(domains[domains >= 0], minlength=len(waves))
    if len(waves) < 2 or min(sizes) < MINIMUM:
        whose = f" of company {company!r}" if company else ""
        raise ServicequalError(
            f"{len(waves)} waves{whose}, the smallest of {min(sizes, default=0)} contacts; "
            f"a trend needs two waves (attribute 'wave') of {MINIMUM}"
        )
    _check(trained, trained_from, waves, scheme)
    measures = measure(kept, annotations, scheme)
    clustered, way = clusters(kept, domains)
    found = {name: measures.means(name, domains, clustered) for name in measures.names}
    ends = np.zeros(len(waves))
    ends[[0, -1]] = -1, 1
    changes = {name: one.contrast(ends) for name, one in found.items()}
    p_values = dict(zip(changes, holm([change.p_value for change in changes.values()]), strict=True))
    texts, warnings = how_measured(measures, way)
    lead = Text("trend.lead", {"first": waves[0], "last": waves[-1], "waves": len(waves)})
    moved = Text("trend.overall", {"change": estimate(changes[OVERALL].interval, len(kept))})
    table = Table(
        "waves",
        Text("trend.waves"),
        (
            Column("criterion"),
            *(Column(wave, "points") for wave in waves),
            Column("change", "points"),
            Column("p_holm", "p"),
            Column("verdict"),
        ),
        tuple(_row(name, found[name], changes[name], p_values[name]) for name in measures.names),
    )
    scorers = len({card.scorer for card in kept})
    rated_by = Text("trend.one_scorer") if scorers == 1 else Text("trend.scorers", {"scorers": scorers})
    tables, said = [table], [lead, moved, rated_by]
    if trained:
        after = [wave >= (trained_from or waves[1]) for wave in waves]
        difference = training_effect([name for name in measures.names if name != OVERALL], trained, after, found)
        training = _training(difference, trained, after, found, measures, len(kept))
        tables.append(training)
        key = "trend.trained" if difference.p_value < SURE else "trend.trained_unsure"
        said.append(Text(key, {"difference": estimate(difference.interval, len(kept))}))
        warnings = (*warnings, Text("trend.parallel"))
    points = tuple(
        Point(wave, _mean(found[name], number), name) for name in measures.names for number, wave in enumerate(waves)
    )
    return Section(
        "trend",
        Text("trend.title"),
        (*said, *texts),
        tuple(tables),
        (Plot("waves", "lines", Text("trend.waves"), points),),
        warnings,
    )


def training_effect(
    criteria: Sequence[str], trained: Sequence[str], after: Sequence[bool], found: dict[str, Domains]
) -> Effect:
    """Give by how much more the trained criteria moved than the others: a difference of differences.

    Each criterion's change is the mean of its waves after the training less that of those before. What moved all
    criteria alike cancels; the same contacts, and so the same clusters, stand behind all of them.

    Args:
        criteria: all of them.
        trained: those that were trained.
        after: for each wave whether the training came before it.
        found: the means by wave, of each criterion.
    """
    late = np.array(after, dtype=bool)
    change = np.where(late, 1 / late.sum(), -1 / (~late).sum())
    rest = [name for name in criteria if name not in trained]
    weights = [change / len(trained) if name in trained else -change / len(rest) for name in criteria]
    return join([found[name] for name in criteria]).contrast(np.concatenate(weights))


def _training(
    difference: Effect,
    trained: Sequence[str],
    after: Sequence[bool],
    found: dict[str, Domains],
    measures: Measures,
    contacts: int,
) -> Table:
    late = np.array(after, dtype=bool)
    change = np.where(late, 1 / late.sum(), -1 / (~late).sum())
    rows: list[tuple[Cell, ...]] = []
    for name in measures.names:
        if name == OVERALL:
            continue
        moved = found[name].contrast(change)
        rows.append((name, name in trained, estimate(moved.interval, contacts), moved.p_value))
    rows.append((Text("word.difference"), None, estimate(difference.interval, contacts), difference.p_value))
    columns = (Column("criterion"), Column("trained"), Column("change", "points"), Column("p", "p"))
    return Table("training", Text("trend.training"), columns, tuple(rows))


def _row(name: str, found: Domains, change: Effect, p_value: float) -> tuple[Cell, ...]:
    means = (_mean(found, number) for number in range(len(found.values)))
    told = Text("word.not_told_apart")
    if p_value < SURE:
        told = Text("word.better" if change.value > 0 else "word.worse")
    plain = None if np.isnan(p_value) else float(p_value)
    return (name, *means, estimate(change.interval, found.contacts.sum()), plain, told)


def _mean(found: Domains, number: int) -> Estimate:
    return mean_estimate(found.contrast(np.eye(len(found.values))[number]).interval, found.contacts[number])


def _check(trained: Sequence[str], trained_from: str | None, waves: Sequence[str], scheme: Scheme) -> None:
    for name in trained:
        scheme[name]  # raises with the nearest known criterion
    if trained and len(set(trained)) == len(scheme.criteria):
        raise ServicequalError("all criteria were trained; a comparison needs some that were not")
    if trained_from is not None and trained_from not in waves[1:]:
        raise ServicequalError(f"no wave {trained_from!r} after the first; {nearest(trained_from, waves[1:])}")
