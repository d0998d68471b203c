"""The certificate against MAPIE; the plan for a certificate against a simulation."""

from __future__ import annotations

import numpy as np
import pytest

from servicequal.stats.selective import annotations_needed, certified_threshold


@pytest.mark.parametrize("seed", range(12))
def test_equals_fixed_sequence_testing_in_mapie(seed: int) -> None:
    from mapie.risk_control.fwer_control import FWERFixedSequenceTesting
    from mapie.risk_control.methods import compute_hoeffding_bentkus_p_value

    draw = np.random.default_rng(seed)
    confidence = draw.random(250)
    wrong = draw.random(250) > 0.75 + 0.3 * confidence
    thresholds = np.array([np.quantile(confidence, 1 - c) for c in np.arange(0.30, 1.001, 0.05)])
    kept = confidence >= thresholds[:, None]
    counts = kept.sum(axis=1)
    p_values = compute_hoeffding_bentkus_p_value((kept & wrong).sum(axis=1) / counts, counts, 0.1, binary=True)
    passed = FWERFixedSequenceTesting().run(p_values.ravel(), 0.1)
    expected = thresholds[passed].min() if len(passed) else None
    assert certified_threshold(confidence, wrong) == expected


def test_the_plan_keeps_its_word() -> None:
    error, coverage = 0.05, 0.4
    needed = annotations_needed(error, coverage=coverage)
    assert needed is not None
    draw = np.random.default_rng(0)

    def certified(contacts: int) -> float:
        kept = round(coverage * contacts)
        found = [
            certified_threshold(np.ones(kept), draw.random(kept) < error) is not None  # one threshold: all that is kept
            for _ in range(400)
        ]
        return float(np.mean(found))

    assert certified(needed) >= 0.76
    assert certified(needed // 2) < 0.7


def test_more_annotations_do_not_help_where_the_error_is_too_high() -> None:
    assert annotations_needed(0.1, max_error=0.1) is None
    assert annotations_needed(0.0999, max_error=0.1) is None
    assert annotations_needed(0.02, max_error=0.05) > annotations_needed(0.01, max_error=0.05)  # type: ignore[operator]
    assert annotations_needed(0.0, coverage=1.0, max_error=0.05, risk=0.1) == 45
