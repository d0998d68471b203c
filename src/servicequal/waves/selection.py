"""What to annotate next: a random part that keeps estimates unbiased, and an informative part that teaches most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from math import floor
from typing import Any

import numpy as np

from servicequal.contact import Contact
from servicequal.errors import ServicequalError
from servicequal.evaluation.rows import distribution
from servicequal.scorecard import SEEN_IN_TRAINING, UNRATED, Scorecard

STRATA = ("language", "channel", "company")
RANDOM, INFORMATIVE = "random", "informative"
REST = "rest"  # the stratum that joins those too small to be drawn from on their own


@dataclass(frozen=True, slots=True)
class Selected:
    """A contact to annotate.

    Attributes:
        contact: its id.
        part: ``random`` or ``informative``.
        stratum: its language, channel and company; ``rest`` for small ones that were joined.
        inclusion_probability: that the random part takes a contact of this stratum; None in the informative part, which
            is no sample and measures nothing but itself.
        why: what makes it informative: ``uncertain``, ``rare opportunity``, ``drifted`` or ``disagreeing``.
    """

    contact: str
    part: str
    stratum: str
    inclusion_probability: float | None = None
    why: str | None = None

    def attributes(self) -> dict[str, Any]:
        """Give what rides along with the contact into the annotation tool and back."""
        known = {
            "selected_as": self.part,
            "stratum": self.stratum,
            "inclusion_probability": self.inclusion_probability,
            "selected_because": self.why,
        }
        return {key: value for key, value in known.items() if value is not None}


def select(
    cards: Iterable[Scorecard],
    n: int,
    *,
    random_share: float = 0.5,
    strata: Sequence[str] = STRATA,
    baseline: Iterable[Scorecard] = (),
    others: Iterable[Scorecard] = (),
    seed: int = 0,
) -> list[Selected]:
    """Select contacts to annotate from a scored history.

    The random part is stratified with proportional allocation: each contact of a stratum has the same known
    probability, and the sum of y / inclusion_probability over the random part, divided by the number of contacts, is an
    unbiased mean (Horvitz & Thompson 1952). It is what prediction-powered inference and every evaluation must rest on.
    The informative part takes in turn the most uncertain contacts, those of criteria that seldom apply, those on which
    two scorers disagree, each spread over the strata in proportion, and those unlike the baseline, wherever they are.

    Args:
        cards: of the history without what is annotated; contacts that the scorer was trained on are left out.
        n: how many to select.
        random_share: share of ``n`` that is random, 0–1.
        strata: ``language``, ``channel`` or attributes.
        baseline: scorecards of the training waves; without them no contact counts as drifted.
        others: scorecards of the same history by another scorer; without them none counts as disagreeing.
        seed: of the random part.

    Raises:
        ServicequalError: if fewer than ``n`` contacts are there to choose from.
    """
    known = sorted(
        (card for card in cards if SEEN_IN_TRAINING not in card.warnings),
        key=lambda card: card.contact,
    )
    if not 0 < n <= len(known) or not 0 <= random_share <= 1:
        raise ServicequalError(
            f"{n} contacts asked for, {random_share:.0%} of them random; {len(known)} scored contacts that "
            "nobody learned from are there: choose between 1 and that many, and a share of 0 to 1"
        )
    members: dict[str, list[Scorecard]] = defaultdict(list)
    for card in known:
        members[_stratum(card, strata)].append(card)
    drawn = _random_part(members, round(n * random_share), seed)
    taken = {one.contact for one in drawn}
    scores = _informativeness(known, list(baseline), {card.contact: card for card in others}, strata)
    return [*drawn, *_informative_part(members, scores, taken, n - len(drawn))]


def chosen_contacts(contacts: Iterable[Contact], selected: Sequence[Selected]) -> Iterator[dict[str, Any]]:
    """Give the selected contacts as records for an annotation tool, with what is known of their selection.

    Raises:
        ServicequalError: if a selected contact is not among those given.
    """
    wanted = {one.contact: one for one in selected}
    for contact in contacts:
        if (one := wanted.pop(contact.id, None)) is not None:
            record = contact.to_dict()
            yield record | {"attributes": {**record.get("attributes", {}), **one.attributes()}}
    if wanted:
        raise ServicequalError(
            f"{len(wanted)} selected contacts, such as {next(iter(wanted))!r}, are not among the contacts given; give "
            "the contacts that were scored"
        )


def _stratum(card: Scorecard, strata: Sequence[str]) -> str:
    values = {"language": card.language, "channel": card.channel}
    return " ".join(str(values.get(name, card.attributes.get(name, "–"))) for name in strata)


def _random_part(members: Mapping[str, Sequence[Scorecard]], n: int, seed: int) -> list[Selected]:
    if n == 0:
        return []
    drawable = _large_enough(members, n)
    sizes = _allocation({name: len(cards) for name, cards in drawable.items()}, n)
    generator = np.random.default_rng(seed)
    drawn = []
    for name in sorted(drawable):
        cards, size = drawable[name], sizes[name]
        chosen = np.sort(generator.choice(len(cards), size=size, replace=False)).tolist()
        drawn += [Selected(cards[place].contact, RANDOM, name, size / len(cards)) for place in chosen]
    return drawn


def _large_enough(members: Mapping[str, Sequence[Scorecard]], n: int) -> dict[str, list[Scorecard]]:
    """Join the smallest strata to one, until each has a contact to give; none may go unrepresented."""
    total = sum(len(cards) for cards in members.values())
    left = sorted(members, key=lambda name: (-len(members[name]), name))  # the smallest last
    joined: list[Scorecard] = []
    while left and (n * len(members[left[-1]]) < total or (joined and n * len(joined) < total)):
        joined += members[left.pop()]
    found = {name: list(members[name]) for name in left}
    return {**found, REST: sorted(joined, key=lambda card: card.contact)} if joined else found


def _allocation(sizes: Mapping[str, int], n: int) -> dict[str, int]:
    """Share ``n`` out in proportion, by largest remainders."""
    total = sum(sizes.values())
    exact = {name: n * size / total for name, size in sizes.items()}
    given = {name: floor(share) for name, share in exact.items()}
    order = sorted(sizes, key=lambda name: (given[name] - exact[name], name))  # the most short of its share first
    for name in order[: n - sum(given.values())]:
        given[name] += 1
    return given


def _informative_part(
    members: Mapping[str, Sequence[Scorecard]], scores: Mapping[str, Mapping[str, float]], taken: set[str], n: int
) -> list[Selected]:
    """Take from each reason's ranking in turn what nobody has taken yet."""
    stratum = {card.contact: name for name, cards in members.items() for card in cards}
    every = {"": [card for cards in members.values() for card in cards]}
    rankings = {
        why: iter(_ranking(every if why == "drifted" else members, of))
        for why, of in scores.items()
        if why == "uncertain" or any(of.values())
    }
    selected: list[Selected] = []
    taken = set(taken)
    for why in cycle(list(rankings)):
        if len(selected) >= n:
            break
        contact = next(contact for contact in rankings[why] if contact not in taken)
        taken.add(contact)
        selected.append(Selected(contact, INFORMATIVE, stratum[contact], why=why))
    return selected


def _ranking(members: Mapping[str, Sequence[Scorecard]], scores: Mapping[str, float]) -> list[str]:
    """Order contacts so that every beginning holds each stratum in proportion, its highest scores first."""
    placed = []
    for cards in members.values():
        best = sorted(cards, key=lambda card: (-scores[card.contact], card.contact))
        placed += [((rank + 0.5) / len(best), -scores[c.contact], c.contact) for rank, c in enumerate(best)]
    return [contact for _, _, contact in sorted(placed)]


def _informativeness(
    cards: Sequence[Scorecard], baseline: Sequence[Scorecard], others: Mapping[str, Scorecard], strata: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Score each contact by each reason, at least 0; all 0 where the reason cannot be told."""
    reasons: dict[str, Callable[[Scorecard], float]] = {
        "uncertain": _uncertainty,
        "rare opportunity": _rarity(cards),
        "drifted": _novelty(baseline, strata) if baseline else lambda _: 0.0,
        "disagreeing": lambda card: _distance(card, others[card.contact]) if card.contact in others else 0.0,
    }
    return {why: {card.contact: of(card) for card in cards} for why, of in reasons.items()}


def _uncertainty(card: Scorecard) -> float:
    """Give the mean entropy of the answers, in nats."""
    spread = [distribution(rating) for rating in card.ratings.values() if rating != UNRATED]
    return float(np.mean([-(p * np.log(np.maximum(p, 1e-12))).sum() for p in spread])) if spread else 0.0


def _rarity(cards: Sequence[Scorecard]) -> Callable[[Scorecard], float]:
    """Weigh each opportunity by how seldom there is one, in nats."""
    seen: dict[str, list[float]] = defaultdict(list)
    for card in cards:
        for name, rating in card.ratings.items():
            seen[name].append(rating.applicable)
    weight = {name: -np.log(max(float(np.mean(given)), 1e-6)) for name, given in seen.items()}
    return lambda card: float(sum(weight[name] * rating.applicable for name, rating in card.ratings.items()))


def _novelty(baseline: Sequence[Scorecard], strata: Sequence[str]) -> Callable[[Scorecard], float]:
    """Tell how seldom the baseline has a contact's stratum or its level of a criterion, in nats."""

    def traits(card: Scorecard) -> list[tuple[str, str]]:
        return [("", _stratum(card, strata)), *((name, rating.level) for name, rating in card.ratings.items())]

    counts: dict[tuple[str, str], int] = defaultdict(int)
    for card in baseline:
        for trait in traits(card):
            counts[trait] += 1
    return lambda card: float(max(-np.log((counts[trait] + 0.5) / (len(baseline) + 1)) for trait in traits(card)))


def _distance(one: Scorecard, other: Scorecard) -> float:
    """Give the mean total variation distance between the answers of two scorers, 0–1."""
    shared = one.ratings.keys() & other.ratings.keys()
    apart = [abs(distribution(one[name]) - distribution(other[name])).sum() / 2 for name in shared]
    return float(np.mean(apart)) if apart else 0.0
