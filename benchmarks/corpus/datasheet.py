"""What is in the corpus, how like its contacts are to each other, and in what they differ from real ones.

    python benchmarks/corpus/datasheet.py [--real FOLDER] > benchmarks/results/corpus.json

Repetition: runs of six words, nearest neighbours in vector space, openings and closings alike, over all contacts and
over the first wave alone (before), those added last to the first three waves (after), and the fourth wave. Realism: the
same figures of form on both sides; ``--real`` names a folder with ``contacts.jsonl`` and ``annotations-dev.jsonl`` of
strangers, which is not part of the project. Both sides are counted per language and channel, since the mix differs.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np

from servicequal import read_annotations, read_contacts, read_phrases
from servicequal.bundle import ENCODER, models_folder
from servicequal.corpus.disputes import levels_given, settled
from servicequal.corpus.near_duplicates import near_duplicates, shingles
from servicequal.inference.encoder import Encoder
from servicequal.scheme import LEVELS, NOT_APPLICABLE

ANNOTATIONS = Path(__file__).parents[2] / "annotations"
FILLERS = {"äh", "ähm", "öh", "hm", "mhm", "uh", "um", "uhm", "er", "erm", "yyy", "eee", "no", "ja", "tja", "naja"}


def counts(contacts, annotations, adjudications, phrases):
    def by(attribute):
        return dict(sorted(Counter(str(attribute(contact)) for contact in contacts).items()))

    raters = Counter(annotation.contact for annotation in annotations)
    chains = Counter(c.attributes["customer"] for c in contacts if not c.attributes["mystery"])
    levels = Counter((criterion, level) for (_, criterion), level in settled(annotations, adjudications).items())
    spans = {(a.contact, s.turn, s.start, s.indicator) for a in annotations for s in a.indicators}
    verdicts = {(a.contact, v.turn, v.start, v.fact, v.verdict) for a in annotations for v in a.verdicts}
    given = levels_given(annotations)
    return {
        "contacts": len(contacts),
        "waves": by(lambda c: c.attributes["wave"]),
        "languages": by(lambda c: c.language),
        "channels": by(lambda c: c.channel),
        "companies": by(lambda c: c.attributes["company"]),
        "mystery": sum(bool(c.attributes["mystery"]) for c in contacts),
        "with a customer's rating": sum("rating" in c.attributes for c in contacts),
        "customers with 2 to 4 contacts": sum(n > 1 for n in chains.values()),
        "words": sum(len(words(whole(c))) for c in contacts),
        "annotations": len(annotations),
        "raters": len({annotation.rater for annotation in annotations}),
        "contacts by number of raters": dict(sorted(Counter(raters.values()).items())),
        "ratings in dispute": sum(len(set(levels)) > 1 for levels in given.values()),
        "ratings by two or more": sum(len(levels) > 1 for levels in given.values()),
        "adjudicated": sum(len(annotation.ratings) for annotation in adjudications),
        "settled levels": {
            criterion: {level: levels[criterion, level] for level in (*LEVELS, NOT_APPLICABLE)}
            for criterion in dict.fromkeys(criterion for criterion, _ in levels)
        },
        "indicators, different spans": dict(sorted(Counter(span[-1] for span in spans).items())),
        "verdicts, different statements and facts": dict(sorted(Counter(v[-1] for v in verdicts).items())),
        "phrases": dict(
            sorted(Counter(f"{p.language} {'shows' if p.shows else 'near miss'}" for p in phrases).items())
        ),
    }


def words(text):
    return re.findall(r"\w+", text.lower())


def whole(contact):
    return " ".join(turn.text for turn in contact.turns)


def repetition(contacts, encoder):
    texts = {contact.id: whole(contact) for contact in contacts}
    holders = Counter(run for text in texts.values() for run in shingles(text))
    vectors = encoder.encode(["query: " + text[:1500] for text in texts.values()])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -1)

    def alike(turn, run):
        starts = Counter(" ".join(words(contact.turns[turn].text)[run]) for contact in contacts)
        return round(sum(n for n in starts.values() if n > 1) / len(contacts), 3)

    return {
        "contacts": len(contacts),
        "most contacts that share six words": max(holders.values()),
        "share of contacts that share six words": round(max(holders.values()) / len(contacts), 4),
        "share of runs of six words that stand in several contacts": round(
            float(np.mean([count > 1 for count in holders.values()])), 5
        ),
        "pairs that share half of their runs": sum(1 for _ in near_duplicates(texts)),
        "nearest neighbour, cosine": {
            name: round(float(np.quantile(similar.max(axis=1), q)), 3)
            for name, q in (("median", 0.5), ("95 %", 0.95), ("most", 1.0))
        },
        "share that opens like another (first five words)": alike(0, slice(0, 5)),
        "share that closes like another (last five words)": alike(-1, slice(-5, None)),
    }


def form(contacts, annotations):
    """Per language and channel, since vocabulary and length differ; only kinds that there are ten of."""
    raters = Counter(annotation.contact for annotation in annotations)
    kinds = Counter(f"{contact.language} {contact.channel}" for contact in contacts)
    return {
        kind: _form([c for c in contacts if f"{c.language} {c.channel}" == kind], annotations, raters)
        for kind, count in sorted(kinds.items())
        if count >= 10
    }


def _form(contacts, annotations, raters):
    names = {contact.id for contact in contacts}
    tokens = [words(whole(contact)) for contact in contacts]
    length = np.array([len(t) for t in tokens])
    turns = [turn for contact in contacts for turn in contact.turns if turn.speaker != "system"]
    said = [len(words(turn.text)) for turn in turns]
    agent = sum(len(words(turn.text)) for turn in turns if turn.speaker == "agent")
    pooled = np.concatenate([np.array(t) for t in tokens])
    sample = np.random.default_rng(0).permutation(pooled)[:5000]
    applied = Counter()
    weight = 0.0
    for annotation in annotations:
        if annotation.contact in names:
            share = 1 / raters[annotation.contact]
            weight += share
            for criterion, level in annotation.ratings.items():
                applied[criterion] += share * (level != "not_applicable")
    lower = [t.text for t in turns if re.search(r"[^\W\d_]", t.text)]
    return {
        "contacts": len(contacts),
        "words per contact": [int(q) for q in np.quantile(length, (0.1, 0.5, 0.9))],
        "turns per contact": [int(q) for q in np.quantile([len(c.turns) for c in contacts], (0.1, 0.5, 0.9))],
        "words per turn": [int(q) for q in np.quantile(said, (0.1, 0.5, 0.9))],
        "share of words said by the agent": round(agent / sum(said), 2),
        "turns of one or two words": round(float(np.mean([n <= 2 for n in said])), 2),
        "turns without a capital letter": round(float(np.mean([t == t.lower() for t in lower])), 2),
        "turns without punctuation at their end": round(
            float(np.mean([text.rstrip()[-1:] not in ".!?…:)" for text in lower])), 2
        ),
        "fillers per 1,000 words": round(1000 * float(np.mean([w in FILLERS for w in pooled])), 1),
        "question marks per 1,000 words": round(1000 * sum(whole(c).count("?") for c in contacts) / len(pooled), 1),
        "different words among 5,000": len(set(sample.tolist())),
        "criterion applies": {name: round(count / weight, 2) for name, count in applied.items()} if weight else None,
    }  # fmt: skip


def numbered_above(contact, last):
    """Say whether a contact came after the last of its language, by the number at the end of its id."""
    return int(contact.id[-3:]) > last[contact.language]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--real", type=Path)
    folder = parser.parse_args().real
    contacts = [c for wave in sorted(ANNOTATIONS.glob("20*")) for c in read_contacts(wave / "contacts.jsonl")]
    annotations = [a for wave in sorted(ANNOTATIONS.glob("20*")) for a in read_annotations(wave)]
    encoder = Encoder(models_folder() / ENCODER)
    wave = {name: [c for c in contacts if c.attributes["wave"] == name] for name in ("2026-q1", "2026-q4", "2026-q4b")}
    planned = [c for c in contacts if c.attributes["wave"] < "2026-q4"]
    last = [c for c in planned if numbered_above(c, {"de": 64, "en": 57, "pl": 47})]
    first = [c for c in wave["2026-q1"] if c not in last]
    plain = [c for c in wave["2026-q4b"] if numbered_above(c, {"de": 200, "en": 240, "pl": 200})]
    adjudications = read_annotations(ANNOTATIONS, name="adjudications.jsonl")
    result = {
        "counts": counts(contacts, annotations, adjudications, read_phrases(ANNOTATIONS / "phrases")),
        "repetition": {name: repetition(part, encoder) for name, part in (
            ("all", contacts), ("written first (first wave)", first), ("written last", last),
            ("fourth wave", wave["2026-q4"]), ("plain ones", plain))},
        "form": {name: form(part, annotations) for name, part in (
            ("own", planned), ("written last", last), ("fourth wave", wave["2026-q4"]), ("plain ones", plain))},
    }  # fmt: skip
    if folder:
        real = list(read_contacts(folder / "contacts.jsonl"))
        dev = read_annotations(folder / "annotations-dev.jsonl")
        result["form"]["real"] = form(real, [a for a in dev if a.contact in {c.id for c in real}])
    print(json.dumps(result, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
