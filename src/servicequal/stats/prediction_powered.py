"""Means from a few annotated contacts and many scored ones: unbiased whatever the scorer's errors.

PPI++ (Angelopoulos, Duchi & Zrnic 2023, arXiv 2311.01453) for the ratio of two means, because a criterion's mean counts
only the contacts that it applies to, with inclusion weights and clusters, for several groups (domains) at once, so that
any contrast of them (paired, a trend, a difference of differences) has its error too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.stats.significance import Effect

FEWEST = 20  # labelled rows below which the predictions' usefulness cannot be told, and they are not used


@dataclass(frozen=True)
class Domains:
    """The means of several domains, with what their errors and those of their contrasts need.

    Attributes:
        values: float [domains], NaN where nothing is known.
        contacts: float [domains], rows.
        labelled: float [domains], rows with a label.
        clusters: float [domains], clusters that the error rests on.
        tuning: how far the predictions were trusted, 0–1.
        influence: domain, cluster and influence of each cluster on each domain: int, int, float [pairs].
    """

    values: np.ndarray
    contacts: np.ndarray
    labelled: np.ndarray
    clusters: np.ndarray
    tuning: float
    influence: tuple[np.ndarray, np.ndarray, np.ndarray]

    @property
    def errors(self) -> np.ndarray:
        """Standard error of each mean, float [domains]; NaN where there is one cluster only."""
        domain, _, influence = self.influence
        squares = np.bincount(domain, weights=influence**2, minlength=len(self.values))
        return np.where(self.clusters > 1, np.sqrt(squares), np.nan)

    def contrast(self, weights: Sequence[float] | np.ndarray) -> Effect:
        """Give a weighted sum of the means: ``[1, -1]`` is the first minus the second."""
        weights = np.asarray(weights, dtype=float)
        used = weights != 0
        degrees = float(self.clusters[used].min()) - 1
        domain, cluster, influence = self.influence
        by_cluster = np.bincount(cluster, weights=weights[domain] * influence) if len(cluster) else np.zeros(1)
        error = float(np.sqrt((by_cluster**2).sum())) if degrees >= 1 else float("nan")
        return Effect(float(weights[used] @ self.values[used]), error, degrees)


def domain_means(
    predicted: np.ndarray,
    labelled: np.ndarray,
    domains: np.ndarray,
    clusters: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    inclusion: np.ndarray | None = None,
    tuning: float | None = None,
) -> Domains:
    """Estimate the mean of each domain: λ·mean(predictions of all) + mean(label − λ·prediction of the labelled).

    Angelopoulos et al. (2023), eq. 4 with the power tuning of § 6, for the linearised ratio; the error sums the
    influence of each cluster (Liang & Zeger 1986) with the factor G/(G−1).

    Args:
        predicted: float [rows, 2], predicted value × applicability, and applicability; the mean is that of their
            ratio. For a plain mean the second column is 1.
        labelled: float [rows, 2], the same by a rater; NaN where nobody labelled the row.
        domains: int [rows], from 0; −1 is in none.
        clusters: int [rows], from 0.
        weights: float [rows], how much a row counts in its domain; 1 by default.
        inclusion: float [rows], probability with which the row was chosen to be labelled; equal by default.
        tuning: λ, 0–1; by default what makes the error over all domains smallest.

    Returns:
        Means by domain; where a domain has no label, the mean of its predictions.

    Example:
        >>> predicted = np.array([[0.2, 1], [0.9, 1], [0.1, 1], [0.8, 1]])
        >>> labelled = np.array([[0, 1], [1, 1], [np.nan, np.nan], [np.nan, np.nan]])
        >>> found = domain_means(predicted, labelled, np.zeros(4, int), np.arange(4), tuning=1.0)
        >>> float(found.values[0].round(3))
        0.45
    """
    rows = len(domains)
    weights = np.ones(rows) if weights is None else weights
    known = ~np.isnan(labelled[:, 0])
    chosen = np.where(known, 1.0 if inclusion is None else 1 / inclusion, 0.0)
    truth = np.where(known[:, None], labelled, 0.0)
    part = _Parts(domains, int(domains.max(initial=-1)) + 1, weights, weights * chosen)
    if tuning is None:
        tuning = _power_tuning(predicted, truth, domains >= 0, weights * chosen)
    sides = tuning * part.mean(predicted) + part.mean(truth - tuning * predicted, labelled=True)
    unlabelled = part.labels == 0
    sides[unlabelled] = part.mean(predicted)[unlabelled]
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(sides[:, 1] > 0, sides[:, 0] / sides[:, 1], np.nan)
    spread = part.spread(predicted, truth, values, np.where(unlabelled, 1.0, tuning))
    with np.errstate(invalid="ignore", divide="ignore"):
        influence = np.where(domains >= 0, spread / np.where(sides[:, 1] > 0, sides[:, 1], np.nan)[domains], 0.0)
    counted = (domains >= 0) & (weights > 0)
    resting = counted & (known | unlabelled[domains])
    pairs = _by_cluster(domains, clusters, np.nan_to_num(influence), counted)
    cluster_count = _distinct(domains, clusters, resting, part.count)
    factor = np.sqrt(cluster_count / np.maximum(cluster_count - 1, 1))
    return Domains(
        values,
        np.bincount(domains[counted], minlength=part.count).astype(float),
        np.bincount(domains[counted & known], minlength=part.count).astype(float),
        cluster_count,
        tuning,
        (pairs[0], pairs[1], pairs[2] * factor[pairs[0]]),
    )


def join(parts: Sequence[Domains]) -> Domains:
    """Put the domains of several measures on the same rows and clusters side by side, for contrasts among them."""
    before = np.cumsum([0, *(len(part.values) for part in parts[:-1])])
    return Domains(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.contacts for part in parts]),
        np.concatenate([part.labelled for part in parts]),
        np.concatenate([part.clusters for part in parts]),
        float(np.mean([part.tuning for part in parts])),
        (
            np.concatenate([part.influence[0] + first for part, first in zip(parts, before, strict=True)]),
            np.concatenate([part.influence[1] for part in parts]),
            np.concatenate([part.influence[2] for part in parts]),
        ),
    )


@dataclass(frozen=True)
class _Parts:
    """Weighted means by domain, over all rows and over the labelled ones."""

    domains: np.ndarray
    count: int
    all: np.ndarray
    labelled: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        return self._sum(self.labelled)

    def _sum(self, values: np.ndarray) -> np.ndarray:
        inside = self.domains >= 0
        return np.bincount(self.domains[inside], weights=values[inside], minlength=self.count)

    def mean(self, values: np.ndarray, *, labelled: bool = False) -> np.ndarray:
        """Mean of each column in each domain: float [domains, columns]; 0 where there is nothing."""
        weights = self.labelled if labelled else self.all
        total = np.maximum(self._sum(weights), 1e-300)
        return np.stack([self._sum(weights * column) / total for column in values.T], axis=1)

    def spread(self, predicted: np.ndarray, truth: np.ndarray, values: np.ndarray, tuning: np.ndarray) -> np.ndarray:
        """Influence of each row on the linearised mean, before division by the mean applicability: float [rows]."""
        centre, trust = np.nan_to_num(values)[self.domains], tuning[self.domains]
        guess = trust * (predicted[:, 0] - centre * predicted[:, 1])
        rest = truth[:, 0] - centre * truth[:, 1] - guess
        spread = np.zeros(len(centre))
        for weights, figure in ((self.all, guess), (self.labelled, rest)):
            total = np.maximum(self._sum(weights), 1e-300)
            mean = self._sum(weights * figure) / total
            spread += weights * (figure - mean[self.domains]) / total[self.domains]
        return spread


def _power_tuning(predicted: np.ndarray, truth: np.ndarray, inside: np.ndarray, weights: np.ndarray) -> float:
    """λ = cov(label, prediction) / var(prediction), of the linearised ratio, kept within 0 and 1."""
    known = inside & (weights > 0)
    if known.sum() < FEWEST:
        return 0.0
    w = weights[known]
    centre = float((w @ truth[known, 0]) / max(float(w @ truth[known, 1]), 1e-300))
    guess = predicted[:, 0] - centre * predicted[:, 1]
    rated = truth[known, 0] - centre * truth[known, 1]
    apart = guess[known] - np.average(guess[known], weights=w)
    together = np.average(apart * (rated - np.average(rated, weights=w)), weights=w)
    variance = float(np.var(guess[inside]))
    return float(np.clip(together / variance, 0.0, 1.0)) if variance > 0 else 0.0


def _by_cluster(
    domains: np.ndarray, clusters: np.ndarray, influence: np.ndarray, counted: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    many = int(clusters.max(initial=0)) + 1
    pairs, place = np.unique(domains[counted] * many + clusters[counted], return_inverse=True)
    return pairs // many, pairs % many, np.bincount(place, weights=influence[counted], minlength=len(pairs))


def _distinct(domains: np.ndarray, clusters: np.ndarray, resting: np.ndarray, count: int) -> np.ndarray:
    many = int(clusters.max(initial=0)) + 1
    pairs = np.unique(domains[resting] * many + clusters[resting])
    return np.bincount(pairs // many, minlength=count).astype(float)
