"""An encoder's folder on disk: what its config says, and its weights under their Hugging Face names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors.torch import load_file

from servicequal.errors import BundleError

FILES = ("config.json", "tokenizer.json", "model.safetensors")


class Layer(NamedTuple):
    """Names of the modules of one layer; query, key and value are one product."""

    qkv: tuple[str, str, str]
    out: str
    norm_1: str
    widen: str
    narrow: str
    norm_2: str


@dataclass(frozen=True)
class Weights:
    """An encoder of the BERT or XLM-R family.

    Attributes:
        width: of a hidden state.
        heads: of the attention.
        layers: how many.
        epsilon: of the layer norms.
        offset: the position of the first token.
        window: tokens that are read at once, with the special tokens.
        arrays: float32, or int8 rows with an fp16 scale each (``name`` and ``name.scale``), as
            ``models/build_encoder.py`` writes them.
    """

    width: int
    heads: int
    layers: int
    epsilon: float
    offset: int
    window: int
    arrays: dict[str, np.ndarray]

    @classmethod
    def read(cls, folder: Path) -> Weights:
        """Read a folder.

        Raises:
            BundleError: if a file is missing, or the model is of another family.
        """
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise BundleError(f"{folder}: {missing[0]} is missing; expected an encoder with {', '.join(FILES)}")
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config.get("model_type") not in ("bert", "xlm-roberta"):
            raise BundleError(f"{folder}: model_type is {config.get('model_type')!r}; expected 'bert' or 'xlm-roberta'")
        if (activation := config.get("hidden_act", "gelu")) != "gelu":
            raise BundleError(f"{folder}: hidden_act is {activation!r}; expected 'gelu'")
        # XLM-R counts positions from the padding id + 1, BERT from 0
        offset = config["pad_token_id"] + 1 if config["model_type"] == "xlm-roberta" else 0
        state = load_file(folder / "model.safetensors")
        return cls(
            config["hidden_size"],
            config["num_attention_heads"],
            config["num_hidden_layers"],
            config["layer_norm_eps"],
            offset,
            config["max_position_embeddings"] - offset,
            {
                name.removeprefix("bert.").removeprefix("roberta."): (
                    (tensor if name.endswith(".scale") or f"{name}.scale" in state else tensor.float()).numpy()
                )
                for name, tensor in state.items()
            },
        )

    def each_layer(self) -> Iterator[Layer]:
        """Name the modules of all layers, in order."""
        for layer in range(self.layers):
            at = f"encoder.layer.{layer}."
            query, key, value = (f"{at}attention.self.{part}" for part in ("query", "key", "value"))
            yield Layer(
                (query, key, value),
                f"{at}attention.output.dense",
                f"{at}attention.output.LayerNorm",
                f"{at}intermediate.dense",
                f"{at}output.dense",
                f"{at}output.LayerNorm",
            )

    def dense(self, name: str) -> np.ndarray:
        """Give an array, float32."""
        scale = self.arrays.get(f"{name}.scale")
        array = self.arrays[name].astype(np.float32)
        return array if scale is None else array * scale.astype(np.float32)[:, None]

    def linear(self, *names: str) -> tuple[np.ndarray, np.ndarray]:
        """Give weight, float32 [outputs, inputs], and bias of one module, or of several as one."""
        weight, bias = (np.concatenate([self.dense(f"{n}.{part}") for n in names]) for part in ("weight", "bias"))
        return weight, bias

    def rows(self, *names: str) -> tuple[np.ndarray, np.ndarray]:
        """Give weights of one matrix, or of several as one, as int8 [rows, columns] and float32 scales [rows, 1].

        Weights stored as int8 come as they are; others are rounded to 127 steps of each row's largest.
        """
        whole, scales = zip(*(self._rows(name) for name in names), strict=True)
        return np.concatenate(whole), np.concatenate(scales)

    def _rows(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        if f"{name}.scale" in self.arrays:
            return self.arrays[name], self.arrays[f"{name}.scale"].astype(np.float32)[:, None]
        array = self.dense(name)
        scale = np.maximum(np.abs(array).max(axis=1, keepdims=True) / 127, np.float32(1e-12))
        return np.round(array / scale).astype(np.int8), scale

    def positions(self) -> np.ndarray:
        """Give what is added to a token at each place of a window: float32 [window, width]."""
        token_type = self.dense("embeddings.token_type_embeddings.weight")[0]
        every: np.ndarray = self.dense("embeddings.position_embeddings.weight") + token_type
        return every[self.offset :]
