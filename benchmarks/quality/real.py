"""The bundled scorer on real contacts that nobody on this project wrote.

    python benchmarks/quality/real.py --real FOLDER > benchmarks/results/real.json

FOLDER holds contacts.jsonl and annotations-dev.jsonl: chats from the WMT 2024 chat task and Polish calls from DiaBiz,
rated by language models under the same scheme (see annotations/README.md). Their licences do not allow
them to be shipped, so they are not part of the project. Look seldom: nothing may be tuned on them.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from servicequal import Scorer, evaluate, read_annotations, read_contacts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, required=True)
    folder = parser.parse_args().real
    contacts = {contact.id: contact for contact in read_contacts(folder / "contacts.jsonl")}
    annotations = read_annotations(folder / "annotations-dev.jsonl")
    rated = [contacts[name] for name in dict.fromkeys(annotation.contact for annotation in annotations)]
    scorer = Scorer.load()
    figures = evaluate(scorer.score(rated), annotations).to_dict()
    kinds = Counter(f"{contact.language} {contact.channel}" for contact in rated)
    print(json.dumps({"scorer": scorer.bundle.name, "kinds": dict(kinds)} | figures, indent=1))


if __name__ == "__main__":
    main()
