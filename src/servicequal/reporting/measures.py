"""Scorecards and annotations → one pair of numbers per contact and measure, which all analyses average."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from servicequal.annotation import Annotation
from servicequal.errors import ServicequalError
from servicequal.reporting.section import Estimate, Text, Unit
from servicequal.scheme import LEVELS, NOT_APPLICABLE, Scheme
from servicequal.scorecard import SEEN_IN_TRAINING, UNRATED, Scorecard, cluster_of
from servicequal.stats.intervals import Interval
from servicequal.stats.prediction_powered import Domains, domain_means

OVERALL = "overall"
POINTS = 50.0  # of a level: 0, 50 and 100 points
ENOUGH_AGENTS = 10  # in every group compared, from which on intervals are clustered by agent
MINIMUM = 10  # contacts below which nothing is said of a group


@dataclass(frozen=True)
class Measures:
    """What is averaged, of each contact.

    Attributes:
        names: ``overall`` and the criteria.
        predicted: float [measures, contacts, 2]: points × applicability, and applicability, as scored.
        labelled: float [measures, contacts, 2]: the same, as rated blind, the mean of the raters; NaN where nobody did.
        inclusion: float [contacts], probability with which a contact was chosen to be annotated; NaN if unknown.
        seen: whether a scorer rated contacts that it had learned from; its predictions then do not help the labels.
    """

    names: tuple[str, ...]
    predicted: np.ndarray
    labelled: np.ndarray
    inclusion: np.ndarray
    seen: bool

    @property
    def annotated(self) -> int:
        """How many contacts have a label."""
        return int((~np.isnan(self.labelled[0, :, 0])).sum())

    def of(self, rows: np.ndarray) -> Measures:
        """Give the same of some contacts only."""
        return replace(
            self,
            predicted=self.predicted[:, rows],
            labelled=self.labelled[:, rows],
            inclusion=self.inclusion[rows],
        )

    def means(
        self, name: str, domains: np.ndarray, clusters: np.ndarray, *, weights: np.ndarray | None = None
    ) -> Domains:
        """Estimate the mean of a measure in each domain, in points; see ``domain_means``."""
        number = self.names.index(name)
        known = ~np.isnan(self.inclusion)
        return domain_means(
            self.predicted[number],
            self.labelled[number],
            domains,
            clusters,
            weights=weights,
            inclusion=self.inclusion if bool(known.all()) else None,
            tuning=0.0 if self.seen else None,
        )


def measure(cards: Sequence[Scorecard], annotations: Sequence[Annotation], scheme: Scheme) -> Measures:
    """Put scorecards and blind annotations into numbers.

    A contact's ``attributes["inclusion"]`` (above 0, at most 1) is the probability with which it was chosen to be
    annotated, where that was not the same for all.

    Raises:
        ServicequalError: if there is no scorecard, a criterion is on none of them, or an inclusion is no probability.
    """
    check_rated(cards, scheme)
    given: dict[str, list[Annotation]] = {}
    for one in annotations:
        if one.blind:
            given.setdefault(one.contact, []).append(one)
    names = (OVERALL, *(criterion.id for criterion in scheme.criteria))
    nobody = np.full((len(names), 2), np.nan)
    labels = [_labelled(given[card.contact], scheme) if card.contact in given else nobody for card in cards]
    return Measures(
        names,
        np.stack([_overall(cards), *(_predicted(cards, criterion.id) for criterion in scheme.criteria)]),
        np.array(labels).transpose(1, 0, 2),
        np.array([_inclusion(card) for card in cards]),
        any(SEEN_IN_TRAINING in card.warnings and card.contact in given for card in cards),
    )


def check_rated(cards: Sequence[Scorecard], scheme: Scheme) -> None:
    """Refuse what no analysis can start from.

    Raises:
        ServicequalError: if there is no scorecard, or a criterion is on none of them.
    """
    if not cards:
        raise ServicequalError("no scorecard; an analysis needs those of some contacts")
    for criterion in scheme.criteria:
        if not any(criterion.id in card.ratings for card in cards):
            raise ServicequalError(
                f"criterion {criterion.id!r} is on no scorecard; give the scheme they were scored with"
            )


def rated_score(scheme: Scheme, ratings: Mapping[str, str]) -> float | None:
    """Give the overall score (0–100) of a rater's levels, as ``servicequal.rating.overall`` does of a scorer's.

    Returns:
        None where no criterion applies.
    """
    found = [(c, level) for c in scheme.criteria if (level := ratings.get(c.id, NOT_APPLICABLE)) != NOT_APPLICABLE]
    if not found:
        return None
    points = sum(c.weight * POINTS * LEVELS.index(level) for c, level in found)
    score = points / sum(c.weight for c, _ in found)
    failed = any(c.critical and level == LEVELS[0] for c, level in found)
    return min(score, scheme.cap) if failed else score


def attribute(card: Scorecard, name: str) -> str | None:
    """Give what a scorecard says of itself: its channel, its language or an attribute; None if nothing."""
    value = {"channel": card.channel, "language": card.language}.get(name, card.attributes.get(name))
    return None if value is None else str(value)


def groups(cards: Sequence[Scorecard], name: str) -> tuple[list[str], np.ndarray]:
    """Give the values of an attribute, sorted, and the number of each card's: int [cards], −1 where it has none."""
    values = [attribute(card, name) for card in cards]
    names = sorted({value for value in values if value is not None})
    number = {value: index for index, value in enumerate(names)}
    return names, np.array([number.get(value, -1) if value is not None else -1 for value in values], dtype=int)


def clusters(cards: Sequence[Scorecard], domains: np.ndarray) -> tuple[np.ndarray, str]:
    """Choose what varies together, for the intervals.

    By agent where every domain has ten or more: the intervals then speak of any agents of this kind. Else by case,
    customer or contact: they speak of these agents.

    Args:
        cards: of the contacts.
        domains: int [cards], the groups to be compared; −1 is in none.

    Returns:
        int [cards], and ``agent`` or ``customer``.
    """
    agents = [card.attributes.get("cluster", card.attributes.get("agent")) for card in cards]
    pairs = {(domain, agent) for domain, agent in zip(domains.tolist(), agents, strict=True) if domain >= 0}
    per_domain = Counter(domain for domain, _ in pairs)
    if not any(agent is None for _, agent in pairs) and min(per_domain.values(), default=0) >= ENOUGH_AGENTS:
        return number(agents), "agent"
    return number([cluster_of(card) for card in cards]), "customer"


def number(values: Sequence[object]) -> np.ndarray:
    """Number values in the order of their first appearance: int [values]."""
    known: dict[object, int] = {}
    return np.array([known.setdefault(value, len(known)) for value in values], dtype=int)


def mean_estimate(interval: Interval, contacts: float, *, shrunken: bool = False) -> Estimate:
    """Write a mean in points: its interval ends at 0 and 100."""
    low, high = np.clip([interval.low, interval.high], 0.0, 100.0)
    return replace(estimate(Interval(interval.value, low, high), contacts), shrunken=shrunken)


def estimate(interval: Interval, contacts: float, *, unit: Unit = "points") -> Estimate:
    """Write a figure with its interval; what cannot be told is None."""
    value, low, high = (None if np.isnan(x) else float(x) for x in (interval.value, interval.low, interval.high))
    return Estimate(value, low, high, int(contacts), unit=unit)


def how_measured(measures: Measures, clustered: str) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    """Say what the figures rest on, and what a reader must know: texts and warnings."""
    warnings = []
    if not measures.annotated:
        warnings.append(Text("method.uncorrected"))
    elif measures.seen:
        warnings.append(Text("method.seen"))
    contacts = {"contacts": measures.predicted.shape[1], "annotated": measures.annotated}
    texts = [
        Text("method.powered" if measures.annotated else "method.scored", contacts),
        Text(f"method.by_{clustered}"),
    ]
    return tuple(texts), tuple(warnings)


def _overall(cards: Sequence[Scorecard]) -> np.ndarray:
    """Give the overall scores and whether there is one: float [contacts, 2]."""
    scores = np.array([card.overall.score for card in cards], dtype=float)  # None becomes NaN
    return np.column_stack([np.nan_to_num(scores), ~np.isnan(scores)])


def _predicted(cards: Sequence[Scorecard], criterion: str) -> np.ndarray:
    """Give what the scorer expects: points × applicability, and applicability; zeros where it did not rate."""
    ratings = [card.ratings.get(criterion, UNRATED) for card in cards]
    applicable = np.array([rating.applicable for rating in ratings])
    expected = sum(
        number * np.array([rating.levels[level] for rating in ratings]) for number, level in enumerate(LEVELS)
    )
    return np.column_stack([applicable * (POINTS * expected), applicable])


def _labelled(given: Sequence[Annotation], scheme: Scheme) -> np.ndarray:
    """Average the raters: points × applicability, and applicability; a criterion that nobody rated is NaN."""
    rows = np.array([_rated(one.ratings, scheme) for one in given])
    with np.errstate(invalid="ignore"):
        known = (~np.isnan(rows)).sum(axis=0)
        return np.asarray(np.where(known > 0, np.nansum(rows, axis=0) / np.maximum(known, 1), np.nan))


def _rated(ratings: Mapping[str, str], scheme: Scheme) -> list[tuple[float, float]]:
    score = rated_score(scheme, ratings)
    pairs = [(0.0, 0.0) if score is None else (score, 1.0)]
    for criterion in scheme.criteria:
        level = ratings.get(criterion.id)
        if level is None:
            pairs.append((np.nan, np.nan))
        elif level == NOT_APPLICABLE:
            pairs.append((0.0, 0.0))
        else:
            pairs.append((POINTS * LEVELS.index(level), 1.0))
    return pairs


def _inclusion(card: Scorecard) -> float:
    value = card.attributes.get("inclusion")
    if value is None:
        return float("nan")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise ServicequalError(f"contact {card.contact!r}: inclusion is no probability; expected above 0, at most 1")
    return float(value)
