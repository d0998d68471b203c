"""Scorecards → a short table on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from servicequal.reporting.page import summarise
from servicequal.scheme import Scheme
from servicequal.scorecard import Scorecard


def print_summary(cards: Sequence[Scorecard], scheme: Scheme) -> None:
    """Print, for each criterion, the contacts at each level."""
    table = Table(title=f"{len(cards)} contacts", title_justify="left")
    table.add_column("criterion", no_wrap=True)
    for name in ("mean", "fully met", "partly met", "not met", "n/a", "auto"):
        table.add_column(name, justify="right")
    for row in summarise(cards, scheme):
        mean = "–" if row["mean"] is None else f"{row['mean']:.0f}"
        numbers = [row[key] for key in ("fully_met", "partly_met", "not_met", "not_applicable", "automatic")]
        table.add_row(row["criterion"], mean, *(str(number) for number in numbers))
    Console().print(table)
