"""The packed encoder equals the Hugging Face model, whatever the batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from servicequal.bundle import ENCODER, models_folder
from servicequal.errors import BundleError
from servicequal.inference.backends.choice import BACKENDS
from servicequal.inference.backends.protocol import Backend, Means
from servicequal.inference.encoder import Encoder
from servicequal.inference.packing import Packed, plan
from servicequal.inference.tokens import Tokenizer as Tokens
from tests.conftest import write_tiny_encoder

TEXTS = ["hello", "my kettle is broken!", "No refund, never. " * 3, "ß", "x", "hello"]


def reference_vectors(folder: Path, model_type: str, texts: list[str]) -> np.ndarray:
    """Mean of the last hidden states of transformers' own model, one text at a time."""
    from transformers import AutoConfig, BertModel, XLMRobertaModel

    kind = BertModel if model_type == "bert" else XLMRobertaModel
    model = kind(AutoConfig.from_pretrained(folder), add_pooling_layer=False).eval()
    model.load_state_dict(load_file(folder / "model.safetensors"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    with torch.inference_mode():
        found = [model(torch.tensor([tokenizer.encode(text).ids])).last_hidden_state[0].mean(0) for text in texts]
    return torch.stack(found).numpy()


@pytest.mark.parametrize("model_type", ["bert", "xlm-roberta"])
@pytest.mark.filterwarnings("ignore")
def test_equals_transformers(tmp_path: Path, model_type: str) -> None:
    folder = write_tiny_encoder(tmp_path / "encoder", model_type=model_type)
    expected = reference_vectors(folder, model_type, TEXTS)
    np.testing.assert_allclose(means(Encoder(folder, device="cpu")), expected, atol=1e-5)
    in_bf16 = means(Encoder(folder, device="cpu", backend="torch-bf16"))
    np.testing.assert_allclose(in_bf16, expected, atol=0.05)  # bf16 keeps 8 bits of values up to 4


def means(encoder: Encoder) -> np.ndarray:
    """Vectors as the backend gives them, before they are rounded to float16."""
    windows = Tokens(encoder.folder / "tokenizer.json", window=encoder.window).windows(TEXTS)
    vectors = np.empty((len(TEXTS), encoder.width), dtype=np.float32)
    for batch in plan(windows, np.arange(len(windows.lengths)), budget=30):
        vectors[batch.rows] = encoder.backend.submit(batch)()
    return vectors


@pytest.mark.parametrize(
    ("folder", "backend"),
    [("tiny", "torch-fp32"), ("tiny", "torch-bf16"), *(("bundled", name) for name in BACKENDS if name != "auto")],
)
def test_a_text_has_the_same_vector_in_any_batch(tiny_encoder: Path, folder: str, backend: str) -> None:
    if backend.startswith(("openvino", "onnx")):
        pytest.importorskip(backend.removesuffix("-int8"))
    encoder = Encoder(
        tiny_encoder if folder == "tiny" else models_folder() / ENCODER, device="cpu", backend=backend, kept=0
    )
    together = encoder.encode(TEXTS)
    backwards = encoder.encode(TEXTS[::-1])[::-1]
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_array_equal(together, backwards)


def test_words_are_tokenised_as_the_whole_text_is() -> None:
    path = models_folder() / ENCODER / "tokenizer.json"
    whole, tokens = Tokenizer.from_file(str(path)), Tokens(path, window=512)
    draw = np.random.default_rng(0)
    letters = np.array(list("aeinrstAEß.,!?'-()€%0123 \u00a0\u0301´¨¼ﬁｆ（😀中żółć<>/\n\t"))
    texts = [*TEXTS, "", " ", "  two  spaces ", *("".join(draw.choice(letters, size=30)) for _ in range(3_000))]
    for text in texts:
        plain = " ".join(text.split())  # as sentences are given to it
        assert tokens.windows([plain]).ids.tolist() == whole.encode(plain).ids, repr(plain)


class Counting:
    """A backend that notes what it is asked."""

    name, budget, beside = "counting", 4_096, False

    def __init__(self, real: Backend) -> None:
        self._real, self.windows = real, 0

    def submit(self, batch: Packed) -> Means:
        self.windows += len(batch.rows)
        return self._real.submit(batch)


def test_what_is_said_again_is_encoded_once(tiny_encoder: Path) -> None:
    plain = Encoder(tiny_encoder, device="cpu", kept=0)
    counting = Counting(plain.backend)
    encoder = Encoder(tiny_encoder, backend=counting, kept=3)
    for texts, new in (["a", "b", "c"], 3), (["b", "d", "a"], 1), (["a", "b", "d"], 0), (["c", "e"], 2), (["a"], 1):
        counting.windows = 0
        np.testing.assert_array_equal(encoder.encode(texts), plain.encode(texts))
        assert counting.windows == new


def test_a_long_text_is_read_to_its_end(tiny_encoder: Path) -> None:
    encoder = Encoder(tiny_encoder, device="cpu")
    start = "no " * 300
    first, second = encoder.encode([start + "yes", start + "never"])
    assert not np.array_equal(first, second)


def test_windows_weigh_by_their_length(tiny_encoder: Path) -> None:
    encoder = Encoder(tiny_encoder, device="cpu")
    full, rest = "no " * 64, "yes " * 10  # the first fills the 66 positions together with the two special tokens
    first, second, whole = encoder.encode([full.strip(), rest.strip(), full + rest.strip()])
    np.testing.assert_allclose(whole, (66 * first + 12 * second) / 78, atol=3e-3)  # float16


def test_nothing_in_nothing_out(tiny_encoder: Path) -> None:
    assert Encoder(tiny_encoder, device="cpu").encode([]).shape == (0, 32)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"config.json is missing; expected an encoder with"):
        Encoder(tmp_path)


def test_a_missing_gpu_is_named(tiny_encoder: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(BundleError, match="torch sees 0 GPUs"):
        Encoder(tiny_encoder, device="cuda")


def test_vectors_kept_as_float16_are_the_same(tiny_encoder: Path) -> None:
    vectors = Encoder(tiny_encoder, device="cpu").encode(TEXTS)
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors.astype(np.float16).astype(np.float32), vectors)
