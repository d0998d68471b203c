"""TrainConfig: how to train, frozen and stored in every bundle."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """How heads are fitted.

    Attributes:
        folds: parts for cross-fitting; a contact's part is a hash of its case, customer or id.
        indicator_penalty: L2 penalty of the indicator heads.
        direct_penalty: L2 penalty of what a sentence says by itself about a criterion.
        phrase_weight: what a phrase of the phrase bank weighs; a sentence of a contact weighs 1.
        criterion_penalty: L2 penalty of the criterion heads.
        max_error: error to certify among automatic ratings, 0–1.
        risk: probability with which that certificate may fail, 0–1.
        prefix: what the encoder expects in front of each text.
    """

    folds: int = 5
    indicator_penalty: float = 2.0
    direct_penalty: float = 50.0
    phrase_weight: float = 0.3
    criterion_penalty: float = 10.0
    max_error: float = 0.10
    risk: float = 0.10
    prefix: str = "query: "
