"""Contacts that a scorer learned from are marked on their scorecards, and measure nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from servicequal import (
    Annotation,
    Contact,
    Scheme,
    Scorer,
    TrainConfig,
    Turn,
    evaluate,
    read_annotations,
    read_contacts,
)
from servicequal.errors import AnnotationError
from servicequal.scheme import LEVELS
from servicequal.scorecard import SEEN_IN_TRAINING
from servicequal.training.train import Trained, fit
from tests.training.test_own_scheme import SCHEME, make

ROOT = Path(__file__).parents[2] / "annotations"
RNG = random.Random(0)
CONTACTS = [make(n, mentioned=n % 2 == 0, rng=RNG) for n in range(60)]
ANNOTATIONS = [Annotation(c.id, "r1", {"loyalty_programme": LEVELS[n % 2 * 2]}) for n, c in enumerate(CONTACTS)]


@pytest.fixture(scope="module")
def trained() -> Trained:
    return fit(CONTACTS, ANNOTATIONS, Scheme.from_dict(SCHEME), config=TrainConfig(epochs=6, least_steps=0))


def test_a_figure_from_training_contacts_is_refused(trained: Trained) -> None:
    with pytest.raises(AnnotationError, match="60 of the contacts, such as 'c-0', are of those"):
        evaluate(trained.scorer.score(CONTACTS), ANNOTATIONS)
    assert evaluate(trained.out_of_fold, ANNOTATIONS).contacts == 60


def test_one_such_contact_among_others_is_named(trained: Trained) -> None:
    rng = random.Random(1)
    others = [make(100 + n, mentioned=n % 2 == 0, rng=rng) for n in range(30)]
    annotations = [Annotation(c.id, "r1", {"loyalty_programme": LEVELS[0]}) for c in others]
    assert evaluate(trained.scorer.score(others), annotations).contacts == 30
    cards = trained.scorer.score([*others, CONTACTS[7]])
    with pytest.raises(AnnotationError, match="1 of the contacts, such as 'c-7'"):
        evaluate(cards, [*annotations, ANNOTATIONS[7]])


def test_a_new_id_hides_nothing_and_saving_forgets_nothing(trained: Trained, tmp_path: Path) -> None:
    trained.scorer.save(tmp_path / "scorer")
    renamed = replace(CONTACTS[3], id="new", attributes={"team": "a"})
    card, other = Scorer.load(tmp_path / "scorer").score(
        [renamed, Contact("c-3", "chat", (Turn("agent", "Something else."),), "en")]
    )
    assert SEEN_IN_TRAINING in card.warnings
    assert SEEN_IN_TRAINING not in other.warnings


def test_the_bundled_scorer_knows_its_contacts(scorer: Scorer) -> None:
    wave = ROOT / "2026-q3"
    contacts = list(read_contacts(wave / "contacts.jsonl"))[:2]
    with pytest.raises(AnnotationError, match="2 of the contacts"):
        evaluate(scorer.score(contacts), read_annotations(wave))
