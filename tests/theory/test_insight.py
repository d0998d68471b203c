"""What the analyses promise, by simulation: intervals cover planted effects, false alarms are as rare as said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from servicequal.reporting.means import group_means
from servicequal.reporting.measures import clusters, groups, measure
from servicequal.stats.planning import contacts_needed
from servicequal.stats.prediction_powered import domain_means
from servicequal.stats.ranks import rank_intervals, told_apart
from servicequal.stats.shrinkage import shrink
from servicequal.stats.significance import holm, rise_p_value
from tests.insight.simulate import SCHEME, Scorer, corpus

CORPORA = 200
COMPANY, TEAM, WAVE = {"a": 8.0, "b": -8.0}, {"0": 5.0, "1": -5.0}, {"w0": -4.0, "w1": 4.0}
pytestmark = pytest.mark.slow


def within(hits: list[bool], *, low: float = 0.93, high: float = 0.97) -> bool:
    """Whether the share is nominal, as far as so many trials can tell (two standard errors)."""
    slack = 2 * np.sqrt(0.05 * 0.95 / len(hits))
    return low - slack <= float(np.mean(hits)) <= high + slack


def test_intervals_cover_planted_company_team_and_wave_effects() -> None:
    """200 corpora: agents vary at random, the scorer flatters one company, a third of the contacts is annotated."""
    hits: dict[str, list[bool]] = {"company": [], "team": [], "wave": []}
    for seed in range(CORPORA):
        draw = np.random.default_rng(10_000 + seed)
        habit = dict(zip(range(48), draw.normal(0, 8, 48), strict=True))
        attributes = [
            {
                "company": "ab"[agent % 2],
                "team": "ab"[agent % 2] + str(agent // 2 % 2),
                "agent": str(agent),
                "wave": f"w{n % 2}",
            }
            for agent in habit
            for n in range(10)
        ]

        def points(_: str, given: Mapping[str, Any], habit: Mapping[int, float] = habit) -> float:
            return (
                50
                + COMPANY[given["company"]]
                + TEAM[given["team"][1]]
                + WAVE[given["wave"]]
                + habit[int(given["agent"])]
            )

        flattering = Scorer(0.7, lambda given: 0.6 if given["company"] == "b" else 0.0)
        made = corpus(seed, attributes, points, annotated=0.33, scorer=flattering)
        measures = measure(made.cards, made.annotations, SCHEME)
        for by, planted in (("company", 16.0), ("wave", 8.0)):
            _, domains = groups(made.cards, by)
            found = measures.means("empathy", domains, clusters(made.cards, domains)[0])
            interval = found.contrast([1, -1] if by == "company" else [-1, 1]).interval
            hits[by].append(interval.low <= planted <= interval.high)
        names, domains = groups(made.cards, "team")
        found = measures.means("courtesy", domains, clusters(made.cards, domains)[0])
        interval = found.contrast([{"0": 0.5, "1": -0.5}[name[1]] for name in names]).interval
        hits["team"].append(interval.low <= 10.0 <= interval.high)
    for by, one in hits.items():
        assert within(one), (by, np.mean(one))


def test_prediction_powered_intervals_cover_and_are_narrower_than_labels_alone() -> None:
    """1,000 samples of 25 agents; labels drawn with uneven, known probabilities; the mean is a ratio."""
    draw, hits, narrower = np.random.default_rng(0), [], []
    for _ in range(1000):
        agent = np.repeat(np.arange(25), 40)
        shift = draw.normal(0, 0.1, 25)[agent]
        applies = draw.random(1000) < 0.7
        chance = np.clip(0.5 + shift, 0, 1)
        points = 50.0 * draw.binomial(2, chance)
        inclusion = np.where(points > 50, 0.5, 0.2)
        known = draw.random(1000) < inclusion
        labelled = np.where(known[:, None], np.column_stack([applies * points, applies]), np.nan)
        seen = np.clip(0.8 * points + 15 + draw.normal(0, 15, 1000), 0, 100)
        sure = np.where(applies, 0.9, 0.1)
        arguments = (labelled, np.zeros(1000, int), agent)
        powered = domain_means(np.column_stack([sure * seen, sure]), *arguments, inclusion=inclusion).contrast([1])
        alone = domain_means(np.zeros((1000, 2)), *arguments, inclusion=inclusion, tuning=0.0).contrast([1])
        hits.append(powered.interval.low <= 50 <= powered.interval.high)
        narrower.append(powered.error < alone.error)
    assert within(hits), np.mean(hits)
    assert np.mean(narrower) > 0.8


def test_shrunken_intervals_cover_on_average_over_small_groups() -> None:
    """The groups differ by a normal spread: none, some, much; a single group's own interval would be wider."""
    draw = np.random.default_rng(1)
    for spread in (0.0, 5.0, 20.0):
        hits: list[bool] = []
        width: list[float] = []
        for _ in range(300):
            truth = 50 + draw.normal(0, spread, 12)
            errors = draw.uniform(6, 14, 12)
            found = shrink(truth + draw.normal(0, errors), errors)
            low, high = found.bounds()
            hits += ((low <= truth) & (truth <= high)).tolist()
            width += ((high - low) / (2 * 1.96 * errors)).tolist()
        assert np.mean(hits) > 0.93, (spread, np.mean(hits))
        assert np.mean(width) < 1.0


def test_shrunken_groups_of_real_cards_cover() -> None:
    """Forty agents of 30 contacts with a third annotated: each group is small, and its estimate a model's."""
    hits: list[bool] = []
    for seed in range(60):
        habit = np.random.default_rng(20_000 + seed).normal(0, 10, 40)
        attributes = [{"agent": f"{agent:02}"} for agent in range(40) for _ in range(30)]
        made = corpus(
            seed, attributes, lambda _, given, habit=habit: 50 + habit[int(given["agent"])], annotated=0.33
        )  # fmt: skip
        _, domains = groups(made.cards, "agent")
        found = group_means(measure(made.cards, made.annotations, SCHEME), "courtesy", domains, np.arange(1200))
        for truth, one in zip(50 + habit, found.estimates, strict=True):
            assert one.shrunken
            assert one.low is not None
            assert one.high is not None
            hits.append(one.low <= truth <= one.high)
    assert 0.92 <= np.mean(hits) <= 0.98, np.mean(hits)


def test_rank_intervals_hold_all_true_ranks_together() -> None:
    draw, hits = np.random.default_rng(2), []
    truth, errors = np.array([0.0, 0, 1, 2, 2, 4, 8]), np.array([1.0, 0.5, 1, 0.8, 0.8, 1, 1])
    best_true = 1 + (truth[None, :] > truth[:, None]).sum(axis=1)
    worst_true = len(truth) - (truth[None, :] < truth[:, None]).sum(axis=1)
    for seed in range(400):
        best, worst = rank_intervals(told_apart(truth + draw.normal(0, errors), errors, seed=seed))
        hits.append(bool((best <= worst_true).all() and (worst >= best_true).all()))
    assert np.mean(hits) >= 0.94


def test_without_a_rise_an_alarm_is_as_rare_as_said() -> None:
    draw = np.random.default_rng(3)
    alarms = []
    for _ in range(1000):
        counts = [((int(draw.binomial(120, 0.15)), 120), (int(draw.binomial(60, 0.15)), 60)) for _ in range(12)]
        alarms.append(bool((holm([rise_p_value(*one) for one in counts]) < 0.05).any()))
    assert 0.005 < np.mean(alarms) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 1000)


def test_a_plan_gives_the_power_that_it_promises() -> None:
    draw, difference = np.random.default_rng(4), 10.0
    needed = contacts_needed(difference, 50 * np.sqrt(0.5))
    seen = []
    for _ in range(600):
        side = np.repeat([0, 1], needed)
        points = 50.0 * draw.binomial(2, 0.5 + side * difference / 100)
        labelled = np.column_stack([points, np.ones(2 * needed)])
        seen.append(
            domain_means(np.zeros((2 * needed, 2)), labelled, side, np.arange(2 * needed)).contrast([-1, 1]).p_value
            < 0.05
        )
    assert np.mean(seen) == pytest.approx(0.8, abs=0.04)
