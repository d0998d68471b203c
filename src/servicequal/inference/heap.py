"""The C library's heap: what a long history frees in it is given back, or it would grow by what lies between."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import suppress
from functools import cache


def give_back() -> None:
    """Give free memory back to the system, where the C library can: glibc does so by itself only at the heap's end."""
    if (trim := _trim()) is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    with suppress(AttributeError, OSError, TypeError):  # another C library, or another system
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
        return found
    return None
