"""Estimates of small groups, drawn towards the mean of all by as much as the groups really differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from servicequal.stats.significance import normal_quantile

_GRID = 200  # points on which the spread between groups is integrated


@dataclass(frozen=True, slots=True)
class Shrunken:
    """Group values given all groups.

    Attributes:
        values: float [groups], posterior means.
        errors: float [groups], posterior standard deviations.
        spread: standard deviation between groups, its posterior mean.
    """

    values: np.ndarray
    errors: np.ndarray
    spread: float

    def bounds(self, confidence_level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Give lower and upper ends."""
        half = normal_quantile((1 + confidence_level) / 2) * self.errors
        return self.values - half, self.values + half


def shrink(values: np.ndarray, errors: np.ndarray) -> Shrunken:
    """Draw group estimates towards their mean (Fay & Herriot 1979), with the doubt about the spread in the interval.

    The groups' true values are normal around a common mean; mean and spread have flat priors and are integrated out, as
    in Gelman et al. (2013), "Bayesian data analysis", 3rd ed., eq. 5.17 to 5.21. The intervals are those of a model:
    right on average over the groups, not for each one whatever its value.

    Args:
        values: float [groups], estimates; at least three groups.
        errors: float [groups], their standard errors, above 0.

    Raises:
        ValueError: with fewer than three groups, whose spread cannot be told.

    Example:
        >>> found = shrink(np.array([40.0, 50.0, 60.0, 90.0]), np.array([5.0, 5.0, 5.0, 30.0]))
        >>> found.values.round().tolist()  # the last one rests on little
        [42.0, 50.0, 58.0, 63.0]
    """
    if len(values) < 3:
        raise ValueError(f"{len(values)} groups; shrinkage needs three")
    spread = np.linspace(0.0, 4 * float(np.std(values)) + 1e-9, _GRID)[:, None]
    weight = 1 / (errors**2 + spread**2)  # [grid, groups]
    total = weight.sum(axis=1)
    centre = (weight @ values) / total
    log = 0.5 * (np.log(weight).sum(axis=1) - np.log(total) - (weight * (values - centre[:, None]) ** 2).sum(axis=1))
    chance = np.exp(log - log.max())
    chance /= chance.sum()
    towards = errors**2 * weight  # how far each is drawn to the centre
    given = towards * centre[:, None] + (1 - towards) * values
    variance = (1 - towards) * errors**2 + towards**2 / total[:, None]
    mean = chance @ given
    return Shrunken(mean, np.sqrt(chance @ (variance + (given - mean) ** 2)), float(chance @ spread[:, 0]))
