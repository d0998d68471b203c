"""Claims of a contact with their verdicts, and what they amount to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.errors import BundleError
from servicequal.features import CLAIM_FEATURES
from servicequal.grounding.network import AgreementReader, FactFinder
from servicequal.grounding.pairs import Comparison
from servicequal.grounding.space import Space
from servicequal.inference.context import arrays_of

SPACE, FINDER, AGREEMENT = "grounding.space.", "grounding.finder.", "grounding.agreement."


@dataclass(frozen=True, slots=True)
class GroundingHeads:
    """What holds statements against facts.

    Attributes:
        space: where the two are compared.
        finder: says which fact a statement is about, if any.
        agreement: says whether it agrees with a fact.
    """

    space: Space
    finder: FactFinder
    agreement: AgreementReader

    def arrays(self) -> dict[str, np.ndarray]:
        """Name all arrays, to be stored."""
        parts = {
            SPACE: {"centre": self.space.centre, "stretch": self.space.stretch},
            FINDER: arrays_of(self.finder),
            AGREEMENT: arrays_of(self.agreement),
        }
        return {prefix + name: array for prefix, arrays in parts.items() for name, array in arrays.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> GroundingHeads | None:
        """Put stored arrays together again; None if the scorer was trained without verdicts.

        Raises:
            BundleError: if some are missing, or have not the shapes of this version.
        """
        space, finder, agreement = (
            {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
            for prefix in (SPACE, FINDER, AGREEMENT)
        )
        if not (space or finder or agreement):
            return None
        try:
            rank, vector = finder["of_fact.weight"].shape
            width = len(agreement["meet.weight"])
            return cls(
                Space(space["centre"], space["stretch"]),
                FactFinder(vector=vector, rank=rank).filled(finder),
                AgreementReader(vector=vector, width=width).filled(agreement),
            )
        except (KeyError, ValueError, RuntimeError) as error:
            raise BundleError(
                f"heads.safetensors: what verifies claims is damaged ({error}); copy the scorer or train it again"
            ) from None

    def weigh(self, compared: Comparison, sentences: Sequence[int]) -> np.ndarray:
        """Give the probability, float32 [sentences, facts + 1], that each is about each fact, and, last, about none."""
        asked = np.stack([compared.asked(one) for one in sentences])
        features = np.stack([compared.relevance(one) for one in sentences])
        return self.finder.probabilities(compared.said[list(sentences)], asked, compared.facts, features)

    def agree(self, compared: Comparison, sentences: Sequence[int], facts: Sequence[int]) -> np.ndarray:
        """Give the probability, float32 [sentences], that each agrees with its fact."""
        pairs = zip(sentences, facts, strict=True)
        features = np.stack([compared.agreement(sentence, fact) for sentence, fact in pairs])
        return self.agreement.probabilities(compared.said[list(sentences)], compared.facts[list(facts)], features)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one sentence turned out to be.

    Attributes:
        sentence: its number within the contact.
        stated: 0–1, that it states a fact at all.
        nearest: number of the fact that it is about, if it is about any.
        about: 0–1, that the reference has a fact that it is about.
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
        claims: numbers of sentences that may state a fact, at least one, with the probability that they do.
        compared: the contact's sentences, held against the facts of its company.
    """
    sentences = list(claims)
    about = heads.weigh(compared, sentences)
    nearest = about[:, :-1].argmax(axis=1).tolist()
    agrees = heads.agree(compared, sentences, nearest)
    return [
        Verdict(sentence, claims[sentence], fact, float(1 - weighed[-1]), float(agreed))
        for sentence, fact, weighed, agreed in zip(sentences, nearest, about, agrees, strict=True)
    ]


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
