"""Heads: everything learned beside the encoder, as named arrays; sentence vectors in, probabilities out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from servicequal.errors import BundleError
from servicequal.features import Layout, feature_names, sentence_features
from servicequal.scheme import Scheme
from servicequal.stats.logistic import ordinal_probabilities, sigmoid


@dataclass(frozen=True, slots=True)
class SentenceHeads:
    """Linear heads on sentences.

    Attributes:
        centre: float [width], subtracted from every vector.
        weight: float [indicators, 2 · width + 5].
        bias: float [indicators].
        direct_weight: float [criteria, width], what a sentence by itself says about each criterion.
        direct_bias: float [criteria].
    """

    centre: np.ndarray
    weight: np.ndarray
    bias: np.ndarray
    direct_weight: np.ndarray
    direct_bias: np.ndarray


@dataclass(frozen=True, slots=True)
class CriterionHead:
    """From a contact's features to whether a criterion applies, and at which level.

    Attributes:
        mean: float [features], of the training contacts.
        scale: float [features].
        opportunity: float [features + 1], coefficients and intercept of "applies".
        level: float [features], coefficients of the level.
        steps: float [2], falling intercepts of the level.
        calibration: float [4]: scale and shift of "applies", scale and shift of the level.
        threshold: float [1], confidence from which on a rating is certified; above 1 where none is.
    """

    mean: np.ndarray
    scale: np.ndarray
    opportunity: np.ndarray
    level: np.ndarray
    steps: np.ndarray
    calibration: np.ndarray
    threshold: np.ndarray

    def logits(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give the raw logit of "applies" and the score of the level, [contacts] each, for [contacts, features]."""
        z = (x - self.mean) / self.scale
        return z @ self.opportunity[:-1] + self.opportunity[-1], z @ self.level

    def probabilities(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give calibrated P(applies) [contacts] and P(level | applies) [contacts, 3]."""
        applies, level = self.logits(x)
        a, b, c, d = self.calibration
        return sigmoid(a * applies + b), ordinal_probabilities(c * level, c * self.steps + d)


@dataclass(frozen=True)
class Heads:
    """All heads of a scorer, for one scheme."""

    scheme: Scheme
    sentence: SentenceHeads
    criteria: Mapping[str, CriterionHead]

    def indicators(self, vectors: np.ndarray, layout: Layout) -> np.ndarray:
        """Give the probability of each indicator in each sentence.

        Args:
            vectors: float [sentences, width], as the encoder gives them.
            layout: who speaks where.

        Returns:
            float64 [sentences, indicators], 0 where the other speaker's indicator cannot stand.
        """
        x = sentence_features(vectors - self.sentence.centre, layout)
        probabilities = sigmoid(x.astype(np.float64) @ self.sentence.weight.T + self.sentence.bias)
        return np.asarray(probabilities * speaker_mask(self.scheme, layout))

    def direct(self, vectors: np.ndarray) -> np.ndarray:
        """Give the logit that a sentence by itself speaks for each criterion, [sentences, criteria]."""
        centred = (vectors - self.sentence.centre).astype(np.float64)
        return np.asarray(centred @ self.sentence.direct_weight.T + self.sentence.direct_bias)

    def arrays(self) -> dict[str, np.ndarray]:
        """Name all arrays, to be stored."""
        named = {f"sentence.{f.name}": getattr(self.sentence, f.name) for f in fields(SentenceHeads)}
        for criterion, head in self.criteria.items():
            named |= {f"criterion.{criterion}.{f.name}": getattr(head, f.name) for f in fields(CriterionHead)}
        return named

    @classmethod
    def from_arrays(cls, scheme: Scheme, arrays: Mapping[str, np.ndarray]) -> Heads:
        """Put stored arrays together again.

        Raises:
            BundleError: naming the array that is missing or has not the shape that the scheme asks for.
        """
        try:
            sentence = SentenceHeads(*(arrays[f"sentence.{f.name}"] for f in fields(SentenceHeads)))
            criteria = {
                criterion.id: CriterionHead(
                    *(arrays[f"criterion.{criterion.id}.{f.name}"] for f in fields(CriterionHead))
                )
                for criterion in scheme.criteria
            }
        except KeyError as error:
            raise BundleError(f"heads.safetensors: array {error} is missing; the scheme asks for it") from None
        for criterion in scheme.criteria:
            expected, found = len(feature_names(scheme, criterion)), len(criteria[criterion.id].level)
            if expected != found:
                raise BundleError(
                    f"heads.safetensors: criterion {criterion.id!r} has {found} features; expected {expected}"
                )
        return cls(scheme, sentence, criteria)


def speaker_mask(scheme: Scheme, layout: Layout) -> np.ndarray:
    """Say which indicator can stand in which sentence, bool [sentences, indicators]."""
    of_agent = np.array([indicator.speaker == "agent" for indicator in scheme.indicators], dtype=bool)
    return np.asarray(layout.agent[:, None] == of_agent[None, :])
