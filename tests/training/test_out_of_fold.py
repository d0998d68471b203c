"""Out-of-fold scorecards are honest: nothing is learned from noise, and a plain task is certified."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from servicequal import Annotation, Contact, Scheme, TrainConfig, Turn, evaluate
from servicequal.errors import AnnotationError
from servicequal.inference.encoder import Encoder
from servicequal.scheme import LEVELS
from servicequal.training.train import Trained, fit
from tests.training.test_own_scheme import SCHEME, make

QUICK = TrainConfig(epochs=6, least_steps=0)
WORDS = "hello sorry broken refund buy price order today never help thanks no yes".split()


def annotate(contacts: list[Contact], levels: list[str]) -> list[Annotation]:
    return [Annotation(c.id, "r1", {"loyalty_programme": level}) for c, level in zip(contacts, levels, strict=True)]


def test_nothing_is_learned_from_noise(tiny_encoder: Path) -> None:
    encoder, found = Encoder(tiny_encoder, device="cpu"), []
    for seed in range(3):
        rng = random.Random(seed)
        contacts = [
            Contact(f"c-{n}", "chat", tuple(Turn("agent", " ".join(rng.choices(WORDS, k=5))) for _ in range(4)), "en")
            for n in range(120)
        ]
        annotations = annotate(contacts, [rng.choice((LEVELS[0], LEVELS[2])) for _ in contacts])
        trained = fit(contacts, annotations, Scheme.from_dict(SCHEME), base=encoder, config=QUICK)
        found.append(evaluate(trained.out_of_fold, annotations).criteria["loyalty_programme"])
    # guessing the commoner level gives 0.54 (14 seeds: 0.55), with a standard error of 0.026; a network that saw the
    # contacts that it rates gives 0.68
    assert sum(figures.accuracy.value for figures in found) / 3 < 0.61
    assert all(figures.automatic.value == 0 for figures in found)


@pytest.fixture(scope="module")
def plain() -> tuple[Trained, list[Annotation]]:
    rng = random.Random(3)
    contacts = [make(n, mentioned=n % 2 == 0, rng=rng) for n in range(120)]
    annotations = annotate(contacts, [LEVELS[2] if n % 2 == 0 else LEVELS[0] for n in range(120)])
    return fit(contacts, annotations, Scheme.from_dict(SCHEME), config=QUICK), annotations


def test_a_plain_task_is_certified(plain: tuple[Trained, list[Annotation]]) -> None:
    trained, annotations = plain
    figures = evaluate(trained.out_of_fold, annotations).criteria["loyalty_programme"]
    assert figures.accuracy.value > 0.95
    assert figures.automatic.value > 0.5
    assert figures.automatic_error.value <= 0.1
    rng = random.Random(4)
    cards = trained.scorer.score([make(1000 + n, mentioned=n % 2 == 0, rng=rng) for n in range(20)])
    assert any(card["loyalty_programme"].decision == "auto" for card in cards)


def test_seen_annotations_certify_nothing() -> None:
    rng = random.Random(5)
    contacts = [make(n, mentioned=n % 2 == 0, rng=rng) for n in range(80)]
    seen = [
        Annotation(c.id, "r1", {"loyalty_programme": LEVELS[2] if n % 2 == 0 else LEVELS[0]}, blind=False)
        for n, c in enumerate(contacts)
    ]
    trained = fit(contacts, seen, Scheme.from_dict(SCHEME), config=QUICK)
    assert {card["loyalty_programme"].decision for card in trained.out_of_fold} == {"review"}


def test_probabilities_hold_for_blind_ratings_where_others_rate_otherwise() -> None:
    rng = random.Random(7)
    contacts = [make(n, mentioned=n % 2 == 0, rng=rng) for n in range(160)]
    annotations = [
        Annotation(c.id, "r1", {"loyalty_programme": LEVELS[2] if n % 2 == 0 and n < 80 else LEVELS[0]}, blind=n < 80)
        for n, c in enumerate(contacts)
    ]
    trained = fit(contacts, annotations, Scheme.from_dict(SCHEME), config=QUICK)
    met = [card["loyalty_programme"].levels[LEVELS[2]] for card in trained.out_of_fold[:80]]
    assert 0.35 < sum(met) / 80 < 0.65  # it would be 0.25 if all ratings had calibrated


def test_one_case_is_no_cross_fitting() -> None:
    rng = random.Random(6)
    contacts = [
        Contact(c.id, c.channel, c.turns, c.language, attributes={"case": "only"})
        for c in (make(n, mentioned=n % 2 == 0, rng=rng) for n in range(10))
    ]
    with pytest.raises(AnnotationError, match="fewer than 3 of 5 folds"):
        fit(contacts, annotate(contacts, [LEVELS[0]] * 10), Scheme.from_dict(SCHEME))
