"""Times as transcripts write them → seconds, or a moment in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{2}(?:[.,]\d{1,9})?)")
_NUMBER = re.compile(r"\d{1,12}(?:[.,]\d{1,12})?")


def seconds(text: str) -> float | None:
    """Read a position within a recording, to the millisecond; None if the text is none.

    Example:
        >>> seconds("00:12"), seconds("1:02:03,5"), seconds("5:09.40"), seconds("7.25"), seconds("soon")
        (12.0, 3723.5, 309.4, 7.25, None)
    """
    text = text.strip()
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, rest = clock.groups()
        return round(int(hours or 0) * 3600 + int(minutes) * 60 + float(rest.replace(",", ".")), 3)
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def moment(text: str) -> datetime | None:
    """Read a date with a time (ISO 8601), as UTC where it names no zone; None if the text is none.

    Example:
        >>> moment("2026-05-03 12:12:00+02:00").isoformat(), moment("00:12")
        ('2026-05-03T10:12:00+00:00', None)
    """
    try:
        found = datetime.fromisoformat(text.strip()) if "-" in text else None
        return found and (found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def iso(found: datetime | None) -> str | None:
    """Write a moment as contacts do.

    Example:
        >>> iso(datetime(2026, 5, 3, 10, 12, tzinfo=UTC))
        '2026-05-03T10:12:00Z'
    """
    return None if found is None else found.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
