"""Which indicators each contact shows, by the scorer's evidence and by what raters marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np

from servicequal.annotation import Annotation
from servicequal.scorecard import Evidence, Scorecard


def shown(cards: Sequence[Scorecard], names: Sequence[str]) -> np.ndarray:
    """Give how surely each indicator is among the evidence: float [cards, indicators], 0–1.

    A scorecard names only the sentences that its ratings rest on, so this is less than all that was said; what raters
    marked (``marked``) puts the shares right.
    """
    column = {name: number for number, name in enumerate(names)}
    found = np.zeros((len(cards), len(names)))
    for row, card in enumerate(cards):
        for item in chain.from_iterable(rating.evidence for rating in card.ratings.values()):
            if (place := column.get(item.indicator)) is not None and item.probability > found[row, place]:
                found[row, place] = item.probability
    return found


def marked(cards: Sequence[Scorecard], annotations: Sequence[Annotation], names: Sequence[str]) -> np.ndarray:
    """Give the share of a contact's raters who marked each indicator: float [cards, indicators], NaN without raters.

    Raters who never mark anything do not count.
    """
    marking = {one.rater for one in annotations if one.indicators}
    given: dict[str, list[set[str]]] = {}
    for one in annotations:
        if one.blind and one.rater in marking:
            given.setdefault(one.contact, []).append({span.indicator for span in one.indicators})
    found = np.full((len(cards), len(names)), np.nan)
    for row, card in enumerate(cards):
        if raters := given.get(card.contact):
            found[row] = [np.mean([name in seen for seen in raters]) for name in names]
    return found


def evidence(card: Scorecard) -> list[Evidence]:
    """Give all evidence of a card, each sentence once for each indicator, the surest first."""
    kept: dict[tuple[int, int, int, str], Evidence] = {}
    for rating in card.ratings.values():
        for item in rating.evidence:
            key = (item.turn, item.start, item.end, item.indicator)
            if key not in kept or kept[key].probability < item.probability:
                kept[key] = item
    return sorted(kept.values(), key=lambda item: -item.probability)


def best_known(predicted: np.ndarray, labelled: np.ndarray) -> np.ndarray:
    """Give what raters say where they said anything, else the scorer's answer."""
    return np.asarray(np.where(np.isnan(labelled), predicted, labelled))


def topics(cards: Sequence[Scorecard], known: Mapping[str, str]) -> list[str | None]:
    """Give what each contact is about.

    Its attribute ``reason``, else its ``area``, else the topic that most of its statements of fact belong to.

    Args:
        cards: of the contacts.
        known: the topic of each fact.
    """
    found: list[str | None] = []
    for card in cards:
        named = card.attributes.get("reason") or card.attributes.get("area")
        stated = [topic for claim in card.claims if claim.fact and (topic := known.get(claim.fact))]
        most = max(sorted(set(stated)), key=stated.count) if stated else None
        found.append(str(named) if named else most)
    return found
