"""A bound on the error of what is rated automatically: Learn-then-Test over a fixed sequence of thresholds."""

from __future__ import annotations

import numpy as np


def certified_threshold(
    confidence: np.ndarray, wrong: np.ndarray, *, max_error: float = 0.1, risk: float = 0.1
) -> float | None:
    """Find the lowest confidence above which the error is certified.

    Thresholds are quantiles of the confidence (coverage 30 %, 35 %, … 100 %), walked from strict to loose. Each is
    tested with an exact binomial p-value, and the walk stops at the first that fails, so that
    P(error among the contacts above the threshold ≤ max_error) ≥ 1 − risk for exchangeable contacts.
    Angelopoulos et al. (2021), "Learn then Test"; fixed-sequence testing.

    Args:
        confidence: float [contacts], from a model that did not see these contacts.
        wrong: bool [contacts], whether its answer was wrong.
        max_error: the error to certify, 0–1.
        risk: the probability with which the certificate may fail, 0–1.

    Returns:
        The threshold, or None where nothing can be certified.

    Example:
        >>> confidence = np.linspace(0, 1, 200)
        >>> certified_threshold(confidence, confidence < 0.5, max_error=0.1) <= 0.5
        True
        >>> certified_threshold(confidence[:10], np.zeros(10, bool)) is None       # too few to tell
        True
    """
    from scipy.stats import binom

    best = None
    if len(confidence) == 0:
        return best
    for coverage in np.arange(0.30, 1.001, 0.05):
        threshold = float(np.quantile(confidence, 1 - coverage))
        kept = confidence >= threshold
        if binom.cdf(int(wrong[kept].sum()), int(kept.sum()), max_error) > risk:
            break
        best = threshold
    return best
