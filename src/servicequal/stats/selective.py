"""A bound on the error of what is rated automatically: Learn-then-Test over a fixed sequence of thresholds."""

from __future__ import annotations

import numpy as np

STRICTEST, STEP = 0.30, 0.05  # coverage where the walk begins, and by which it grows
MOST_NEEDED = 10_000


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
    for coverage in np.arange(STRICTEST, 1.001, STEP):
        threshold = float(np.quantile(confidence, 1 - coverage))
        kept = confidence >= threshold
        if binom.cdf(int(wrong[kept].sum()), int(kept.sum()), max_error) > risk:
            break
        best = threshold
    return best


def annotations_needed(
    error: float, *, coverage: float = STRICTEST, max_error: float = 0.1, risk: float = 0.1, power: float = 0.8
) -> int | None:
    """Plan how many annotated contacts it takes to certify the error among the most confident share of them.

    Exact binomial, of both sides: the fewest contacts above the threshold for which a true error of ``error`` passes
    the test of ``certified_threshold`` with probability ``power``, divided by the coverage.

    Args:
        error: expected among those above the threshold, 0–1, such as the error observed so far.
        coverage: share of the contacts above the threshold, 0–1.
        max_error: the error to certify.
        risk: the probability with which the certificate may fail.
        power: the probability of getting the certificate, if the error is as expected.

    Returns:
        Contacts to annotate in all; None where the expected error is no lower than the one to certify, or so near that
        ``MOST_NEEDED`` above the threshold would not do: more annotations alone will not help.

    Example:
        >>> annotations_needed(0.05), annotations_needed(0.0, coverage=1.0), annotations_needed(0.12)
        (427, 22, None)
    """
    from scipy.stats import binom

    if error >= max_error:
        return None
    kept = np.arange(1, 2)
    while kept[-1] < MOST_NEEDED:
        kept = np.arange(kept[-1], min(4 * kept[-1], MOST_NEEDED) + 1)
        most_wrong = binom.ppf(risk, kept, max_error)
        most_wrong -= binom.cdf(most_wrong, kept, max_error) > risk  # the most errors that pass
        enough = np.flatnonzero((most_wrong >= 0) & (binom.cdf(most_wrong, kept, error) >= power))
        if len(enough):
            return int(np.ceil(kept[enough[0]] / coverage))
    return None
