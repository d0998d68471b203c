"""For each team, and each agent where that was asked for, the behaviours that would move the score most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.annotation import Annotation
from servicequal.errors import ServicequalError
from servicequal.reporting.marks import best_known, evidence, marked, shown
from servicequal.reporting.means import AGENT
from servicequal.reporting.measures import MINIMUM, OVERALL, Measures, estimate, groups, measure, number
from servicequal.reporting.section import Cell, Column, Example, Section, Table, Text
from servicequal.scheme import Indicator, Scheme
from servicequal.scorecard import Evidence, Scorecard, cluster_of
from servicequal.stats.intervals import Interval
from servicequal.stats.prediction_powered import domain_means
from servicequal.stats.regression import fit_regression
from servicequal.stats.significance import Effect, holm

LEVEL = 0.05
MOST = 3  # behaviours named for a group
SURE = 0.5  # probability of a sentence quoted
BY = ("team",)
_FULL, _NOT = "fully_met", "not_met"


@dataclass(frozen=True)
class Behaviour:
    """An agent's indicator, by group.

    Attributes:
        indicator: which.
        effect: points of the criterion that it goes with, all of the criterion's behaviours considered together.
        gap: for each group, the share of contacts that show it less that of all other groups; where the criterion
            applies. For an indicator that speaks against its criterion, the other way round.
        contacts: for each group, contacts that the criterion applies to.
        worth: points of the overall score of a contact for each point of the criterion.
    """

    indicator: Indicator
    effect: float
    gap: tuple[Effect, ...]
    contacts: np.ndarray
    worth: float

    def gain(self, group: int) -> float:
        """Give the points of the overall score that a group gains if it does it as often as the others."""
        return -self.gap[group].value * abs(self.effect) * self.worth


def analyse_coaching(
    cards: Sequence[Scorecard],
    *,
    scheme: Scheme,
    annotations: Sequence[Annotation] = (),
    company: str | None = None,
    by: Sequence[str] = BY,
) -> Section:
    """Name the behaviours that each group shows less often than the others and that go with better ratings.

    Args:
        cards: past the privacy gate.
        scheme: its indicators are the behaviours.
        annotations: what raters marked corrects how often the scorer's evidence shows a behaviour.
        company: whose groups; they are compared with one another.
        by: attributes to group by; ``agent`` only for a purpose that was agreed on.

    Raises:
        ServicequalError: if there are not two groups of ``MINIMUM`` contacts.
    """
    kept = [card for card in cards if company is None or card.attributes.get("company") == company]
    measures = measure(kept, annotations, scheme)
    tables: list[Table] = []
    examples: list[Example] = []
    for name in by:
        names, domains = groups(kept, name)
        sizes = np.bincount(domains[domains >= 0], minlength=len(names))
        if (sizes >= MINIMUM).sum() < 2:
            continue
        behaviours = find_behaviours(kept, domains, len(names), measures, scheme, annotations)
        chosen = {place: _chosen(behaviours, place) for place in range(len(names)) if sizes[place] >= MINIMUM}
        tables.append(_table(name, names, chosen))
        examples += _examples(kept, domains, names, chosen, scheme)
    if not tables:
        raise ServicequalError(f"there are no two groups of {MINIMUM} contacts by {' or '.join(by)} to compare")
    some = any(table.rows for table in tables)
    return Section(
        "coaching",
        Text("coaching.title"),
        (Text("coaching.lead" if some else "coaching.nothing"), Text("coaching.how")),
        tuple(tables),
        (),
        (Text("coaching.listen"), Text("drivers.cause")),
        tuple(examples),
    )


def find_behaviours(
    cards: Sequence[Scorecard],
    domains: np.ndarray,
    count: int,
    measures: Measures,
    scheme: Scheme,
    annotations: Sequence[Annotation],
) -> list[Behaviour]:
    """Measure how often each group shows each of the agent's indicators, and what it goes with."""
    agents = [one for one in scheme.indicators if one.speaker == "agent" and one.serves]
    names = [one.id for one in agents]
    seen, said = shown(cards, names), marked(cards, annotations, names)
    clustered = number([cluster_of(card) for card in cards])
    inside = domains >= 0
    found = []
    for criterion in scheme.criteria:
        columns = [place for place, one in enumerate(agents) if one.serves == criterion.id]
        row = measures.names.index(criterion.id)
        predicted, labelled = measures.predicted[row], measures.labelled[row]
        there = best_known(predicted[:, 1], labelled[:, 1])
        effects = _effects(best_known(seen, said)[:, columns], predicted, labelled, domains, there)
        worth = _worth(criterion.weight, there, scheme, measures)
        for column, effect in zip(columns, effects, strict=True):
            if effect * agents[column].polarity <= 0:
                continue  # goes with worse ratings: nothing to coach
            guess = np.column_stack([seen[:, column] * predicted[:, 1], predicted[:, 1]])
            rated = np.where(np.isnan(labelled[:, :1]), np.nan, np.column_stack([said[:, column] * there, there]))
            means = domain_means(
                guess, np.where(np.isnan(rated).any(axis=1, keepdims=True), np.nan, rated), domains, clustered
            )
            applied = np.bincount(domains[inside], weights=there[inside], minlength=count)
            gaps = []
            for group in range(count):
                others = np.where(np.arange(count) == group, 0.0, applied)
                weights = np.eye(count)[group] - others / max(others.sum(), 1e-9)
                known = np.nan_to_num(means.values, nan=np.inf)
                weights = np.where(np.isinf(known), 0.0, weights)
                gaps.append(means.contrast(weights * agents[column].polarity))
            found.append(Behaviour(agents[column], effect, tuple(gaps), applied, worth))
    return found


def _effects(
    seen: np.ndarray, predicted: np.ndarray, labelled: np.ndarray, domains: np.ndarray, there: np.ndarray
) -> list[float]:
    """Regress a criterion's points on its indicators, within groups, over the contacts that it applies to."""
    kept = (there > 0.5) & (domains >= 0)
    points = best_known(predicted, labelled)[kept]
    points = points[:, 0] / np.maximum(points[:, 1], 1e-9)
    x, group = seen[kept], domains[kept]
    within = np.column_stack([x, points])
    for place in np.unique(group):
        within[group == place] -= within[group == place].mean(axis=0)
    varying = [column for column in range(x.shape[1]) if np.std(within[:, column]) > 1e-6]
    effects = np.zeros(x.shape[1])
    if len(within) > 3 * len(varying) + 10 and np.linalg.matrix_rank(within[:, varying]) == len(varying) > 0:
        fitted = fit_regression(within[:, varying], within[:, -1], np.arange(len(within)), ordinal=False)
        effects[varying] = fitted.coefficients[:-1]
    return [float(effect) for effect in effects]


def _worth(weight: float, there: np.ndarray, scheme: Scheme, measures: Measures) -> float:
    """Give what a point of a criterion is worth in the overall score of a contact, over all contacts."""
    rows = [place for place, name in enumerate(measures.names) if name != OVERALL]
    applies = best_known(measures.predicted[rows][:, :, 1], measures.labelled[rows][:, :, 1])
    weights = np.array([criterion.weight for criterion in scheme.criteria])
    return float(np.mean(there * weight / np.maximum(weights @ applies, 1e-9)))


def _chosen(behaviours: Sequence[Behaviour], group: int) -> list[tuple[Behaviour, float]]:
    """Take the behaviours with the largest gain whose gap is no chance (Holm over the group's behaviours)."""
    enough = [one for one in behaviours if one.contacts[group] >= MINIMUM and not np.isnan(one.gap[group].error)]
    p_values = holm([one.gap[group].p_value for one in enough])
    sure = [(one, float(p)) for one, p in zip(enough, p_values, strict=True) if p < LEVEL and one.gain(group) > 0]
    return sorted(sure, key=lambda pair: -pair[0].gain(group))[:MOST]


def _table(by: str, names: Sequence[str], chosen: dict[int, list[tuple[Behaviour, float]]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for group, behaviours in chosen.items():
        for one, p_value in behaviours:
            gap = one.gap[group].interval
            shown_gap = gap if one.indicator.polarity > 0 else Interval(-gap.value, -gap.high, -gap.low)
            rows.append(
                (
                    names[group],
                    one.indicator.id,
                    one.indicator.serves,
                    Text("coaching.more" if one.indicator.polarity > 0 else "coaching.less"),
                    estimate(shown_gap, one.contacts[group], unit="share"),
                    p_value,
                    one.gain(group),
                )
            )
    columns = (
        Column(by),
        Column("behaviour"),
        Column("criterion"),
        Column("advice"),
        Column("gap", "share"),
        Column("p_holm", "p"),
        Column("gain", "points"),
    )
    return Table(
        f"by_{by}",
        Text(f"coaching.by_{by}") if by in (*BY, AGENT) else Text("means.by", {"attribute": by}),
        columns,
        tuple(rows),
    )


def _examples(
    cards: Sequence[Scorecard],
    domains: np.ndarray,
    names: Sequence[str],
    chosen: dict[int, list[tuple[Behaviour, float]]],
    scheme: Scheme,
) -> list[Example]:
    """Quote, for each behaviour of each group, a passage that shows how it should be and one of how it is."""
    found = []
    for group, behaviours in chosen.items():
        own = [card for card, domain in zip(cards, domains, strict=True) if domain == group]
        for one, _ in behaviours:
            criterion = scheme[str(one.indicator.serves)]
            label = {"group": names[group], "behaviour": one.indicator.id}
            good = [one.indicator.id] if one.indicator.polarity > 0 else _positive(scheme, criterion.id)
            bad = (
                [one.indicator.id]
                if one.indicator.polarity < 0
                else [criterion.trigger or "", *_negative(scheme, criterion.id)]
            )
            found += _best(cards, criterion.id, _FULL, good, Text("coaching.good", label), good=True)
            found += _best(own, criterion.id, _NOT, bad, Text("coaching.bad", label), good=False)
    passages = {(one.contact, one.turn, one.start, str(one.label.values["group"])): one for one in reversed(found)}
    return list(passages.values())[::-1]


def _best(
    cards: Sequence[Scorecard], criterion: str, level: str, indicators: Sequence[str], label: Text, *, good: bool
) -> list[Example]:
    """Quote the surest passage with one of the indicators, from a contact at the level; none if there is none."""
    best: tuple[float, Scorecard, Evidence] | None = None
    for card in cards:
        rating = card.ratings.get(criterion)
        if rating is None or rating.level != level:
            continue
        for item in evidence(card):
            sure = item.probability * rating.confidence
            if item.indicator in indicators and item.probability >= SURE and (best is None or sure > best[0]):
                best = (sure, card, item)
    if best is None:
        return []
    _, card, item = best
    return [Example(card.contact, item.turn, item.start, item.end, item.text, label, good=good)]


def _positive(scheme: Scheme, criterion: str) -> list[str]:
    return [one.id for one in scheme.indicators if one.serves == criterion and one.polarity > 0]


def _negative(scheme: Scheme, criterion: str) -> list[str]:
    return [one.id for one in scheme.indicators if one.serves == criterion and one.polarity < 0]
