"""Probabilities that hold: Platt scaling, shrunk toward the identity where data is thin; and how far they hold."""

from __future__ import annotations

import numpy as np

from servicequal.stats.logistic import sigmoid


def fit_platt(
    logits: np.ndarray, targets: np.ndarray, *, weights: np.ndarray | None = None, prior: float = 5.0
) -> tuple[float, float]:
    """Fit σ(scale · logit + shift) to targets (Platt 1999), with a Gaussian prior on (scale, shift) around (1, 0).

    Args:
        logits: float [rows], out-of-fold.
        targets: float [rows], in 0–1.
        weights: float [rows], 1 by default.
        prior: strength of the prior: 0 is Platt's own method; the default keeps 30 contacts from running away.

    Returns:
        Scale (at least 0) and shift.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> true = rng.normal(size=4000)
        >>> hit = (rng.random(4000) < sigmoid(true)).astype(float)
        >>> scale, shift = fit_platt(3 * true + 1, hit)          # three times too sure of itself
        >>> bool(abs(scale - 1 / 3) < 0.05 and abs(shift + 1 / 3) < 0.1)
        True
    """
    from scipy.optimize import minimize

    weights = np.ones(len(logits)) if weights is None else weights

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        scale, shift = flat
        z = scale * logits + shift
        value = float(
            (weights * (np.logaddexp(0.0, z) - targets * z)).sum() + prior / 2 * ((scale - 1) ** 2 + shift**2)
        )
        slope = weights * (sigmoid(z) - targets)
        return value, np.array([slope @ logits + prior * (scale - 1), slope.sum() + prior * shift])

    scale, shift = minimize(loss, [1.0, 0.0], jac=True, method="L-BFGS-B", bounds=[(0.0, None), (None, None)]).x
    return float(scale), float(shift)


def calibration_error(
    confidence: np.ndarray, right: np.ndarray, *, weights: np.ndarray | None = None, bins: int = 10
) -> float:
    """Give the equal-mass calibration error: mean gap between confidence and share right over bins of equal size.

    Nixon et al. (2019), "Measuring calibration in deep learning". Noise alone makes it positive: with n answers of
    confidence p expect about √(2·bins·p(1-p) / (π·n)), such as 0.08 for 200 answers of confidence 0.7.

    Args:
        confidence: float [answers], 0–1.
        right: float [answers], 0 or 1.
        weights: float [answers], 1 by default.
        bins: how many; fewer where there are fewer answers.

    Returns:
        0–1; NaN for no answer.

    Example:
        >>> calibration_error(np.full(10, 0.9), np.array([1.0] * 6 + [0.0] * 4), bins=1)
        0.3
    """
    if not len(confidence):
        return float("nan")
    weights = np.ones(len(confidence)) if weights is None else weights
    gaps = weights * (confidence - right)
    order = np.argsort(confidence, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    return float(sum(abs(gaps[part].sum()) for part in parts) / weights.sum())
