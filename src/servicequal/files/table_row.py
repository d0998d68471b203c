"""A row of a table with a contact's columns → Contact; Parquet files and Hugging Face data sets share it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from servicequal.contact import Contact
from servicequal.errors import ContactError, nearest
from servicequal.files.clock import iso
from servicequal.files.rejected import Rejected
from servicequal.files.strict_json import parse

REQUIRED = ("id", "channel", "turns")
COLUMNS = (*REQUIRED, "language", "attributes", "facts")
BESIDE = "annotations"  # of an exported data set; a contact has no use for them


def wrong_columns(found: Iterable[str]) -> str | None:
    """Say which column is missing or unknown; None if all is well.

    Example:
        >>> wrong_columns(["id", "chanel", "turns"])
        "unknown column 'chanel'; did you mean 'channel'?"
        >>> wrong_columns(["id", "channel", "turns", "facts"])
    """
    names = list(found)
    for name in names:
        if name not in (*COLUMNS, BESIDE):
            return f"unknown column {name!r}; {nearest(name, COLUMNS)}"
    missing = [name for name in REQUIRED if name not in names]
    return f"column {missing[0]!r} is missing; expected at least {', '.join(REQUIRED)}" if missing else None


def read_row(row: Mapping[str, Any], source: str, number: int) -> Contact | Rejected:
    """Read one row: turns are a list of structs, attributes a struct or a map; both may be JSON strings.

    Example:
        >>> turns = [{"speaker": "agent", "text": "Hello!", "start": None}]
        >>> read_row({"id": 7, "channel": "chat", "turns": turns, "attributes": '{"team": "A"}'}, "a.parquet", 1)
        Contact('7', chat, 1 turns)
    """
    record = {key: value for key, value in row.items() if value is not None and key != BESIDE}
    if isinstance(record.get("id"), int):
        record["id"] = str(record["id"])
    try:
        record["attributes"] = _attributes(record.get("attributes"))
        if "turns" in record:
            record["turns"] = _turns(record["turns"])
        return Contact.from_dict(record)
    except ContactError as error:
        name = record.get("id")
        return Rejected(source, str(error), number, name if isinstance(name, str) else None)


def _turns(turns: Any) -> Any:
    """Bring a JSON string, or a dict of lists as older data sets hold it, into a list of dicts."""
    if isinstance(turns, str):
        try:
            return parse(turns)
        except ContactError as error:
            raise ContactError(f"turns: {error}") from None
    if not isinstance(turns, Mapping):
        return turns
    columns = {key: values for key, values in turns.items() if isinstance(values, list)}
    if len({len(values) for values in columns.values()}) != 1:
        raise ContactError("the lists in turns differ in length; expected one value a turn")
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _attributes(attributes: Any) -> Any:
    if isinstance(attributes, str):
        try:
            return parse(attributes or "{}")
        except ContactError as error:
            raise ContactError(f"attributes: {error}") from None
    if isinstance(attributes, Mapping):
        return {key: _plain(value) for key, value in attributes.items() if value is not None}
    return attributes


def _plain(value: Any) -> Any:
    """Give what JSON can hold for the types of Arrow that it cannot."""
    if isinstance(value, datetime):
        return iso(value) if value.tzinfo else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
