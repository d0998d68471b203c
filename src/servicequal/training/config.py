"""TrainConfig: how to train, frozen and stored in every bundle."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """How a scorer is trained.

    Attributes:
        folds: parts for cross-fitting; a contact's part is a hash of its case, customer or id.
        networks: context networks that are fitted, each from another seed, and averaged.
        width: of a context network.
        depth: its layers.
        dropout: share of its units left out at each step of the training, 0–1.
        sentence_dropout: share of the sentences left out likewise, of those that nobody marked in a contact with marks.
        epochs: passes over the contacts, as many more as there are steps to fill.
        least_steps: of gradient descent, for few contacts need more passes.
        batch: contacts a step.
        learning_rate: of AdamW, at its highest.
        weight_decay: of AdamW.
        phrase_weight: what the phrase bank weighs beside the contacts.
        seed: of the first network's start and of the order of the contacts.
        criterion_penalty: L2 penalty of the criterion heads.
        max_error: error to certify among automatic ratings, 0–1.
        risk: probability with which that certificate may fail, 0–1.
        prefix: what the encoder expects in front of each text.
    """

    folds: int = 5
    networks: int = 1
    width: int = 192
    depth: int = 2
    dropout: float = 0.2
    sentence_dropout: float = 0.0
    epochs: int = 8
    least_steps: int = 240
    batch: int = 8
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.05
    phrase_weight: float = 0.5
    seed: int = 0
    criterion_penalty: float = 10.0
    max_error: float = 0.10
    risk: float = 0.10
    prefix: str = ""
