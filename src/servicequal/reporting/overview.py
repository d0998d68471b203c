"""How many contacts there are, and at which level each criterion was rated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from servicequal.reporting.section import Cell, Column, Section, Table, Text
from servicequal.scheme import LEVELS, Scheme
from servicequal.scorecard import Scorecard


def overview(cards: Sequence[Scorecard], scheme: Scheme) -> Section:
    """Count contacts and levels: the scorer's own answers, before any annotation corrects them.

    Args:
        cards: past the privacy gate.
        scheme: names and weights of the criteria.
    """
    columns = (
        Column("criterion"), Column("mean", "points"), *(Column(level, "count") for level in reversed(LEVELS)),
        Column("not_applicable", "count"), Column("automatic", "share"),
    )  # fmt: skip
    rows = tuple(
        (
            row["criterion"],
            None if row["mean"] is None else float(row["mean"]),
            *(row[level] for level in reversed(LEVELS)),
            row["not_applicable"],
            row["automatic"] / len(cards) if cards else None,
        )
        for row in summarise(cards, scheme)
    )
    table = Table("criteria", Text("overview.criteria"), columns, rows)
    text = (Text("overview.counted", {"contacts": len(cards)}), Text("overview.how"))
    return Section("overview", Text("overview.title"), text, (table, _channels(cards)))


def _channels(cards: Sequence[Scorecard]) -> Table:
    channels = sorted({card.channel for card in cards})
    counts: dict[tuple[str, str], int] = {}
    for card in cards:
        counts[card.language, card.channel] = counts.get((card.language, card.channel), 0) + 1
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (language, *(counts.get((language, channel), 0) for channel in channels))
        for language in sorted({card.language for card in cards})
    )
    columns = (Column("language"), *(Column(channel, "count") for channel in channels))
    return Table("contacts_by_language", Text("overview.languages"), columns, rows)


def summarise(cards: Sequence[Scorecard], scheme: Scheme) -> list[dict[str, Any]]:
    """Count, for each criterion, the contacts at each level, the automatic ones, and the mean level as 0–100.

    Example:
        >>> from servicequal.scheme import Criterion
        >>> scheme = Scheme("s", (Criterion("courtesy", "always", dict.fromkeys(LEVELS, "…"), always=True),), ())
        >>> summarise([], scheme)[0]["applicable"]
        0
    """
    rows = []
    for criterion in scheme.criteria:
        ratings = [card[criterion.id] for card in cards]
        counts = {level: sum(rating.level == level for rating in ratings) for level in LEVELS}
        applicable = sum(counts.values())
        points = sum(LEVELS.index(level) * count for level, count in counts.items())
        rows.append(
            {
                "criterion": criterion.id,
                **counts,
                "applicable": applicable,
                "not_applicable": len(ratings) - applicable,
                "mean": 50 * points / applicable if applicable else None,
                "automatic": sum(rating.decision == "auto" for rating in ratings),
            }
        )
    return rows
