"""The house has floors: imports go down only, and heavy libraries have few owners."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import servicequal

SOURCE = Path(servicequal.__file__).parent
FLOORS = [
    {"errors"},
    {"records"},
    {"contact", "scheme", "annotation", "phrase", "scorecard", "reference", "examples"},
    {"stats", "files"},
    {"features", "inference"},
    {"heads"},
    {"grounding", "bundle"},
    {"rating", "evidence", "overall"},
    {"scorer"},
    {"training", "evaluation", "raters", "reporting", "spacy_component", "history", "distributed"},
    {"corpus"},
    {"waves"},
    {"console"},
    {"cli"},
]
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
SIBLINGS = ({"training", "evaluation"}, {"training", "reporting"}, {"stats", "files"})
OWNERS = {
    "torch": {
        "inference/backends/torch_packed.py",
        "inference/backends/choice.py",
        "inference/context.py",
        "inference/reading.py",
        "inference/runs.py",
        "grounding/network.py",
        "grounding/space.py",
        "training/fit_grounding.py",
        "training/fit_network.py",
        "training/repeatable.py",
    },
    "openvino": {"inference/backends/openvino_graph.py"},
    "onnx": {"inference/backends/onnx_graph.py"},
    "onnxruntime": {"inference/backends/onnx_graph.py"},
    "tokenizers": {"inference/tokens.py"},
    "spacy": {"inference/segments.py", "spacy_component.py", "files/exchange/docbin.py"},
    "safetensors": {"inference/weights.py", "bundle.py"},
    "py3langid": {"inference/language.py"},
    "scipy": {
        "stats/logistic.py",
        "stats/calibration.py",
        "stats/selective.py",
        "stats/intervals.py",
        "stats/shift.py",
        "stats/significance.py",
    },
    "datasets": {"files/datasets_folder.py"},
    "webvtt": {"files/captions.py"},
    "jinja2": {"reporting/page.py"},
    "markupsafe": {"reporting/page.py"},
    "matplotlib": {"reporting/plots.py", "reporting/reliability.py"},
    "duckdb": {"reporting/database.py", "history/query.py"},
    "ray": {"distributed.py"},
}
NEVER = {"pickle", "joblib", "requests", "urllib.request", "huggingface_hub"}


def modules() -> list[Path]:
    return sorted(path for path in SOURCE.rglob("*.py") if path.name != "__init__.py" or path.parent != SOURCE)


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            if node.module == "servicequal":  # a public name stands for its module
                names |= {
                    servicequal._MODULE_OF[alias.name] for alias in node.names if alias.name in servicequal._MODULE_OF
                }
    return names


def part(module: str) -> str | None:
    pieces = module.split(".")
    return pieces[1] if pieces[0] == "servicequal" and len(pieces) > 1 and pieces[1] in FLOOR else None


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_go_down(path: Path) -> None:
    own = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    assert own in FLOOR, f"{own} has no floor yet: give it one"
    for used in {found for name in imported(path) if (found := part(name))} - {own}:
        assert FLOOR[used] <= FLOOR[own], f"{own} imports {used}, which lives above it"
        assert {own, used} not in SIBLINGS, f"{own} and {used} are siblings"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_heavy_libraries_stay_with_their_owners(path: Path) -> None:
    here = path.relative_to(SOURCE).as_posix()
    roots = {name.split(".")[0] for name in imported(path)}
    for library, owners in OWNERS.items():
        assert library not in roots or here in owners, f"{here} imports {library}; its owners are {sorted(owners)}"
    assert not NEVER & (roots | imported(path))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_files_are_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 310
