"""Regressions whose errors count clusters: linear, logistic, and ordinal as stacked logistic ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from servicequal.errors import ServicequalError
from servicequal.stats.logistic import sigmoid
from servicequal.stats.significance import Effect

_ROUNDS = 50  # of Newton's method; a fit that needs more does not converge
_STEEPEST = 30.0  # log odds beyond which a logistic fit runs away


@dataclass(frozen=True)
class Regression:
    """A fitted model.

    Attributes:
        coefficients: float [features], then the intercepts, one for each threshold.
        covariance: float [parameters, parameters], robust to clusters.
        degrees: clusters less one.
        values: float [levels], what the outcome's levels are worth; empty for a linear model.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    degrees: int
    values: np.ndarray

    def effect(self, x: np.ndarray, feature: int, *, low: float, high: float, weights: np.ndarray) -> Effect:
        """Give by how much the expected outcome differs where a feature is high rather than low, all else as it is.

        The mean over the rows; its error by the delta method.

        Args:
            x: float [rows, features].
            feature: its column.
            low: the feature's one value.
            high: its other value.
            weights: float [rows].
        """
        sides = []
        for value in (high, low):
            moved = x.copy()
            moved[:, feature] = value
            sides.append(self._expected(moved))
        (expected, slope), (before, slope_before) = sides
        effect = np.average(expected - before, weights=weights)
        slope = np.average(slope - slope_before, axis=0, weights=weights)
        return Effect(float(effect), float(np.sqrt(slope @ self.covariance @ slope)), self.degrees)

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """Give the probability of each threshold being reached: float [rows, thresholds]."""
        features = x.shape[1]
        return sigmoid((x @ self.coefficients[:features])[:, None] + self.coefficients[features:])

    def _expected(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give the expected outcome, float [rows], and its slope by each parameter, float [rows, parameters]."""
        if not len(self.values):
            return x @ self.coefficients[:-1] + self.coefficients[-1], np.column_stack([x, np.ones(len(x))])
        above, gaps = self.probabilities(x), np.diff(self.values)
        density = above * (1 - above) * gaps
        return self.values[0] + above @ gaps, np.column_stack([x * density.sum(axis=1, keepdims=True), density])


def fit_regression(
    x: np.ndarray,
    outcome: np.ndarray,
    clusters: np.ndarray,
    *,
    ordinal: bool,
    weights: np.ndarray | None = None,
) -> Regression:
    """Fit a regression with errors robust to clusters (Liang & Zeger 1986).

    The ordinal model is that of proportional odds, P(outcome ≥ k) = σ(x·w + b_k) (McCullagh 1980), fitted as one
    logistic regression on all thresholds at once, each row once for each of them: the estimating equations of Clayton
    (1992) with independent thresholds. Rows of one contact are of one cluster, so that the errors hold. With two
    levels it is the logistic regression.

    Args:
        x: float [rows, features], without a constant column.
        outcome: float [rows].
        clusters: int [rows].
        ordinal: whether the outcome has ordered levels; else it is a number, and the model linear.
        weights: float [rows], such as the inverse of the probability to be there; 1 by default.

    Raises:
        ServicequalError: where the features tell the outcome or one another without error.

    Example:
        >>> x = np.array([[0.0], [0.0], [1.0], [1.0], [2.0], [2.0]])
        >>> fit = fit_regression(x, np.array([1.0, 2, 2, 3, 3, 4]), np.arange(6), ordinal=False)
        >>> fit.coefficients.round(3).tolist()
        [1.0, 1.5]
    """
    values = np.unique(outcome) if ordinal else np.empty(0)
    above = (outcome[:, None] >= values[1:]).astype(float) if ordinal else outcome[:, None]
    thresholds = above.shape[1]
    stacked = np.hstack([np.repeat(x, thresholds, axis=0), np.tile(np.eye(thresholds), (len(x), 1))])
    if np.linalg.matrix_rank(stacked) < stacked.shape[1]:
        raise ServicequalError("some features tell one another without error; leave one of them out")
    shares = np.repeat(np.ones(len(x)) if weights is None else weights / weights.mean(), thresholds)
    solve = _logistic if ordinal else _least_squares
    coefficients, residuals, curvature = solve(stacked, above.ravel(), shares)
    scores = stacked * (shares * residuals)[:, None]
    _, member = np.unique(np.repeat(clusters, thresholds), return_inverse=True)
    count, rows, parameters = int(member.max()) + 1, *stacked.shape
    sums = np.zeros((count, parameters))
    np.add.at(sums, member, scores)
    bread = np.linalg.inv(curvature)
    factor = count / max(count - 1, 1) * (rows - 1) / (rows - parameters)
    return Regression(coefficients, factor * bread @ sums.T @ sums @ bread, count - 1, values)


def _least_squares(x: np.ndarray, y: np.ndarray, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give coefficients, residuals and curvature."""
    curvature = x.T @ (x * shares[:, None])
    coefficients = np.linalg.solve(curvature, x.T @ (shares * y))
    return coefficients, y - x @ coefficients, curvature


def _logistic(x: np.ndarray, y: np.ndarray, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give coefficients, residuals and curvature, by Newton's method."""
    coefficients = np.zeros(x.shape[1])
    for _ in range(_ROUNDS):
        above = sigmoid(x @ coefficients)
        curvature = x.T @ (x * (shares * above * (1 - above))[:, None])
        if np.abs(x @ coefficients).max() > _STEEPEST or np.linalg.cond(curvature) > 1e12:
            break
        step = np.linalg.solve(curvature, x.T @ (shares * (y - above)))
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-9:
            return coefficients, y - sigmoid(x @ coefficients), curvature
    raise ServicequalError("the features tell the outcome without error; more contacts, or fewer features, are needed")
