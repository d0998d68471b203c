"""train(): annotated contacts in, a scorer out."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from servicequal.annotation import Annotation
from servicequal.bundle import ENCODER, Bundle, models_folder
from servicequal.contact import Contact
from servicequal.errors import AnnotationError
from servicequal.grounding.knowledge import Knowledge
from servicequal.grounding.space import Space
from servicequal.heads import Heads
from servicequal.history.vector_file import encoding_digest
from servicequal.history.vectors import encode_once
from servicequal.inference.encoder import Encoder, encoder_digest
from servicequal.inference.pipeline import Encoded, encode_contacts
from servicequal.phrase import Phrase
from servicequal.reference import Reference
from servicequal.scheme import Scheme
from servicequal.scorecard import Scorecard
from servicequal.scorer import Scorer, make_cards
from servicequal.training.config import TrainConfig
from servicequal.training.cross_fit import (
    Answers,
    answers_of,
    by_fold,
    columns_of,
    find_out_of_fold,
    fit_criteria,
)
from servicequal.training.examples import Example, by_contact, make_example
from servicequal.training.material import Material, phrase_rows
from servicequal.training.stages import fit_stages

LANGUAGES = ("de", "en", "pl")


@dataclass(frozen=True, slots=True)
class Trained:
    """A scorer, and how the training contacts score with heads that never saw them.

    Attributes:
        scorer: fitted on all contacts.
        out_of_fold: one scorecard per contact, from the folds that it is not in; what to measure.
        answers: criterion → what such heads answer, and one blind rater; what certificates are made from.
        encoded: contact → its sentences and vectors, which any scorer with this encoder, prefix and languages can rate.
    """

    scorer: Scorer
    out_of_fold: list[Scorecard]
    answers: Mapping[str, Answers]
    encoded: Mapping[str, Encoded]


def train(  # noqa: PLR0913 - each is a source of its own
    contacts: Iterable[Contact],
    annotations: Sequence[Annotation],
    scheme: Scheme,
    *,
    reference: Reference | None = None,
    phrases: Sequence[Phrase] = (),
    base: Scorer | str | PathLike[str] | None = None,
    config: TrainConfig | None = None,
    workers: int = 0,
    vectors: str | PathLike[str] | None = None,
) -> Scorer:
    """Train a scorer on annotated contacts; see ``fit`` for the figures that go with it.

    Args:
        contacts: those annotated, and any others (which are left out).
        annotations: any number of raters per contact; all are used.
        scheme: what is rated; any criteria and indicators, with or without spans marked for them.
        reference: for criteria judged against one, with the verdicts in the annotations.
        phrases: a phrase bank for the indicators, see ``read_phrases``; phrases are never counted as contacts.
        base: a scorer whose encoder is used; None for the bundled encoder.
        config: how to fit.
        workers: processes that fit folds side by side; 0 to fit one after the other in this one, the result is the
            same. A script that asks for them starts under ``if __name__ == "__main__"``.
        vectors: a folder of sentence vectors to use and to add to: of a contact of an earlier wave, nothing is encoded.

    Raises:
        AnnotationError: if an annotation does not match a contact or the scheme.
    """
    trained = fit(
        contacts, annotations, scheme,
        reference=reference, phrases=phrases, base=base, config=config, workers=workers, vectors=vectors,
    )  # fmt: skip
    return trained.scorer


def fit(  # noqa: PLR0913 - as train
    contacts: Iterable[Contact],
    annotations: Sequence[Annotation],
    scheme: Scheme,
    *,
    reference: Reference | None = None,
    phrases: Sequence[Phrase] = (),
    base: Scorer | Encoder | str | PathLike[str] | None = None,
    config: TrainConfig | None = None,
    workers: int = 0,
    vectors: str | PathLike[str] | None = None,
) -> Trained:
    """Train a scorer and score the training contacts out of fold; as ``train``, but ``base`` may be an encoder too."""
    config = config or TrainConfig()
    rated = {name for annotation in annotations for name in annotation.ratings}
    if unrated := [criterion.id for criterion in scheme.criteria if criterion.id not in rated]:
        raise AnnotationError(f"criterion {unrated[0]!r} has no rating; annotate it or leave it out of the scheme")
    for phrase in phrases:
        phrase.indicator_of(scheme)  # refused before anything is encoded
    encoder = _encoder(base)
    examples = _examples(by_contact(contacts, annotations, scheme), encoder, scheme, config, vectors)
    space = Space.of(np.concatenate([example.encoded.vectors for example in examples]))
    knowledge = Knowledge(reference, encoder, config.prefix, space)
    material = Material(scheme, knowledge, config, phrase_rows(phrases, scheme, encoder, config.prefix))
    stages = fit_stages(examples, material, workers=workers)
    findings = find_out_of_fold(examples, stages, material)
    columns = columns_of(scheme, examples, findings)
    heads, answers, unseeing = fit_criteria(columns, scheme, config), {}, {}
    for fold in {example.fold for example in examples}:
        others = {name: column.where(column.fold != fold) for name, column in columns.items()}
        unseeing[fold] = fit_criteria(others, scheme, config)
    for criterion in scheme.criteria:
        name = criterion.id
        answers[name] = answers_of(criterion, columns[name], {fold: own[name] for fold, own in unseeing.items()})
        heads[name] = replace(heads[name], threshold=answers[name].certified(config))
        for fold, own in unseeing.items():
            own[name] = replace(own[name], threshold=answers[name].certified(config, without=fold))
    stage = stages[None]
    arrays = Heads(scheme, stage.networks, heads).arrays() | (stage.grounding.arrays() if stage.grounding else {})
    bundle = Bundle(
        scheme,
        arrays,
        tuple(sorted({example.encoded.language for example in examples})),
        config.prefix,
        datetime.now(UTC).strftime("%Y.%m"),
        _summary(examples, phrases, config),
        encoder_digest(encoder.folder),
        frozenset(example.encoded.contact.fingerprint for example in examples),
    )
    unseen = {fold: Heads(scheme, stages[fold].networks, own) for fold, own in unseeing.items()}

    def cards(fold: int, rows: Sequence[int]) -> list[Scorecard]:
        found = [findings[row].under(unseen[fold]) for row in rows]
        return make_cards(found, reference, f"{bundle.name}, out of fold")

    return Trained(
        Scorer(bundle, encoder),
        by_fold(examples, cards),
        answers,
        {example.encoded.contact.id: example.encoded for example in examples},
    )


def _encoder(base: Scorer | Encoder | str | PathLike[str] | None) -> Encoder:
    """Read the encoder anew: heads are fitted in fp32, whatever the base scores with."""
    if base is None:
        return Encoder(models_folder() / ENCODER)
    if isinstance(base, Encoder):
        return base
    return Encoder((base if isinstance(base, Scorer) else Scorer.load(base)).encoder.folder)


def _encoded(
    contacts: Sequence[Contact], encoder: Encoder, prefix: str, vectors: str | PathLike[str] | None
) -> Iterator[Encoded]:
    encode = partial(encode_contacts, encoder=encoder, languages=LANGUAGES, prefix=prefix)
    if vectors is None:
        return encode(contacts)
    made = encoding_digest(encoder_digest(encoder.folder), encoder.backend.name, prefix=prefix, languages=LANGUAGES)
    return encode_once(contacts, encode, folder=Path(vectors), encoding=made, tell=warnings.warn)


def _examples(
    joined: dict[str, tuple[Contact, list[Annotation]]],
    encoder: Encoder,
    scheme: Scheme,
    config: TrainConfig,
    vectors: str | PathLike[str] | None,
) -> list[Example]:
    encoded = _encoded([contact for contact, _ in joined.values()], encoder, config.prefix, vectors)
    marking = {one.rater for _, annotations in joined.values() for one in annotations if one.indicators}
    examples = [
        make_example(one, joined[one.contact.id][1], scheme, folds=config.folds, marking=marking) for one in encoded
    ]
    if len({example.fold for example in examples}) < 3:
        raise AnnotationError(
            f"{len(examples)} annotated contacts fall into fewer than 3 of {config.folds} folds (by case, customer or "
            "id); annotate more contacts, of more cases or customers"
        )
    return examples


def _summary(examples: Sequence[Example], phrases: Sequence[Phrase], config: TrainConfig) -> dict[str, Any]:
    annotations = [annotation for example in examples for annotation in example.annotations]
    return {
        "contacts": len(examples),
        "annotations": len(annotations),
        "raters": len({annotation.rater for annotation in annotations}),
        "waves": dict(sorted(Counter(annotation.wave or "none" for annotation in annotations).items())),
        "languages": dict(sorted(Counter(example.encoded.language for example in examples).items())),
        "channels": dict(sorted(Counter(example.encoded.contact.channel for example in examples).items())),
        "phrases": len(phrases),
        "config": asdict(config),
    }
