"""What several tests share: a tiny random encoder built in memory, and contacts that carry their meaning in words."""

from __future__ import annotations

import json
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as many processes as cores run these tests

import numpy as np
import pytest
from hypothesis import settings
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from servicequal import Contact, Scorer, Turn

settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")

WORDS = "hello sorry broken refund buy price order today never help thanks no yes the a is my we you".split()


def write_tiny_encoder(folder: Path, *, model_type: str = "bert", seed: int = 0) -> Path:
    """Write a BERT of 2 layers × 32 with random weights, and a vocabulary of letters and some words."""
    signs = "abcdefghijklmnopqrstuvwxyzäöüßąćęłńóśźż0123456789.,!?"
    letters = [prefix + sign for sign in signs for prefix in ("", "##")]
    pieces = list(dict.fromkeys(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *WORDS]))
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    width, inner, layers, positions = 32, 64, 2, 66
    config = {
        "model_type": model_type, "hidden_size": width, "num_hidden_layers": layers, "num_attention_heads": 4,
        "intermediate_size": inner, "hidden_act": "gelu", "layer_norm_eps": 1e-12, "max_position_embeddings": positions,
        "type_vocab_size": 2, "vocab_size": len(vocabulary), "pad_token_id": 0,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    draw = np.random.default_rng(seed)

    def matrix(*shape: int) -> np.ndarray:
        return draw.normal(0, 0.3, shape).astype(np.float32)

    state = {
        "embeddings.word_embeddings.weight": matrix(len(vocabulary), width),
        "embeddings.position_embeddings.weight": matrix(positions, width),
        "embeddings.token_type_embeddings.weight": matrix(2, width),
    }
    shapes = {
        "attention.self.query": (width, width), "attention.self.key": (width, width),
        "attention.self.value": (width, width), "attention.output.dense": (width, width),
        "intermediate.dense": (inner, width), "output.dense": (width, inner),
    }  # fmt: skip
    norms = ["embeddings.LayerNorm"]
    for layer in range(layers):
        at = f"encoder.layer.{layer}."
        for name, shape in shapes.items():
            state[f"{at}{name}.weight"], state[f"{at}{name}.bias"] = matrix(*shape), matrix(shape[0])
        norms += [f"{at}attention.output.LayerNorm", f"{at}output.LayerNorm"]
    for name in norms:
        state[f"{name}.weight"], state[f"{name}.bias"] = 1 + matrix(width), matrix(width)
    save_file(state, folder / "model.safetensors")
    return folder


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_encoder(tmp_path_factory.mktemp("tiny") / "encoder")


@pytest.fixture(scope="session")
def scorer() -> Scorer:
    """The bundled scorer, loaded once."""
    return Scorer.load()


@pytest.fixture
def chat() -> Contact:
    turns = (
        Turn("customer", "Hello, my kettle arrived broken and I am really upset. Can I send it back?"),
        Turn(
            "agent", "Good morning! I am so sorry your kettle broke. You can return it within 30 days, free of charge."
        ),
        Turn("agent", "I will send you the label today and the refund follows within five working days."),
        Turn("customer", "Thank you, that helps."),
        Turn("agent", "Have a lovely day!"),
    )
    return Contact("kettle", "chat", turns, attributes={"company": "voltana", "started_at": "2026-02-01T10:00:00Z"})
