"""The context network: batches change nothing, context does, and what is stored reads the same."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from servicequal import Scheme
from servicequal.errors import BundleError
from servicequal.features import Layout
from servicequal.heads import Heads
from servicequal.inference.context import ContextNetwork, Reading

OF_AGENT = [True, False, True]
DRAW = np.random.default_rng(3)


@pytest.fixture(scope="module")
def network() -> ContextNetwork:
    torch.manual_seed(5)
    built = ContextNetwork(vector=16, of_agent=OF_AGENT, criteria=2, width=32, depth=2, dropout=0.5)
    torch.nn.init.normal_(built.answer)
    return built


def contact(count: int) -> tuple[np.ndarray, Layout]:
    agent = np.arange(count) % 2 == 0
    return DRAW.normal(size=(count, 16)).astype(np.float32), Layout(agent, np.arange(count), "chat")


def columns(reading: Reading) -> list[np.ndarray]:
    return [reading.indicators, reading.speaks, reading.applies, reading.level]


def test_a_contact_reads_the_same_alone_and_among_longer_ones(network: ContextNetwork) -> None:
    contacts = [contact(count) for count in (1, 4, 30)]
    for given, among in zip(contacts, network.read(contacts), strict=True):
        for one, other in zip(columns(network.read([given])[0]), columns(among), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)


def test_only_the_speakers_own_indicators_can_stand(network: ContextNetwork) -> None:
    shown = network.read([contact(6)])[0].indicators
    assert (shown[::2, 1] == 0).all()
    assert (shown[1::2, [0, 2]] == 0).all()
    assert (shown[::2, [0, 2]] > 0).all()


def test_the_rest_of_the_contact_matters(network: ContextNetwork) -> None:
    vectors, layout = contact(6)
    other = vectors.copy()
    other[4] = -other[4]
    first, second = (network.read([(v, layout)])[0] for v in (vectors, other))
    assert abs(first.indicators[2] - second.indicators[2]).max() > 1e-4
    assert abs(first.applies - second.applies).max() > 1e-4


def test_stored_and_read_again(network: ContextNetwork) -> None:
    given = contact(5)
    again = ContextNetwork.from_arrays(network.arrays(), of_agent=OF_AGENT, criteria=2)
    for one, other in zip(columns(network.read([given])[0]), columns(again.read([given])[0]), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_network_of_another_scheme_is_refused(network: ContextNetwork) -> None:
    levels = {"not_met": "no", "partly_met": "so-so", "fully_met": "yes"}
    criteria = [{"id": "courtesy", "description": "always", "always": True, "levels": levels}]
    scheme = Scheme.from_dict({"id": "shop", "criteria": criteria})
    with pytest.raises(BundleError, match="1 criteria and 0 indicators"):
        Heads.from_arrays(scheme, network.arrays())
    with pytest.raises(BundleError, match=r"array 'read_vector.weight' is missing"):
        Heads.from_arrays(scheme, {})
