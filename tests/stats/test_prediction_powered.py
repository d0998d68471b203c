"""Prediction-powered means agree with ppi-python and statsmodels, and do what they promise in plain cases."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from servicequal.stats.prediction_powered import domain_means, join

# ppi_mean_pointestimate and ppi_mean_ci (alpha 0.05) of ppi-python 0.2.3 on the data of `sample`, by lam
ORACLE = {
    1.0: (49.77724651106559, 46.48986089922796, 53.06463212290322),
    0.4: (47.89076629851361, 44.6812831194356, 51.100249477591625),
    None: (48.515004193382936, 45.46377585055468, 51.56623253621119),
}


def sample() -> tuple[np.ndarray, np.ndarray, int, int]:
    draw, labels, others = np.random.default_rng(5), 80, 400
    truth = draw.normal(50, 20, labels)
    guess = truth * 0.6 + draw.normal(15, 12, labels)
    unlabelled = draw.normal(50, 20, others) * 0.6 + draw.normal(15, 12, others)
    rows = labels + others
    predicted = np.column_stack([np.concatenate([guess, unlabelled]), np.ones(rows)])
    labelled = np.full((rows, 2), np.nan)
    labelled[:labels] = np.column_stack([truth, np.ones(labels)])
    return predicted, labelled, labels, others


@pytest.mark.parametrize("lam", ORACLE)
def test_agrees_with_ppi_python(lam: float | None) -> None:
    predicted, labelled, labels, others = sample()
    tuning = None if lam is None else lam * (1 + labels / others)  # theirs averages the unlabelled only
    found = domain_means(predicted, labelled, np.zeros(480, int), np.arange(480), tuning=tuning)
    value, low, high = ORACLE[lam]
    error = (high - low) / 2 / 1.959964
    assert found.values[0] == pytest.approx(value, abs=1e-9 if lam else 0.02)
    assert found.errors[0] == pytest.approx(error * np.sqrt(80 / 79), rel=0.005)


def test_without_predictions_it_is_least_squares_with_clustered_errors() -> None:
    draw = np.random.default_rng(1)
    side, clusters = draw.integers(2, size=200), draw.integers(25, size=200)
    value = draw.normal(size=200) + side + draw.normal(size=25)[clusters]
    labelled = np.column_stack([value, np.ones(200)])
    found = domain_means(np.zeros((200, 2)), labelled, side, clusters, tuning=0.0).contrast([-1, 1])
    ols = sm.OLS(value, np.column_stack([np.ones(200), side])).fit(
        cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False}
    )
    assert found.value == pytest.approx(ols.params[1])
    assert found.error == pytest.approx(ols.bse[1] * np.sqrt(25 / 24), rel=1e-9)
    assert found.degrees == 24


def test_a_contact_to_which_a_criterion_does_not_apply_does_not_count() -> None:
    labelled = np.array([[100.0, 1], [0, 1], [0, 0], [0, 0]])
    found = domain_means(np.zeros((4, 2)), labelled, np.zeros(4, int), np.arange(4))
    assert found.values[0] == 50.0


def test_inclusion_weights_undo_an_uneven_choice() -> None:
    draw = np.random.default_rng(2)
    value = draw.choice([0.0, 100.0], 20_000)
    inclusion = np.where(value > 0, 0.4, 0.1)  # the good contacts are annotated four times as often
    known = draw.random(20_000) < inclusion
    labelled = np.where(known[:, None], np.column_stack([value, np.ones(20_000)]), np.nan)
    blank, rows = np.zeros((20_000, 2)), np.arange(20_000)
    naive = domain_means(blank, labelled, np.zeros(20_000, int), rows)
    weighted = domain_means(blank, labelled, np.zeros(20_000, int), rows, inclusion=inclusion)
    assert naive.values[0] > 75
    assert weighted.values[0] == pytest.approx(value.mean(), abs=3)


def test_a_useless_prediction_is_not_trusted_and_a_biased_one_is_put_right() -> None:
    draw = np.random.default_rng(3)
    truth = draw.choice([0.0, 50.0, 100.0], 4000)
    known = draw.random(4000) < 0.1
    labelled = np.where(known[:, None], np.column_stack([truth, np.ones(4000)]), np.nan)
    ones, rows, one = np.ones(4000), np.arange(4000), np.zeros(4000, int)
    useless = domain_means(np.column_stack([draw.normal(50, 30, 4000), ones]), labelled, one, rows)
    biased = domain_means(np.column_stack([0.8 * truth + 40, ones]), labelled, one, rows)
    alone = domain_means(np.zeros((4000, 2)), labelled, one, rows)
    assert useless.tuning < 0.1
    assert biased.values[0] == pytest.approx(truth.mean(), abs=1)
    assert biased.errors[0] < 0.5 * alone.errors[0]


def test_a_domain_without_labels_has_its_predictions_mean_and_one_cluster_has_no_error() -> None:
    predicted = np.array([[20.0, 1], [40, 1], [60, 1], [80, 1]])
    labelled = np.array([[0.0, 1], [100, 1], [np.nan, np.nan], [np.nan, np.nan]])
    found = domain_means(predicted, labelled, np.array([0, 0, 1, 1]), np.array([0, 1, 2, 2]), tuning=1.0)
    assert found.values.tolist() == [50.0, 70.0]
    assert np.isnan(found.errors[1])
    assert np.isnan(found.contrast([1, -1]).interval.low)


def test_shared_clusters_cancel_in_a_contrast() -> None:
    draw = np.random.default_rng(4)
    case = np.tile(np.arange(40), 2)
    hard = draw.normal(0, 30, 40)[case]
    value = hard + np.repeat([10.0, 0.0], 40) + draw.normal(0, 1, 80)
    labelled = np.column_stack([value, np.ones(80)])
    side = np.repeat([0, 1], 40)
    paired = domain_means(np.zeros((80, 2)), labelled, side, case).contrast([1, -1])
    apart = domain_means(np.zeros((80, 2)), labelled, side, np.arange(80)).contrast([1, -1])
    assert paired.value == apart.value
    assert paired.error < 0.1 * apart.error


def test_join_keeps_the_measures_together() -> None:
    draw = np.random.default_rng(6)
    value = draw.normal(size=60)
    ones, rows, one, blank = np.ones(60), np.arange(60), np.zeros(60, int), np.zeros((60, 2))
    first = domain_means(blank, np.column_stack([value, ones]), one, rows)
    both = join([first, domain_means(blank, np.column_stack([value + 1, ones]), one, rows)])
    assert both.contrast([-1, 1]).value == pytest.approx(1)
    assert both.contrast([-1, 1]).error == pytest.approx(0, abs=1e-12)


def test_order_of_the_rows_does_not_matter() -> None:
    predicted, labelled, _, _ = sample()
    clusters, order = np.arange(480) % 50, np.random.default_rng(7).permutation(480)
    domains = np.arange(480) % 3
    plain = domain_means(predicted, labelled, domains, clusters)
    mixed = domain_means(predicted[order], labelled[order], domains[order], clusters[order])
    np.testing.assert_allclose(plain.values, mixed.values)
    np.testing.assert_allclose(plain.errors, mixed.errors)
