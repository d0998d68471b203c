"""How networks are fitted: as many as are asked for, each from a seed of its own, and the same again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from servicequal import Annotation, Scheme, Scorer, TrainConfig
from servicequal.annotation import Span
from servicequal.training.train import fit
from tests.training.test_own_scheme import SCHEME
from tests.training.test_seen import ANNOTATIONS, CONTACTS

INDICATOR = {
    "id": "mentions",
    "description": "names the programme",
    "speaker": "agent",
    "serves": "loyalty_programme",
}
MARKED = [
    replace(one, indicators=(Span(1, 0, len(contact.turns[1].text), "mentions"),))
    for one, contact in zip(ANNOTATIONS, CONTACTS, strict=True)
]
QUICK = TrainConfig(epochs=2, least_steps=0, folds=3, sentence_dropout=0.15)


def fitted(config: TrainConfig, annotations: list[Annotation]) -> Scorer:
    return fit(CONTACTS, annotations, Scheme.from_dict(SCHEME | {"indicators": [INDICATOR]}), config=config).scorer


def network(scorer: Scorer, number: int) -> Mapping[str, np.ndarray]:
    start = ("context.", "context2.")[number]
    return {name.removeprefix(start): a for name, a in scorer.bundle.arrays.items() if name.startswith(start)}


def same(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() != set() and all(np.array_equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def single() -> Scorer:
    return fitted(QUICK, MARKED)


def test_networks_take_the_seeds_that_follow(single: Scorer) -> None:
    both = fitted(replace(QUICK, networks=2), MARKED)
    assert same(network(both, 0), network(single, 0))
    assert same(network(both, 1), network(fitted(replace(QUICK, seed=1), MARKED), 0))
    assert not same(network(both, 0), network(both, 1))
    assert not network(single, 1)


def test_few_contacts_are_passed_until_the_steps_are_made(single: Scorer) -> None:
    each = math.ceil(len(CONTACTS) / QUICK.batch)
    assert same(network(fitted(replace(QUICK, epochs=1, least_steps=each + 1), MARKED), 0), network(single, 0))
    assert same(network(fitted(replace(QUICK, least_steps=each), MARKED), 0), network(single, 0))
    assert not same(network(fitted(replace(QUICK, least_steps=2 * each + 1), MARKED), 0), network(single, 0))


def test_sentences_are_left_out_where_some_are_marked(single: Scorer) -> None:
    every = replace(QUICK, sentence_dropout=0.0)
    assert not same(network(single, 0), network(fitted(every, MARKED), 0))
    hardly = replace(QUICK, sentence_dropout=1e-12)  # draws as much, and leaves nothing out
    assert not same(network(single, 0), network(fitted(hardly, MARKED), 0))
    unmarked = [replace(one, indicators=()) for one in MARKED]
    assert same(network(fitted(QUICK, unmarked), 0), network(fitted(every, unmarked), 0))
