"""OpenVINO: int8 weights as stored, activations rounded in groups as they come, the rest in bf16 where the CPU has it.

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

    name = "openvino"
    budget = 4_096

    def __init__(self, weights: Weights, *, threads: int) -> None:
        core = openvino.Core()
        bf16 = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        settings = {
            "INFERENCE_PRECISION_HINT": "bf16" if bf16 else "f32",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP,
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
        }
        self._request = core.compile_model(_graph(weights), "CPU", settings).create_infer_request()

    def submit(self, batch: Packed) -> Means:
        """Encode a batch, one run of equal length after another: see ``Backend``."""
        found = [
            self._request.infer([batch.ids[start : start + count * length].reshape(count, length)])[0].copy()
            for start, count, length in batch.runs
        ]
        return lambda: np.concatenate(found)


def _graph(weights: Weights) -> openvino.Model:
    """Write the encoder: int32 [windows, length] → float32 [windows, width]."""
    ids = op.parameter([-1, -1], openvino.Type.i32, name="ids")
    shape = op.shape_of(ids, "i64")
    split_heads = op.concat([shape, _ints(weights.heads, weights.width // weights.heads)], 0)
    x = _embedded(weights, ids, shape)
    for layer in weights.each_layer():
        x = _layer(weights, layer, x, split_heads)
    whole = op.reshape(x, op.concat([shape, _ints(weights.width)], 0), False)
    return openvino.Model([op.reduce_mean(whole, _ints(1))], [ids], "encoder")


def _embedded(weights: Weights, ids: Node, shape: Node) -> Node:
    rows, scales = weights.rows("embeddings.word_embeddings.weight")
    axis = _constant(np.int64(0))
    length = op.gather(shape, _constant(np.int64(1)), axis)
    places = op.range(_constant(np.int64(0)), length, _constant(np.int64(1)), "i64")
    words = op.multiply(
        op.convert(op.gather(_constant(rows), ids, axis), "f32"), op.gather(_constant(scales), ids, axis)
    )
    x = op.add(words, op.gather(_constant(weights.positions()), places, axis))
    return _layer_norm(weights, op.reshape(x, _ints(-1, weights.width), False), "embeddings.LayerNorm")


def _layer(weights: Weights, layer: Layer, x: Node, split_heads: Node) -> Node:
    qkv = op.split(_linear(weights, x, *layer.qkv), _constant(np.int64(1)), 3).outputs()
    q, k, v = (op.transpose(op.reshape(one, split_heads, False), _ints(0, 2, 1, 3)) for one in qkv)
    attended = op.transpose(op.scaled_dot_product_attention(q, k, v), _ints(0, 2, 1, 3))
    attended = op.reshape(attended, _ints(-1, weights.width), False)
    x = _layer_norm(weights, op.add(_linear(weights, attended, layer.out), x), layer.norm_1)
    wide = op.gelu(_linear(weights, x, layer.widen), "erf")
    return _layer_norm(weights, op.add(_linear(weights, wide, layer.narrow), x), layer.norm_2)


def _linear(weights: Weights, x: Node, *names: str) -> Node:
    rows, scales = weights.rows(*(f"{name}.weight" for name in names))
    bias = np.concatenate([weights.dense(f"{name}.bias") for name in names])
    weight = op.multiply(op.convert(_constant(rows), "f32"), _constant(scales))
    return op.add(op.matmul(x, weight, False, True), _constant(bias))


def _layer_norm(weights: Weights, x: Node, name: str) -> Node:
    weight, bias = weights.linear(name)
    normal = op.mvn(x, _ints(-1), True, weights.epsilon, "inside_sqrt")
    return op.add(op.multiply(normal, _constant(weight)), _constant(bias))


def _constant(value: Any) -> Node:
    return op.constant(np.array(value))


def _ints(*values: int) -> Node:
    return _constant(np.array(values, dtype=np.int64))
