"""OpenVINO: bf16 where the processor has it, or int8 weights as stored with activations rounded in groups as they come.

The graph is written with OpenVINO's own operators: no hub, no conversion, no calibration data. Each run of equal length
is one call, without padding or mask, so that a window has the same vector in any batch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from servicequal.errors import MissingExtraError
from servicequal.inference.backends.protocol import Means
from servicequal.inference.packing import Packed
from servicequal.inference.weights import Layer, Weights

try:
    import openvino
    from openvino import opset13 as op
except ImportError:
    raise MissingExtraError("backend 'openvino' needs openvino; pip install 'servicequal[openvino]'") from None

GROUP = 128  # activations that share a scale: 64 is a tenth slower and twice as close, a whole row the reverse
Node = Any


class OpenVinoBackend:
    """An OpenVINO graph on the processor, on as many threads as torch uses."""

    budget = 4_096
    beside = False

    def __init__(self, weights: Weights, *, int8: bool, threads: int) -> None:
        self.name = "openvino-int8" if int8 else "openvino"
        core = openvino.Core()
        # in bf16, AMX would unpack int8 weights, for few tokens by another kernel: other bits alone than in a batch
        bf16 = not int8 and "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        settings = {
            "INFERENCE_PRECISION_HINT": "bf16" if bf16 else "f32",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP if int8 else 0,
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
        }
        self._request = core.compile_model(_Graph(weights, int8=int8).model(), "CPU", settings).create_infer_request()

    def submit(self, batch: Packed) -> Means:
        """Encode a batch, one run of equal length after another: see ``Backend``."""
        found = [self._request.infer([ids])[0].copy() for ids in batch.grids]
        return lambda: np.concatenate(found)


class _Graph:
    """The encoder as a graph: int32 [windows, length] → float32 [windows, width]."""

    def __init__(self, weights: Weights, *, int8: bool) -> None:
        self._weights, self._int8 = weights, int8
        self._ids = op.parameter([-1, -1], openvino.Type.i32, name="ids")
        self._shape = op.shape_of(self._ids, "i64")

    def model(self) -> openvino.Model:
        """Write it."""
        x = self._embedded()
        for layer in self._weights.each_layer():
            x = self._layer(layer, x)
        windows = op.reshape(x, op.concat([self._shape, _ints(self._weights.width)], 0), False)
        return openvino.Model([op.reduce_mean(windows, _ints(1))], [self._ids], "encoder")

    def _embedded(self) -> Node:
        rows, scales = self._weights.rows("embeddings.word_embeddings.weight")
        zero, one = _constant(np.int64(0)), _constant(np.int64(1))
        places = op.range(zero, op.gather(self._shape, one, zero), one, "i64")
        words = op.convert(op.gather(_constant(rows), self._ids, zero), "f32")
        words = op.multiply(words, op.gather(_constant(scales), self._ids, zero))
        x = op.add(words, op.gather(_constant(self._weights.positions()), places, zero))
        return self._norm(op.reshape(x, _ints(-1, self._weights.width), False), "embeddings.LayerNorm")

    def _layer(self, layer: Layer, x: Node) -> Node:
        heads, width = self._weights.heads, self._weights.width
        shape = op.concat([self._shape, _ints(heads, width // heads)], 0)
        qkv = op.split(self._linear(x, *layer.qkv), _constant(np.int64(1)), 3).outputs()
        q, k, v = (op.transpose(op.reshape(one, shape, False), _ints(0, 2, 1, 3)) for one in qkv)
        attended = op.transpose(op.scaled_dot_product_attention(q, k, v), _ints(0, 2, 1, 3))
        attended = op.reshape(attended, _ints(-1, width), False)
        x = self._norm(op.add(self._linear(attended, layer.out), x), layer.norm_1)
        wide = op.gelu(self._linear(x, layer.widen), "erf")
        return self._norm(op.add(self._linear(wide, layer.narrow), x), layer.norm_2)

    def _linear(self, x: Node, *names: str) -> Node:
        dense, bias = self._weights.linear(*names)
        weight = _constant(dense)
        if self._int8:
            rows, scales = self._weights.rows(*(f"{name}.weight" for name in names))
            weight = op.multiply(op.convert(_constant(rows), "f32"), _constant(scales))
        return op.add(op.matmul(x, weight, False, True), _constant(bias))

    def _norm(self, x: Node, name: str) -> Node:
        weight, bias = self._weights.linear(name)
        normal = op.mvn(x, _ints(-1), True, self._weights.epsilon, "inside_sqrt")
        return op.add(op.multiply(normal, _constant(weight)), _constant(bias))


def _constant(value: Any) -> Node:
    return op.constant(np.array(value))


def _ints(*values: int) -> Node:
    return _constant(np.array(values, dtype=np.int64))
