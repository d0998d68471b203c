"""How many host cores keep a device busy, and how long it waits: python …/overlap.py [CONTACTS.jsonl]

Three rates of this machine are measured: what one core splits and tokenises, what one worker process does so and hands
over, and what the process that feeds the device takes from workers and hands on, in its own processor time. Cores for a
device of ``--rate`` tokens a second are extrapolated from the second; where the third is below the rate, it takes
several feeding processes. Both run together with devices that only wait: one of ``--rate``, and one that takes
``SHARE`` of what one worker hands over, which shows whether it waits where the workers are enough.
With a CUDA device the real encoder runs too, and its idle share and its share of the roofline are printed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import platform
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import torch
from simulated import SimulatedDevice

from servicequal import Contact, read_contacts
from servicequal.bundle import ENCODER, models_folder
from servicequal.examples import examples_folder
from servicequal.inference.encoder import Encoder
from servicequal.inference.pipeline import BLOCK, encode_contacts, preparation
from servicequal.inference.workers import Workers

LANGUAGES, PREFIX = ("de", "en", "pl"), ""
# tokens a second that an H100 can reach with 12 layers of 384 at short lengths, every operation at the speed of memory
# or of arithmetic, whichever is slower: 790 TFLOP/s in bf16 and 3.0 TB/s
ROOFLINE = 11.2e6
SHARE = 0.7


def repeated(path: Path, count: int) -> list[Contact]:
    """Repeat contacts with a number in each turn, so that no sentence is another's duplicate."""
    contacts = itertools.cycle(list(read_contacts(path)))
    return [
        replace(one, id=f"{n}", turns=tuple(replace(turn, text=f"{turn.text} {n}") for turn in one.turns))
        for n, one in enumerate(itertools.islice(contacts, count))
    ]


def prepared_per_second(encoder: Encoder, contacts: list[Contact]) -> tuple[float, list]:
    """Tokens that one core splits and tokenises in a second, and what it prepared."""
    prepare = preparation(encoder, LANGUAGES, prefix=PREFIX)()
    prepare(contacts[:8])
    start = time.process_time()
    found = [prepare(contacts[first : first + BLOCK]) for first in range(0, len(contacts), BLOCK)]
    return sum(len(one.windows.ids) for one in found) / (time.process_time() - start), found


def handed_per_second(folder: Path, contacts: list[Contact]) -> tuple[float, float]:
    """Tokens a second that one worker hands over, and that the feeding process hands on in its own processor time."""
    device, start = SimulatedDevice(rate=1e12, width=384), time.process_time()
    run(Encoder(folder, backend=device), contacts, workers=1)
    own = time.process_time() - start
    return device.tokens / device.waited, device.tokens / own  # a device of that rate waits from first batch to last


def run(encoder: Encoder, contacts: Iterator[Contact] | list[Contact], workers: int) -> float:
    """Encode contacts and give the seconds it took."""
    start = time.perf_counter()
    with Workers(preparation(encoder, LANGUAGES, prefix=PREFIX), workers) if workers else nullcontext() as helpers:
        for _ in encode_contacts(contacts, encoder, LANGUAGES, prefix=PREFIX, workers=helpers):
            pass
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("contacts", nargs="?", type=Path, default=examples_folder() / "examples")
    parser.add_argument("--count", type=int, default=2_048)
    parser.add_argument("--rate", type=float, default=6e6)
    parser.add_argument("--workers", type=int, nargs="*", default=[0, 1, 2])
    options = parser.parse_args()
    folder, contacts = models_folder() / ENCODER, repeated(options.contacts, options.count)
    preparing, _ = prepared_per_second(Encoder(folder, backend=SimulatedDevice(rate=1e12, width=384)), contacts)
    handing, feeding = handed_per_second(folder, contacts)
    results = {
        "machine": {"processor": platform.processor() or platform.machine(), "cores": len(os.sched_getaffinity(0))},
        "contacts": len(contacts),
        "device_tokens_per_second": options.rate,
        "prepared_tokens_per_second_and_core": round(preparing),
        "handed_over_tokens_per_second_and_worker": round(handing),
        "fed_tokens_per_second": round(feeding),
        "workers_extrapolated": math.ceil(options.rate / handing),
        "feeding_processes_extrapolated": math.ceil(options.rate / feeding),
        "runs": [],
    }
    for rate in (options.rate, SHARE * handing):
        for workers in options.workers:
            device = SimulatedDevice(rate=rate, width=384)
            seconds = run(Encoder(folder, backend=device), contacts, workers)
            share = device.waited / (device.waited + device.tokens / rate)  # from the first batch to the last
            results["runs"].append(
                {
                    "device_tokens_per_second": round(rate),
                    "workers": workers,
                    "tokens_per_second": round(device.tokens / seconds),
                    "device_waits": round(share, 4),
                }
            )
    results["cuda"] = cuda(folder, contacts, max(options.workers)) if torch.cuda.is_available() else "skipped: no GPU"
    print(json.dumps(results, indent=1))


def cuda(folder: Path, contacts: list[Contact], workers: int) -> dict:
    """The same with the real encoder: its rate alone (all prepared before) and with the host in the loop."""
    encoder = Encoder(folder, device="cuda", backend="auto")
    _, prepared = prepared_per_second(encoder, contacts)
    tokens = sum(len(one.windows.ids) for one in prepared)
    encoder.encode_windows(prepared[0].windows)
    start = time.perf_counter()
    for one in prepared:
        encoder.encode_windows(one.windows)
    alone = time.perf_counter() - start
    together = run(encoder, contacts, workers)
    return {
        "device": torch.cuda.get_device_name(),
        "encoder_tokens_per_second": round(tokens / alone),
        "share_of_an_h100s_roofline": round(tokens / alone / ROOFLINE, 3),
        "workers": workers,
        "tokens_per_second": round(tokens / together),
        "device_waits": round(1 - alone / together, 4),
    }


if __name__ == "__main__":
    main()
