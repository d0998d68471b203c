"""Claims of a contact with their verdicts, and what they amount to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from servicequal.errors import BundleError
from servicequal.features import CLAIM_FEATURES
from servicequal.grounding.pairs import Statement, agreement_features, relevance_features
from servicequal.stats.logistic import sigmoid


@dataclass(frozen=True, slots=True)
class GroundingHeads:
    """Logistic heads on pairs of a statement and a fact.

    Attributes:
        relevance: float [9], coefficients and intercept of "the statement is about this fact".
        covered: float [2], scale and shift that turn the best fact's logit into "the reference has such a fact".
        agreement: float [9], coefficients and intercept of "it agrees with the fact".
    """

    relevance: np.ndarray
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
        fact: number of the fact it is about, or None.
        about: 0–1, that the reference has a fact it is about (the best one, if so).
        agrees: 0–1, that it agrees with the fact, given that it is about it.
    """

    sentence: int
    fact: int | None
    about: float
    agrees: float

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


def verify(
    heads: GroundingHeads,
    claims: Sequence[int],
    statements: Sequence[Statement],
    agent: np.ndarray,
    facts: Sequence[Statement],
    needed: np.ndarray,
) -> list[Verdict]:
    """Find the fact that each claim is about, and whether it agrees.

    Args:
        heads: trained on annotated verdicts.
        claims: numbers of the sentences that state a fact.
        statements: all sentences of the contact, read.
        agent: bool [sentences], who speaks.
        facts: the facts of the company on that day, read; at least one.
        needed: float [facts], 1 where the case needs the fact.
    """
    verdicts = []
    for sentence in claims:
        x = relevance_features(statements[sentence], *context(statements, agent, sentence), facts, needed)
        logits = x @ heads.relevance[:-1] + heads.relevance[-1]
        best = int(logits.argmax())
        about = float(sigmoid(heads.covered[0] * logits[best] + heads.covered[1]))
        pair = agreement_features(statements[sentence], facts[best])
        agrees = float(sigmoid(pair @ heads.agreement[:-1] + heads.agreement[-1]))
        verdicts.append(Verdict(sentence, best if about >= 0.5 else None, about, agrees))
    return verdicts


def context(statements: Sequence[Statement], agent: np.ndarray, sentence: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the vectors of the customer's last sentence and of any last sentence before this one; zeros if none."""
    nothing = np.zeros_like(statements[sentence].vector)
    asked = np.flatnonzero(~agent[:sentence])
    question = statements[asked[-1]].vector if len(asked) else nothing
    return question, statements[sentence - 1].vector if sentence else nothing


def summarise(verdicts: Sequence[Verdict], needed: np.ndarray) -> np.ndarray:
    """Sum up a contact's verdicts: float64 [7], see ``servicequal.features.CLAIM_FEATURES``."""
    supported = np.array([v.about * v.agrees for v in verdicts if v.fact is not None])
    contradicted = np.array([v.about * (1 - v.agrees) for v in verdicts if v.fact is not None])
    wanted = np.flatnonzero(needed)
    covered = [max((v.about * v.agrees for v in verdicts if v.fact == fact), default=0.0) for fact in wanted]
    wrong = [v.about * (1 - v.agrees) for v in verdicts if v.fact is not None and needed[v.fact]]
    values = {
        "supported": np.log1p(supported.sum()),
        "contradicted": np.log1p(contradicted.sum()),
        "worst": contradicted.max() if len(contradicted) else 0.0,
        "unknown": np.log1p(sum(v.fact is None for v in verdicts)),
        "coverage": float(np.mean(covered)) if covered else 0.5,
        "needed": float(bool(covered)),
        "needed_contradicted": max(wrong, default=0.0),
    }
    return np.array([values[name] for name in CLAIM_FEATURES], dtype=np.float64)
