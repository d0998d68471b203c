"""ONNX Runtime: fp32, or int8 weights as stored with activations rounded in blocks as they come.

The graph is written with ``onnx.helper``: no hub, no export, no calibration data. Each run of equal length is one call,
without padding or mask, so that a window has the same vector in any batch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from servicequal.errors import MissingExtraError
from servicequal.inference.backends.protocol import Means
from servicequal.inference.packing import Packed
from servicequal.inference.weights import Layer, Weights

try:
    import onnxruntime
    from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
except ImportError:
    raise MissingExtraError("backend 'onnx' needs onnx, onnxruntime; pip install 'servicequal[onnx]'") from None

BLOCK = 64  # weights and activations that share a scale, or the largest power of two below that fits
FUSED = "com.microsoft"  # ONNX Runtime's own operators


class OnnxBackend:
    """A session on the processor, on as many threads as torch uses."""

    budget = 4_096
    beside = False

    def __init__(self, weights: Weights, *, int8: bool, threads: int) -> None:
        self.name = "onnx-int8" if int8 else "onnx"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        model = _Graph(weights, int8=int8).model().SerializeToString()
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def submit(self, batch: Packed) -> Means:
        """Encode a batch, one run of equal length after another: see ``Backend``."""
        found = [self._run(ids) for ids in batch.grids]
        return lambda: np.concatenate(found)

    def _run(self, ids: np.ndarray) -> np.ndarray:
        # a window by itself takes another kernel, with another rounding: it is never by itself
        twice = np.concatenate([ids, ids]) if len(ids) == 1 else ids
        means: np.ndarray = self._session.run(None, {"ids": twice})[0]
        return means[: len(ids)]


class _Graph:
    """The encoder as a graph: int32 [windows, length] → float32 [windows, width]."""

    def __init__(self, weights: Weights, *, int8: bool) -> None:
        self._weights, self._int8 = weights, int8
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def model(self) -> ModelProto:
        """Write it."""
        width = self._weights.width
        x = self._embedded()
        for layer in self._weights.each_layer():
            x = self._layer(x, layer)
        means = self._node("ReduceMean", x, self._constant(np.array([1])), keepdims=0)
        ids = helper.make_tensor_value_info("ids", TensorProto.INT32, ["windows", "length"])
        vectors = helper.make_tensor_value_info(means, TensorProto.FLOAT, ["windows", width])
        graph = helper.make_graph(self._nodes, "encoder", [ids], [vectors], self._constants)
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid(FUSED, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)

    def _embedded(self) -> str:
        rows, scales = self._weights.rows("embeddings.word_embeddings.weight")
        length = self._node("Gather", self._node("Shape", "ids"), self._constant(np.int64(1)))
        places = self._node("Range", self._constant(np.int64(0)), length, self._constant(np.int64(1)))
        words = self._node("Cast", self._node("Gather", self._constant(rows), "ids"), to=TensorProto.FLOAT)
        words = self._node("Mul", words, self._node("Gather", self._constant(scales), "ids"))
        x = self._node("Add", words, self._node("Gather", self._constant(self._weights.positions()), places))
        weight, bias = map(self._constant, self._weights.linear("embeddings.LayerNorm"))
        return self._node("LayerNormalization", x, weight, bias, axis=-1, epsilon=self._weights.epsilon)

    def _layer(self, x: str, layer: Layer) -> str:
        qkv = self._linear(x, *layer.qkv)
        parts = [f"{qkv}.{part}" for part in "qkv"]
        self._nodes.append(helper.make_node("Split", [qkv], parts, axis=-1, num_outputs=3))
        attended = self._node("MultiHeadAttention", *parts, domain=FUSED, num_heads=self._weights.heads)
        x = self._add_norm(self._linear(attended, layer.out), x, layer.norm_1)
        wide = self._node("Gelu", self._linear(x, layer.widen), domain=FUSED)
        return self._add_norm(self._linear(wide, layer.narrow), x, layer.norm_2)

    def _linear(self, x: str, *names: str) -> str:
        dense, bias = self._weights.linear(*names)
        if not self._int8:
            return self._node("Add", self._node("MatMul", x, self._constant(dense.T)), self._constant(bias))
        rows, scales = self._weights.rows(*(f"{name}.weight" for name in names))
        (outputs, inputs), block = rows.shape, min(BLOCK, rows.shape[1] & -rows.shape[1])
        blocks = (outputs, inputs // block)
        stored = (rows.astype(np.int16) + 128).astype(np.uint8).reshape(*blocks, block)
        given = [
            x,
            self._constant(stored),
            self._constant(np.broadcast_to(scales, blocks)),
            "",
            "",
            self._constant(bias),
        ]
        return self._node(
            "MatMulNBits", *given, domain=FUSED, K=inputs, N=outputs, bits=8, block_size=block, accuracy_level=4
        )

    def _add_norm(self, x: str, residual: str, name: str) -> str:
        weight, bias = map(self._constant, self._weights.linear(name))
        epsilon = self._weights.epsilon
        return self._node("SkipLayerNormalization", x, residual, weight, bias, domain=FUSED, epsilon=epsilon)

    def _node(self, kind: str, *given: str, domain: str = "", **attributes: Any) -> str:
        name = f"node-{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(given), [name], domain=domain, **attributes))
        return name

    def _constant(self, value: Any) -> str:
        name = f"constant-{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.array(value), name))
        return name
