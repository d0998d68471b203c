"""Two models on the same contacts: which is better, how sure is that, and on how many figures at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_BLOCK = 200  # resamples made at a time


@dataclass(frozen=True, slots=True)
class Gain:
    """By how much the second of two models loses less than the first.

    Attributes:
        value: mean loss of the first minus that of the second; above 0 where the second is better.
        low: lower end, one-sided: the true gain is above it with the confidence asked for.
        high: upper end, likewise.
        p_better: chance of a gain this large or larger if the models were alike.
        p_worse: chance of a gain this small or smaller if they were alike.
    """

    value: float
    low: float
    high: float
    p_better: float
    p_worse: float


def paired_gain(
    first: np.ndarray,
    second: np.ndarray,
    clusters: Sequence[str] | Sequence[int],
    *,
    weights: np.ndarray | None = None,
    confidence_level: float = 0.95,
    draws: int = 4000,
    seed: int = 0,
) -> Gain:
    """Compare the losses of two models on the same rows, resampling whole clusters.

    The bounds are bootstrap-t over clusters (Davison & Hinkley 1997, § 2.4 and 3.8); the p-values swap the two models
    cluster by cluster (a randomisation test: exact where models are alike; Edgington & Onghena 2007, ch. 5).

    Args:
        first: float [rows], losses.
        second: float [rows].
        clusters: the cluster of each row.
        weights: float [rows], 1 by default.
        confidence_level: of each bound, 0–1.
        draws: resamples, and swaps.
        seed: of both.

    Returns:
        The gain; bounds are NaN for fewer than two clusters.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> hard = rng.random(200)
        >>> gain = paired_gain(hard, hard - 0.1 + 0.1 * rng.normal(size=200), range(200))
        >>> gain.low > 0, gain.p_better < 0.01, gain.p_worse > 0.9
        (True, True, True)
    """
    weights = np.ones(len(first)) if weights is None else weights
    _, member = np.unique(np.array(clusters), return_inverse=True)
    gains = np.bincount(member, weights=weights * (first - second))
    sizes = np.bincount(member, weights=weights)
    value = float(gains.sum() / sizes.sum())
    if len(gains) < 2:
        return Gain(value, float("nan"), float("nan"), 1.0, 1.0)
    generator = np.random.default_rng(seed)
    swapped, studentised = [], []
    for start in range(0, draws, _BLOCK):
        some = min(_BLOCK, draws - start)
        signs = generator.choice(np.array([-1.0, 1.0]), size=(some, len(gains)))
        swapped.append(signs @ gains / sizes.sum())
        drawn = generator.multinomial(len(gains), np.full(len(gains), 1 / len(gains)), size=some)
        again, error = _ratio(drawn, gains, sizes)
        studentised.append(np.where(error > 0, (again - value) / np.maximum(error, 1e-300), 0.0))
    alike, t = np.concatenate(swapped), np.concatenate(studentised)
    spread = float(_ratio(np.ones((1, len(gains))), gains, sizes)[1][0])
    slack = 1e-12 * abs(gains).sum()  # rounding must not tell equal sums apart
    return Gain(
        value,
        value - float(np.quantile(t, confidence_level)) * spread,
        value - float(np.quantile(t, 1 - confidence_level)) * spread,
        float((1 + (alike >= value - slack).sum()) / (1 + draws)),
        float((1 + (alike <= value + slack).sum()) / (1 + draws)),
    )


def _ratio(drawn: np.ndarray, gains: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the mean gain of each resample, [resamples], and its standard error by linearisation."""
    total = drawn @ sizes
    mean = (drawn @ gains) / total
    squares = drawn @ gains**2 - 2 * mean * (drawn @ (gains * sizes)) + mean**2 * (drawn @ sizes**2)
    count = len(gains)
    return mean, np.sqrt(np.maximum(squares, 0) * count / (count - 1)) / total
