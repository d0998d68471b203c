"""Importing the package costs little, changes nothing, and every public name is there and documented."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import servicequal

HEAVY = ("torch", "spacy", "transformers", "sklearn", "scipy", "pandas", "datasets", "numpy", "pyarrow")


def test_import_loads_nothing_heavy() -> None:
    code = f"import sys, servicequal; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_import_is_fast() -> None:
    code = "import time; t = time.perf_counter(); import servicequal; print(time.perf_counter() - t)"
    times = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    ]
    assert min(times) < 0.3


def test_public_names_resolve_and_are_documented() -> None:
    assert set(servicequal.__all__) == set(dir(servicequal))
    for name in servicequal.__all__:
        assert getattr(servicequal, name).__doc__, name


def test_lazy_table_equals_the_typed_imports() -> None:
    tree = ast.parse(Path(servicequal.__file__).read_text(encoding="utf-8"))
    typed = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("servicequal")
        for alias in node.names
    }
    assert typed == servicequal._MODULE_OF


def test_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(servicequal, "scores")


def test_reprs_hold_no_text() -> None:
    secret = "my secret is 4711"
    contact = servicequal.Contact("c", "chat", (servicequal.Turn("customer", secret),))
    assert secret not in repr(contact)
    assert secret not in repr(contact.turns[0])
