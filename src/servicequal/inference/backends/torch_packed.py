"""torch: packed tokens, fp32 or bf16; attention over runs of equal length, or of any length on CUDA."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from servicequal.errors import BundleError
from servicequal.inference.backends.protocol import Means
from servicequal.inference.packing import Packed
from servicequal.inference.runs import ROWS, attend, filled
from servicequal.inference.weights import Weights

try:
    from torch.nn.attention import varlen
except ImportError:  # an older torch: on CUDA too, runs of equal length
    _VARLEN: Any = None
else:
    _VARLEN = varlen.varlen_attn

CPU_BUDGET, CUDA_BUDGET = 4_096, 65_536
# With fewer rows, oneDNN's bf16 product on AMX splits a long sum in parts, and rounds it otherwise than with more.
LEAST_BF16 = 512
Parameters = tuple[Tensor, Tensor]


class TorchBackend:
    """Packed BERT in torch: fused query, key and value, no padding, no mask.

    Products and attention are in ``dtype``; what runs past them from layer to layer, and its norms, stay in fp32.
    """

    def __init__(self, weights: Weights, *, device: torch.device, dtype: torch.dtype) -> None:
        self.name = "torch-bf16" if dtype is torch.bfloat16 else "torch-fp32"
        self.budget = CUDA_BUDGET if device.type == "cuda" else CPU_BUDGET
        self._device, self._dtype = device, dtype
        self._width, self._heads, self._epsilon = weights.width, weights.heads, weights.epsilon
        self.beside = cuda = device.type == "cuda"
        self._least = LEAST_BF16 if dtype is torch.bfloat16 and not cuda else ROWS
        self._copies: Any = torch.cuda.Stream(device) if cuda else None  # type: ignore[no-untyped-call]
        self._attend = _attend_any if cuda and dtype is torch.bfloat16 and _VARLEN else _attend_runs
        self._words = self._tensor(weights.dense("embeddings.word_embeddings.weight"))
        self._positions = self._tensor(weights.positions())
        self._norm = self._pair(weights, "embeddings.LayerNorm")
        self._linear = _Prepacked if device.type == "cpu" and _can_prepack(dtype) else _Linear
        self._layers = [
            (
                self._product(weights, *layer.qkv),
                self._product(weights, layer.out),
                self._pair(weights, layer.norm_1),
                self._product(weights, layer.widen),
                self._product(weights, layer.narrow),
                self._pair(weights, layer.norm_2),
            )
            for layer in weights.each_layer()
        ]

    def submit(self, batch: Packed) -> Means:
        """Start on a batch: see ``Backend``. On CUDA the copies and the arithmetic of two batches overlap."""
        with _memory_errors(), torch.inference_mode():
            if self._copies is None:
                means = self._forward(batch, torch.from_numpy(batch.ids), torch.from_numpy(batch.places))
                return means.numpy
            return self._submit_cuda(batch)

    def _submit_cuda(self, batch: Packed) -> Means:
        compute, copies = torch.cuda.current_stream(self._device), self._copies
        with torch.cuda.stream(copies):
            sent = [torch.from_numpy(a).pin_memory().to(self._device, non_blocking=True) for a in _inputs(batch)]
        compute.wait_stream(copies)
        for tensor in sent:
            tensor.record_stream(compute)
        means = self._forward(batch, *sent)
        received = torch.empty(means.shape, dtype=means.dtype, pin_memory=True)
        received.copy_(means, non_blocking=True)
        done = compute.record_event()

        def wait() -> np.ndarray:
            with _memory_errors():
                done.synchronize()
            return received.numpy()

        return wait

    def _forward(self, batch: Packed, ids: Tensor, places: Tensor, starts: Tensor | None = None) -> Tensor:
        x = functional.embedding(ids, self._words) + functional.embedding(places, self._positions)
        x = filled(self._layer_norm(x, self._norm), least=self._least)
        for qkv, out, norm_1, widen, narrow, norm_2 in self._layers:
            heads = qkv(x.to(self._dtype)).view(len(x), 3, self._heads, -1)
            x = self._layer_norm(out(self._attend(heads, batch, starts)) + x, norm_1)
            x = self._layer_norm(narrow(widen.gelu(x.to(self._dtype))) + x, norm_2)
        means = [
            x[start : start + count * length].view(count, length, -1).mean(1, dtype=torch.float32)
            for start, count, length in batch.runs
        ]
        return torch.cat(means)

    def _layer_norm(self, x: Tensor, parameters: Parameters) -> Tensor:
        return functional.layer_norm(x, (self._width,), *parameters, self._epsilon)

    def _tensor(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(array).to(self._device)

    def _pair(self, weights: Weights, *names: str) -> Parameters:
        weight, bias = weights.linear(*names)
        return self._tensor(weight), self._tensor(bias)

    def _product(self, weights: Weights, *names: str) -> _Linear:
        weight, bias = self._pair(weights, *names)
        return self._linear(weight.to(self._dtype), bias.to(self._dtype))


class _Linear:
    """y = xW' + b, with or without gelu."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self._weight, self._bias = weight, bias

    def __call__(self, x: Tensor) -> Tensor:
        return functional.linear(x, self._weight, self._bias)

    def gelu(self, x: Tensor) -> Tensor:
        return functional.gelu(self(x))


class _Prepacked(_Linear):
    """The same by oneDNN, with the weight laid out once and gelu fused: a seventh faster on a processor."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__(torch.ops.mkldnn._reorder_linear_weight(weight, CPU_BUDGET), bias)
        self._fused: Any = torch.ops.mkldnn._linear_pointwise

    def __call__(self, x: Tensor) -> Tensor:
        y: Tensor = self._fused(x, self._weight, self._bias, "none", [], "")
        return y

    def gelu(self, x: Tensor) -> Tensor:
        y: Tensor = self._fused(x, self._weight, self._bias, "gelu", [], "none")
        return y


def _can_prepack(dtype: torch.dtype) -> bool:
    """Try the private operators once: another torch may lack them, or mean something else by their names."""
    draw = torch.Generator().manual_seed(0)
    x, weight, bias = (torch.randn(shape, generator=draw).to(dtype) for shape in ((64, 32), (32, 32), (32,)))
    try:
        plain, packed = _Linear(weight, bias), _Prepacked(weight, bias)
        pairs = ((plain(x), packed(x)), (plain.gelu(x), packed.gelu(x)))
    except (AttributeError, RuntimeError):
        return False
    return all(torch.allclose(expected, found, rtol=0.02, atol=0.02) for expected, found in pairs)


def _attend_runs(heads: Tensor, batch: Packed, starts: Tensor | None) -> Tensor:  # noqa: ARG001
    """Attention within each window: [tokens, 3, heads, d] → [tokens, heads · d]."""
    return attend(heads, batch.runs)


def _attend_any(heads: Tensor, batch: Packed, starts: Tensor | None) -> Tensor:
    """The same in one kernel; one split, so that a window's values do not depend on what is beside it."""
    longest = int(batch.lengths[0])
    values: Tensor = _VARLEN(*heads.unbind(1), starts, starts, longest, longest, num_splits=1)
    return values.flatten(1)


def _inputs(batch: Packed) -> Iterator[np.ndarray]:
    yield batch.ids
    yield batch.places
    yield np.concatenate([[0], np.cumsum(batch.lengths)]).astype(np.int32)


@contextmanager
def _memory_errors() -> Iterator[None]:
    try:
        yield
    except torch.OutOfMemoryError as error:
        torch.cuda.empty_cache()
        raise MemoryError(str(error)) from error


def torch_device(name: str) -> torch.device:
    """Read a device's name.

    Raises:
        BundleError: if it is unknown, or not on this machine.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        device = torch.device("meta")
    if device.type not in ("cpu", "cuda"):
        raise BundleError(f"device {name!r} is unknown; expected auto, cpu, cuda or cuda:N")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise BundleError(f"device {name!r}: torch sees {torch.cuda.device_count()} GPUs; use 'cpu' or 'auto'")
    return device


def fast_dtype(device: torch.device) -> torch.dtype:
    """Give bf16 where the device multiplies it faster than fp32."""
    if device.type == "cuda":
        return torch.bfloat16
    queries = (getattr(torch.cpu, f"_is_{what}_supported", bool) for what in ("avx512_bf16", "amx_tile"))
    return torch.bfloat16 if any(query() for query in queries) else torch.float32
