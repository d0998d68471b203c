"""Probabilities that hold: Platt scaling, shrunk toward the identity where data is thin; and how far they hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from servicequal.stats.logistic import logit, sigmoid

_Z = 1.959964
NEWTON_STEPS = 30
WORST_CONDITION = 1e10  # of the curvature, beyond which a regression has no maximum


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


def log_loss(probabilities: np.ndarray, truth: np.ndarray, *, weights: np.ndarray | None = None) -> float:
    """Give the mean of −log of the probability that the right answer had, in nats (Good 1952).

    A probability below 1e-6 counts as 1e-6, so that one answer held impossible does not outweigh all others.

    Args:
        probabilities: float [answers, options], each row sums to 1.
        truth: int [answers], the right option.
        weights: float [answers], 1 by default.

    Example:
        >>> round(log_loss(np.array([[0.5, 0.5], [0.1, 0.9]]), np.array([0, 1])), 3)
        0.399
    """
    return float(np.average(log_losses(probabilities, truth), weights=weights))


def log_losses(probabilities: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Give the log-loss of each answer, float [answers]; see ``log_loss``."""
    return np.asarray(-np.log(np.maximum(probabilities[np.arange(len(truth)), truth], 1e-6)))


def brier_score(probabilities: np.ndarray, truth: np.ndarray, *, weights: np.ndarray | None = None) -> float:
    """Give the mean over answers of the summed squared gaps to the right answer, 0–2 (Brier 1950, eq. 2).

    Args:
        probabilities: float [answers, options], each row sums to 1.
        truth: int [answers], the right option.
        weights: float [answers], 1 by default.

    Example:
        >>> brier_score(np.array([[0.5, 0.5], [0.0, 1.0]]), np.array([0, 1]))
        0.25
    """
    return float(np.average(brier_losses(probabilities, truth), weights=weights))


def brier_losses(probabilities: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Give the Brier score of each answer, float [answers]; see ``brier_score``."""
    gaps = probabilities - np.eye(probabilities.shape[1])[truth]
    return np.asarray((gaps**2).sum(axis=1))


def calibration_slope(confidence: np.ndarray, right: np.ndarray, *, weights: np.ndarray | None = None) -> float:
    """Give the slope of a logistic regression of ``right`` on the logit of the confidence (Cox 1958; Miller 1993).

    1 where the confidence rises as fast as the share right; below 1 where high confidence promises too much.

    Args:
        confidence: float [answers], 0–1; taken as within 1e-6 of 0 and 1.
        right: float [answers], 0 or 1.
        weights: float [answers], 1 by default.

    Returns:
        The slope; NaN where it has no maximum: all right, all wrong, one confidence only, or parted without overlap.

    Example:
        >>> confidence = np.repeat([0.6, 0.9], 100)
        >>> right = np.concatenate([np.arange(100) < 60, np.arange(100) < 75]).astype(float)
        >>> round(calibration_slope(confidence, right), 2)
        0.39
    """
    weights = np.ones(len(confidence)) if weights is None else weights
    x = np.stack([np.ones(len(confidence)), logit(confidence)], axis=1)
    beta = np.zeros(2)
    for _ in range(NEWTON_STEPS):
        chance = sigmoid(x @ beta)
        curvature = (x * (weights * chance * (1 - chance))[:, None]).T @ x
        if not len(x) or np.linalg.cond(curvature) > WORST_CONDITION:
            return float("nan")
        step = np.linalg.solve(curvature, x.T @ (weights * (right - chance)))
        beta += step
        if abs(step).max() < 1e-8:
            return float(beta[1])
    return float("nan")


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Answers of like confidence.

    Attributes:
        confidence: mean, 0–1.
        right: share right, 0–1.
        low: lower end of its 95 % interval (Wilson 1927), for independent answers.
        high: upper end.
        answers: how many, by weight.
    """

    confidence: float
    right: float
    low: float
    high: float
    answers: float


def reliability_bins(
    confidence: np.ndarray, right: np.ndarray, *, weights: np.ndarray | None = None, bins: int = 10, least: int = 20
) -> list[ReliabilityBin]:
    """Part answers into bins of equal size by confidence, the ones of ``calibration_error``.

    Args:
        confidence: float [answers], 0–1.
        right: float [answers], 0 or 1.
        weights: float [answers], 1 by default.
        bins: how many; fewer where a bin would hold fewer than ``least`` answers.
        least: answers in a bin, by weight.

    Example:
        >>> [found] = reliability_bins(np.full(10, 0.9), np.array([1.0] * 6 + [0.0] * 4))
        >>> round(found.confidence, 2), found.right, round(found.low, 2), round(found.high, 2)
        (0.9, 0.6, 0.31, 0.83)
    """
    weights = np.ones(len(confidence)) if weights is None else weights
    order = np.argsort(confidence, kind="stable")
    found = []
    for part in np.array_split(order, max(1, min(bins, int(weights.sum() / least)))):
        count = float(weights[part].sum())
        share = float(np.average(right[part], weights=weights[part]))
        centre = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
        reach = _Z * np.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2)) / (1 + _Z**2 / count)
        middle = float(np.average(confidence[part], weights=weights[part]))
        found.append(ReliabilityBin(middle, share, float(centre - reach), float(centre + reach), count))
    return found
