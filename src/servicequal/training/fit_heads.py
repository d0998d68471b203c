"""Features of contacts → criterion heads."""

from __future__ import annotations

import numpy as np

from servicequal.stats.logistic import fit_logistic, fit_ordinal
from servicequal.training.config import TrainConfig


def fit_criterion(
    x: np.ndarray, applies: np.ndarray, levels: np.ndarray, config: TrainConfig
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Fit whether a criterion applies, and its level where it does.

    Args:
        x: float [contacts, features].
        applies: float [contacts], share of raters; NaN where nobody rated.
        levels: float [contacts, 3], share of the levels; NaN where it applies for nobody.
        config: penalties.

    Returns:
        Mean, scale, opportunity, level and steps, as ``CriterionHead`` has them.
    """
    mean, scale = x.mean(0), x.std(0)
    scale = np.where(scale < 1e-6, 1.0, scale)
    z = (x - mean) / scale
    rated, has_level = ~np.isnan(applies), ~np.isnan(levels[:, 0])
    weight, bias = fit_logistic(z[rated], applies[rated, None], penalty=config.criterion_penalty)
    if not has_level.any():
        return mean, scale, np.r_[weight[0], bias], np.zeros(x.shape[1]), np.array([0.5, -0.5])
    level, steps = fit_ordinal(
        z[has_level], levels[has_level], weights=applies[has_level], penalty=config.criterion_penalty
    )
    return mean, scale, np.r_[weight[0], bias], level, steps
