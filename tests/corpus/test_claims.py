"""The claims that the encoder is tuned on: complete, verdicts known, and no statement that gives its verdict away."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

CLAIMS = sorted((Path(__file__).parents[2] / "annotations" / "claims").glob("*.jsonl"))


def read(file: Path) -> list[dict[str, str | None]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("file", CLAIMS, ids=lambda file: file.stem)
def test_every_claim_is_complete(file: Path) -> None:
    for claim in read(file):
        assert set(claim) == {"group", "question", "statement", "fact", "verdict"}
        assert claim["verdict"] in {"supported", "contradicted", "not_in_reference"}
        assert claim["statement"]
        assert claim["fact"]


@pytest.mark.parametrize("file", CLAIMS, ids=lambda file: file.stem)
def test_a_statement_beside_twin_facts_is_as_often_right_as_wrong(file: Path) -> None:
    verdicts = defaultdict(set)
    for claim in read(file):
        if str(claim["group"]).startswith("twin-"):
            verdicts[claim["group"], claim["question"], claim["statement"]].add(claim["verdict"])
    kinds = Counter(tuple(sorted(map(str, one))) for one in verdicts.values())
    assert kinds["contradicted", "supported"] >= 0.6 * sum(kinds.values())
    assert not kinds[("contradicted",)]
