"""How long a report of many contacts takes, and how large its page is: the corpus's scorecards, repeated.

    python benchmarks/report/many.py [--contacts 100000] [--out benchmarks/results/report.json]

CPU seconds of one process, which a busy machine does not change, beside the wall clock's.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import servicequal as sq

ROOT = Path(__file__).parents[2]
AGENTS = 400  # made up, 20 to a team
WAVES = [f"{year}-q{quarter}" for year in (2024, 2025, 2026) for quarter in (1, 2, 3, 4)]


def many(count: int) -> Iterator[sq.Scorecard]:
    """Repeat the scorecards under new ids, agents, teams, customers and waves."""
    cards = sq.read_scorecards(ROOT / "notebooks" / "cards.parquet")
    for number in range(count):
        card, agent = cards[number % len(cards)], number % AGENTS
        new = {"agent": f"agent {agent}", "team": f"team {agent // 20}", "wave": WAVES[number % len(WAVES)]}
        if "customer" in card.attributes:
            new["customer"] = f"customer-{number // 2}"
        yield replace(card, contact=f"c-{number}", attributes={**card.attributes, **new})


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "report.json")
    options = parser.parse_args()
    cards = list(many(options.contacts))
    texts = {card.contact: card.contact for card in cards}
    corpus = [
        one for path in sorted((ROOT / "annotations").glob("20*/contacts.jsonl")) for one in sq.read_contacts(path)
    ]
    wall, cpu = time.perf_counter(), time.process_time()
    contacts = (replace(corpus[number % len(corpus)], id=f"c-{number}") for number in range(len(texts)))
    found = sq.report(cards, by="team", company="voltana", contacts=islice(contacts, len(cards)))
    pages = {language: len(found.to_html(language).encode()) for language in ("en", "de", "pl")}
    figures = {
        "command": f"python benchmarks/report/many.py --contacts {options.contacts}",
        "contacts": len(found.cards),
        "contacts_shown": len(found.contacts),
        "page_bytes": pages,
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "wall_seconds": round(time.perf_counter() - wall, 1),
        "peak_gigabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
    }
    options.out.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
