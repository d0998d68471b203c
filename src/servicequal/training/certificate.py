"""A bound on the error, chosen anew: from a bundle's stored out-of-fold answers, without training again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from servicequal.bundle import Bundle
from servicequal.errors import BundleError
from servicequal.stats.selective import STRICTEST, annotations_needed
from servicequal.training.config import TrainConfig
from servicequal.training.cross_fit import NOTHING_CERTIFIED, Answers

ANSWERS = "answers.json"  # beside the bundle's other files: no contact's id, no text


@dataclass(frozen=True, slots=True)
class Certificate:
    """What can be promised of one criterion.

    Attributes:
        contacts: with a blind rating, that the certificate rests on.
        max_error: the error asked for, 0–1.
        risk: the probability with which the certificate may fail, 0–1.
        threshold: confidence from which on a rating is automatic; None where nothing can be certified.
        coverage: share of the contacts from there on, 0–1.
        error: observed among those; among the most confident 30 % where nothing can be certified; NaN without contacts.
        needed: annotated contacts that it takes to certify those 30 %, about; None where something is certified, or
            where the error is so high that more annotations alone will not help.
    """

    contacts: int
    max_error: float
    risk: float
    threshold: float | None
    coverage: float
    error: float
    needed: int | None

    def __str__(self) -> str:
        promise = f"error at most {self.max_error:.0%} with {1 - self.risk:.0%} confidence"
        if self.threshold is not None:
            return f"{promise}: coverage {self.coverage:.0%}; {self.error:.1%} wrong among those, out of fold"
        tried = f"{self.error:.0%} wrong among the most confident {STRICTEST:.0%} of {self.contacts} contacts"
        if self.needed is None:
            return f"{promise}: nothing can be certified; {tried}, more annotations alone will not help"
        return f"{promise}: nothing can be certified; {tried}, about {self.needed} annotated contacts are needed"


def certify(answers: Answers, *, max_error: float, risk: float) -> Certificate:
    """Certify one criterion on out-of-fold answers, each held against one blind rater.

    The promise is of a bound chosen beforehand; whoever tries several and keeps one that passes takes the risk several
    times. As the heads that answer differ by fold from the one that is used, it holds approximately.

    Args:
        answers: of contacts that the answering heads have not seen.
        max_error: the error to certify, 0–1.
        risk: the probability with which the certificate may fail, 0–1.

    Example:
        >>> sure, nine_in_ten = np.linspace(0.5, 1, 400), np.arange(400) % 10 == 0
        >>> answers = Answers(np.ones(400), sure, np.where(nine_in_ten & (sure < 0.9), 2, 1), np.zeros(400))
        >>> print(certify(answers, max_error=0.1, risk=0.1))
        error at most 10% with 90% confidence: coverage 100%; 7.8% wrong among those, out of fold
        >>> print(certify(answers, max_error=0.01, risk=0.1))     # doctest: +ELLIPSIS
        error at most 1% with 90% confidence: nothing can be certified; 3% wrong among the most confident 30% of ...
    """
    use = answers.drawn >= 0
    confidence, wrong = answers.confidence[use], (answers.answer != answers.drawn)[use]
    if not len(confidence):
        return Certificate(0, max_error, risk, None, 0.0, float("nan"), None)
    found = float(answers.certified(TrainConfig(max_error=max_error, risk=risk))[0])
    certified = found < NOTHING_CERTIFIED[0]
    kept = confidence >= (found if certified else np.quantile(confidence, 1 - STRICTEST))
    error = float(wrong[kept].mean())
    return Certificate(
        len(confidence),
        max_error,
        risk,
        found if certified else None,
        float(kept.mean()) if certified else 0.0,
        error,
        None if certified else annotations_needed(error, max_error=max_error, risk=risk),
    )


def recertified(bundle: Bundle, certificates: Mapping[str, Certificate]) -> Bundle:
    """Give the bundle with other thresholds; probabilities and levels stay what they are."""
    thresholds = {
        f"criterion.{name}.threshold": NOTHING_CERTIFIED if one.threshold is None else np.array([one.threshold])
        for name, one in certificates.items()
    }
    asked = {"max_error": one.max_error, "risk": one.risk} if (one := next(iter(certificates.values()), None)) else {}
    training = {**bundle.training, "config": {**bundle.training["config"], **asked}}
    return replace(bundle, arrays={**bundle.arrays, **thresholds}, training=training)


def answers_to_json(answers: Mapping[str, Answers]) -> str:
    """Write out-of-fold answers to be stored beside a bundle."""
    columns = {
        name: {key: column.tolist() for key, column in asdict(criterion).items()} for name, criterion in answers.items()
    }
    return json.dumps(columns) + "\n"


def read_answers(folder: Path) -> dict[str, Answers]:
    """Read the out-of-fold answers of a bundle.

    Raises:
        BundleError: if it keeps none, or what is there is not what was written.
    """
    file = folder / ANSWERS
    if not file.is_file():
        raise BundleError(
            f"{folder}: {ANSWERS} is missing; out-of-fold answers are kept by servicequal train: train it again"
        )
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        return {
            name: Answers(**{key: np.array(column) for key, column in columns.items()})
            for name, columns in stored.items()
        }
    except (ValueError, TypeError, AttributeError):
        raise BundleError(f"{file}: not as servicequal train writes it; copy the whole folder again") from None
