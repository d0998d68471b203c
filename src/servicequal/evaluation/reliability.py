"""Reliability curves: of each criterion, over all contacts and per group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.annotation import Annotation
from servicequal.evaluation.evaluate import blind_annotations, grouped
from servicequal.evaluation.ratings import measured
from servicequal.evaluation.rows import LEAST
from servicequal.scorecard import Scorecard
from servicequal.stats.calibration import ReliabilityBin, reliability_bins


@dataclass(frozen=True, slots=True)
class ReliabilityCurve:
    """The curve of one group of contacts.

    Attributes:
        name: ``all``, or a group such as ``language de``.
        bins: of equal size, by rising confidence.
        answers: how many they hold.
    """

    name: str
    bins: Sequence[ReliabilityBin]
    answers: int


def reliability(
    scorecards: Iterable[Scorecard], annotations: Sequence[Annotation], *, by: str | None = "language"
) -> dict[str, list[ReliabilityCurve]]:
    """Give the reliability curves of each criterion; a group of fewer than 20 contacts has none.

    Args:
        scorecards: of contacts that their scorer has not seen, or out of fold.
        annotations: of any raters; only blind ones count.
        by: ``language``, ``channel`` or an attribute; None for all contacts together only.

    Raises:
        AnnotationError: as ``evaluate``.
    """
    cards = {card.contact: card for card in scorecards}
    blind = blind_annotations(cards, annotations)
    groups = grouped(cards, blind, by)
    names = dict.fromkeys(name for one in blind for name in one.ratings)
    curves = {
        name: [
            found
            for group, given in groups.items()
            if (found := _curve(name, group, cards, measured(name, cards, given))) is not None
        ]
        for name in names
    }
    return {name: found for name, found in curves.items() if found}


def _curve(
    name: str, group: str, cards: Mapping[str, Scorecard], given: Sequence[Annotation]
) -> ReliabilityCurve | None:
    raters = Counter(one.contact for one in given)
    if len(raters) < LEAST:
        return None
    confidence = np.array([cards[one.contact][name].confidence for one in given])
    right = np.array([float(cards[one.contact][name].level == one.ratings[name]) for one in given])
    weights = np.array([1 / raters[one.contact] for one in given])
    return ReliabilityCurve(group, reliability_bins(confidence, right, weights=weights), len(raters))
