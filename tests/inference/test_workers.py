"""Worker processes give the same as none, hand on their errors, and do not outlive what started them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from servicequal import Contact, Rejected, Turn
from servicequal.errors import ContactError, ServicequalError
from servicequal.inference.backends.protocol import Means
from servicequal.inference.encoder import Encoder
from servicequal.inference.packing import Packed
from servicequal.inference.pipeline import BLOCK, encode_contacts, preparation
from servicequal.inference.preparing import Prepared
from servicequal.inference.workers import HELD, Workers

MUTE = Contact("mute", "chat", (Turn("system", "Chat ended."),), "en")


def contacts(count: int) -> list[Contact]:
    return [
        Contact(f"c{n}", "chat", (Turn("customer", f"My order {n} is broken. Help!"), Turn("agent", "Sorry.")), "en")
        for n in range(count)
    ]


def preparing(encoder: Encoder, count: int) -> Workers[Sequence[Contact], Prepared]:
    return Workers(preparation(encoder, ["en"], prefix=""), count)


def test_workers_change_nothing(tiny_encoder: Path) -> None:
    encoder = Encoder(tiny_encoder, device="cpu")
    given = [*contacts(BLOCK + 5), MUTE, *contacts(3)]
    found, refused = [], []
    with preparing(encoder, 2) as two:
        for workers in (None, two, two):
            rejected: list[Rejected] = []
            encoded = encode_contacts(given, encoder, ["en"], prefix="", reject=rejected.append, workers=workers)
            found.append(list(encoded))
            refused.append([(one.contact, one.reason) for one in rejected])
    assert refused == 3 * [[("mute", "contact 'mute': neither agent nor customer says a word")]]
    for helped in found[1:]:
        assert [one.contact for one in helped] == [one.contact for one in found[0]]
        for one, other in zip(found[0], helped, strict=True):
            assert one.sentences == other.sentences
            np.testing.assert_array_equal(one.vectors, other.vectors)


class Diary:
    """A backend that writes down when it is given a batch, and when it is waited for."""

    name, budget = "diary", 65_536

    def __init__(self, *, beside: bool) -> None:
        self.beside = beside
        self.lines: list[str] = []

    def submit(self, batch: Packed) -> Means:
        self.lines.append("given")

        def wait() -> np.ndarray:
            self.lines.append("waited for")
            return np.zeros((len(batch.rows), 32), dtype=np.float32)

        return wait


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        (False, ["given", "waited for", "given", "waited for", "given", "waited for"]),
        (True, ["given", "given", "waited for", "given", "waited for", "waited for"]),
    ],
)
def test_an_engine_beside_the_processor_is_given_the_next_block_before_this_one_is_waited_for(
    tiny_encoder: Path, beside: bool, expected: list[str]
) -> None:
    diary = Diary(beside=beside)
    encoder = Encoder(tiny_encoder, backend=diary)
    assert len(list(encode_contacts(contacts(3 * BLOCK), encoder, ["en"], prefix=""))) == 3 * BLOCK
    assert diary.lines == expected


def test_what_cannot_be_rated_is_named_before_its_block_is_encoded(tiny_encoder: Path) -> None:
    diary = Diary(beside=False)
    with pytest.raises(ContactError, match="'mute'"):
        list(encode_contacts([*contacts(3), MUTE], Encoder(tiny_encoder, backend=diary), ["en"], prefix=""))
    assert diary.lines == []


def test_the_tokenizer_is_read_once(tiny_encoder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_encoder, tmp_path / "encoder")
    encoder = Encoder(folder, device="cpu")
    (folder / "tokenizer.json").unlink()
    assert len(list(encode_contacts(contacts(3), encoder, ["en"], prefix=""))) == 3


def test_an_error_in_a_worker_reaches_the_caller(tiny_encoder: Path) -> None:
    encoder = Encoder(tiny_encoder, device="cpu")
    with preparing(encoder, 1) as one, pytest.raises(ContactError, match="'mute': neither agent nor customer"):
        list(encode_contacts([MUTE], encoder, ["en"], prefix="", workers=one))
    with Workers(partial(Divider, 1), 1) as one_more, pytest.raises(ZeroDivisionError):
        list(one_more.apply([1, 0]))


def test_a_worker_that_dies_is_named() -> None:
    died = pytest.raises(ServicequalError, match="a worker process died before its work was done")
    with Workers(partial(Divider, 1), 1) as one, died:
        list(one.apply([1, -1, 1]))


def test_few_pieces_are_taken_ahead() -> None:
    taken = []
    with Workers(partial(Divider, 12), 2) as two:
        results = two.apply(taken.append(n) or n for n in range(1, 100))
        assert [next(results) for _ in range(3)] == [12, 6, 4]
        assert len(taken) <= 2 * HELD + 3
        results.close()
        assert list(two.apply([3, 2])) == [4, 6]


def test_workers_end_with_a_process_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from tests.inference.test_workers import Pid\n"
        "from servicequal.inference.workers import Workers\n"
        "if __name__ == '__main__':\n"
        "    for found in Workers(Pid, 1).apply(iter(int, 1)):\n"
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
