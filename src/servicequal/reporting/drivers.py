"""What the customer's own rating goes with: criterion by criterion, corrected for who answers the survey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from servicequal.annotation import Annotation
from servicequal.errors import ServicequalError
from servicequal.reporting.chains import repeats
from servicequal.reporting.measures import OVERALL, Measures, clusters, estimate, measure
from servicequal.reporting.section import Cell, Column, Estimate, Plot, Point, Section, Table, Text
from servicequal.scheme import Scheme
from servicequal.scorecard import Scorecard
from servicequal.stats.regression import Regression, fit_regression
from servicequal.stats.significance import Effect

FEWEST = 60  # ratings below which no model is fitted
PER_PARAMETER = (
    10  # ratings per parameter from which on the model is ordinal, with all that may stand beside a criterion
)
VARIES = 0.02  # least standard deviation of what may explain a rating
FLOOR = 0.1  # share of the mean weight below which no criterion falls
HEAVIEST = 10.0  # how often one answer may count for those who did not answer
REPEAT = "repeat_contact"


@dataclass(frozen=True)
class Drivers:
    """What the customer's rating goes with.

    Attributes:
        effects: by criterion, the expected rating of a contact at fully_met less that of one at not_met.
        beside: the same of what a criterion's trigger, the channel and an earlier contact add.
        scale: how many steps lie between the lowest and the highest rating.
        ordinal: whether the model is ordinal; else linear.
        rated: contacts with a rating.
        asked: contacts with or without one, where those without can be told from shoppers'; else as many as rated.
    """

    effects: Mapping[str, Effect]
    beside: Mapping[str, Effect]
    scale: int
    ordinal: bool
    rated: int
    asked: int

    def weights(self, scheme: Scheme) -> dict[str, float]:
        """Give impact weights: effects scaled to the sum of the scheme's weights.

        An effect below the floor counts as the floor, because a criterion of no weight is none; a criterion that the
        model does not have keeps its weight.
        """
        kept = [criterion for criterion in scheme.criteria if criterion.id in self.effects]
        total = sum(criterion.weight for criterion in kept)
        positive = {criterion.id: max(0.0, self.effects[criterion.id].value) for criterion in kept}
        mean = sum(positive.values()) / max(len(kept), 1)
        raised = {name: max(value, FLOOR * mean) for name, value in positive.items()}
        if not mean:
            return {criterion.id: criterion.weight for criterion in scheme.criteria}
        scaled = {name: round(value * total / sum(raised.values()), 3) for name, value in raised.items()}
        return {criterion.id: scaled.get(criterion.id, criterion.weight) for criterion in scheme.criteria}


def analyse_drivers(cards: Sequence[Scorecard], *, scheme: Scheme, annotations: Sequence[Annotation] = ()) -> Section:
    """Say what the customers' ratings go with, and what the scheme's weights would be by that.

    Raises:
        ServicequalError: with fewer than ``FEWEST`` rated contacts.
    """
    found = fit_drivers(cards, scheme=scheme, annotations=annotations)
    order = sorted(found.effects, key=lambda name: -found.effects[name].value)
    weights = found.weights(scheme)
    rows: list[tuple[Cell, ...]] = []
    for name in order:
        effect = found.effects[name]
        rows.append((name, _shown(effect, found), effect.p_value, scheme[name].weight, weights[name]))
    beside = tuple(
        (Text(f"drivers.{kind}", {"name": name}), _shown(effect, found), effect.p_value)
        for (kind, _, name), effect in ((key.partition(":"), one) for key, one in found.beside.items())
    )
    columns = (
        Column("criterion"),
        Column("effect", "levels"),
        Column("p", "p"),
        Column("weight", "ratio"),
        Column("impact_weight", "ratio"),
    )
    sure = [name for name in order if found.effects[name].interval.low > 0]
    said = [Text("drivers.lead", {"rated": found.rated, "scale": found.scale}), Text("drivers.none")]
    if sure:
        said[1] = Text("drivers.first", {"criterion": sure[0], "effect": _shown(found.effects[sure[0]], found)})
    said.append(Text("drivers.ordinal" if found.ordinal else "drivers.linear"))
    answered = {"asked": found.asked, "share": round(100 * found.rated / found.asked)}
    said.append(Text("drivers.answered", answered) if found.asked > found.rated else Text("drivers.all_answered"))
    points = tuple(Point(name, _shown(found.effects[name], found)) for name in order)
    return Section(
        "drivers",
        Text("drivers.title"),
        tuple(said),
        (
            Table("effects", Text("drivers.effects"), columns, tuple(rows)),
            Table("beside", Text("drivers.beside"), (Column("what"), *columns[1:3]), beside),
        ),
        (Plot("effects", "dots", Text("drivers.effects"), points, reference=0.0),),
        (Text("drivers.cause"),),
    )


def fit_drivers(cards: Sequence[Scorecard], *, scheme: Scheme, annotations: Sequence[Annotation] = ()) -> Drivers:
    """Fit the customers' ratings on the criteria.

    Levels are a rater's where a contact is annotated, else the scorer's expectation: both can stand side by side,
    because regressing on an expectation does not dampen the slope (regression calibration, Carroll et al. 2006, ch. 4).
    Who answers is modelled by what is known of all who were asked; each answer counts by the inverse of its probability
    (Robins, Rotnitzky & Zhao 1995). Shoppers (``mystery``) are not asked.

    Raises:
        ServicequalError: with fewer than ``FEWEST`` rated contacts, or where all ratings are the same.
    """
    asked = [card for card in cards if card.attributes.get("mystery") is not True]
    ratings = np.array([_rating(card) for card in asked])
    rated = ~np.isnan(ratings)
    if rated.sum() < FEWEST or len(np.unique(ratings[rated])) < 2:
        raise ServicequalError(
            f"{int(rated.sum())} contacts with a customer's rating (attribute 'rating'); "
            f"drivers need {FEWEST}, with different ratings"
        )
    measures = measure(asked, annotations, scheme)
    criteria, applies = _criteria(measures)
    context = _context(asked)
    weights = _answering(measures, np.hstack([context[1], applies[1]]), rated, asked)
    ordinal = rated.sum() >= PER_PARAMETER * (len(criteria[0]) + len(applies[0]) + len(context[0]) + 4)
    names, columns = [*criteria[0]], [criteria[1]]
    if ordinal:
        names, columns = [*names, *applies[0], *context[0]], [*columns, applies[1], context[1]]
    x = np.hstack(columns)[rated]
    kept = [number for number in range(x.shape[1]) if np.std(x[:, number]) > VARIES]
    names, x = [names[number] for number in kept], x[:, kept]
    clustered, _ = clusters([card for card, one in zip(asked, rated, strict=True) if one], np.zeros(len(x), dtype=int))
    fitted = fit_regression(x, ratings[rated], clustered, ordinal=bool(ordinal), weights=weights[rated])
    effects = {name: _effect(fitted, x, number, name, weights[rated]) for number, name in enumerate(names)}
    return Drivers(
        {name: effect for name, effect in effects.items() if ":" not in name},
        {name: effect for name, effect in effects.items() if ":" in name},
        round(float(np.ptp(ratings[rated]))),
        bool(ordinal),
        int(rated.sum()),
        len(asked),
    )


def reweighted(scheme: Scheme, weights: Mapping[str, float]) -> Scheme:
    """Give the scheme with other weights, under a name that says so."""
    criteria = tuple(replace(one, weight=weights.get(one.id, one.weight)) for one in scheme.criteria)
    return replace(scheme, id=f"{scheme.id}-impact", criteria=criteria)


def _effect(fitted: Regression, x: np.ndarray, number: int, name: str, weights: np.ndarray) -> Effect:
    """From not_met to fully_met; of anything else from absent to present."""
    low = x[:, number].min() if ":" not in name else 0.0
    return fitted.effect(x, number, low=low, high=low + 1.0, weights=weights)


def _shown(effect: Effect, found: Drivers) -> Estimate:
    return estimate(effect.interval, found.rated, unit="levels")


def _criteria(measures: Measures) -> tuple[tuple[list[str], np.ndarray], tuple[list[str], np.ndarray]]:
    """Give levels (0–1, at the mean where a criterion does not apply) and applicability of each criterion."""
    names = [name for name in measures.names if name != OVERALL]
    levels, applying = [], []
    for name in names:
        number = measures.names.index(name)
        known = ~np.isnan(measures.labelled[number, :, :1])
        sums, applies = np.where(known, measures.labelled[number], measures.predicted[number]).T
        mean = sums.sum() / max(applies.sum(), 1e-9)
        levels.append((sums - applies * mean) / 100)  # points × applicability, less its mean where it applies
        applying.append(applies)
    return (names, np.stack(levels, axis=1)), ([f"applies:{name}" for name in names], np.stack(applying, axis=1))


def _context(cards: Sequence[Scorecard]) -> tuple[list[str], np.ndarray]:
    """Give channel and whether the customer had been in touch before, as columns of 0 and 1."""
    channels = sorted({card.channel for card in cards})[1:]
    columns = [[float(card.channel == name) for card in cards] for name in channels]
    columns.append([float(one) for one in repeats(cards)])
    return [*(f"channel:{name}" for name in channels), f"earlier:{REPEAT}"], np.array(columns).T


def _answering(measures: Measures, known: np.ndarray, rated: np.ndarray, cards: Sequence[Scorecard]) -> np.ndarray:
    """Give each contact the inverse of its probability to be rated, by the overall score and what else is known."""
    if rated.all():
        return np.ones(len(rated))
    sums, there = measures.predicted[measures.names.index(OVERALL)].T
    x = np.column_stack([(sums - there * sums.sum() / max(there.sum(), 1e-9)) / 100, known])
    kept = [number for number in range(x.shape[1]) if np.std(x[:, number]) > VARIES]
    clustered, _ = clusters(cards, np.zeros(len(cards), dtype=int))
    fitted = fit_regression(x[:, kept], rated.astype(float), clustered, ordinal=True)
    return np.asarray(np.minimum(rated.mean() / fitted.probabilities(x[:, kept])[:, 0], HEAVIEST))


def _rating(card: Scorecard) -> float:
    value = card.attributes.get("rating")
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if number and value is not None else float("nan")
