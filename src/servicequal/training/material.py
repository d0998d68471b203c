"""What all folds share while heads are fitted: scheme, reference, phrases and settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from servicequal.grounding.knowledge import Knowledge
from servicequal.inference.encoder import Encoder
from servicequal.phrase import Phrase
from servicequal.scheme import Scheme
from servicequal.training.config import TrainConfig


@dataclass(frozen=True, slots=True)
class PhraseRows:
    """A phrase bank, encoded; each phrase teaches one indicator.

    Attributes:
        vectors: float32 [phrases, width].
        before: float32 [phrases, width], of what was said just before.
        alone: bool [phrases], where nothing was.
        column: int [phrases], which of the scheme's indicators.
        shows: float [phrases], 1 if it shows the indicator, 0 for a near miss.
    """

    vectors: np.ndarray
    before: np.ndarray
    alone: np.ndarray
    column: np.ndarray
    shows: np.ndarray


@dataclass(frozen=True, slots=True)
class Material:
    """What a scorer is fitted with, beside the examples.

    Attributes:
        knowledge: the reference, encoded.
        phrases: None for no phrase bank.
    """

    scheme: Scheme
    knowledge: Knowledge
    config: TrainConfig
    phrases: PhraseRows | None = None


def phrase_rows(phrases: Sequence[Phrase], scheme: Scheme, encoder: Encoder, prefix: str) -> PhraseRows | None:
    """Encode a phrase bank; None for an empty one.

    Raises:
        AnnotationError: if a phrase is about an indicator that the scheme does not have.
    """
    if not phrases:
        return None
    place = {indicator.id: number for number, indicator in enumerate(scheme.indicators)}
    columns = [place[phrase.indicator_of(scheme).id] for phrase in phrases]
    texts = [prefix + " ".join(text.split()) for phrase in phrases for text in (phrase.text, phrase.before or "")]
    vectors = encoder.encode(texts)
    return PhraseRows(
        vectors[::2],
        vectors[1::2],
        np.array([phrase.before is None for phrase in phrases]),
        np.array(columns),
        np.array([float(phrase.shows) for phrase in phrases]),
    )
