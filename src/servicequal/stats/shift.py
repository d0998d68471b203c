"""Whether two samples come from one population: how far apart they are, and how surely."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from servicequal.stats.logistic import fit_logistic


def stability_index(before: Sequence[str], after: Sequence[str]) -> float:
    """Give the population stability index of two samples of categories: Σ (q − p) · ln(q / p) (Siddiqi 2006, ch. 8).

    Below 0.1 little has changed, above 0.25 much. Each category of each sample is credited half a case beforehand.

    Example:
        >>> round(stability_index(["de"] * 60 + ["pl"] * 40, ["de"] * 40 + ["pl"] * 60), 2)
        0.16
    """
    names = sorted({*before, *after})
    p, q = (np.array([sample.count(name) for name in names]) + 0.5 for sample in (list(before), list(after)))
    p, q = p / p.sum(), q / q.sum()
    return float(((q - p) * np.log(q / p)).sum())


def categories_differ(before: Sequence[str], after: Sequence[str]) -> float:
    """Give the p-value of Pearson's chi-squared test that two samples have the same shares of categories.

    Example:
        >>> categories_differ(["de"] * 60 + ["pl"] * 40, ["de"] * 40 + ["pl"] * 60) < 0.01
        True
    """
    from scipy.stats import chi2_contingency

    names = sorted({*before, *after})
    if len(names) < 2:
        return 1.0
    counts = np.array([[list(sample).count(name) for name in names] for sample in (before, after)])
    return float(chi2_contingency(counts, correction=False).pvalue)


def values_differ(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Give the greatest gap between two samples' distribution functions, 0–1, and its p-value (Kolmogorov–Smirnov).

    Example:
        >>> gap, p_value = values_differ(np.arange(100.0), np.arange(100.0) + 30)
        >>> gap, p_value < 0.001
        (0.3, True)
    """
    from scipy.stats import ks_2samp

    found = ks_2samp(before, after)
    return float(found.statistic), float(found.pvalue)


def vectors_differ(
    before: np.ndarray, after: np.ndarray, *, penalty: float = 10.0, seed: int = 0
) -> tuple[float, float]:
    """Give how well a classifier tells two samples of vectors apart, and the p-value that it cannot.

    A logistic regression learns on half of each sample and is tested on the other half (classifier two-sample test;
    Lopez-Paz & Oquab 2017); the statistic is the area under the ROC curve, its test that of Mann and Whitney.

    Args:
        before: float [contacts, width].
        after: float [contacts, width].
        penalty: of the regression, on standardised vectors.
        seed: of the halves.

    Returns:
        The area, 0.5 for samples that cannot be told apart, and the one-sided p-value.

    Example:
        >>> draw = np.random.default_rng(0)
        >>> area, p_value = vectors_differ(draw.normal(size=(80, 5)), draw.normal(size=(80, 5)) + 0.8)
        >>> area > 0.8, p_value < 0.01
        (True, True)
    """
    from scipy.stats import mannwhitneyu

    generator = np.random.default_rng(seed)
    x = np.concatenate([before, after])
    x = (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-9)
    late = np.arange(len(x)) >= len(before)
    learning = np.zeros(len(x), dtype=bool)
    for side in (~late, late):
        rows = np.flatnonzero(side)
        learning[generator.permutation(rows)[: len(rows) // 2]] = True
    weight, _ = fit_logistic(x[learning], late[learning, None].astype(float), penalty=penalty)
    score = x[~learning] @ weight[0]
    own, other = score[late[~learning]], score[~late[~learning]]
    test = mannwhitneyu(own, other, alternative="greater")
    return float(test.statistic) / (len(own) * len(other)), float(test.pvalue)
