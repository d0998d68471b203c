"""Waves on disk: a folder each, side by side, the scheme and the reference in the folder above."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from servicequal.errors import AnnotationError

ANNOTATIONS, CONTACTS = "annotations.jsonl", "contacts.jsonl"


@dataclass(frozen=True, slots=True)
class Home:
    """What lies beside the waves; None for what does not.

    Attributes:
        scheme: of all waves.
        reference: facts of the companies.
        cases: mystery cases.
        phrases: a folder or file of phrases.
    """

    scheme: Path | None
    reference: Path | None
    cases: Path | None
    phrases: Path | None


def home_of(wave: Path) -> Home:
    """Find the scheme, reference, cases and phrases that belong to a wave: in the folder above it."""
    above = wave.resolve().parent
    found = {name: above / file for name, file in _FILES.items()}
    return Home(**{name: path if path.exists() else None for name, path in found.items()})


_FILES = {"scheme": "scheme.json", "reference": "reference.jsonl", "cases": "cases.jsonl", "phrases": "phrases"}


def waves_to_date(newest: Path) -> list[Path]:
    """Give the newest wave and those before it: folders beside it whose names sort before its own.

    Raises:
        AnnotationError: if the folder holds no annotations.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for name in ("2026-q1", "2026-q2", "2026-q3"):
        ...         (Path(folder) / name).mkdir()
        ...         (Path(folder) / name / ANNOTATIONS).touch()
        ...     [wave.name for wave in waves_to_date(Path(folder) / "2026-q2")]
        ['2026-q1', '2026-q2']
    """
    if not (newest / ANNOTATIONS).is_file():
        raise AnnotationError(f"{newest}: no {ANNOTATIONS} in this folder; expected the newest annotated wave")
    beside = sorted(path for path in newest.resolve().parent.iterdir() if (path / ANNOTATIONS).is_file())
    return [path for path in beside if path.name < newest.resolve().name] + [newest]
