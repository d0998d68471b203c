"""Texts → vectors: a BERT or XLM-R encoder over packed tokens, mean-pooled, read from a folder on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from servicequal.errors import BundleError
from servicequal.inference.packing import Packed, plan
from servicequal.inference.tokens import Tokenizer

FILES = ("config.json", "tokenizer.json", "model.safetensors")
CPU_BUDGET, CUDA_BUDGET = 4_096, 65_536
# a matrix product of a few rows takes another kernel, with another rounding: a contact must score the same in any batch
MIN_ROWS = 64


class Encoder:
    """A sentence encoder: deduplicates, tokenises, packs, encodes, and gives vectors back in the order asked.

    Weights are fp32, or int8 rows with an fp16 scale each (``name`` and ``name.scale``), as ``models/build_encoder.py``
    writes them.

    Attributes:
        folder: where it was read from.
        width: length of a vector.

    Example:
        >>> encoder = Encoder(bundled_encoder())                                     # doctest: +SKIP
        >>> encoder.encode(["Hello", "Guten Tag"]).shape                             # doctest: +SKIP
        (2, 384)
    """

    def __init__(self, folder: Path, *, device: str = "auto") -> None:
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise BundleError(f"{folder}: {missing[0]} is missing; expected an encoder with {', '.join(FILES)}")
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config.get("model_type") not in ("bert", "xlm-roberta"):
            raise BundleError(f"{folder}: model_type is {config.get('model_type')!r}; expected 'bert' or 'xlm-roberta'")
        self.folder = folder
        self.width: int = config["hidden_size"]
        self.device = _device(device)
        # XLM-R counts positions from the padding id + 1, BERT from 0
        self._offset = config["pad_token_id"] + 1 if config["model_type"] == "xlm-roberta" else 0
        self._window = config["max_position_embeddings"] - self._offset
        self._heads: int = config["num_attention_heads"]
        self._epsilon: float = config["layer_norm_eps"]
        self._tokenizer = Tokenizer(folder / "tokenizer.json", window=self._window)
        self._load(_dequantised(load_file(folder / "model.safetensors")), config["num_hidden_layers"])

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Encode texts.

        Returns:
            float32 [texts, width]; equal texts have equal vectors, whatever else is in the batch.
        """
        if not texts:
            return np.zeros((0, self.width), dtype=np.float32)
        unique = list(dict.fromkeys(texts))
        number = {text: index for index, text in enumerate(unique)}
        windows = self._tokenizer.windows(unique)
        sums = np.zeros((len(unique), self.width), dtype=np.float32)
        tokens = np.zeros((len(unique), 1), dtype=np.float32)
        budget = CUDA_BUDGET if self.device.type == "cuda" else CPU_BUDGET
        pooled = np.empty((len(windows.ids), self.width), dtype=np.float32)
        for batch in plan(windows.ids, budget=budget):
            pooled[batch.rows] = self._forward(batch)
        lengths = np.array([[len(ids)] for ids in windows.ids], dtype=np.float32)
        np.add.at(sums, windows.text, pooled * lengths)
        np.add.at(tokens, windows.text, lengths)
        return (sums / tokens)[[number[text] for text in texts]]

    def _load(self, state: dict[str, Tensor], layers: int) -> None:
        def get(name: str) -> Tensor:
            return state[name].to(self.device)

        def linear(*names: str) -> tuple[Tensor, Tensor]:
            return torch.cat([get(f"{n}.weight") for n in names]), torch.cat([get(f"{n}.bias") for n in names])

        self._words = get("embeddings.word_embeddings.weight")
        self._positions = (
            get("embeddings.position_embeddings.weight") + get("embeddings.token_type_embeddings.weight")[0]
        )
        self._norm = linear("embeddings.LayerNorm")
        self._layers = []
        for layer in range(layers):
            at = f"encoder.layer.{layer}."
            attention = at + "attention."
            self._layers.append(
                (
                    linear(*(f"{attention}self.{part}" for part in ("query", "key", "value"))),
                    linear(attention + "output.dense"),
                    linear(attention + "output.LayerNorm"),
                    linear(at + "intermediate.dense"),
                    linear(at + "output.dense"),
                    linear(at + "output.LayerNorm"),
                )
            )

    @torch.inference_mode()
    def _forward(self, batch: Packed) -> np.ndarray:
        ids = torch.from_numpy(batch.ids).to(self.device)
        places = np.concatenate([np.arange(length) for length in batch.lengths]) + self._offset
        x = self._words[ids] + self._positions[torch.from_numpy(places).to(self.device)]
        x = functional.pad(self._layer_norm(x, self._norm), (0, 0, 0, max(0, MIN_ROWS - len(x))))
        runs = list(batch.runs)
        for qkv, out, norm_1, widen, narrow, norm_2 in self._layers:
            attended = self._attend(functional.linear(x, *qkv), runs)
            x = self._layer_norm(functional.linear(attended, *out) + x, norm_1)
            x = self._layer_norm(functional.linear(functional.gelu(functional.linear(x, *widen)), *narrow) + x, norm_2)
        means = [x[start : start + count * length].view(count, length, -1).mean(1) for start, count, length in runs]
        return torch.cat(means).float().cpu().numpy()

    def _attend(self, qkv: Tensor, runs: list[tuple[int, int, int]]) -> Tensor:
        attended = qkv.new_zeros(len(qkv), self.width)
        for start, count, length in runs:
            stop = start + count * length
            q, k, v = qkv[start:stop].view(count, length, 3, self._heads, -1).permute(2, 0, 3, 1, 4)
            values = functional.scaled_dot_product_attention(q, k, v)
            attended[start:stop] = values.transpose(1, 2).reshape(stop - start, self.width)
        return attended

    def _layer_norm(self, x: Tensor, parameters: tuple[Tensor, Tensor]) -> Tensor:
        return functional.layer_norm(x, (self.width,), *parameters, self._epsilon)


def encoder_digest(folder: Path) -> str:
    """Give the sha256 of an encoder's files, in hexadecimal."""
    digest = hashlib.sha256()
    for name in FILES:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def _dequantised(state: dict[str, Tensor]) -> dict[str, Tensor]:
    def weights(name: str) -> Tensor:
        scale: Any = state.get(f"{name}.scale")
        return state[name].float() if scale is None else state[name].float() * scale.float()[:, None]

    names = [name for name in state if not name.endswith(".scale")]
    return {name.removeprefix("bert.").removeprefix("roberta."): weights(name) for name in names}


def _device(name: str) -> torch.device:
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
