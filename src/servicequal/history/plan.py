"""What a run was asked to do, and whether a later one is asked the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from servicequal.bundle import Bundle
from servicequal.errors import ServicequalError
from servicequal.history.sources import Source
from servicequal.records import to_json
from servicequal.reference import Reference

FORMAT = 1


def make_plan(bundle: Bundle, backend: str, reference: Reference | None, source: Source, shard: int) -> dict[str, Any]:
    """Write down all that decides the scorecards of a history, as JSON."""
    from servicequal import __version__

    return {
        "format": FORMAT,
        "servicequal": __version__,
        "scorer": {"name": bundle.name, "digest": bundle.digest, "encoder": bundle.encoder},
        "backend": backend,
        "reference": None if reference is None else reference_digest(reference),
        "source": source.describe(),
        "shard": shard,
    }


def reference_digest(reference: Reference) -> str:
    """Give the sha256 of a reference's facts and cases."""
    facts = [asdict(fact) for fact in reference.facts]
    cases = {name: asdict(case) for name, case in reference.cases.items()}
    return hashlib.sha256(to_json({"facts": facts, "cases": cases}).encode()).hexdigest()


def check_plan(before: Mapping[str, Any], now: Mapping[str, Any], where: str) -> None:
    """Refuse to go on with a run that was asked something else.

    Raises:
        ServicequalError: naming all that changed.
    """
    changes = [_change(key, before.get(key), now[key]) for key in now if before.get(key) != now[key]]
    if changes:
        raise ServicequalError(
            f"{where}: was begun with something else: {'; '.join(changes)}. Give what it was begun with to go on, or "
            "choose another --out"
        )


def _change(key: str, before: Any, now: Any) -> str:
    if key == "source" and isinstance(before, Mapping):
        return _source_change(before, now)
    if key == "scorer" and isinstance(before, Mapping):
        return f"the scorer was {before.get('name')}, now it is {now['name']}"
    words = {"format": "the folder's format", "servicequal": "the version of servicequal", "shard": "the shard's size"}
    return f"{words.get(key, f'the {key}')} was {_shown(before)}, now it is {_shown(now)}"


def _source_change(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    files, others = dict(before.get("files") or {}), dict(now.get("files") or {})
    if before.get("inputs") == now.get("inputs") and files != others:
        named = [f"{name} is gone" for name in files if name not in others]
        named += [f"{name} is new" for name in others if name not in files]
        named += [
            f"{name} had {files[name]} bytes, now {others[name]}"
            for name in files
            if name in others and files[name] != others[name]
        ]
        more = f" and {len(named) - 3} more" if len(named) > 3 else ""
        return f"the inputs changed ({', '.join(named[:3])}{more})"
    changed = [key for key in {**before, **now} if key != "files" and before.get(key) != now.get(key)]
    return ", ".join(f"{key} was {_shown(before.get(key))}, now {_shown(now.get(key))}" for key in changed)


def _shown(value: Any) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
