"""The same on a Ray cluster of several workers, one of them killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from servicequal import score_history
from servicequal.errors import BundleError
from tests.history.conftest import contents

pytestmark = pytest.mark.slow


def children(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(path.parent.name))
    return [*found, *(deeper for child in found for deeper in children(child))]


def workers(parent: int) -> list[int]:
    """Workers that hold a scorer: the actor's class is in their title."""
    found = []
    for child in children(parent):
        try:
            title = Path(f"/proc/{child}/cmdline").read_bytes()
        except OSError:
            continue
        if title.startswith(b"ray::_Worker"):
            found.append(child)
    return sorted(found)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds the worker to kill in /proc")
def test_a_killed_worker_costs_nothing(
    history: Callable[..., Path], scorers: tuple[Path, Path], tmp_path: Path
) -> None:
    pytest.importorskip("ray")
    source = history(200)
    score_history(source, tmp_path / "whole" / "cards", scorer=scorers[0], device="cpu", shard=5)
    command = [
        sys.executable,
        "-c",
        "from servicequal.cli import main; main()",
        "score",
        str(source),
        "--out",
        f"{tmp_path}/cards/",
    ]
    command += ["--scorer", str(scorers[0]), "--device", "cpu", "--shard", "5", "--engine", "ray", "--workers", "3"]
    command += ["--vectors", f"{tmp_path}/vectors"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore", "RAY_worker_niceness": "0"}
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    begun = tmp_path / "cards"
    for _ in range(4_000):
        started = len(workers(run.pid)) == 3  # the last one may start when the others have come far
        if (started and len(list(begun.glob("*.parquet"))) >= 5) or run.poll() is not None:
            break
        time.sleep(0.1)
    (victim, *others) = workers(run.pid)
    done = len(list(begun.glob("*.parquet")))
    os.kill(victim, signal.SIGKILL)
    _, said = run.communicate(timeout=300)
    assert run.returncode == 3, said
    assert len(others) == 2
    assert 5 <= done < 40
    assert contents(begun) == contents(tmp_path / "whole" / "cards")
    assert len(list((tmp_path / "vectors").rglob("*.arrow"))) == 40


def test_a_loaded_scorer_cannot_travel(
    history: Callable[..., Path], scorers: tuple[Path, Path], tmp_path: Path
) -> None:
    from servicequal import Scorer

    with pytest.raises(BundleError, match="give its folder"):
        score_history(history(3), tmp_path / "cards", scorer=Scorer.load(scorers[0], device="cpu"), engine="ray")
