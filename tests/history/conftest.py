"""Two scorers on one encoder, small enough to be started again and again, and a history with some broken records."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from servicequal import Annotation, Contact, Scheme, TrainConfig, Turn
from servicequal.inference.encoder import Encoder
from servicequal.training.train import fit
from tests.conftest import WORDS

SCHEME = {
    "id": "tiny",
    "criteria": [
        {
            "id": "courtesy",
            "description": "always",
            "always": True,
            "levels": {"not_met": "rude", "partly_met": "cold", "fully_met": "kind"},
        }
    ],
}


def make_contact(number: int, rng: random.Random, sentences: int = 3) -> Contact:
    def said() -> str:
        return " ".join(f"{' '.join(rng.choices(WORDS, k=5)).capitalize()}." for _ in range(sentences))

    turns = tuple(Turn(speaker, said()) for speaker in ("customer", "agent", "customer"))
    return Contact(f"c-{number}", "chat", turns, "en", {"team": f"t{number % 3}"})


@pytest.fixture(scope="session")
def scorers(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folders of two scorers with one encoder and different heads."""
    rng, folder = random.Random(0), tmp_path_factory.mktemp("scorers")
    contacts = [make_contact(1_000_000 + number, rng) for number in range(24)]
    levels = [Annotation(c.id, "r1", {"courtesy": rng.choice(["not_met", "fully_met"])}) for c in contacts]
    for name, seed in (("champion", 0), ("challenger", 1)):
        config = TrainConfig(folds=3, width=16, depth=1, epochs=1, least_steps=0, seed=seed)
        base = Encoder(tiny_encoder, device="cpu")
        fit(contacts, levels, Scheme.from_dict(SCHEME), base=base, config=config).scorer.save(folder / name)
    return folder / "champion", folder / "challenger"


@pytest.fixture
def history(tmp_path: Path) -> Callable[..., Path]:
    """Write a history of so many contacts; every 50th line is broken, every 70th contact is in no known language."""

    def write(count: int, *, name: str = "history.jsonl", first: int = 0, sentences: int = 3) -> Path:
        rng, lines = random.Random(first), []
        for number in range(first, first + count):
            record = make_contact(number, rng, sentences).to_dict()
            record |= {"language": "fr"} if number % 70 == 69 else {}
            lines.append("{" if number % 50 == 49 else json.dumps(record))
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def contents(folder: Path) -> dict[str, bytes]:
    """All that is in a folder, and the rejections beside it."""
    beside = folder.with_name(f"{folder.name}.rejected.jsonl")
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    return found | ({"rejected": beside.read_bytes()} if beside.exists() else {})
