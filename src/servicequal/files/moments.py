"""When something was said: moments as vendors write them (ISO 8601 or numbers since 1970), and the seconds between."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from servicequal.files.clock import iso, moment

# What a number since 1970 counts, by its size: all three ranges begin in the 1970s, and the next one long after 2100.
_SECONDS, _MILLISECONDS, _MICROSECONDS = 1e11, 1e14, 1e17


def moment_of(value: Any) -> datetime | None:
    """Read a moment: ISO 8601, or seconds, milliseconds or microseconds since 1970; None if the value is none.

    Example:
        >>> moment_of("2026-05-03T12:12:00+02:00") == moment_of(1777803120) == moment_of(1777803120000.0)
        True
        >>> moment_of("soon"), moment_of(None)
        (None, None)
    """
    if isinstance(value, str):
        return _since_1970(int(value)) if value.isdecimal() and len(value) < 20 else moment(value)
    return _since_1970(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def seconds_between(begin: datetime | None, later: datetime | None) -> float | None:
    """Count the seconds from one moment to another, to the millisecond; None where one is unknown.

    Example:
        >>> seconds_between(moment_of(1777803120), moment_of(1777803121500))
        1.5
    """
    return round((later - begin).total_seconds(), 3) if begin and later else None


def started_at(*values: Any) -> str | None:
    """Write the first of the values that is a moment as contacts do.

    Example:
        >>> started_at(None, "2026-05-03T12:12:00+02:00")
        '2026-05-03T10:12:00Z'
    """
    return next((iso(found) for value in values if (found := moment_of(value))), None)


def _since_1970(number: float) -> datetime | None:
    for limit, unit in ((_SECONDS, 1), (_MILLISECONDS, 1e3), (_MICROSECONDS, 1e6)):
        if 0 < number < limit:
            return datetime.fromtimestamp(number / unit, UTC)
    return None
