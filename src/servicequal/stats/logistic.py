"""Logistic and ordinal regression with soft targets and an L2 penalty, several outputs at once."""

from __future__ import annotations

import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Give 1 / (1 + e^-x) without overflow.

    Example:
        >>> sigmoid(np.array([0.0, 1e9])).tolist()
        [0.5, 1.0]
    """
    return np.asarray(np.exp(-np.logaddexp(0.0, -x)))


def logit(p: np.ndarray) -> np.ndarray:
    """Give log(p / (1 - p)), with p kept within 1e-6 of 0 and 1."""
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(p) - np.log1p(-p))


def fit_logistic(
    x: np.ndarray, targets: np.ndarray, *, penalty: float, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Fit one logistic regression per column of ``targets``, by L-BFGS.

    Minimises the weighted sum of cross-entropies plus penalty/2 · |coefficients|²; intercepts are free.

    Args:
        x: float [rows, features].
        targets: float [rows, outputs], probabilities in 0–1.
        penalty: strength of the L2 penalty, at least 0.
        weights: float [rows] or [rows, outputs], 1 by default.

    Returns:
        Coefficients [outputs, features] and intercepts [outputs].
    """
    from scipy.optimize import minimize

    rows, features = x.shape
    outputs = targets.shape[1]
    weights = np.ones(rows) if weights is None else weights
    weights = weights[:, None] if weights.ndim == 1 else weights
    x = x.astype(np.float32)  # half the memory traffic; the sums below are in double precision

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        w, b = flat[: outputs * features].reshape(outputs, features), flat[outputs * features :]
        z = (x @ w.T.astype(np.float32)).astype(np.float64) + b
        value = float((weights * (np.logaddexp(0.0, z) - targets * z)).sum() + penalty / 2 * (w * w).sum())
        slope = weights * (sigmoid(z) - targets)
        return value, np.concatenate([(slope.T.astype(np.float32) @ x + penalty * w).ravel(), slope.sum(0)])

    shared = np.broadcast_to(weights, targets.shape)
    base = logit((shared * targets).sum(0) / np.maximum(shared.sum(0), 1e-9)).clip(-6, 6)
    start = np.concatenate([np.zeros(outputs * features), base])
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200, "ftol": 1e-6, "gtol": 1e-3}).x
    return best[: outputs * features].reshape(outputs, features), best[outputs * features :]


def fit_ordinal(
    x: np.ndarray, targets: np.ndarray, *, penalty: float, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Fit a cumulative-link (proportional odds) model: P(level ≥ k) = σ(w·x + b_k), one w for all k.

    McCullagh (1980), "Regression models for ordinal data".

    Args:
        x: float [rows, features].
        targets: float [rows, levels], each row a distribution over the levels.
        penalty: strength of the L2 penalty on w.
        weights: float [rows], 1 by default.

    Returns:
        Coefficients [features] and intercepts [levels - 1], falling.

    Example:
        >>> x = np.array([[-2.0], [-1.0], [0.0], [1.0], [2.0], [0.2]])
        >>> w, b = fit_ordinal(x, np.eye(3)[[0, 0, 1, 2, 2, 1]], penalty=0.1)
        >>> ordinal_probabilities(x @ w, b).argmax(1).tolist()
        [0, 0, 1, 2, 2, 1]
    """
    from scipy.optimize import minimize

    rows, features = x.shape
    above = np.cumsum(targets[:, ::-1], axis=1)[:, ::-1][:, 1:]  # P(level ≥ k) for k = 1 …
    weights = np.ones(rows) if weights is None else weights

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        w = flat[:features]
        gaps = np.exp(flat[features + 1 :])  # intercepts fall by positive steps
        b = flat[features] - np.concatenate([[0.0], np.cumsum(gaps)])
        z = (x @ w)[:, None] + b
        value = float((weights[:, None] * (np.logaddexp(0.0, z) - above * z)).sum() + penalty / 2 * w @ w)
        slope = weights[:, None] * (sigmoid(z) - above)
        by_intercept = slope.sum(0)
        by_gap = -np.array([by_intercept[k + 1 :].sum() for k in range(len(gaps))]) * gaps
        return value, np.concatenate([x.T @ slope.sum(1) + penalty * w, [by_intercept.sum()], by_gap])

    start = np.concatenate([np.zeros(features + 1), np.zeros(above.shape[1] - 1)])
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    return best[:features], best[features] - np.concatenate([[0.0], np.cumsum(np.exp(best[features + 1 :]))])


def ordinal_probabilities(scores: np.ndarray, intercepts: np.ndarray) -> np.ndarray:
    """Turn w·x [rows] and falling intercepts [levels - 1] into level probabilities [rows, levels]."""
    above = sigmoid(scores[:, None] + intercepts)
    edges = np.hstack([np.ones((len(scores), 1)), above, np.zeros((len(scores), 1))])
    return np.asarray(np.clip(edges[:, :-1] - edges[:, 1:], 0.0, 1.0))
