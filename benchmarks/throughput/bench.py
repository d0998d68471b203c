"""Contacts a second and peak memory, from file to scorecards, side by side: python benchmarks/throughput/bench.py

    python benchmarks/throughput/bench.py [--contacts FILE] [--parts side-by-side growth stored million] [--rounds 3] …

Every run is a fresh process (``system.py``); systems take turns in rounds, so that a busy minute hits all alike;
medians over the rounds are reported, and ratios within a round. All systems have the same weights, read from one
checkpoint in a scratch folder, and the same heads; where a system's ratings differ by more than ``CLOSE`` from those
of torch in float32, the result says so, and unless it is an int8 one, the command fails. Writes
``results/throughput.json`` and ``.svg``; parts that are not asked for stay as they were.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from checkpoint import write_checkpoint
from generated import history, source, write
from machine import machine, peak, tokens_per_second
from plot import plot

from servicequal import Scorer, score_history
from servicequal.bundle import ENCODER, models_folder
from servicequal.inference.language import language_of
from servicequal.inference.segments import split_sentences

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results"
CLOSE = 0.02
LANGUAGES = ("de", "en", "pl")
EXACT, SIMULATED = "servicequal torch-fp32", "servicequal simulated"
DEFAULT = "transformers pipeline, default"
NEEDS = {  # what must be there for a system
    EXACT: None,
    "servicequal torch-bf16": None,
    "servicequal openvino": "openvino",
    "servicequal openvino-int8": "openvino",
    "servicequal onnx": "onnxruntime",
    "servicequal onnx-int8": "onnxruntime",
    DEFAULT: "transformers",
    "transformers pipeline, tuned": "transformers",
    "sentence-transformers": "sentence_transformers",
    "SetFit": "setfit",
}
OPERATORS = {  # of the encoder in torch; activation is fused into the first, softmax into the second
    "linear": ("mkldnn::_linear_pointwise", "aten::addmm", "aten::mm"),
    "attention": ("aten::_scaled_dot_product_flash_attention",),
}
SKIPPED = {
    "spaCy textcat with a transformer": "not measured: spacy-transformers 1.4 needs transformers below 4.54, and "
    "spacy-curated-transformers 2.1 needs thinc 9, which spaCy 3.8 refuses; 0.3.1 installs, but its entry point "
    "imports torch.jit.script, deprecated, into every spaCy pipeline, and it loads no checkpoint from a folder"
}


def run(system: str, contacts: Path, checkpoint: Path, scratch: Path) -> dict:
    """Run one system in a process of its own."""
    out = scratch / "one.json"
    command = [sys.executable, str(HERE / "system.py"), system, str(contacts), str(checkpoint), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        return {"system": system, "failed": done.stderr.strip().splitlines()[-1][:300]}
    found = json.loads(out.read_text())
    print(f"{system}: {found['contacts'] / found['seconds']:.1f}/s, {found['peak_megabytes']:.0f} MB", flush=True)
    return found


def side_by_side(asked: list[str], files: dict[str, Path], rounds: int, checkpoint: Path, scratch: Path) -> dict:
    """Let the systems take turns."""
    missing = {name: f"not installed: {NEEDS[name]}" for name in asked if NEEDS[name] and not find_spec(NEEDS[name])}
    systems = [name for name in asked if name not in missing]
    runs: dict[str, list[dict]] = {name: [] for name in systems}
    for number in range(rounds):
        for name in systems if number % 2 == 0 else systems[::-1]:
            kind = "ours" if name.startswith("servicequal") else "peers"
            runs[name].append(run(name, files[kind], checkpoint, scratch))
    peaks = {"fp32": peak(torch.float32), "bf16": peak(torch.bfloat16)}
    table = {name: summary(found, runs, peaks) for name, found in runs.items()}
    return {"matrix_product_gflops": {k: round(v / 1e9) for k, v in peaks.items()}, "systems": table} | {
        "skipped": missing | SKIPPED
    }


def summary(found: list[dict], runs: dict[str, list[dict]], peaks: dict[str, float]) -> dict:
    """Take medians over the rounds, and hold the ratings against those of float32."""
    good = [one for one in found if "failed" not in one]
    if not good:
        return {"failed": found[-1]["failed"]}
    rate = [one["contacts"] / one["seconds"] for one in good]
    figures = {
        "contacts": good[0]["contacts"],
        "contacts_per_second": round(statistics.median(rate), 2),
        "rounds": [round(one, 2) for one in rate],
        "peak_megabytes": round(statistics.median(one["peak_megabytes"] for one in good)),
        "load_seconds": round(statistics.median(one["load_seconds"] for one in good), 1),
    }
    for other in (DEFAULT, "sentence-transformers"):
        pairs = [(a, b) for a, b in zip(found, runs.get(other, []), strict=False) if "failed" not in {**a, **b}]
        ratios = [a["contacts"] / a["seconds"] / (b["contacts"] / b["seconds"]) for a, b in pairs]
        if ratios:
            figures[f"times_{other}"] = round(statistics.median(ratios), 2)
    if "tokens" in good[0]:
        figures["encoder_share_of_time"] = round(statistics.median(one["encoder_share"] for one in good), 3)
        figures["tokens_per_second"] = round(statistics.median(one["tokens"] / one["seconds"] for one in good))
        worked = statistics.median(encoder_flops(one) / one["seconds"] for one in good)
        figures["share_of_peak"] = {name: round(worked / most, 3) for name, most in peaks.items()}
    exact = [one for one in runs.get(EXACT, []) if "failed" not in one]
    if exact:
        figures |= difference(good[0]["ratings"], exact[0]["ratings"])
    return figures


def encoder_flops(one: dict) -> float:
    """Count the encoder's floating-point operations: 24 · width² a token and layer, and 4 · width a pair of tokens."""
    config = json.loads((models_folder() / ENCODER / "config.json").read_text())
    layers, width = config["num_hidden_layers"], config["hidden_size"]
    return layers * (24 * width**2 * one["tokens"] + 4 * width * one["squares"])


def difference(ours: list, exact: list) -> dict:
    """Compare ratings on the contacts that both have, the first of each."""
    count = min(len(ours), len(exact))
    apart = np.abs(np.array(ours[:count]) - np.array(exact[:count]))
    return {
        "compared": count,
        "largest_difference": round(float(apart.max()), 4),
        "differences_above_0.02": round(float((apart > CLOSE).mean()), 5),
        "same_scores": bool(apart.max() <= CLOSE),
    }


def growth(contacts: list, sizes: list[int], system: str, checkpoint: Path, scratch: Path, **how: int | None) -> list:
    """Measure time and memory of histories of several lengths, none with a duplicate."""
    rows = []
    for size in sizes:
        path = scratch / "history.jsonl"
        write(history(contacts, size, changed=True, **how), path)
        found = run(system, path, checkpoint, scratch)
        found.pop("ratings", None)
        rows.append(found)
        path.unlink()
    return rows


def stored(contacts: list, count: int, scratch: Path) -> dict:
    """Score a history, keep its vectors, and score it again from them; the scorer is loaded."""
    scorer, path, seconds = Scorer.load(), scratch / "history.jsonl", []
    write(history(contacts, count, changed=True), path)
    for out in ("first", "again"):
        begin = time.perf_counter()
        score_history(path, scratch / out, scorer=scorer, vectors=scratch / "vectors")
        seconds.append(time.perf_counter() - begin)
    found = {
        "contacts": count,
        "seconds": [round(one, 2) for one in seconds],
        "times": round(seconds[0] / seconds[1], 1),
    }
    print(f"again from stored vectors: {found['times']} times as fast", flush=True)
    return found


def products(contacts: list) -> dict:
    """Profile the encoder alone: shares of its time in linear layers and in attention, by torch's profiler."""
    encoder = Scorer.load(backend="torch-bf16", device="cpu").encoder
    encoder.encode(["warm"])
    texts = sentences_of(contacts)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        start = time.perf_counter()
        encoder.encode(texts)
        seconds = time.perf_counter() - start
    shares = dict.fromkeys(OPERATORS, 0.0)
    for one in profile.key_averages():
        for name, marks in OPERATORS.items():
            if any(mark in one.key for mark in marks):
                shares[name] += one.self_cpu_time_total / 1e6 / seconds
    return {"backend": "torch-bf16", "contacts": len(contacts)} | {name: round(v, 3) for name, v in shares.items()}


def sentences_of(contacts: list) -> list[str]:
    """Cut contacts into sentences."""
    return [s.text for contact in contacts for s in split_sentences(contact, language_of(contact, LANGUAGES))]


def tokeniser(contacts: list) -> dict:
    """Measure the tokeniser, and the cutting into sentences, alone."""
    for language in LANGUAGES:
        split_sentences(contacts[0], language)  # loads the rules
    start = time.perf_counter()
    texts = sentences_of(contacts)
    cutting = time.perf_counter() - start
    return {
        "tokens_per_second": round(tokens_per_second(texts)),
        "contacts_cut_per_second": round(len(contacts) / cutting),
    }


def main() -> None:
    """Measure the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contacts", type=Path, help="contacts to measure with; the annotated ones by default")
    parser.add_argument(
        "--parts", nargs="*", default=["side-by-side", "growth", "stored"], help="side-by-side growth stored million"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--systems", nargs="*", default=list(NEEDS), choices=list(NEEDS), metavar="NAME")
    parser.add_argument("--ours", type=int, default=512, help="contacts of a run of servicequal")
    parser.add_argument("--peers", type=int, default=64, help="contacts of a run of a peer: the first of ours")
    parser.add_argument("--growth", type=int, nargs="*", default=[500, 2_000, 20_000])
    parser.add_argument("--growth-system", default="servicequal torch-bf16")
    parser.add_argument("--million", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=2, help="turns of each contact of the million")
    parser.add_argument("--out", type=Path, default=RESULTS / "throughput.json")
    options = parser.parse_args()
    contacts = source(options.contacts)
    random.Random(0).shuffle(contacts)  # noqa: S311
    results = json.loads(options.out.read_text()) if options.out.exists() else {}
    results |= {"machine": machine(), "source": options.contacts.name if options.contacts else "annotations"}
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        checkpoint = write_checkpoint(scratch / "checkpoint")
        if "side-by-side" in options.parts:
            files = {"ours": scratch / "ours.jsonl", "peers": scratch / "peers.jsonl"}
            write(history(contacts, options.ours), files["ours"])
            write(islice(history(contacts, options.ours), options.peers), files["peers"])
            results["side_by_side"] = side_by_side(options.systems, files, options.rounds, checkpoint, scratch)
            results["alone"] = tokeniser(contacts[: options.ours])
            results["encoder_time"] = products(contacts[: options.ours])
        if "growth" in options.parts:
            results["growth"] = growth(contacts, options.growth, options.growth_system, checkpoint, scratch)
        if "stored" in options.parts:
            results["stored_vectors"] = stored(contacts, options.ours, scratch)
        if "million" in options.parts:
            sizes = [options.million // 10, options.million]
            how = {"turns": options.turns}
            results["simulated_device"] = growth(contacts, sizes, SIMULATED, checkpoint, scratch, **how)
    options.out.write_text(json.dumps(results, indent=1) + "\n")
    plot(results, options.out.with_suffix(".svg"))
    failed = [name for name, one in results.get("side_by_side", {}).get("systems", {}).items() if _strays(name, one)]
    if failed:
        sys.exit(f"other scores than in float32: {', '.join(failed)}")


def _strays(name: str, figures: dict) -> bool:
    return "int8" not in name and not figures.get("same_scores", True)


if __name__ == "__main__":
    main()
