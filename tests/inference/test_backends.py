"""Backends agree with torch in fp32, refuse where they do not, and lose nothing where memory is short."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from servicequal import Reference, Scorer, read_contacts
from servicequal.bundle import ENCODER, models_folder
from servicequal.errors import BundleError
from servicequal.examples import examples_folder
from servicequal.inference.backends.choice import CLOSE, SENTENCES, check
from servicequal.inference.backends.protocol import Backend, Means
from servicequal.inference.backends.torch_packed import TorchBackend
from servicequal.inference.encoder import Encoder
from servicequal.inference.packing import Packed, plan
from servicequal.inference.tokens import Tokenizer
from servicequal.inference.weights import Weights

TEXTS = [" ".join(["my order is never here"] * count) for count in (1, 9, 3, 2, 12, 5, 1, 7)]


class Small:
    """A device with little memory, in front of a real backend; it may notice late, as a GPU does."""

    name, beside = "small", False

    def __init__(self, real: Backend, *, most: int, late: bool = False) -> None:
        self.budget = 100_000
        self.sizes: list[int] = []
        self._real, self._most, self._late = real, most, late

    def submit(self, batch: Packed) -> Means:
        self.sizes.append(len(batch.ids))
        if len(batch.ids) <= self._most:
            return self._real.submit(batch)
        if self._late:
            return self._refuse
        return self._refuse()

    def _refuse(self) -> np.ndarray:
        raise MemoryError("out of memory")


class Noisy:
    """A backend whose arithmetic is a little off."""

    name, budget, beside = "noisy", 4_096, False

    def __init__(self, real: Backend, *, noise: float) -> None:
        self._real, self._noise, self._draw = real, noise, np.random.default_rng(0)

    def submit(self, batch: Packed) -> Means:
        means = self._real.submit(batch)()
        return lambda: means + self._draw.normal(0, self._noise, means.shape).astype(np.float32)


@pytest.mark.parametrize("late", [False, True])
def test_out_of_memory_halves_the_budget_and_loses_no_row(tiny_encoder: Path, late: bool) -> None:
    plain = Encoder(tiny_encoder, device="cpu")
    small = Small(plain.backend, most=80, late=late)
    encoder = Encoder(tiny_encoder, backend=small, kept=0)
    np.testing.assert_array_equal(encoder.encode(TEXTS), plain.encode(TEXTS))
    refused = [size for size in small.sizes if size > 80]
    assert refused
    small.sizes.clear()
    np.testing.assert_array_equal(encoder.encode(TEXTS), plain.encode(TEXTS))
    assert max(small.sizes) < max(refused)  # what was learnt is kept


def test_a_window_that_does_not_fit_is_an_error(tiny_encoder: Path) -> None:
    plain = Encoder(tiny_encoder, device="cpu")
    with pytest.raises(MemoryError, match="is too much for the device"):
        Encoder(tiny_encoder, backend=Small(plain.backend, most=20)).encode(TEXTS)


def test_a_backend_with_other_vectors_is_refused() -> None:
    folder = models_folder() / ENCODER
    exact = Encoder(folder, device="cpu").backend
    windows = Tokenizer(folder / "tokenizer.json", window=512).windows(SENTENCES)
    check(Noisy(exact, noise=0.0005), exact, windows)
    with pytest.raises(BundleError, match=f"backend 'noisy': .* expected {CLOSE} or more"):
        check(Noisy(exact, noise=0.05), exact, windows)
    with pytest.raises(BundleError, match="expected"):
        check(Noisy(exact, noise=float("nan")), exact, windows)


def test_an_unknown_backend_is_named(tiny_encoder: Path) -> None:
    with pytest.raises(BundleError, match="backend 'openvno' is unknown; did you mean 'openvino'"):
        Encoder(tiny_encoder, backend="openvno")


@pytest.fixture(scope="module")
def example_ratings() -> dict[str, np.ndarray]:
    return {}


@pytest.mark.parametrize(
    ("backend", "atol", "grounded"),
    [
        ("torch-bf16", 0.02, 0.02),
        ("openvino", 0.02, 0.02),
        ("onnx", 0.001, 0.001),
        pytest.param("openvino-int8", 0.1, 0.3, marks=pytest.mark.slow),  # in int8 a claim may find another fact
        pytest.param("onnx-int8", 0.1, 0.3, marks=pytest.mark.slow),
    ],
)
def test_scores_are_those_of_fp32(
    backend: str, atol: float, grounded: float, example_ratings: dict[str, np.ndarray]
) -> None:
    if backend.startswith(("openvino", "onnx")):
        pytest.importorskip(backend.removesuffix("-int8"))
    for name in {"torch-fp32", backend} - set(example_ratings):
        example_ratings[name] = ratings(name)
    apart = np.abs(example_ratings[backend] - example_ratings["torch-fp32"]).max(axis=(0, 2))
    names = [criterion.id for criterion in Scorer.load(device="cpu").scheme.criteria]
    bounds = {name: grounded if name == "correct_answers" else atol for name in names}
    assert {name: value for name, value in zip(names, apart, strict=True) if value > bounds[name]} == {}


def ratings(backend: str) -> np.ndarray:
    """Score the example contacts: all probabilities, [contacts, criteria, 4]."""
    folder = examples_folder()
    reference = Reference.load(folder / "reference.jsonl", cases=folder / "cases.jsonl")
    contacts = list(read_contacts(folder / "examples"))
    cards = Scorer.load(device="cpu", backend=backend).score(contacts, reference=reference)
    return np.array([[[r.applicable, *r.levels.values()] for r in card.ratings.values()] for card in cards])


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_attention_on_cuda_equals_dense_attention() -> None:
    folder = models_folder() / ENCODER
    weights = Weights.read(folder)
    windows = Tokenizer(folder / "tokenizer.json", window=weights.window).windows([*SENTENCES, "never " * 600])
    exact = TorchBackend(weights, device=torch.device("cpu"), dtype=torch.float32)
    for dtype, atol in ((torch.float32, 1e-4), (torch.bfloat16, 0.05)):
        fast = TorchBackend(weights, device=torch.device("cuda"), dtype=dtype)
        for batch in plan(windows, np.arange(len(windows.lengths)), budget=700):
            np.testing.assert_allclose(fast.submit(batch)(), exact.submit(batch)(), atol=atol)
    check(fast, exact, windows)
