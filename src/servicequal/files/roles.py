"""Who is the agent? Roles for transcripts whose speakers carry none, inferred from the words they use."""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from servicequal.contact import Contact, Turn

_WORD = re.compile(r"[^\W\d_]+")
# log-odds of agent against customer per word, in three languages; models/build_roles.py counts them
_WORDS_FILE = Path(__file__).with_name("roles.json")


def assign_roles(labelled: Sequence[tuple[str, str, float | None, float | None]]) -> tuple[tuple[Turn, ...], float]:
    """Give each speaker label the role of agent or customer.

    The speaker whose words are most like an agent's is the agent, the rest are customers: with more than two speakers,
    one whose words are clearly an agent's is one too (a colleague who takes over).

    Args:
        labelled: ``(label, text, start, end)`` for each turn, in order; any label, any number of speakers.

    Returns:
        The turns with roles, and the probability (0–1) that the agent and the customer are not swapped.

    Example:
        >>> turns, probability = assign_roles([
        ...     ("spk_0", "Dzień dobry, w czym mogę pomóc?", None, None),
        ...     ("spk_1", "Moja paczka nie przyszła i jestem zła.", None, None),
        ... ])
        >>> [turn.speaker for turn in turns], probability > 0.5
        (['agent', 'customer'], True)
    """
    table = _table()
    scores = agent_scores(((label, text) for label, text, _, _ in labelled), table["words"])
    ranked = sorted(scores, key=lambda label: (-scores[label], list(scores).index(label)))
    agents = {label for label in ranked[:1] if len(scores) > 1 or scores[label] > 0}
    agents |= {label for label in ranked[1:-1] if scores[label] > table["colleague"]}
    turns = tuple(
        Turn("agent" if label in agents else "customer", text, start, end) for label, text, start, end in labelled
    )
    return turns, swap_free_probability(scores, table["scale"])


def swapped_probability(contact: Contact) -> float:
    """Give the probability (0–1) that a contact's agent and customer are swapped, from the words they use.

    Example:
        >>> turns = (Turn("customer", "Guten Tag, wie kann ich Ihnen helfen?"), Turn("agent", "Mein Paket ist weg!"))
        >>> swapped_probability(Contact("c", "phone", turns)) > 0.5
        True
    """
    table = _table()
    spoken = ((turn.speaker, turn.text) for turn in contact.turns if turn.speaker != "system")
    scores = agent_scores(spoken, table["words"])
    if len(scores) < 2:
        return 0.5
    return 1 / (1 + math.exp(table["scale"] * (scores["agent"] - scores["customer"])))


def agent_scores(spoken: Iterable[tuple[str, str]], words: Mapping[str, float]) -> dict[str, float]:
    """Sum up, for each label, the log-odds of the different words it uses, damped by their number.

    Example:
        >>> scores = agent_scores([("a", "gladly, madam"), ("b", "broken")], {"gladly": 2.0, "broken": -1.0})
        >>> {label: round(score, 3) for label, score in scores.items()}
        {'a': 1.414, 'b': -1.0}
    """
    texts: dict[str, list[str]] = defaultdict(list)
    for label, text in spoken:
        texts[label].append(text)
    used = {label: set(_WORD.findall("\n".join(own).lower())) for label, own in texts.items()}
    return {
        label: sum(words[word] for word in sorted(own & words.keys())) / math.sqrt(max(len(own), 1))
        for label, own in used.items()
    }


def swap_free_probability(scores: Mapping[str, float], scale: float) -> float:
    """Give the probability that the label with the highest score is the agent, from its lead over the lowest."""
    if len(scores) < 2:
        return 0.5
    return 1 / (1 + math.exp(-scale * (max(scores.values()) - min(scores.values()))))


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(_WORDS_FILE.read_text(encoding="utf-8"))
    return table
