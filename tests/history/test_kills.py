"""kill -9 at any moment: the same command again loses nothing, repeats nothing, and gives the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.history.conftest import contents

KILLER = Path(__file__).parent / "killer.py"


@pytest.fixture
def killed(scorers: tuple[Path, Path]) -> Callable[..., Any]:
    def run(source: Path, out: Path, *options: str, **request: Any) -> Any:
        command = ["score", str(source), "--out", f"{out}/", "--scorer", str(scorers[0]), "--device", "cpu", *options]
        asked = json.dumps({"command": command, **request})
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(
            [sys.executable, str(KILLER), asked], capture_output=True, text=True, check=True, env=environment
        )
        return json.loads(done.stdout.splitlines()[-1])

    return run


def test_twenty_kills_at_random_moments(
    history: Callable[..., Path], scorers: tuple[Path, Path], killed: Callable[..., Any], tmp_path: Path
) -> None:
    from servicequal import score_history

    source = history(100, sentences=1)
    score_history(source, tmp_path / "whole" / "cards", scorer=scorers[0], device="cpu", shard=5)
    done = killed(source, tmp_path / "cards", "--shard", "5", how="at_random", kills=20, seed=20261122)
    assert done["codes"] == [3]
    assert contents(tmp_path / "cards") == contents(tmp_path / "whole" / "cards")
    assert sorted(path.name for path in tmp_path.iterdir() if "cards" in path.name) == ["cards", "cards.rejected.jsonl"]


def test_a_kill_at_each_change_of_a_file(
    history: Callable[..., Path], scorers: tuple[Path, Path], killed: Callable[..., Any], tmp_path: Path
) -> None:
    from servicequal import score_history

    source, kept = history(3, sentences=1), tmp_path / "kept"
    source.write_text(source.read_text() + "{\n")
    score_history(source, tmp_path / "whole" / "cards", scorer=scorers[0], device="cpu", shard=2)
    done = killed(source, tmp_path / "cards", "--shard", "2", how="at_each_change", kept=str(kept))
    assert done["codes"] == [3]
    assert done["changes"] > 10
    whole = contents(tmp_path / "whole" / "cards")
    for number in range(1, done["changes"] + 1):
        assert contents(kept / str(number) / "cards") == whole, number
