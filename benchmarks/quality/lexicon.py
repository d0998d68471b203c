"""Rules over a word list: the baseline that a spreadsheet of phrases would give.

``lexicon.json`` holds patterns per language and indicator, written by hand from the scheme's descriptions and not tuned
on any label. What a turn shows follows from its speaker's words alone, a level from what is shown.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from servicequal import Contact
from servicequal.scheme import NOT_APPLICABLE

CUSTOMER = ("concern", "complaint", "buying_signal", "question")
NOT, PARTLY, FULLY = "not_met", "partly_met", "fully_met"


@cache
def patterns(language: str) -> dict[str, re.Pattern[str]]:
    words = json.loads(Path(__file__).with_name("lexicon.json").read_text(encoding="utf-8"))[language]
    return {name: re.compile("|".join(f"(?:{one})" for one in found), re.IGNORECASE) for name, found in words.items()}


def shown(contact: Contact) -> dict[str, int]:
    """Count the turns of the right speaker that show each entry of the word list."""
    counts = {}
    for name, pattern in patterns(str(contact.language)).items():
        speakers = ("customer",) if name in CUSTOMER else ("agent",)
        speakers = ("customer", "agent") if name == "open_matter" else speakers
        counts[name] = sum(bool(pattern.search(turn.text)) for turn in contact.turns if turn.speaker in speakers)
    return counts


def empathy(seen: dict[str, int]) -> str:
    if not seen["concern"]:
        return NOT_APPLICABLE
    warm = bool(seen["acknowledges"]) + bool(seen["reassures"])
    if seen["dismisses"] or seen["impolite"]:
        return PARTLY if warm else NOT
    if warm and (seen["offers_remedy"] or seen["commits"] or seen["recommends"]):
        return FULLY
    return PARTLY if warm or seen["apologises"] else NOT


def correct_answers(seen: dict[str, int]) -> str:
    if not seen["question"] and not seen["states_fact"]:
        return NOT_APPLICABLE
    if not seen["states_fact"]:
        return NOT
    return PARTLY if seen["defers_answer"] else FULLY


def buying_signals(seen: dict[str, int]) -> str:
    if not seen["buying_signal"]:
        return NOT_APPLICABLE
    taken_up = seen["explores_need"] or seen["recommends"]
    if taken_up and seen["leads_to_purchase"]:
        return FULLY
    return PARTLY if taken_up or seen["leads_to_purchase"] else NOT


def complaint_handling(seen: dict[str, int]) -> str:
    if not seen["complaint"]:
        return NOT_APPLICABLE
    remedy = seen["offers_remedy"] or seen["offers_alternative"] or seen["offers_goodwill"]
    owned = seen["apologises"] or seen["takes_ownership"] or seen["acknowledges"]
    if remedy and owned and seen["commits"] and not seen["refuses"]:
        return FULLY
    return PARTLY if remedy or (owned and not seen["refuses"]) else NOT


def courtesy(seen: dict[str, int]) -> str:
    if seen["impolite"]:
        return NOT
    return FULLY if seen["greets"] and seen["closes_warmly"] else PARTLY


def next_steps(seen: dict[str, int]) -> str:
    if not seen["open_matter"]:
        return NOT_APPLICABLE
    if not seen["commits"]:
        return NOT
    return FULLY if seen["time"] else PARTLY


RULES = {
    rule.__name__: rule for rule in (empathy, correct_answers, buying_signals, complaint_handling, courtesy, next_steps)
}


def rate(contact: Contact) -> dict[str, str]:
    """Rate every criterion of the scheme."""
    seen = shown(contact)
    return {criterion: rule(seen) for criterion, rule in RULES.items()}
