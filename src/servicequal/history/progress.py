"""How far a run has come, how fast it is and how long it will take; and who is told."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from servicequal.files.rejected import Rejected

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come.

    Attributes:
        done: records whose shards are written.
        skipped: those of them that an earlier run wrote.
        total: records in all; None if that is not known.
        seconds: since this run began.

    Example:
        >>> print(Progress(done=600, skipped=400, total=1000, seconds=50.0))
        600 of 1,000 contacts (400 from an earlier run), 4.0 contacts/s, 0:01:40 left
    """

    done: int
    skipped: int
    total: int | None
    seconds: float

    @property
    def rate(self) -> float:
        """Records a second, in this run."""
        return (self.done - self.skipped) / self.seconds if self.seconds > 0 else 0.0

    @property
    def left(self) -> float | None:
        """Seconds that the rest will take at this rate; None if that cannot be told."""
        if self.total is None or not self.rate:
            return None
        return max(0, self.total - self.done) / self.rate

    def __str__(self) -> str:
        parts = [f"{self.done:,} of {self.total:,} contacts" if self.total is not None else f"{self.done:,} contacts"]
        if self.skipped:
            parts[0] += f" ({self.skipped:,} from an earlier run)"
        if self.rate:
            parts.append(f"{self.rate:.1f} contacts/s")
        if self.left is not None:
            parts.append(f"{clock(self.left)} left")
        return ", ".join(parts)


def clock(seconds: float) -> str:
    """Write seconds as hours, minutes and seconds.

    Example:
        >>> clock(3725.2)
        '1:02:05'
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


class Watcher:
    """Is told what happens in a run; this one writes to the log of its module."""

    def progressed(self, progress: Progress) -> None:
        """Hear that a shard is written."""
        _LOG.info("%s", progress)

    def rejected(self, rejected: Rejected) -> None:
        """Hear of a record that cannot be scored."""
        _LOG.info("rejected: %s", rejected)

    def noted(self, note: str) -> None:
        """Hear of something that was mended on the way."""
        _LOG.warning("%s", note)
