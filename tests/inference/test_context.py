"""The context network: batches change nothing, context does, and what is stored reads the same."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from servicequal import Scheme
from servicequal.errors import BundleError
from servicequal.features import Layout, Layouts
from servicequal.heads import Heads
from servicequal.inference.context import ContextNetwork, arrays_of, padded
from servicequal.inference.reading import Reader, Reading

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


def read_alone(network: ContextNetwork, given: tuple[np.ndarray, Layout]) -> Reading:
    vectors, layout = given
    return Reader([network]).read(vectors, Layouts.of([layout]))


def columns(reading: Reading) -> list[np.ndarray]:
    return [reading.indicators, reading.speaks, reading.applies, reading.level]


def test_read_as_trained(network: ContextNetwork) -> None:
    contacts = [contact(count) for count in (1, 4, 30)]
    with torch.inference_mode():
        out = network.eval()(*padded(contacts))
    for number, given in enumerate(contacts):
        found, count = read_alone(network, given), len(given[0])
        stands = given[1].agent[:, None] == np.array(OF_AGENT)
        expected = [torch.sigmoid(out.indicators[number, :count]).numpy() * stands, out.speaks[number, :count].numpy()]
        expected += [out.applies[number][None].numpy(), out.level[number][None].numpy()]
        for one, other in zip(columns(found), expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)


def test_a_contact_reads_the_same_bits_in_any_company(network: ContextNetwork) -> None:
    contacts = [contact(count) for count in (*range(1, 80), 3, 3, 17, 300, 30, 30, 2_500, 30)]
    layouts = Layouts.of([layout for _, layout in contacts])
    vectors = np.concatenate([vectors for vectors, _ in contacts])
    among = Reader([network]).read(vectors, layouts).split(layouts.counts)
    for given, found in zip(contacts, among, strict=True):
        for one, other in zip(columns(read_alone(network, given)), columns(found), strict=True):
            np.testing.assert_array_equal(one, other)


def test_answers_without_a_sentence(network: ContextNetwork) -> None:
    reader, found = Reader([network]), read_alone(network, contact(9))
    kept = [np.delete(np.arange(9), left_out) for left_out in (0, 3, 8)]
    rows = np.concatenate([np.arange(9), *kept])
    together = reader.answer(found.votes[rows], found.shown[rows], np.array([9, 8, 8, 8]))
    for answered, whole in zip(together, (found.applies, found.level), strict=True):
        np.testing.assert_array_equal(answered[:1], whole)
        assert (abs(answered[1:] - whole) > 1e-4).any(axis=1).all()
    for number, one in enumerate(kept, start=1):
        alone = reader.answer(found.votes[one], found.shown[one], np.array([8]))
        for answered, own in zip(together, alone, strict=True):
            np.testing.assert_array_equal(answered[number], own[0])


def test_networks_are_averaged(network: ContextNetwork) -> None:
    torch.manual_seed(6)
    other = ContextNetwork(vector=16, of_agent=OF_AGENT, criteria=2, width=32, depth=2).eval()
    torch.nn.init.normal_(other.answer)
    vectors, layout = contact(7)
    layouts = Layouts.of([layout])
    both = Reader([network, other]).read(vectors, layouts)
    each = [columns(Reader([one]).read(vectors, layouts)) for one in (network, other)]
    for found, *alone in zip(columns(both), *each, strict=True):
        np.testing.assert_allclose(found, np.mean(alone, axis=0), atol=1e-12)
        assert not np.allclose(*alone, atol=1e-3)


def test_only_the_speakers_own_indicators_can_stand(network: ContextNetwork) -> None:
    shown = read_alone(network, contact(6)).indicators
    assert (shown[::2, 1] == 0).all()
    assert (shown[1::2, [0, 2]] == 0).all()
    assert (shown[::2, [0, 2]] > 0).all()


def test_the_rest_of_the_contact_matters(network: ContextNetwork) -> None:
    vectors, layout = contact(6)
    other = vectors.copy()
    other[4] = -other[4]
    first, second = (read_alone(network, (v, layout)) for v in (vectors, other))
    assert abs(first.indicators[2] - second.indicators[2]).max() > 1e-4
    assert abs(first.applies - second.applies).max() > 1e-4


def test_stored_and_read_again(network: ContextNetwork) -> None:
    given = contact(5)
    again = ContextNetwork.from_arrays(arrays_of(network), of_agent=OF_AGENT, criteria=2)
    for one, other in zip(columns(read_alone(network, given)), columns(read_alone(again, given)), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_network_of_another_scheme_is_refused(network: ContextNetwork) -> None:
    levels = {"not_met": "no", "partly_met": "so-so", "fully_met": "yes"}
    criteria = [{"id": "courtesy", "description": "always", "always": True, "levels": levels}]
    scheme = Scheme.from_dict({"id": "shop", "criteria": criteria})
    with pytest.raises(BundleError, match="1 criteria and 0 indicators"):
        Heads.from_arrays(scheme, {f"context.{name}": array for name, array in arrays_of(network).items()})
    with pytest.raises(BundleError, match=r"array 'read_vector.weight' is missing"):
        Heads.from_arrays(scheme, {})
