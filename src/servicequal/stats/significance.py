"""Tests and their corrections: Student's t, Holm's procedure, Fisher's exact test for a rise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.stats.intervals import Interval


@dataclass(frozen=True, slots=True)
class Effect:
    """A difference, or another weighted sum, with its error.

    Attributes:
        value: of it.
        error: its standard error; NaN where it cannot be told, as with one cluster only.
        degrees: of freedom of its t-distribution.
    """

    value: float
    error: float
    degrees: float

    @property
    def interval(self) -> Interval:
        """The 95 % interval."""
        half = float(t_quantile(self.degrees)) * self.error
        return Interval(self.value, self.value - half, self.value + half)

    @property
    def p_value(self) -> float:
        """Two-sided, of there being no effect."""
        return t_p_value(self.value, self.error, self.degrees)


def t_quantile(degrees: np.ndarray | float, *, confidence_level: float = 0.95) -> np.ndarray:
    """Give the two-sided quantile of Student's t; NaN below one degree of freedom.

    Example:
        >>> round(float(t_quantile(10.0)), 3)
        2.228
    """
    from scipy.special import stdtrit

    degrees = np.asarray(degrees, dtype=float)
    return np.where(degrees >= 1, stdtrit(np.maximum(degrees, 1), (1 + confidence_level) / 2), np.nan)


def t_p_value(value: float, error: float, degrees: float) -> float:
    """Give the two-sided p-value of a figure being 0; NaN where it cannot be told.

    Example:
        >>> round(t_p_value(2.228, 1.0, 10), 3)
        0.05
    """
    from scipy.special import stdtr

    if not (degrees >= 1 and error > 0):
        return float("nan")
    return float(2 * stdtr(degrees, -abs(value) / error))


def normal_quantile(probability: float) -> float:
    """Give the quantile of the standard normal distribution.

    Example:
        >>> round(normal_quantile(0.975), 2)
        1.96
    """
    from scipy.special import ndtri

    return float(ndtri(probability))


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Correct p-values for their number, so that one false alarm among all has the level of the test (Holm 1979).

    Args:
        p_values: any number; a NaN is no test, is not counted and stays.

    Example:
        >>> holm([0.01, 0.04, 0.03, float("nan")]).tolist()
        [0.03, 0.06, 0.06, nan]
    """
    values = np.asarray(p_values, dtype=float)
    corrected = np.full(len(values), np.nan)
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    steps = values[order] * (len(order) - np.arange(len(order)))
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected


def rise_p_value(before: tuple[int, int], now: tuple[int, int]) -> float:
    """Give the one-sided p-value of a share that did not rise: Fisher's exact test.

    Given all events, those that fall into the new period are hypergeometric (Fisher 1935), so that no error rate is
    above its level however small the counts are.

    Args:
        before: events and contacts of the old period.
        now: events and contacts of the new one.

    Example:
        >>> round(rise_p_value((5, 100), (15, 100)), 3), round(rise_p_value((5, 100), (5, 100)), 2)
        (0.016, 0.63)
    """
    from scipy.stats import hypergeom

    events, contacts = before[0] + now[0], before[1] + now[1]
    return float(hypergeom.sf(now[0] - 1, contacts, events, now[1]))
