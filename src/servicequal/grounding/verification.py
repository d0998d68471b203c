"""Claims of a contact with their verdicts, and what they amount to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from servicequal.errors import BundleError
from servicequal.features import CLAIM_FEATURES
from servicequal.grounding.knowledge import Grounds
from servicequal.stats.logistic import sigmoid

CANDIDATES = 3  # facts that a claim is read together with


@dataclass(frozen=True, slots=True)
class GroundingHeads:
    """Logistic heads on pairs of a statement and a fact.

    Attributes:
        relevance: float [9], coefficients and intercept of "the statement is about this fact", from vectors apart.
        centre: float [width], mean of the vectors of pairs read together.
        scale: float [1], their mean standard deviation.
        about: float [width + 2], of the same, from the pair read together, for the facts that relevance ranks first.
        covered: float [2], scale and shift that turn the best fact's logit into "the reference has such a fact".
        agreement: float [width + 9], coefficients and intercept of "it agrees with the fact".
    """

    relevance: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    about: np.ndarray
    covered: np.ndarray
    agreement: np.ndarray

    def arrays(self) -> dict[str, np.ndarray]:
        """Name all arrays, to be stored."""
        return {f"grounding.{f.name}": getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> GroundingHeads | None:
        """Put stored arrays together again; None if the scorer was trained without verdicts."""
        names = [f"grounding.{f.name}" for f in fields(cls)]
        stored = [name for name in names if name in arrays]
        if stored and stored != names:
            raise BundleError(f"heads.safetensors: only {stored} of {names} are there; expected all or none")
        return cls(*(arrays[name] for name in names)) if stored else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one sentence turned out to be.

    Attributes:
        sentence: its number within the contact.
        fact: number of the fact it is most likely about.
        about: 0–1, that it is about this fact, and not about something that the reference does not tell.
        agrees: 0–1, that it agrees with the fact, given that it is about it.
    """

    sentence: int
    fact: int
    about: float
    agrees: float

    @property
    def probabilities(self) -> dict[str, float]:
        """Probability (0–1) of each verdict, by the names that annotations use."""
        return {
            "supported": self.about * self.agrees,
            "contradicted": self.about * (1 - self.agrees),
            "not_in_reference": 1 - self.about,
        }

    @property
    def verdict(self) -> str:
        """Name the most probable verdict."""
        return max(self.probabilities, key=self.probabilities.__getitem__)


def verify(heads: GroundingHeads, claims: Sequence[int], grounds: Grounds) -> list[Verdict]:
    """Find the fact that each claim is about, and whether it agrees.

    Facts are ranked by the vectors of claim, question and fact apart; the first few are read together with the claim.

    Args:
        heads: trained on annotated verdicts.
        claims: numbers of the sentences that state a fact.
        grounds: the contact's sentences beside its facts.
    """
    ranked = [(claim, candidates(heads.relevance, grounds.relevance(claim))) for claim in claims]
    pairs = [(claim, fact) for claim, (facts, _) in ranked for fact in facts]
    together = dict(zip(pairs, (grounds.together(pairs) - heads.centre) / heads.scale, strict=True)) if pairs else {}
    verdicts = []
    for claim, (facts, logits) in ranked:
        about = [_linear(heads.about, logit, together[claim, fact]) for fact, logit in zip(facts, logits, strict=True)]
        best = int(np.argmax(about))
        fact = facts[best]
        covered = float(sigmoid(heads.covered[0] * about[best] + heads.covered[1]))
        agrees = _linear(heads.agreement, *grounds.agreement(claim, fact), together[claim, fact])
        verdicts.append(Verdict(claim, fact, covered, float(sigmoid(np.array(agrees)))))
    return verdicts


def candidates(relevance: np.ndarray, features: np.ndarray) -> tuple[list[int], np.ndarray]:
    """Rank facts by relevance: the numbers of the first few, and their logits."""
    logits = features @ relevance[:-1] + relevance[-1]
    first = np.argsort(-logits, kind="stable")[:CANDIDATES]
    return first.tolist(), logits[first]


def _linear(head: np.ndarray, *values: float | np.ndarray) -> float:
    return float(np.r_[values] @ head[:-1] + head[-1])


def summarise(verdicts: Sequence[Verdict], needed: np.ndarray) -> np.ndarray:
    """Sum up a contact's verdicts: float64 [7], see ``servicequal.features.CLAIM_FEATURES``."""
    supported = np.array([verdict.about * verdict.agrees for verdict in verdicts])
    contradicted = np.array([verdict.about * (1 - verdict.agrees) for verdict in verdicts])
    about = np.array([verdict.fact for verdict in verdicts], dtype=np.int64)
    wanted = np.flatnonzero(needed)
    covered = [supported[about == fact].max(initial=0.0) for fact in wanted]
    values = {
        "supported": np.log1p(supported.sum()),
        "contradicted": np.log1p(contradicted.sum()),
        "worst": contradicted.max(initial=0.0),
        "unknown": np.log1p(sum(1 - verdict.about for verdict in verdicts)),
        "coverage": float(np.mean(covered)) if covered else 0.5,
        "needed": float(bool(covered)),
        "needed_contradicted": contradicted[np.isin(about, wanted)].max(initial=0.0),
    }
    return np.array([values[name] for name in CLAIM_FEATURES], dtype=np.float64)
