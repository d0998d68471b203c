"""Dawid–Skene against crowd-kit, and where the prior earns its keep."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from servicequal.stats.consensus import dawid_skene


def crowd(
    items: int, ability: list[float], *, options: int = 3, share: float = 1.0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the truth, and answers of raters who err at random; -1 where a rater did not answer."""
    draw = np.random.default_rng(seed)
    truth = draw.integers(0, options, items)
    wrong = (truth[:, None] + draw.integers(1, options, (items, len(ability)))) % options
    answers = np.where(draw.random((items, len(ability))) < ability, truth[:, None], wrong)
    return truth, np.where(draw.random(answers.shape) < share, answers, -1)


@pytest.mark.filterwarnings("ignore::Warning")  # crowd-kit uses what pandas is about to drop
def test_without_a_prior_it_is_crowd_kits() -> None:
    from crowdkit.aggregation import OneCoinDawidSkene

    _, answers = crowd(400, [0.95, 0.85, 0.7, 0.6, 0.8])
    table = pd.DataFrame(
        [(item, rater, answers[item, rater]) for item in range(400) for rater in range(5)],
        columns=["task", "worker", "label"],
    )
    other = OneCoinDawidSkene(n_iter=500, tol=1e-9).fit(table)
    found = dawid_skene(answers, options=3, prior=(1, 1), even=False)
    np.testing.assert_allclose(found.ability, other.skills_.sort_index().to_numpy(), atol=0.005)
    np.testing.assert_allclose(found.probabilities, other.probas_.sort_index()[[0, 1, 2]].to_numpy(), atol=0.02)


def test_it_beats_the_majority_and_knows_who_is_good() -> None:
    ability = [0.95, 0.9, 0.55, 0.5, 0.5]
    truth, answers = crowd(600, ability)
    found = dawid_skene(answers, options=3)
    majority = np.stack([np.bincount(row, minlength=3) for row in answers]).argmax(axis=1)
    assert (found.probabilities.argmax(axis=1) == truth).mean() > (majority == truth).mean() + 0.03
    np.testing.assert_allclose(found.ability, ability, atol=0.06)


def test_two_raters_who_disagree_stay_undecided_until_a_third_joins() -> None:
    truth, answers = crowd(300, [0.9, 0.7], seed=4)
    answers[:, 1] = np.where(answers[:, 1] == truth, truth, (truth + 1) % 3)  # errs in one direction
    split = answers[:, 0] != answers[:, 1]
    alone = dawid_skene(answers, options=3)
    assert np.ptp(alone.ability) < 0.01
    assert alone.probabilities[split].max() < 0.6
    misled = dawid_skene(answers, options=3, even=False)
    assert misled.probabilities[split].max(axis=1).mean() > 0.7
    model = crowd(300, [0.8], seed=4)[1]  # the same truth, one more rater
    joined = dawid_skene(np.concatenate([answers, model], axis=1), options=3)
    assert joined.ability[0] > joined.ability[1] + 0.1
    assert (joined.probabilities.argmax(axis=1) == truth)[split].mean() > 0.7


def test_probabilities_hold_and_gaps_are_no_answers() -> None:
    truth, answers = crowd(3000, [0.9, 0.8, 0.7, 0.85], share=0.5, seed=5)
    found = dawid_skene(answers, options=3)
    confidence = found.probabilities.max(axis=1)
    right = found.probabilities.argmax(axis=1) == truth
    assert confidence.mean() == pytest.approx(right.mean(), abs=0.02)
    alone = dawid_skene(np.array([[-1, -1], [0, -1]]), options=2)
    assert alone.probabilities[0].max() < alone.probabilities[1].max()
    np.testing.assert_allclose(alone.probabilities.sum(axis=1), 1)
