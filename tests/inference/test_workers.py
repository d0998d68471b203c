"""Worker processes give the same as none, hand on their errors, and do not outlive what started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from servicequal import Contact, Rejected, Turn
from servicequal.errors import ContactError, ServicequalError
from servicequal.inference.backends.protocol import Means
from servicequal.inference.encoder import Encoder
from servicequal.inference.packing import Packed
from servicequal.inference.pipeline import BLOCK, encode_contacts
from servicequal.inference.workers import HELD, in_processes

MUTE = Contact("mute", "chat", (Turn("system", "Chat ended."),), "en")


def contacts(count: int) -> list[Contact]:
    return [
        Contact(f"c{n}", "chat", (Turn("customer", f"My order {n} is broken. Help!"), Turn("agent", "Sorry.")), "en")
        for n in range(count)
    ]


def test_workers_change_nothing(tiny_encoder: Path) -> None:
    encoder = Encoder(tiny_encoder, device="cpu")
    given = [*contacts(BLOCK + 5), MUTE, *contacts(3)]
    found, refused = [], []
    for workers in (0, 2):
        rejected: list[Rejected] = []
        found.append(list(encode_contacts(given, encoder, ["en"], prefix="", reject=rejected.append, workers=workers)))
        refused.append([(one.contact, one.reason) for one in rejected])
    assert refused[0] == refused[1] == [("mute", "contact 'mute': neither agent nor customer says a word")]
    assert [one.contact for one in found[0]] == [one.contact for one in found[1]]
    for alone, helped in zip(*found, strict=True):
        assert alone.sentences == helped.sentences
        np.testing.assert_array_equal(alone.vectors, helped.vectors)


class Diary:
    """A backend that writes down when it is given a batch, and when it is waited for."""

    name, budget = "diary", 65_536

    def __init__(self) -> None:
        self.lines: list[str] = []

    def submit(self, batch: Packed) -> Means:
        self.lines.append("given")

        def wait() -> np.ndarray:
            self.lines.append("waited for")
            return np.zeros((len(batch.rows), 32), dtype=np.float32)

        return wait


@pytest.mark.parametrize(
    ("workers", "expected"),
    [
        (0, ["given", "waited for", "given", "waited for", "given", "waited for"]),
        (1, ["given", "given", "waited for", "given", "waited for", "waited for"]),
    ],
)
def test_with_workers_the_next_block_is_begun_before_this_one_is_waited_for(
    tiny_encoder: Path, workers: int, expected: list[str]
) -> None:
    diary = Diary()
    encoder = Encoder(tiny_encoder, backend=diary)
    list(encode_contacts(contacts(3 * BLOCK), encoder, ["en"], prefix="", workers=workers))
    assert diary.lines == expected


def test_what_cannot_be_rated_is_named_before_its_block_is_encoded(tiny_encoder: Path) -> None:
    diary = Diary()
    with pytest.raises(ContactError, match="'mute'"):
        list(encode_contacts([*contacts(3), MUTE], Encoder(tiny_encoder, backend=diary), ["en"], prefix=""))
    assert diary.lines == []


def test_an_error_in_a_worker_reaches_the_caller(tiny_encoder: Path) -> None:
    encoder = Encoder(tiny_encoder, device="cpu")
    with pytest.raises(ContactError, match="'mute': neither agent nor customer"):
        list(encode_contacts([MUTE], encoder, ["en"], prefix="", workers=1))
    with pytest.raises(ZeroDivisionError):
        list(in_processes(partial(Divider, 1), [1, 0], 1))


def test_a_worker_that_dies_is_named() -> None:
    with pytest.raises(ServicequalError, match="a worker process died before its work was done"):
        list(in_processes(partial(Divider, 1), [1, -1, 1], 1))


def test_few_pieces_are_taken_ahead() -> None:
    taken = []
    results = in_processes(partial(Divider, 12), (taken.append(n) or n for n in range(1, 100)), 2)
    assert [next(results) for _ in range(3)] == [12, 6, 4]
    assert len(taken) <= 2 * HELD + 3
    results.close()


def test_workers_end_with_a_process_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from tests.inference.test_workers import Pid\n"
        "from servicequal.inference.workers import in_processes\n"
        "if __name__ == '__main__':\n"
        "    for found in in_processes(Pid, iter(int, 1), 1):\n"
        "        print(found, flush=True)\n"
    )
    root = Path(__file__).parents[2]
    path = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    running = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    assert running.stdout is not None
    worker = int(running.stdout.readline())
    running.send_signal(signal.SIGKILL)
    running.wait()
    running.stdout.close()
    for _ in range(200):
        if not _alive(worker):
            return
        time.sleep(0.05)
    pytest.fail("the worker outlives the process that started it")


def _alive(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


class Pid:
    """Says which process it is in."""

    def __call__(self, _: int) -> int:
        return os.getpid()


class Divider:
    """Divides, and dies of a negative number."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __call__(self, piece: int) -> float:
        if piece < 0:
            os._exit(1)
        return self._number / piece
