"""Texts and figures in words: English, German, Polish."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from math import isnan
from pathlib import Path

from servicequal.errors import ServicequalError, nearest
from servicequal.reporting.section import Cell, Estimate, Text, Unit

LANGUAGES = ("en", "de", "pl")
NOTHING = "–"

_DECIMALS: dict[Unit, int] = {"points": 1, "levels": 2, "count": 0, "ratio": 2, "p": 3, "": 2}
_SIGNS = {"en": (".", ","), "de": (",", "."), "pl": (",", "\u00a0")}  # of decimals, of thousands


class Words:
    r"""Words a report in one language.

    Args:
        language: ``en``, ``de`` or ``pl``.

    Raises:
        ServicequalError: if there are no words in that language.

    Example:
        >>> words = Words("de")
        >>> words(Estimate(61.25, 58.0, 64.5, 120)), words(0.5, "share"), words(12345)
        ('61,2 [58,0; 64,5]', '50\xa0%', '12.345')
        >>> words("complaint_handling"), words("voltana"), words(None)
        ('Beschwerdebearbeitung', 'voltana', '–')
    """

    def __init__(self, language: str = "en") -> None:
        if language not in LANGUAGES:
            raise ServicequalError(f"no report in the language {language!r}; {nearest(language, LANGUAGES)}")
        self.language = language
        self._table = _table(language)

    def __call__(self, cell: Cell, unit: Unit = "") -> str:
        """Word anything that a section may hold.

        Args:
            cell: an id of the default scheme becomes its name; any other string stays as it is.
            unit: of a plain number.
        """
        if isinstance(cell, Text):
            return self._table[cell.key].format_map({name: self(value) for name, value in cell.values.items()})
        if isinstance(cell, Estimate):
            return f"{self.figure(cell)} {self.interval(cell)}".rstrip()
        if isinstance(cell, bool):
            return self._table["word.yes" if cell else "word.no"]
        if isinstance(cell, str):
            return self._table.get(f"name.{cell}", cell)
        return self.number(cell, unit or ("count" if isinstance(cell, int) else ""))

    def say(self, key: str, **values: Cell) -> str:
        """Word a key with its values."""
        return self(Text(key, values))

    def column(self, name: str) -> str:
        """Word a column's heading; a column may be called like an id, which then has a capital."""
        called = self._table.get(f"name.{name}", "")
        return self._table.get(f"column.{name}") or called[:1].upper() + called[1:] or name

    def figure(self, estimate: Estimate) -> str:
        """Word an estimate without its interval; one that a model drew towards the others is marked with ≈."""
        return ("≈ " if estimate.shrunken else "") + self.number(estimate.value, estimate.unit)

    def interval(self, estimate: Estimate) -> str:
        """Word an estimate's interval; empty where there is none."""
        if estimate.value is None or estimate.low is None or estimate.high is None:
            return ""
        sign = "; " if self.language != "en" else ", "
        return f"[{self.number(estimate.low, estimate.unit)}{sign}{self.number(estimate.high, estimate.unit)}]"

    def number(self, value: float | None, unit: Unit) -> str:
        """Word a number; what is not there or is no number is a dash."""
        if value is None or isnan(value):
            return NOTHING
        if unit == "p" and value < 0.001:
            return f"< {self.number(0.001, 'p')}"
        return self._local(f"{100 * value:z.0f} %" if unit == "share" else f"{value:z,.{_DECIMALS[unit]}f}")

    def tick(self, value: float, unit: Unit) -> str:
        """Word a number on an axis, with no more digits than it needs."""
        return self._local(f"{100 * value:.6g} %" if unit == "share" else f"{value:.6g}")

    def _local(self, text: str) -> str:
        point, thousands = _SIGNS[self.language]
        return text.translate({ord("-"): "−", ord(" "): "\u00a0", ord("."): point, ord(","): thousands})


@cache
def _table(language: str) -> Mapping[str, str]:
    table: dict[str, str] = json.loads((Path(__file__).parent / "words" / f"{language}.json").read_text("utf-8"))
    return table
