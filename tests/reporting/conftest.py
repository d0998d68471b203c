"""Scorecards made up for reports: who says what is written out, and nothing is random."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from servicequal import Contact, Scorecard, Turn
from servicequal.reporting.fact_sheet import System
from servicequal.scheme import LEVELS
from servicequal.scorecard import Claim, Evidence, Overall, Rating

SCHEME = System.load().scheme
WORRIED, ANSWER = "Guten Tag, ich mache mir Sorgen.", "Sophie hier. Das verstehe ich, Frau Hinrichsen!"


def make_card(contact: str = "c-1", level: str = "partly_met", **attributes: Any) -> Scorecard:
    """A chat in German, every criterion at one level, with evidence for empathy and one claim."""
    levels = {name: 0.8 if name == level else 0.1 for name in LEVELS}
    found = (Evidence(1, 13, 31, ANSWER[13:31], "acknowledges", 0.9), Evidence(1, 0, 12, ANSWER[:12], "greets", 0.7))
    ratings = {
        criterion.id: Rating(level, 0.9, levels, "auto" if criterion.id == "courtesy" else "review", found)
        for criterion in SCHEME.criteria
    }
    claim = Claim(1, 13, 31, ANSWER[13:31], "returns-window", "contradicted", 0.8)
    score = 50.0 * LEVELS.index(level)
    return Scorecard(
        contact, "chat", "de", Overall(score, 0.0, 100.0), ratings, (claim,), (), attributes, "scorer 1"
    )  # fmt: skip


def make_contact(contact: str = "c-1", customer: str = WORRIED, agent: str = ANSWER) -> Contact:
    return Contact(contact, "chat", (Turn("customer", customer), Turn("agent", agent)), "de")


@pytest.fixture
def teams() -> Callable[[dict[str, dict[str, int]]], list[Scorecard]]:
    """Cards of one company: contacts by team and agent."""

    def make(sizes: dict[str, dict[str, int]]) -> list[Scorecard]:
        return [
            make_card(f"{team}-{agent}-{number}", company="voltana", team=team, agent=agent)
            for team, agents in sizes.items()
            for agent, count in agents.items()
            for number in range(count)
        ]

    return make
