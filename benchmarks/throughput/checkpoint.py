"""The project's encoder as a Hugging Face checkpoint, so that every system runs the same weights."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from safetensors.numpy import save_file

from servicequal.bundle import ENCODER, models_folder
from servicequal.inference.weights import Weights


def write_checkpoint(folder: Path, given: Path | None = None) -> Path:
    """Write configuration, weights in float32 and tokenizer: of the bundled encoder, or of another."""
    given = given or models_folder() / ENCODER
    folder.mkdir(parents=True, exist_ok=True)
    weights = Weights.read(given)
    state = {name: weights.dense(name) for name in weights.arrays if not name.endswith(".scale")}
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((given / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"architectures": ["BertModel"]}), encoding="utf-8")
    shutil.copy(given / "tokenizer.json", folder)
    special = {"cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512, **special}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder
