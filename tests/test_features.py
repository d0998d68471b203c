"""What contacts show, summed up many at once, is what it is one by one."""

from __future__ import annotations

import numpy as np
import pytest

from servicequal.features import SILENT, WINDOW, Layout, Layouts, Shown


def contact(seed: int) -> tuple[np.ndarray, Layout]:
    draw = np.random.default_rng(seed)
    count = int(draw.integers(1, 25))
    turn = np.sort(draw.integers(0, 1 + seed % 9, count))  # some contacts end in the turn that the next begins with
    return draw.random((count, 4)) ** 3, Layout(draw.random(count) < 0.5, turn, ("chat", "phone", "email")[seed % 3])


def response(trigger: np.ndarray, answer: np.ndarray, turn: np.ndarray) -> float:
    """The definition: the best pair of a trigger and an answer in one of the turns that follow."""
    pairs = [
        (trigger[a] - SILENT) / (1 - SILENT) * answer[b]
        for a in range(len(turn))
        for b in range(len(turn))
        if trigger[a] > SILENT and turn[a] < turn[b] <= turn[a] + WINDOW
    ]
    return max(pairs, default=0.0)


@pytest.fixture(scope="module")
def together() -> tuple[list[tuple[np.ndarray, Layout]], Shown]:
    contacts = [contact(seed) for seed in range(200)]
    layouts = Layouts.of([layout for _, layout in contacts])
    return contacts, Shown(np.concatenate([shown for shown, _ in contacts]), layouts)


def test_sums_by_contact(together: tuple[list[tuple[np.ndarray, Layout]], Shown]) -> None:
    contacts, found = together
    for number, (shown, layout) in enumerate(contacts):
        late = shown[layout.turn >= layout.turn[-1] * 2 / 3]
        np.testing.assert_array_equal(found.strongest[number], shown.max(axis=0))
        np.testing.assert_array_equal(found.late[number], late.max(axis=0))
        np.testing.assert_allclose(found.total[number], np.log1p(shown.sum(axis=0)), rtol=1e-12)
        spoken = np.log1p([layout.agent.sum(), (~layout.agent).sum()])
        np.testing.assert_allclose(found.around[number, 3:], spoken, rtol=1e-12)


def test_responses_by_contact(together: tuple[list[tuple[np.ndarray, Layout]], Shown]) -> None:
    contacts, found = together
    responses = found.responses(0, [2, 3])
    assert (responses > 0).mean() > 0.5
    for number, (shown, layout) in enumerate(contacts):
        expected = [response(shown[:, 0], shown[:, answer], layout.turn) for answer in (2, 3)]
        np.testing.assert_array_equal(responses[number], expected)
