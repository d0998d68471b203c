"""Strict reading of JSON records: a wrong line or key is refused with its place and the nearest known name."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from servicequal.errors import ServicequalError, nearest


def check_keys(
    record: Any,
    *,
    required: Collection[str],
    optional: Collection[str] = (),
    where: str,
    error: type[ServicequalError],
    types: Mapping[str, type | tuple[type, ...]] | None = None,
) -> None:
    """Refuse a record that is no object, lacks a required key, has an unknown one or a value of the wrong type.

    Args:
        record: as JSON gave it.
        required: keys that must be there.
        optional: keys that may be there.
        where: place of the record, for the message.
        error: what to raise.
        types: what the values of some keys must be; null passes for optional keys.

    Raises:
        ServicequalError: of the type ``error``, naming the key.

    Example:
        >>> check_keys({"txt": "Hi"}, required={"text"}, where="turn 0", error=ServicequalError)
        Traceback (most recent call last):
        servicequal.errors.ServicequalError: turn 0: unknown key 'txt'; did you mean 'text'?
    """
    if not isinstance(record, Mapping):
        raise error(f"{where}: found {kind(record)}; expected an object")
    known = {*required, *optional}
    for key in record:
        if key not in known:
            raise error(f"{where}: unknown key {key!r}; {nearest(str(key), known)}")
    for key in sorted(required):
        if key not in record:
            raise error(f"{where}: key {key!r} is missing")
    for key, expected in (types or {}).items():
        value = record.get(key)
        wrong = not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool)
        if wrong and not (value is None and key not in required):
            raise error(f"{where}: {key} is {kind(value)}; expected {_named(expected)}")


def kind(value: Any) -> str:
    """Name a JSON value's type without quoting the value.

    Example:
        >>> kind([1]), kind(None), kind("secret")
        ('a list', 'null', 'a string')
    """
    return "null" if value is None else _named(type(value))


def _named(expected: type | tuple[type, ...]) -> str:
    first = expected[0] if isinstance(expected, tuple) else expected
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(first, f"a {first.__name__}")


def read_records(
    path: Path, error: type[ServicequalError], reject: Callable[[ServicequalError], None] | None = None
) -> Iterator[tuple[str, Any]]:
    """Read a JSONL file: each record with its place, for a message.

    Args:
        path: of the file.
        error: what to raise.
        reject: is handed the error of each line that is no JSON; without it the first one is raised.

    Raises:
        ServicequalError: of the type ``error``, naming the file and the line that is no JSON.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        raise error(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as cause:
        raise error(f"{path}: cannot be read as UTF-8 text ({type(cause).__name__})") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            where = f"{path}, line {number}"
            try:
                record = _parsed(line, where, error)
            except ServicequalError as wrong:
                if reject is None:
                    raise
                reject(wrong)
            else:
                yield where, record


def _parsed(line: str, where: str, error: type[ServicequalError]) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as cause:
        raise error(f"{where}: not JSON ({cause.msg}, column {cause.colno})") from None
    except (RecursionError, ValueError):  # brackets without end, a number of thousands of digits
        raise error(f"{where}: JSON nested too deep or a number too long") from None


def to_json(value: Any) -> str:
    r"""Write JSON that every reader can read, whatever rides along in attributes.

    What JSON does not know becomes text, what is no number becomes null, half a surrogate pair is escaped.

    Example:
        >>> to_json({"a": "ß", "b": float("nan"), "c": b"x"}), to_json("\ud800")
        ('{"a": "ß", "b": null, "c": "b\'x\'"}', '"\\ud800"')
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):
        text = json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)
    return text if text.encode("utf-8", "replace").decode() == text else json.dumps(json.loads(text))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)
