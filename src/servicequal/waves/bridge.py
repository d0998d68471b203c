"""The bridge between waves: how much of a change is the service, how much the model, how much the scheme."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from servicequal.errors import ServicequalError
from servicequal.evaluation.rows import LEAST
from servicequal.evaluation.tables import table
from servicequal.overall import overall
from servicequal.scheme import LEVELS, NOT_APPLICABLE, Scheme
from servicequal.scorecard import SEEN_IN_TRAINING, Scorecard, cluster_of
from servicequal.stats.intervals import Interval, cluster_bootstrap, to_plain

OVERALL = "overall"


@dataclass(frozen=True, slots=True)
class Change:
    """The change of one figure between two waves, in points (0–100); each part with its interval.

    Attributes:
        total: the new wave under the new scorer minus the old wave under the old one, as a report shows it.
        service: what is left of it; the change that customers met.
        model: the same anchors, the new scorer minus the old one, under the same scheme.
        scheme: the same ratings of the anchors, weighed by the new scheme minus by the old one; 0 for one criterion.
    """

    total: Interval
    service: Interval
    model: Interval
    scheme: Interval


@dataclass(frozen=True, slots=True)
class Bridge:
    """The changes between two waves; printed as a table.

    Attributes:
        anchors: contacts scored by both scorers.
        changes: of the overall score and of each criterion.
        unsaid: criteria that cannot be compared, with the reason.
    """

    anchors: int
    changes: Mapping[str, Change]
    unsaid: Mapping[str, str]

    def __str__(self) -> str:
        columns: list[tuple[str, Callable[[Any], object]]] = [
            (name, lambda change, name=name: _points(getattr(change, name)))  # type: ignore[misc]
            for name in ("total", "service", "model", "scheme")
        ]
        lines = [
            f"change in points (0–100), 95 % intervals; {self.anchors} anchors",
            table("", columns, self.changes.items()),
        ]
        return "\n".join([*lines, *(f"not said, {name}: {why}" for name, why in self.unsaid.items())])

    def to_dict(self) -> dict[str, Any]:
        """Write the changes as a JSON object; NaN becomes null."""
        return dict(to_plain(self))


def bridge(
    before: Sequence[Scorecard],
    after: Sequence[Scorecard],
    anchors: tuple[Sequence[Scorecard], Sequence[Scorecard]],
    *,
    schemes: tuple[Scheme, Scheme],
) -> Bridge:
    """Split the change between two waves into service, model and scheme.

    Contacts of one case or customer are resampled together, wherever they occur. The model's part is taken to be the
    same on the new wave as on the anchors: choose anchors of all kinds. What a criterion means cannot be split from the
    model where the scheme's words changed; its weights can, in the overall score.

    Args:
        before: the old wave, scored by the old scorer.
        after: the new wave, scored by the new scorer.
        anchors: the same contacts scored by the old scorer and by the new one; neither learned from them.
        schemes: the old one and the new one.

    Raises:
        ServicequalError: if fewer than 20 contacts are in a wave or among the anchors, or a scorer learned from one of
            the anchors.
    """
    old, new = ({card.contact: card for card in side} for side in anchors)
    shared = sorted(old.keys() & new.keys())
    for what, count in (("before", len(before)), ("after", len(after)), ("scored by both scorers", len(shared))):
        if count < LEAST:
            raise ServicequalError(f"{count} contacts {what}; a bridge needs at least {LEAST}")
    seen = [name for name in shared if SEEN_IN_TRAINING in (*old[name].warnings, *new[name].warnings)]
    if seen:
        raise ServicequalError(
            f"{len(seen)} anchors, such as {seen[0]!r}, are of those that a scorer was trained on; choose others"
        )
    reweighed = [_under(schemes[1], old[name]) for name in shared]
    sets = (before, after, [old[name] for name in shared], reweighed, [new[name] for name in shared])
    clusters = [cluster_of(card) for cards in sets for card in cards]
    member = np.repeat(np.arange(len(sets)), [len(cards) for cards in sets])
    changes, unsaid = {}, {}
    for name in (OVERALL, *(criterion.id for criterion in schemes[1].criteria)):
        points = np.array([_value(card, name) for cards in sets for card in cards])
        told = [np.isfinite(points[member == place]).sum() for place in range(len(sets))]
        if min(told) < LEAST:
            unsaid[name] = f"applies to fewer than {LEAST} contacts of a wave or of the anchors"
        else:
            changes[name] = _change(points, member, clusters)
    return Bridge(len(shared), changes, unsaid)


def _change(points: np.ndarray, member: np.ndarray, clusters: Sequence[str]) -> Change:
    def difference(plus: Sequence[int], minus: Sequence[int]) -> Interval:
        def figure(rows: np.ndarray) -> float:
            values, of = points[rows], member[rows]
            means = [
                np.nanmean(values[of == place]) if np.isfinite(values[of == place]).any() else np.nan
                for place in range(5)
            ]
            return float(sum(means[place] for place in plus) - sum(means[place] for place in minus))

        return cluster_bootstrap(figure, clusters)

    return Change(
        total=difference([1], [0]),
        service=difference([1, 2], [0, 4]),
        model=difference([4], [3]),
        scheme=difference([3], [2]),
    )


def _value(card: Scorecard, name: str) -> float:
    """Give a contact's points, 0–100; NaN where the criterion does not apply."""
    if name == OVERALL:
        return np.nan if card.overall.score is None else card.overall.score
    rating = card.ratings.get(name)
    if rating is None or rating.level == NOT_APPLICABLE:
        return np.nan
    return 100 * LEVELS.index(rating.level) / (len(LEVELS) - 1)


def _under(scheme: Scheme, card: Scorecard) -> Scorecard:
    """Weigh a scorecard's ratings by another scheme; a criterion that it does not have is left out."""
    kept = replace(scheme, criteria=tuple(one for one in scheme.criteria if one.id in card.ratings), indicators=())
    return replace(card, overall=overall(kept, card.ratings))


def _points(interval: Interval) -> str:
    return f"{interval.value:+.1f} [{interval.low:+.1f}, {interval.high:+.1f}]"
