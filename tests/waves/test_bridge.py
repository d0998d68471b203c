"""The bridge finds what was planted: the change of service, of model and of scheme, with honest intervals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from servicequal import Scheme, Scorecard
from servicequal.errors import ServicequalError
from servicequal.overall import overall
from servicequal.scheme import LEVELS, Criterion
from servicequal.scorecard import SEEN_IN_TRAINING, Overall, Rating
from servicequal.waves.bridge import bridge

OLD = Scheme(
    "s", tuple(Criterion(name, "…", dict.fromkeys(LEVELS, "…"), always=True) for name in ("warmth", "speed")), ()
)
NEW = replace(OLD, criteria=(replace(OLD.criteria[0], weight=3.0), OLD.criteria[1]))


def wave(count: int, seed: int, *, service: float = 0.0, model: float = 0.0, scheme: Scheme = OLD) -> list[Scorecard]:
    """Score contacts whose service has a shift, by a model that has its own; the same seed gives the same contacts."""
    draw = np.random.default_rng(seed)
    given = []
    for number in range(count):
        ratings = {}
        for name, easy in (("warmth", 0.0), ("speed", 0.8)):
            latent = draw.normal(easy) + service + model
            level = LEVELS[int(np.digitize(latent, [-0.5, 0.5]))]
            ratings[name] = Rating(level, 1.0, {one: float(one == level) for one in LEVELS}, "review")
        card = Scorecard(f"{seed}-{number}", "chat", "en", Overall(None, None, None), ratings)
        given.append(replace(card, overall=overall(scheme, ratings)))
    return given


def points(cards: list[Scorecard]) -> float:
    return float(np.mean([card.overall.score for card in cards if card.overall.score is not None]))


def test_parts_are_those_planted_and_add_up() -> None:
    before, after = wave(2000, 1), wave(2000, 2, service=0.4, model=-0.3, scheme=NEW)
    anchors = wave(2000, 3), wave(2000, 3, model=-0.3, scheme=NEW)
    found = bridge(before, after, anchors, schemes=(OLD, NEW))
    change = found.changes["overall"]
    truth = points(wave(20_000, 9, service=0.4, model=-0.3, scheme=NEW)) - points(
        wave(20_000, 9, model=-0.3, scheme=NEW)
    )
    assert change.service.low < truth < change.service.high
    assert change.service.value > 5
    assert change.model.high < 0
    assert change.scheme.high < 0  # the weaker criterion weighs more
    assert change.total.value == pytest.approx(change.service.value + change.model.value + change.scheme.value)
    warmth = found.changes["warmth"]
    assert (warmth.scheme.value, warmth.scheme.low) == (0, 0)
    assert warmth.service.value > 5
    assert "2000 anchors" in str(found)


def test_nothing_changed_but_the_model() -> None:
    found = bridge(wave(400, 1), wave(400, 2, model=0.5), (wave(400, 3), wave(400, 3, model=0.5)), schemes=(OLD, OLD))
    change = found.changes["overall"]
    assert change.total.low > 0
    assert change.service.low < 0 < change.service.high
    assert (change.scheme.value, change.scheme.high) == (0, 0)


def test_anchors_that_a_scorer_learned_from_are_refused_and_so_are_few() -> None:
    seen = [replace(one, warnings=(SEEN_IN_TRAINING,)) for one in wave(30, 3)]
    with pytest.raises(ServicequalError, match="30 anchors, such as '3-0', are of those"):
        bridge(wave(30, 1), wave(30, 2), (wave(30, 3), seen), schemes=(OLD, OLD))
    with pytest.raises(ServicequalError, match="19 contacts scored by both"):
        bridge(wave(30, 1), wave(30, 2), (wave(30, 3)[:19], wave(30, 3)), schemes=(OLD, OLD))
    seldom = [
        replace(one, ratings={**one.ratings, "speed": replace(one["speed"], level="not_applicable")})
        for one in wave(30, 2)
    ]
    found = bridge(wave(30, 1), seldom, (wave(30, 3), wave(30, 3)), schemes=(OLD, OLD))
    assert "speed" in found.unsaid
    assert "warmth" in found.changes
