"""A backend by its name, held against torch in fp32 before it is trusted."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from servicequal.errors import BundleError, nearest
from servicequal.inference.backends.protocol import Backend
from servicequal.inference.backends.torch_packed import TorchBackend, fast_dtype, torch_device
from servicequal.inference.packing import plan
from servicequal.inference.tokens import Tokenizer, Windows
from servicequal.inference.weights import Weights

BACKENDS = ("auto", "torch-fp32", "torch-bf16", "openvino", "onnx", "openvino-int8", "onnx-int8")
# least cosine to the vector of torch in fp32, after the mean of the sentences below is taken from both: it keeps the
# probabilities of a scorecard within 0.02 of fp32, with int8 activations within 0.1
CLOSE, CLOSE_INT8 = 0.999, 0.99
SENTENCES = (
    "Hello!",
    "No refund, sorry.",
    "My kettle arrived broken and I would like to send it back.",
    "I have checked your order: it left our warehouse on Monday, and the carrier says that it will be with you within "
    "two working days, so please wait until Thursday before we send another one.",
    "Danke.",
    "Wo bleibt meine Bestellung?",
    "Es tut mir leid, dass Sie so lange warten mussten.",
    "Sie können die Kopfhörer innerhalb von 30 Tagen zurückschicken; das Etikett schicke ich Ihnen heute per E-Mail, "
    "und der Betrag ist spätestens fünf Werktage nach Eingang wieder auf Ihrem Konto.",
    "Tak",
    "Szukam słuchawek dla syna.",
    "Bardzo przepraszam za kłopot, już to sprawdzam.",
    "Zwrot pieniędzy nastąpi w ciągu 14 dni od otrzymania przesyłki, a jeśli kurier nie przyjedzie do piątku, proszę "
    "do nas zadzwonić, wtedy zamówimy go jeszcze raz na koszt sklepu.",
)


def open_backend(name: str, weights: Weights, tokenizer: Tokenizer, *, device: str) -> Backend:
    """Load the weights into an engine.

    Args:
        name: one of ``BACKENDS``; ``auto`` is torch, in bf16 where the device multiplies it faster, else in fp32.
        weights: of the encoder.
        tokenizer: of the encoder.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:1``.

    Raises:
        BundleError: if the name is unknown, the engine cannot use the device, or its vectors are not the encoder's.
        MissingExtraError: if the engine is not installed.
    """
    if name not in BACKENDS:
        raise BundleError(f"backend {name!r} is unknown; {nearest(name, BACKENDS)}")
    place = torch_device("cpu" if device == "auto" and _on_processor(name) else device)
    backend = _open(name, weights, place)
    if (backend.name, place.type) != ("torch-fp32", "cpu"):
        exact = TorchBackend(weights, device=torch.device("cpu"), dtype=torch.float32)
        check(backend, exact, tokenizer.windows(SENTENCES))
    return backend


def check(backend: Backend, exact: Backend, windows: Windows) -> None:
    """Hold a backend against another that is known to be right.

    Raises:
        BundleError: if one of the windows has another vector by more than ``CLOSE`` or ``CLOSE_INT8`` allows.
    """
    found, expected = (
        np.concatenate([b.submit(batch)() for batch in plan(windows, np.arange(len(windows.lengths)), budget=512)])
        for b in (backend, exact)
    )
    centre = expected.mean(axis=0)
    found, expected = found - centre, expected - centre
    lengths = np.linalg.norm(found, axis=1) * np.linalg.norm(expected, axis=1)
    least = float(((found * expected).sum(axis=1) / lengths).min())
    bound = CLOSE_INT8 if backend.name.endswith("-int8") else CLOSE
    if not least >= bound:
        raise BundleError(
            f"backend {backend.name!r}: its vectors differ from those of torch in fp32 on this machine (least cosine "
            f"{least:.4f}, expected {bound} or more); use backend 'torch-fp32'"
        )


def _open(name: str, weights: Weights, place: torch.device) -> Backend:
    if _on_processor(name):
        if place.type != "cpu":
            raise BundleError(f"backend {name!r} runs on the processor, not on {str(place)!r}; use device 'cpu'")
        settings: dict[str, Any] = {"int8": name.endswith("-int8"), "threads": torch.get_num_threads()}
        if name.startswith("openvino"):
            from servicequal.inference.backends.openvino_graph import OpenVinoBackend

            return OpenVinoBackend(weights, **settings)
        from servicequal.inference.backends.onnx_graph import OnnxBackend

        return OnnxBackend(weights, **settings)
    dtype = {"torch-fp32": torch.float32, "torch-bf16": torch.bfloat16}.get(name) or fast_dtype(place)
    return TorchBackend(weights, device=place, dtype=dtype)


def _on_processor(name: str) -> bool:
    return name.startswith(("openvino", "onnx"))
