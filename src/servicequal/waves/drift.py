"""Whether the contacts that are scored are still those that the scorer learned from, with a plain alarm."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from servicequal.contact import Contact
from servicequal.errors import ServicequalError
from servicequal.evaluation.rows import LEAST
from servicequal.scorecard import UNRATED, Scorecard
from servicequal.stats.intervals import to_plain
from servicequal.stats.shift import categories_differ, stability_index, values_differ, vectors_differ
from servicequal.stats.significance import holm

RISK = 0.05  # of a false alarm, over all that is looked at
MATERIAL = {"stability index": 0.1, "greatest gap": 0.15, "area under the curve": 0.65}  # below it nobody need care
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Shift:
    """One thing that may have changed.

    Attributes:
        what: language, channel, length, vocabulary, vectors, overall score, or a criterion's answer or confidence.
        measure: ``stability index``, ``greatest gap`` or ``area under the curve``.
        value: of the measure.
        p_value: that nothing changed, adjusted for all that is looked at (Holm).
        alarm: surely changed, and by enough to matter.
        told: the change in words.
    """

    what: str
    measure: str
    value: float
    p_value: float
    alarm: bool
    told: str


@dataclass(frozen=True, slots=True)
class Drift:
    """What changed between the contacts of the training waves and those scored now.

    Attributes:
        before: contacts.
        after: contacts.
        shifts: the surest first.
        unsaid: what was not looked at, with the reason.
    """

    before: int
    after: int
    shifts: tuple[Shift, ...]
    unsaid: tuple[str, ...] = ()

    @property
    def alarm(self) -> bool:
        """Whether anything changed surely, and by enough to matter."""
        return any(shift.alarm for shift in self.shifts)

    def __str__(self) -> str:
        alarms = [shift for shift in self.shifts if shift.alarm]
        heading = f"{self.before} contacts before, {self.after} after: "
        told = "no drift" if not alarms else f"DRIFT in {', '.join(one.what for one in alarms)}"
        advice = ["certificates and figures of before may not hold: annotate a random part of these contacts"]
        lines = [
            f"  {'DRIFT' if one.alarm else '':5}  {one.what:32} {one.measure} {one.value:.2f}  "
            f"p {one.p_value:.3f}  {one.told}"
            for one in self.shifts
        ]
        return "\n".join(
            [heading + told, *lines, *(f"  not looked at: {one}" for one in self.unsaid), *advice * bool(alarms)]
        )

    def to_dict(self) -> dict[str, Any]:
        """Write the findings as a JSON object."""
        plain = dict(to_plain(self))
        return {**plain, "shifts": [to_plain(one) for one in self.shifts], "alarm": self.alarm}


def drift(
    before: Sequence[Scorecard],
    after: Sequence[Scorecard],
    *,
    contacts: tuple[Iterable[Contact], Iterable[Contact]] | None = None,
    vectors: tuple[np.ndarray, np.ndarray] | None = None,
) -> Drift:
    """Compare the contacts scored now with those of the training waves, scored by the same scorer.

    Shares of categories by the population stability index and Pearson's test; lengths, vocabulary, scores and
    confidences by the Kolmogorov–Smirnov test; vectors by a classifier two-sample test. An alarm needs a p-value below
    5 % after Holm's adjustment, and a change large enough to matter.

    Args:
        before: scorecards of the training waves, out of fold or of other contacts of that time.
        after: scorecards of now.
        contacts: the contacts of both, for length and vocabulary.
        vectors: float [contacts, width] of both, such as means of sentence vectors.

    Raises:
        ServicequalError: if either has fewer than 20 scorecards, or the scorers differ.
    """
    if min(len(before), len(after)) < LEAST:
        raise ServicequalError(
            f"{len(before)} scorecards before and {len(after)} after; expected at least {LEAST} each"
        )
    found = [*_categories(before, after), *_scores(before, after)]
    unsaid = []
    if contacts is None:
        unsaid.append("length and vocabulary; give the contacts")
    else:
        found += _texts(*(list(side) for side in contacts))
    if vectors is None:
        unsaid.append("vectors; none given")
    else:
        area, p_value = vectors_differ(*vectors)
        found.append(("vectors", "area under the curve", area, p_value, "0.50 cannot be told apart"))
    adjusted = holm([p_value for _, _, _, p_value, _ in found]).tolist()
    shifts = [
        Shift(what, measure, value, p_value, p_value < RISK and value >= MATERIAL[measure], told)
        for (what, measure, value, _, told), p_value in zip(found, adjusted, strict=True)
    ]
    order = sorted(shifts, key=lambda one: (not one.alarm, one.p_value, -one.value))
    return Drift(len(before), len(after), tuple(order), tuple(unsaid))


_Found = tuple[str, str, float, float, str]


def _categories(before: Sequence[Scorecard], after: Sequence[Scorecard]) -> list[_Found]:
    def categorical(what: str, first: list[str], second: list[str]) -> _Found:
        index = stability_index(first, second)
        return what, "stability index", index, categories_differ(first, second), _told_shares(first, second)

    found = [
        categorical("language", [card.language for card in before], [card.language for card in after]),
        categorical("channel", [card.channel for card in before], [card.channel for card in after]),
    ]
    for name in _shared(before, after):
        levels = [
            [card[name].level for card in side if card.ratings.get(name, UNRATED) != UNRATED]
            for side in (before, after)
        ]
        if min(len(side) for side in levels) >= LEAST:
            found.append(categorical(f"{name}: answer", *levels))
    return found


def _scores(before: Sequence[Scorecard], after: Sequence[Scorecard]) -> list[_Found]:
    samples = {
        "overall score": [[c.overall.score for c in side if c.overall.score is not None] for side in (before, after)]
    }
    for name in _shared(before, after):
        samples[f"{name}: confidence"] = [
            [card[name].confidence for card in side if card.ratings.get(name, UNRATED) != UNRATED]
            for side in (before, after)
        ]
    return [_numeric(what, *sides) for what, sides in samples.items() if min(len(side) for side in sides) >= LEAST]


def _texts(before: Sequence[Contact], after: Sequence[Contact]) -> list[_Found]:
    """Compare how long contacts are, and how many of their words the others of before do not have."""
    words = [[_words(contact) for contact in side] for side in (before, after)]
    if min(len(side) for side in words) < LEAST:
        return []
    having = Counter(word for contact in words[0] for word in set(contact))
    strange = [
        [float(np.mean([having[word] <= own for word in contact])) if contact else 0.0 for contact in side]
        for side, own in zip(words, (1, 0), strict=True)  # a contact of before does not count for itself
    ]
    return [
        _numeric("length in words", *([float(len(contact)) for contact in side] for side in words)),
        _numeric("vocabulary: share of new words", *strange),
    ]


def _words(contact: Contact) -> list[str]:
    return [word.lower() for turn in contact.turns for word in _WORD.findall(turn.text)]


def _numeric(what: str, before: Sequence[float], after: Sequence[float]) -> _Found:
    gap, p_value = values_differ(np.array(before), np.array(after))
    return what, "greatest gap", gap, p_value, f"median {np.median(before):.3g} → {np.median(after):.3g}"


def _told_shares(before: Sequence[str], after: Sequence[str]) -> str:
    """Tell the share of the category that moved most."""
    shares = {name: (before.count(name) / len(before), after.count(name) / len(after)) for name in {*before, *after}}
    name, (was, now) = max(sorted(shares.items()), key=lambda item: abs(item[1][0] - item[1][1]))
    return f"{name} {was:.0%} → {now:.0%}"


def _shared(before: Sequence[Scorecard], after: Sequence[Scorecard]) -> list[str]:
    known = {name for card in after for name in card.ratings}
    return [name for name in dict.fromkeys(name for card in before for name in card.ratings) if name in known]
