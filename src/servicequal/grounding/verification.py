"""Claims of a contact with their verdicts, and what they amount to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.errors import BundleError
from servicequal.features import CLAIM_FEATURES
from servicequal.grounding.pairs import AGREEMENT, COVERAGE, RELEVANCE, Comparison
from servicequal.grounding.space import Space
from servicequal.stats.logistic import sigmoid


@dataclass(frozen=True, slots=True)
class GroundingHeads:
    """Logistic heads on pairs of a statement and a fact.

    Attributes:
        space: where the two are compared.
        relevance: float [13], coefficients and intercept of "the statement is about this fact".
        covered: float [22], coefficients and intercept of "the reference has such a fact".
        agreement: float [28], coefficients and intercept of "it agrees with the fact".
    """

    space: Space
    relevance: np.ndarray
    covered: np.ndarray
    agreement: np.ndarray

    def arrays(self) -> dict[str, np.ndarray]:
        """Name all arrays, to be stored."""
        values = (self.space.centre, self.space.stretch, self.relevance, self.covered, self.agreement)
        return dict(zip(_LENGTHS, values, strict=True))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> GroundingHeads | None:
        """Put stored arrays together again; None if the scorer was trained without verdicts.

        Raises:
            BundleError: if some are missing, or are not as long as this version's features.
        """
        stored = [name for name in _LENGTHS if name in arrays]
        if not stored:
            return None
        if stored != list(_LENGTHS):
            raise BundleError(
                f"heads.safetensors: only {stored} of {list(_LENGTHS)} are there; expected all or none: the copy is "
                "damaged, or the scorer is of another version of servicequal; copy it again, or train it again"
            )
        for name, length in _LENGTHS.items():
            if length is not None and len(arrays[name]) != length:
                raise BundleError(
                    f"heads.safetensors: {name} has {len(arrays[name])} numbers, expected {length}: the scorer is of "
                    "another version of servicequal; train it again"
                )
        centre, stretch, *heads = (arrays[name] for name in _LENGTHS)
        return cls(Space(centre, stretch), *heads)


_LENGTHS = {
    "grounding.centre": None,
    "grounding.stretch": None,
    "grounding.relevance": len(RELEVANCE) + 1,
    "grounding.covered": len(COVERAGE) + 1,
    "grounding.agreement": len(AGREEMENT) + 1,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one sentence turned out to be.

    Attributes:
        sentence: its number within the contact.
        stated: 0–1, that it states a fact at all.
        nearest: number of the fact that it is about, if it is about any.
        about: 0–1, that it is.
        agrees: 0–1, that it agrees with that fact, given that it is about it.
    """

    sentence: int
    stated: float
    nearest: int
    about: float
    agrees: float

    @property
    def fact(self) -> int | None:
        """Number of the fact it is about; None where the reference more likely has none."""
        return self.nearest if self.about >= 0.5 else None

    @property
    def verdict(self) -> str:
        """Name the verdict as annotations do."""
        if self.fact is None:
            return "not_in_reference"
        return "supported" if self.agrees >= 0.5 else "contradicted"

    @property
    def probability(self) -> float:
        """Probability (0–1) that the verdict is right."""
        if self.fact is None:
            return 1 - self.about
        return self.about * max(self.agrees, 1 - self.agrees)


def verify(heads: GroundingHeads, claims: Mapping[int, float], compared: Comparison) -> list[Verdict]:
    """Find the fact that each claim is about, and whether it agrees.

    Args:
        heads: trained on annotated verdicts.
        claims: numbers of sentences that may state a fact, with the probability that they do.
        compared: the contact's sentences, held against the facts of its company.
    """
    verdicts = []
    for sentence, stated in claims.items():
        pairs = compared.relevance(sentence)
        relevance = logits(pairs, heads.relevance)
        about = float(sigmoid(logits(compared.coverage(sentence, pairs, relevance), heads.covered)))
        agrees = float(sigmoid(logits(compared.agreement(sentence, relevance), heads.agreement)))
        verdicts.append(Verdict(sentence, stated, int(relevance.argmax()), about, agrees))
    return verdicts


def logits(features: np.ndarray, head: np.ndarray) -> np.ndarray:
    """Apply coefficients and an intercept, as ``GroundingHeads`` has them, to features in the last dimension."""
    return np.asarray(features @ head[:-1] + head[-1])


def summarise(verdicts: Sequence[Verdict], needed: np.ndarray) -> np.ndarray:
    """Sum up a contact's verdicts by their probabilities: float64 [7], see ``servicequal.features.CLAIM_FEATURES``.

    Example:
        >>> wrong, maybe_wrong = (Verdict(0, stated, nearest=0, about=0.9, agrees=0.0) for stated in (1.0, 0.2))
        >>> worst = CLAIM_FEATURES.index("worst")
        >>> summarise([wrong], np.ones(1))[worst].round(2), summarise([maybe_wrong], np.ones(1))[worst].round(2)
        (np.float64(0.9), np.float64(0.18))
    """
    stated = np.array([verdict.stated for verdict in verdicts])
    about = stated * np.array([verdict.about for verdict in verdicts])
    supported = about * np.array([verdict.agrees for verdict in verdicts])
    contradicted = about - supported
    nearest = np.array([verdict.nearest for verdict in verdicts], dtype=np.int64)
    covered = [supported[nearest == fact].max(initial=0.0) for fact in np.flatnonzero(needed)]
    values = {
        "supported": np.log1p(supported.sum()),
        "contradicted": np.log1p(contradicted.sum()),
        "worst": contradicted.max(initial=0.0),
        "unknown": np.log1p((stated - about).sum()),
        "coverage": float(np.mean(covered)) if covered else 0.5,
        "needed": float(bool(covered)),
        "needed_contradicted": contradicted[needed[nearest] > 0].max(initial=0.0),
    }
    return np.array([values[name] for name in CLAIM_FEATURES], dtype=np.float64)
