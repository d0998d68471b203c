"""A trained scorer on disk: numbers in safetensors, words in JSON, digests over both."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from servicequal.errors import BundleError
from servicequal.records import check_keys
from servicequal.scheme import Scheme

FORMAT = 7  # to be raised when arrays, or what the heads are asked about, mean something else
MANIFEST, SCHEME, ARRAYS, ENCODER = "bundle.json", "scheme.json", "heads.safetensors", "encoder"
DEFAULT = "2026-q4b"


@dataclass(frozen=True)
class Bundle:
    """What a folder holds beside the encoder.

    Attributes:
        scheme: as trained.
        arrays: of all heads, by name.
        languages: those it was trained on.
        prefix: what the encoder expects in front of each text.
        version: year and month of the training, such as ``2026.11``.
        training: what it was trained on and how: counts, waves, configuration; for people.
        encoder: the encoder's sha256, in hexadecimal.
        seen: fingerprints of the contacts it was trained on.
    """

    scheme: Scheme
    arrays: Mapping[str, np.ndarray]
    languages: tuple[str, ...]
    prefix: str
    version: str
    training: Mapping[str, Any]
    encoder: str
    seen: frozenset[str] = frozenset()

    @property
    def digest(self) -> str:
        """Sha256 of all that decides a score: scheme, arrays, languages, prefix, encoder."""
        digest = hashlib.sha256()
        settings = [self.scheme.to_dict(), list(self.languages), self.prefix, self.encoder]
        digest.update(json.dumps(settings, sort_keys=True, ensure_ascii=False).encode())
        for name in sorted(self.arrays):
            array = np.ascontiguousarray(self.arrays[name])
            digest.update(f"{name} {array.dtype} {array.shape}".encode() + array.tobytes())
        return digest.hexdigest()

    @property
    def name(self) -> str:
        """Name as scorecards quote it."""
        return f"{self.scheme.id} {self.version} (sha256 {self.digest[:12]})"


def models_folder() -> Path:
    """Give the folder of the models that come with the library: inside the wheel, or in the source tree."""
    package = Path(__file__).parent
    installed, source = package / "models", package.parents[1] / "models"
    return installed if installed.is_dir() else source


def encoder_folder(path: Path) -> Path:
    """Give the folder of a bundle's encoder: its own, or the one that comes with the library."""
    own = path / ENCODER
    return own if own.is_dir() else models_folder() / ENCODER


def read_manifest(path: Path) -> dict[str, Any]:
    """Read a bundle's manifest; no array is loaded.

    Raises:
        BundleError: if the folder is no bundle, or of a format that this version does not know.
    """
    file = path / MANIFEST
    if not file.is_file():
        raise BundleError(
            f"{path}: {MANIFEST} is missing; expected a folder written by Scorer.save or servicequal train"
        )
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BundleError(f"{file}: not JSON in UTF-8 ({error})") from None
    keys = {"format", "servicequal", "version", "languages", "prefix", "encoder", "files", "training"}
    check_keys(manifest, required=keys, optional={"seen"}, where=str(file), error=BundleError)
    if manifest["format"] != FORMAT:
        raise BundleError(
            f"{file}: format {manifest['format']}; this version reads format {FORMAT}: train the scorer again with "
            "this version, or read it with the one that wrote it"
        )
    return dict(manifest)


def read_bundle(path: Path) -> Bundle:
    """Read a bundle; digests are checked first.

    Raises:
        BundleError: naming the file that is missing, or not the one that was saved.
    """
    manifest = read_manifest(path)
    for name, digest in manifest["files"].items():
        if not (path / name).is_file():
            raise BundleError(f"{path}: {name} is missing; copy the whole folder again")
        if _sha256(path / name) != digest:
            raise BundleError(
                f"{path / name}: not the file that was saved (sha256 differs); copy the whole folder again"
            )
    return Bundle(
        Scheme.load(path / SCHEME),
        load_file(path / ARRAYS),
        tuple(manifest["languages"]),
        manifest["prefix"],
        manifest["version"],
        manifest["training"],
        manifest["encoder"],
        frozenset(manifest.get("seen", ())),
    )


def write_bundle(bundle: Bundle, path: Path, *, encoder: Path, documents: Mapping[str, str] | None = None) -> None:
    """Write a bundle whole or not at all; an existing folder is never overwritten.

    Args:
        bundle: what to write.
        path: the folder to create.
        encoder: where the encoder is; copied unless it is the one that comes with the library.
        documents: further texts by file name, such as the card.

    Raises:
        BundleError: if the folder exists.
    """
    from servicequal import __version__

    if path.exists():
        raise BundleError(f"{path}: exists already; a trained scorer is never overwritten: choose another folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        (scratch / SCHEME).write_text(_json(bundle.scheme.to_dict()), encoding="utf-8")
        save_file({name: np.ascontiguousarray(array) for name, array in bundle.arrays.items()}, scratch / ARRAYS)
        (scratch / ARRAYS).chmod(0o644)
        for name, text in (documents or {}).items():
            (scratch / name).write_text(text, encoding="utf-8")
        if encoder != models_folder() / ENCODER:
            shutil.copytree(encoder, scratch / ENCODER)
        manifest = {
            "format": FORMAT,
            "servicequal": __version__,
            "version": bundle.version,
            "languages": list(bundle.languages),
            "prefix": bundle.prefix,
            "encoder": bundle.encoder,
            "files": {name: _sha256(scratch / name) for name in (SCHEME, ARRAYS)},
            "training": dict(bundle.training),
            "seen": sorted(bundle.seen),
        }
        (scratch / MANIFEST).write_text(_json(manifest), encoding="utf-8")
        scratch.chmod(0o755)
        scratch.replace(path)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
