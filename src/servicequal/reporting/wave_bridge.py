"""What a change between two waves is made of: the service, the scorer, the scheme's weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from servicequal.errors import ServicequalError
from servicequal.reporting.measures import OVERALL, belongs_to, estimate, number, predicted_points, rated_score
from servicequal.reporting.section import Cell, Column, Plot, Point, Section, Table, Text
from servicequal.scheme import Scheme
from servicequal.scorecard import Scorecard
from servicequal.stats.prediction_powered import Domains, domain_means

# domains: wave (before, after) × scorer and weights (old and old, new and old, new and new)
_PARTS = {
    "observed": np.array([-1, 0, 0, 0, 0, 1.0]),
    "service": np.array([-1, 0, -1, 1, 0, 1]) / 2,
    "model": np.array([-1, 1, 0, -1, 1, 0]) / 2,
    "scheme": np.array([0, -1, 1, 0, -1, 1]) / 2,
}


def split_change(
    before: tuple[Sequence[Scorecard], Sequence[Scorecard]],
    after: tuple[Sequence[Scorecard], Sequence[Scorecard]],
    *,
    old: Scheme,
    new: Scheme,
) -> Section:
    """Split the change between two waves whose reports came from different scorers.

    Both waves' contacts are scored by both scorers. The service's part is the change under one and the same scorer,
    the mean of both; the model's is what the new scorer says differently of the same contacts; the scheme's (overall
    score only) is what the new weights say differently of the same ratings. The parts sum to the change observed.
    A level whose wording changed counts as the model's.

    Args:
        before: the earlier wave's contacts, scored by the old scorer and by the new one.
        after: the later wave's, likewise.
        old: scheme of the old scorer.
        new: scheme of the new one; it has the same criteria, or some of them.

    Raises:
        ServicequalError: if a wave's two sets of scorecards are not of the same contacts, or the schemes share no
            criterion.
    """
    for name, (first, second) in (("earlier", before), ("later", after)):
        if {card.contact for card in first} != {card.contact for card in second}:
            raise ServicequalError(
                f"the {name} wave's two sets of scorecards are not of the same contacts; score them again"
            )
    shared = [criterion.id for criterion in new.criteria if criterion.id in {one.id for one in old.criteria}]
    if not shared:
        raise ServicequalError(f"schemes {old.id!r} and {new.id!r} have no criterion in common")
    rows = tuple(_row(name, _domains(name, before, after, old, new)) for name in (OVERALL, *shared))
    columns = (Column("criterion"), *(Column(part, "points") for part in _PARTS))
    points = tuple(
        Point(str(row[0]), cell, Text(f"column.{part}"))
        for row in rows
        for part, cell in zip(_PARTS, row[1:], strict=True)
        if not isinstance(cell, (str, int, float, Text)) and cell is not None
    )
    whole = dict(zip(_PARTS, rows[0][1:], strict=True))
    return Section(
        "wave_bridge",
        Text("wave_bridge.title"),
        (Text("wave_bridge.lead", whole), Text("wave_bridge.how")),
        (Table("parts", Text("wave_bridge.parts"), columns, rows),),
        (Plot("parts", "bars", Text("wave_bridge.parts"), points, reference=0.0),),
    )


def _row(name: str, domains: Domains) -> tuple[Cell, ...]:
    contacts = domains.contacts[0] + domains.contacts[3]
    parts = {part: estimate(domains.contrast(weights).interval, contacts) for part, weights in _PARTS.items()}
    if name != OVERALL:
        return (name, parts["observed"], parts["service"], parts["model"], None)
    return (name, *parts.values())


def _domains(
    name: str,
    before: tuple[Sequence[Scorecard], Sequence[Scorecard]],
    after: tuple[Sequence[Scorecard], Sequence[Scorecard]],
    old: Scheme,
    new: Scheme,
) -> Domains:
    """Average the six sets; a contact is one cluster in all of them."""
    sets = [
        (cards, weights)
        for wave in (before, after)
        for cards, weights in ((wave[0], old), (wave[1], old), (wave[1], new))
    ]
    values = np.concatenate([_values(name, cards, weights) for cards, weights in sets])
    domains = np.concatenate([np.full(len(cards), place) for place, (cards, _) in enumerate(sets)])
    clustered = number([belongs_to(card) for cards, _ in sets for card in cards])
    return domain_means(values, np.full_like(values, np.nan), domains, clustered)


def _values(name: str, cards: Sequence[Scorecard], scheme: Scheme) -> np.ndarray:
    """Give points and applicability; the overall score is weighed anew from the levels: float [cards, 2]."""
    if name != OVERALL:
        return np.array([predicted_points(card, name) for card in cards])
    scores = [rated_score(scheme, {key: rating.level for key, rating in card.ratings.items()}) for card in cards]
    return np.array([(0.0, 0.0) if score is None else (score, 1.0) for score in scores])
