"""An append-only log of who asked for what, at which level; each line seals the one before."""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from servicequal.errors import ServicequalError
from servicequal.records import to_json

START = "0" * 64  # what the first line follows


def log_request(path: Path, asked: Mapping[str, Any]) -> None:
    """Append a line: when, who, what was asked, and the SHA-256 of the line before.

    A line that is changed, moved or taken out breaks the chain, which is checked here before anything is appended.
    Whoever may write the file could forge the whole of it: keep a copy where they cannot.

    Args:
        path: of the log, JSONL; created if it is not there.
        asked: what was asked for; plain values.

    Raises:
        ServicequalError: naming the line that does not follow from the one before.
    """
    previous = START
    if path.exists():
        for number, line in enumerate(path.read_text(encoding="utf-8").rstrip("\n").split("\n"), 1):
            if _previous(line) != previous:
                raise ServicequalError(
                    f"{path}, line {number}: does not follow from the line before, so the log was changed; "
                    "keep it as it is, find out why, and name a new one"
                )
            previous = _digest(line)
    entry = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "who": _who(), **asked, "previous": previous}
    with path.open("a", encoding="utf-8") as file:
        file.write(to_json(entry) + "\n")


def _previous(line: str) -> str | None:
    try:
        return str(json.loads(line)["previous"])
    except (ValueError, TypeError, KeyError):
        return None


def _digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without an entry for its user
        return "unknown"
