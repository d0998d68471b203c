"""A scorer on disk: whole or absent, checked before it is used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from servicequal import Scorer
from servicequal.errors import BundleError


@pytest.fixture
def saved(scorer: Scorer, tmp_path: Path) -> Path:
    scorer.save(tmp_path / "saved", documents={"README.md": "# A card\n"})
    return tmp_path / "saved"


def test_save_writes_all_and_leaves_no_scratch(saved: Path) -> None:
    assert {path.name for path in saved.iterdir()} == {"bundle.json", "scheme.json", "heads.safetensors", "README.md"}
    assert [path.name for path in saved.parent.iterdir()] == ["saved"]


def test_never_overwritten(scorer: Scorer, saved: Path) -> None:
    with pytest.raises(BundleError, match="never overwritten: choose another folder"):
        scorer.save(saved)


def test_a_changed_file_is_refused(saved: Path) -> None:
    scheme = saved / "scheme.json"
    scheme.write_text(scheme.read_text().replace("1.5", "9.5"))
    with pytest.raises(BundleError, match=r"scheme.json: not the file that was saved"):
        Scorer.load(saved)


def test_a_missing_file_is_named(saved: Path) -> None:
    (saved / "heads.safetensors").unlink()
    with pytest.raises(BundleError, match=r"heads.safetensors is missing"):
        Scorer.load(saved)


def test_no_bundle_at_all(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"bundle.json is missing; expected a folder written by"):
        Scorer.load(tmp_path)


def test_a_later_format_is_refused(saved: Path) -> None:
    manifest = json.loads((saved / "bundle.json").read_text())
    (saved / "bundle.json").write_text(json.dumps(manifest | {"format": 99}))
    with pytest.raises(BundleError, match="format 99; this version reads format 7: train the scorer again"):
        Scorer.load(saved)


def test_another_encoder_is_refused(saved: Path, tiny_encoder: Path) -> None:
    (saved / "encoder").symlink_to(tiny_encoder)
    with pytest.raises(BundleError, match="trained on another encoder"):
        Scorer.load(saved)
