"""The times written beside turns → seconds since the contact began."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from servicequal.files.clock import moment, seconds
from servicequal.files.moments import moment_of

_CLOCK_FROM = 300.0  # a recording's first words come within five minutes; a later first time is a clock's
_EPOCH_FROM = 1e9  # seconds since 1970
_DAY = 86_400.0

Span = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class TurnTimes:
    """Starts and ends in seconds since the contact began.

    Attributes:
        spans: ``(start, end)`` for each turn; None where nothing readable is written.
        recording: whether they were positions in a recording, so that the contact is a call.
        begun: when the contact began, if dates were written.
    """

    spans: tuple[Span, ...]
    recording: bool = False
    begun: datetime | None = None


def turn_times(written: Sequence[tuple[str, str]]) -> TurnTimes:
    """Read positions, times of a clock, dates, or seconds since 1970.

    Args:
        written: start and end beside each turn, as they stand there; empty where there is none.

    Example:
        >>> turn_times([("00:01", "00:02.5"), ("", "")])
        TurnTimes(spans=((1.0, 2.5), (None, None)), recording=True, begun=None)
        >>> turn_times([("10:42", ""), ("10:44", "")]).spans
        ((0.0, None), (120.0, None))
    """
    first = next((start for start, _ in written if start.strip()), "")
    if begun := moment(first):
        return _dated(written, begun, moment)
    position = seconds(first)
    if position is None:
        return TurnTimes(((None, None),) * len(written))
    if position > _EPOCH_FROM:
        return _dated(written, _since_1970(first), _since_1970)
    if position < _CLOCK_FROM or ":" not in first:
        return TurnTimes(tuple((seconds(start), seconds(end)) for start, end in written), recording=True)
    unit = 1 if any(time.count(":") > 1 for span in written for time in span) else 60  # 10:42 are hours and minutes

    def since(time: str) -> float | None:
        found = seconds(time)
        return None if found is None else (found - position) * unit % _DAY

    return TurnTimes(tuple((since(start), since(end)) for start, end in written))


def _dated(
    written: Sequence[tuple[str, str]], begun: datetime | None, read: Callable[[str], datetime | None]
) -> TurnTimes:
    def since(time: str) -> float | None:
        found = read(time)
        return (found - begun).total_seconds() if found and begun else None

    return TurnTimes(tuple((since(start), since(end)) for start, end in written), begun=begun)


def _since_1970(time: str) -> datetime | None:
    return moment_of(seconds(time))
