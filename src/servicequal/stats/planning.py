"""How many contacts, or annotations, it takes to see a difference."""

from __future__ import annotations

from math import ceil

from servicequal.stats.significance import normal_quantile


def contacts_needed(
    difference: float,
    spread: float,
    *,
    design_effect: float = 1.0,
    correlation: float = 0.0,
    paired: bool = False,
    power: float = 0.8,
    level: float = 0.05,
) -> int:
    """Give how many contacts each of two groups needs, or how many pairs.

    n = 2 (z₁₋α/₂ + z₁₋β)² σ² (1 − ρ²) · deff / d² (Fleiss 1986, § 1; the factor 2 falls away for pairs); annotated
    contacts need only (1 − ρ²) of that where the scorer rated very many others (Angelopoulos et al. 2023, § 6).

    Args:
        difference: to be seen, in the unit of ``spread``.
        spread: standard deviation of one contact's value, or of one pair's difference.
        design_effect: by how much clusters widen the variance.
        correlation: of label and prediction, 0 to count without a scorer's help.
        paired: whether ``spread`` is that of differences.
        power: chance to see the difference if it is there.
        level: chance to see one that is not there.

    Raises:
        ValueError: if the difference is not above 0.

    Example:
        >>> contacts_needed(10, 40), contacts_needed(10, 40, correlation=0.7)
        (252, 129)
    """
    if difference <= 0:
        raise ValueError(f"a difference of {difference}; expected one above 0")
    noise = (1 if paired else 2) * spread**2 * (1 - correlation**2) * design_effect
    return max(2, ceil(_factor(power, level) * noise / difference**2))


def difference_seen(
    contacts: float, spread: float, *, design_effect: float = 1.0, power: float = 0.8, level: float = 0.05
) -> float:
    """Give the smallest difference that two groups of so many contacts each show with the given power.

    Example:
        >>> round(difference_seen(252, 40), 1)
        10.0
    """
    return float((_factor(power, level) * 2 * spread**2 * design_effect / contacts) ** 0.5)


def _factor(power: float, level: float) -> float:
    return (normal_quantile(1 - level / 2) + normal_quantile(power)) ** 2
