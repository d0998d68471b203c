"""What a figure depends on: the machine, and its speed in plain matrix products and in the tokeniser."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from servicequal.bundle import ENCODER, models_folder

FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")
PACKAGES = (
    "torch",
    "transformers",
    "sentence-transformers",
    "setfit",
    "openvino",
    "onnxruntime",
    "spacy",
    "tokenizers",
)


def machine() -> dict:
    """Describe the machine and the packages."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    fields = dict(line.split(":", 1) for line in info.split("\n\n")[0].splitlines() if ":" in line)
    known = {name.strip(): value.strip() for name, value in fields.items()}
    return {
        "processor": known.get("model name", platform.processor()),
        "flags": [flag for flag in FLAGS if flag in known.get("flags", "").split()],
        "cores": len(os.sched_getaffinity(0)),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


def peak(dtype: torch.dtype, *, size: int = 2048, times: int = 5) -> float:
    """Measure the best of several plain matrix products: FLOP/s."""
    a, b = torch.randn(size, size).to(dtype), torch.randn(size, size).to(dtype)
    best = float("inf")
    for _ in range(times + 1):
        start = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best


def tokens_per_second(texts: list[str]) -> float:
    """Measure the tokeniser alone."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(models_folder() / ENCODER / "tokenizer.json"))
    start = time.perf_counter()
    count = sum(len(found.ids) for found in tokenizer.encode_batch_fast(texts))
    return count / (time.perf_counter() - start)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
