"""Histories of any length without a duplicate: real or annotated contacts under new ids, with some words changed."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from servicequal import Contact, read_contacts

ANNOTATED = Path(__file__).parents[2] / "annotations"
_WORD = re.compile(r"\w+")


def source(path: Path | None) -> list[Contact]:
    """Read the file to measure with; None for the annotated contacts of the project."""
    paths = [path] if path else sorted(ANNOTATED.glob("20*/contacts.jsonl"))
    return [contact for one in paths for contact in read_contacts(one)]


def history(
    contacts: list[Contact], count: int, *, changed: bool = False, turns: int | None = None, seed: int = 0
) -> Iterator[Contact]:
    """Give ``count`` contacts: first as they are, then with a word of every turn drawn from another contact.

    Args:
        contacts: to repeat.
        count: how many to give.
        changed: the first ones too, so that histories of all lengths are alike.
        turns: keep only so many of each, for histories of a million.
        seed: of the draws.
    """
    draw = random.Random(seed)  # noqa: S311
    words = sorted({word for contact in contacts for turn in contact.turns for word in _WORD.findall(turn.text)})
    for number in range(count):
        one = contacts[number % len(contacts)]
        said = [turn for turn in one.turns if turn.speaker != "system"][:turns]
        if changed or number >= len(contacts):
            said = [replace(turn, text=_changed(turn.text, draw.choice(words), number, draw)) for turn in said]
        yield replace(one, id=f"c-{number}", turns=tuple(said) or one.turns)


def _changed(text: str, word: str, number: int, draw: random.Random) -> str:
    """Replace one word by another and the number of the contact, so that no two texts are the same."""
    places = list(islice(_WORD.finditer(text), 200))
    if not places:
        return text
    at = draw.choice(places)
    return f"{text[: at.start()]}{word} {number}{text[at.end() :]}"


def write(contacts: Iterator[Contact], path: Path) -> int:
    """Write contacts as JSONL; the number written."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for count, contact in enumerate(contacts, start=1):  # noqa: B007
            file.write(json.dumps(contact.to_dict(), ensure_ascii=False) + "\n")
    return count
