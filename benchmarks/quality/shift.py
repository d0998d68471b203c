"""What the measurements of change share: a sample of the corpus, and how far ratings move between two scorings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from servicequal import Contact, Reference, Scorecard, read_contacts
from servicequal.scheme import LEVELS
from servicequal.scorecard import Rating
from servicequal.stats.intervals import Interval, cluster_bootstrap, to_plain

ANNOTATIONS = Path(__file__).parents[2] / "annotations"
EQUAL = 0.02  # points within which a rating has not moved


@dataclass(frozen=True, slots=True)
class Moved:
    """How one criterion's ratings moved; a rating has 0 to 2 points, see ``points``.

    Attributes:
        ratings: how many were compared.
        unchanged: share with the same level, not applicable included.
        mean_absolute_change: of the points.
        mean_change: of the points, after minus before.
    """

    ratings: int
    unchanged: Interval
    mean_absolute_change: Interval
    mean_change: Interval


def points(rating: Rating) -> float:
    """Give P(applies) × the expected level (0–2): it moves with either, and is there whether or not it applies."""
    return rating.applicable * sum(number * rating.levels[level] for number, level in enumerate(LEVELS))


def corpus_sample(count: int | None, *, seed: int = 0) -> list[Contact]:
    """Draw contacts of the corpus, as evenly as possible from each language and channel; None for all."""
    contacts = list(read_contacts(str(ANNOTATIONS / "20*" / "contacts.jsonl")))
    if count is None:
        return contacts
    kinds: dict[tuple[str | None, str], list[Contact]] = defaultdict(list)
    for number in np.random.default_rng(seed).permutation(len(contacts)):
        contact = contacts[number]
        kinds[contact.language, contact.channel].append(contact)
    rows = [(place, kind) for kind in sorted(kinds) for place in range(len(kinds[kind]))]
    return [kinds[kind][place] for place, kind in sorted(rows)[:count]]


def corpus_reference() -> Reference:
    return Reference.load(ANNOTATIONS / "reference.jsonl", cases=ANNOTATIONS / "cases.jsonl")


def case_of(card: Scorecard) -> str:
    """Name what a contact varies together with: its case, else its customer, else itself."""
    return str(card.attributes.get("case") or card.attributes.get("customer") or card.contact)


def moved(before: Sequence[Scorecard], after: Sequence[Scorecard]) -> dict:
    """Compare two scorings of the same contacts, per criterion and over all, intervals clustered by case."""
    names = list(before[0].ratings)
    clusters = [case_of(card) for card in before]
    pairs = list(zip(before, after, strict=True))
    same = np.array([[a[name].level == b[name].level for name in names] for a, b in pairs])
    change = np.array([[points(b[name]) - points(a[name]) for name in names] for a, b in pairs])
    columns = {name: [number] for number, name in enumerate(names)} | {"all": list(range(len(names)))}
    return {name: to_plain(_moved(same[:, at], change[:, at], clusters)) for name, at in columns.items()}


def _moved(same: np.ndarray, change: np.ndarray, clusters: Sequence[str]) -> Moved:
    def interval(values: np.ndarray) -> Interval:
        return cluster_bootstrap(lambda rows: float(values[rows].mean()), clusters)

    return Moved(same.size, interval(same), interval(np.abs(change)), interval(change))


def share(hits: Sequence[bool], cards: Sequence[Scorecard]) -> dict:
    """Give a share of contacts with its interval, clustered by case."""
    values = np.array(hits, dtype=float)
    interval = cluster_bootstrap(lambda rows: float(values[rows].mean()), [case_of(card) for card in cards])
    return {"contacts": len(values)} | to_plain(asdict(interval))
