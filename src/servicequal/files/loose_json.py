"""Values of a parsed JSON document that nobody vouches for: one of the wrong type counts as missing."""

from __future__ import annotations

import re
from math import isfinite
from typing import Any

_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_].*)?", re.IGNORECASE | re.DOTALL)


def child(record: Any, key: str) -> dict[str, Any]:
    """Give the object under a key, or an empty one.

    Example:
        >>> child({"agent": {"id": 7}}, "agent"), child({"agent": None}, "agent"), child(None, "agent")
        ({'id': 7}, {}, {})
    """
    found = record.get(key) if isinstance(record, dict) else None
    return found if isinstance(found, dict) else {}


def children(record: Any, key: str) -> list[dict[str, Any]]:
    """Give the objects in the list under a key; none if there is no list.

    Example:
        >>> children({"turns": [{"id": 1}, None, "x"]}, "turns"), children({"turns": "x"}, "turns")
        ([{'id': 1}], [])
    """
    found = record.get(key) if isinstance(record, dict) else None
    return objects(found)


def objects(value: Any) -> list[dict[str, Any]]:
    """Give the objects in a list; none if the value is no list.

    Example:
        >>> objects([{"id": 1}, 2]), objects({"id": 1})
        ([{'id': 1}], [])
    """
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(record: Any, *keys: str) -> str | None:
    """Give the first string under one of the keys that is not blank, without the white space around it.

    Example:
        >>> text({"display": " ", "text": " Hello. "}, "display", "text"), text({"text": 5}, "text")
        ('Hello.', None)
    """
    for key in keys:
        found = record.get(key) if isinstance(record, dict) else None
        if isinstance(found, str) and (found := found.strip()):
            return found
    return None


def number(record: Any, *keys: str) -> float | None:
    """Give the first finite number under one of the keys; numbers written as strings count.

    Example:
        >>> number({"start": "1.5"}, "start"), number({"start": True, "begin": 2}, "start", "begin")
        (1.5, 2.0)
    """
    for key in keys:
        found = record.get(key) if isinstance(record, dict) else None
        if isinstance(found, bool) or not isinstance(found, int | float | str):
            continue
        try:
            value = float(found)
        except (ValueError, OverflowError):
            continue
        if isfinite(value):
            return value
    return None


def scaled(record: Any, factor: float, *keys: str) -> float | None:
    """Give the first number under one of the keys as seconds, rounded to milliseconds.

    Example:
        >>> scaled({"start": 1500}, 0.001, "start")
        1.5
    """
    found = number(record, *keys)
    return None if found is None else round(found * factor, 3)


def identifier(record: Any, *keys: str) -> str | None:
    """Give the first id under one of the keys, a string or a whole number, as a string.

    Example:
        >>> identifier({"id": 1274}, "id"), identifier({"id": None, "key": "c-1"}, "id", "key")
        ('1274', 'c-1')
    """
    for key in keys:
        found = record.get(key) if isinstance(record, dict) else None
        if isinstance(found, float) and found.is_integer():
            found = int(found)
        if type(found) is int and abs(found) < 10**20:
            return str(found)
        if name := text(record, key):
            return name
    return None


def language(record: Any, *keys: str) -> str | None:
    """Give the first language tag under one of the keys as ISO 639-1.

    Example:
        >>> language({"LanguageCode": "de-DE"}, "LanguageCode"), language({"language": "german"}, "language")
        ('de', None)
    """
    for key in keys:
        if (tag := text(record, key)) and (found := _LANGUAGE.fullmatch(tag)):
            return found[1].lower()
    return None


def rating(record: Any, *keys: str) -> float | None:
    """Give the first number under one of the keys, whole where it is whole.

    Example:
        >>> rating({"rating": 4.0}, "rating"), rating({"rating": "3.5"}, "rating")
        (4, 3.5)
    """
    found = number(record, *keys)
    return int(found) if found is not None and found.is_integer() else found
