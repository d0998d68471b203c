"""A challenger takes over only where it is shown to be better, in nothing worse, and as honest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from servicequal.errors import AnnotationError
from servicequal.scorecard import SEEN_IN_TRAINING
from servicequal.stats.significance import holm
from servicequal.waves.decision import Decision, PromotionRule
from servicequal.waves.promotion import decide
from tests.waves.cards import cards, notes, truths

TRUTH = truths(300)
CHAMPION = cards(TRUTH, 0.6, scorer="champion")


def failed(decision: Decision) -> set[str]:
    return {check.name.split(" ")[0] for check in decision.checks if not check.passed}


def test_a_better_one_takes_over_and_the_decision_tells_why() -> None:
    decision = decide(CHAMPION, cards(TRUTH, 0.75, scorer="challenger", seed=2), notes(TRUTH))
    assert decision.promoted
    assert (decision.champion, decision.challenger) == ("champion", "challenger")
    assert (decision.contacts, decision.clusters) == (300, 300)
    assert decision.gain.low > 0
    assert set(decision.criteria) == {"warmth", "speed"}
    assert "challenger promoted" in str(decision)
    assert decision.to_dict()["rule"]["seed"] == 0


def test_one_no_better_needs_a_reason() -> None:
    assert failed(decide(CHAMPION, CHAMPION, notes(TRUTH))) == {"better"}
    decision = decide(CHAMPION, CHAMPION, notes(TRUTH), reason="knows Polish")
    assert decision.promoted
    assert decision.reason == "knows Polish"
    assert "knows Polish" in str(decision)
    worse = cards(TRUTH, 0.5, seed=3)
    assert "better," in failed(decide(CHAMPION, worse, notes(TRUTH), reason="knows Polish"))


def test_a_gain_in_all_does_not_pay_for_a_loss_in_one() -> None:
    decision = decide(CHAMPION, cards(TRUTH, {"warmth": 0.79, "speed": 0.45}, seed=2), notes(TRUTH))
    assert decision.gain.value > 0
    assert decision.criteria["speed"].p_worse < 0.05
    assert "no" in failed(decision)


def test_of_two_alike_neither_replaces_the_other() -> None:
    few = truths(60)
    sides = cards(few, 0.6, seed=5), cards(few, 0.6, seed=6)
    both = [decide(*pair, notes(few)) for pair in (sides, sides[::-1])]
    assert max(one.gain.value for one in both) > 0
    assert all("better" in failed(one) for one in both)


def test_being_worse_is_judged_over_all_criteria_at_once() -> None:
    found = list(decide(CHAMPION, cards(TRUTH, 0.6, seed=3), notes(TRUTH)).criteria.values())
    assert [one.p_worse for one in found] == holm([one.gain.p_worse for one in found]).tolist()
    assert min(one.p_worse for one in found) == pytest.approx(2 * min(one.gain.p_worse for one in found))


def test_a_boaster_does_not_take_over() -> None:
    boasting = decide(CHAMPION, cards(TRUTH, 0.75, said=0.97, seed=2), notes(TRUTH))
    assert not boasting.promoted
    steep = cards(TRUTH, 0.75, seed=2)
    sharper = [
        replace(card, ratings={name: replace(one, levels=_sharpened(one.levels)) for name, one in card.ratings.items()})
        for card in steep
    ]
    assert "calibration" in failed(decide(CHAMPION, sharper, notes(TRUTH)))


def _sharpened(levels: dict[str, float]) -> dict[str, float]:
    powers = {level: p**3 for level, p in levels.items()}
    return {level: p / sum(powers.values()) for level, p in powers.items()}


def test_certified_coverage_may_not_fall() -> None:
    fewer = cards(TRUTH, 0.75, automatic=0.3, seed=2)
    assert failed(decide(CHAMPION, fewer, notes(TRUTH))) == {"certified"}
    assert decide(CHAMPION, fewer, notes(TRUTH), rule=PromotionRule(coverage_loss=0.4)).promoted


def test_contacts_seen_by_either_and_too_few_are_refused() -> None:
    better = cards(TRUTH, 0.75, seed=2)
    for place in (0, 1):
        sides = [CHAMPION, better]
        sides[place] = [replace(sides[place][0], warnings=(SEEN_IN_TRAINING,)), *sides[place][1:]]
        with pytest.raises(AnnotationError, match="'c0', are of those that the scorer was trained on"):
            decide(sides[0], sides[1], notes(TRUTH))
    with pytest.raises(AnnotationError, match="19 contacts with a blind annotation"):
        decide(CHAMPION, better[:19], notes(TRUTH))
    with pytest.raises(AnnotationError, match="no blind annotation"):
        decide(CHAMPION, better, [replace(one, blind=False) for one in notes(TRUTH)])


def test_a_contacts_raters_share_it_and_order_changes_nothing() -> None:
    better = cards(TRUTH, 0.75, seed=2)
    once, twice = decide(CHAMPION, better, notes(TRUTH)), decide(CHAMPION, better, notes(TRUTH, raters=("a", "b")))
    assert twice.gain.value == pytest.approx(once.gain.value)
    assert twice.gain.low == pytest.approx(once.gain.low)
    assert decide(CHAMPION[::-1], better[::-1], notes(TRUTH)[::-1]).to_dict()["gain"] == once.to_dict()["gain"]


def test_a_criterion_that_only_one_knows_is_not_compared() -> None:
    without = [replace(card, ratings={"warmth": card["warmth"]}) for card in CHAMPION]
    decision = decide(without, cards(TRUTH, 0.75, seed=2), notes(TRUTH))
    assert set(decision.criteria) == {"warmth"}
    assert "fewer than 20 contacts that both scorers" in decision.left_out["speed"]
