"""Holm, Fisher, shrinkage, ranks and plans, against other implementations or plain cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import tt_ind_solve_power

from servicequal.stats.planning import contacts_needed, difference_seen
from servicequal.stats.ranks import alike, rank_intervals, told_apart
from servicequal.stats.shrinkage import shrink
from servicequal.stats.significance import holm, rise_p_value, t_p_value, t_quantile


@settings(max_examples=25)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_agrees_with_statsmodels(p_values: list[float]) -> None:
    np.testing.assert_allclose(holm(p_values), multipletests(p_values, method="holm")[1])


def test_holm_does_not_count_what_was_not_tested() -> None:
    assert holm([float("nan"), 0.02, float("nan"), 0.03])[1::2].tolist() == [0.04, 0.04]


@given(st.integers(0, 30), st.integers(1, 40), st.integers(0, 30), st.integers(1, 40))
def test_a_rise_agrees_with_scipy(before: int, more: int, now: int, others: int) -> None:
    table = [[now, others], [before, more]]
    assert rise_p_value((before, before + more), (now, now + others)) == pytest.approx(
        fisher_exact(table, alternative="greater").pvalue
    )


def test_t_needs_a_degree_of_freedom() -> None:
    assert np.isnan(t_quantile(0.0))
    assert np.isnan(t_p_value(1.0, 1.0, 0))
    assert np.isnan(t_p_value(1.0, 0.0, 5))
    assert t_p_value(float(t_quantile(5)), 1.0, 5) == pytest.approx(0.05)


def test_groups_that_do_not_differ_are_drawn_together_and_those_that_do_are_left() -> None:
    draw = np.random.default_rng(0)
    same = shrink(50 + draw.normal(0, 5, 30), np.full(30, 5.0))
    apart = shrink(50 + draw.normal(0, 50, 30), np.full(30, 5.0))
    assert np.std(same.values) < 2.5
    assert apart.spread == pytest.approx(50, rel=0.35)
    assert apart.errors.mean() == pytest.approx(5, rel=0.05)


def test_a_group_of_few_contacts_moves_further() -> None:
    found = shrink(np.array([30.0, 70, 40, 60, 90]), np.array([5.0, 5, 5, 5, 30]))
    assert 90 - found.values[4] > 10 * abs(70 - found.values[1])
    low, high = found.bounds()
    assert (low < found.values).all()
    assert (found.values < high).all()
    with pytest.raises(ValueError, match="three"):
        shrink(np.zeros(2), np.ones(2))


def test_ranks_of_clear_groups_are_certain_and_of_like_ones_open() -> None:
    values = np.array([80.0, 20.0, 50.0, 51.0])
    above = told_apart(values, np.full(4, 1.5))
    best, worst = rank_intervals(above)
    assert best.tolist() == [1, 4, 2, 2]
    assert worst.tolist() == [1, 4, 3, 3]
    assert alike(values, above) == [[0], [3, 2], [1]]
    unclear = told_apart(values, np.full(4, 60.0))
    assert rank_intervals(unclear)[0].tolist() == [1, 1, 1, 1]
    assert alike(values, unclear) == [[0, 3, 2, 1]]


def test_runs_overlap_where_the_middle_is_like_both_ends() -> None:
    values = np.array([0.0, 3.0, 6.0])
    assert alike(values, told_apart(values, np.full(3, 1.5))) == [[2, 1], [1, 0]]


def test_a_plan_agrees_with_a_power_calculation() -> None:
    ours = contacts_needed(5.0, 30.0)
    theirs = tt_ind_solve_power(effect_size=5 / 30, alpha=0.05, power=0.8)
    assert ours == pytest.approx(theirs, rel=0.01)
    assert difference_seen(ours, 30.0) == pytest.approx(5.0, rel=0.01)
    assert contacts_needed(5.0, 30.0, design_effect=2.0) == pytest.approx(2 * ours, abs=1)
    assert contacts_needed(5.0, 30.0, paired=True) == pytest.approx(ours / 2, abs=1)
    with pytest.raises(ValueError, match="above 0"):
        contacts_needed(0.0, 30.0)
