"""Which contacts a report shows: a bounded number, chosen so that each filter finds some."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from servicequal.reporting.section import Section
from servicequal.scorecard import Scorecard

MOST = 150  # contacts on one page; more than a person reads and a telephone likes


def selected(cards: Sequence[Scorecard], sections: Iterable[Section] = (), *, most: int = MOST) -> list[Scorecard]:
    """Choose the contacts to show: all, if there are no more than ``most``.

    Otherwise first those that the sections quote; then in turn, of each criterion at each level, decided automatically
    and left to a person, the one that the scorer is surest of, the next, and so on.

    Args:
        cards: past the privacy gate.
        sections: whose examples are to be found.
        most: to show.

    Returns:
        The chosen cards, in the order given.
    """
    if len(cards) <= most:
        return list(cards)
    quoted = dict.fromkeys(example.contact for section in sections for example in section.examples)
    strata: dict[tuple[str, str, str], list[tuple[float, str]]] = defaultdict(list)
    for card in cards:
        for name, rating in card.ratings.items():
            strata[name, rating.level, rating.decision].append((-rating.confidence, card.contact))
    surest = [[contact for _, contact in sorted(found)[:most]] for _, found in sorted(strata.items())]
    in_turn = (contact for turn in zip_longest(*surest) for contact in turn if contact is not None)
    known = {card.contact for card in cards}
    chosen = list(dict.fromkeys([*(contact for contact in quoted if contact in known), *in_turn]))[:most]
    wanted = set(chosen)
    return [card for card in cards if card.contact in wanted]
