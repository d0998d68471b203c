"""Text → JSON value, or an error with line and column; NaN and infinities are no JSON."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, NoReturn

from servicequal.errors import ContactError


def parse(text: str, *, one_line: bool = False) -> Any:
    """Parse a JSON document.

    Args:
        text: the whole document.
        one_line: leave the line out of an error's place, because the caller knows it.

    Raises:
        ContactError: saying where the text stops being JSON.

    Example:
        >>> parse('{"id" "c-1"}')
        Traceback (most recent call last):
        servicequal.errors.ContactError: broken JSON at line 1, column 7: Expecting ':' delimiter
    """
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except json.JSONDecodeError as error:
        place = f"column {error.colno}" if one_line else f"line {error.lineno}, column {error.colno}"
        raise ContactError(f"broken JSON at {place}: {error.msg}") from None
    except RecursionError:
        raise ContactError("JSON nested too deep to be read; expected a few levels") from None
    except ValueError:  # a number of thousands of digits
        raise ContactError("a number too long to be read; expected a finite number") from None


def _refuse(name: str) -> NoReturn:
    raise ContactError(f"{name} is no JSON; expected a finite number or null")


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ContactError("a number too large for a float; expected a finite number")
    return number
