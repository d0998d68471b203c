"""Is the evidence the reason? Without it the rating must fall, without as much other text it must not.

    python benchmarks/quality/deletion.py > benchmarks/results/deletion.json        (the result kept: --limit 45)

For corpus contacts drawn evenly from languages and channels, and each criterion with evidence, the evidence sentences
are cut out of the text and the contact is scored again: by how much does the probability of the level given fall? That
is the comprehensiveness of ERASER (DeYoung et al. 2020, § 4.2). The same with as many other sentences of the same
speakers, drawn at random. The bundled scorer was trained on these contacts (written by language models); no rater's
label is used. Intervals are clustered by case.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from shift import case_of, corpus_reference, corpus_sample

from servicequal import Contact, Scorecard, Scorer
from servicequal.inference.segments import split_sentences
from servicequal.scheme import NOT_APPLICABLE
from servicequal.stats.intervals import cluster_bootstrap, to_plain

Place = tuple[int, int, int]  # turn, start, end


@dataclass(frozen=True, slots=True)
class Trial:
    """One rating, and its contact without its evidence and without as many other sentences."""

    card: Scorecard
    criterion: str
    without_evidence: Contact
    without_others: Contact
    sentences: int


def trials_of(contact: Contact, card: Scorecard, *, seed: int) -> list[Trial]:
    """Make a trial of each rating that has evidence, where enough other sentences of the same speakers are left."""
    draw = np.random.default_rng(seed)
    sentences = [(s.turn, s.start, s.end) for s in split_sentences(contact, card.language)]
    trials = []
    for criterion, rating in card.ratings.items():
        evidence = {(one.turn, one.start, one.end) for one in rating.evidence}
        if rating.level == NOT_APPLICABLE or not evidence:
            continue
        others = _as_many(contact, evidence, [place for place in sentences if place not in evidence], draw)
        if others is not None and len(sentences) > len(evidence):
            cut = (without(contact, evidence), without(contact, others))
            trials.append(Trial(card, criterion, *cut, len(evidence)))
    return trials


def _as_many(
    contact: Contact, evidence: Collection[Place], rest: Sequence[Place], draw: np.random.Generator
) -> list[Place] | None:
    """Draw as many of the other sentences, from each speaker as many as the evidence has."""
    drawn: list[Place] = []
    for speaker, count in Counter(contact.turns[turn].speaker for turn, _, _ in evidence).items():
        own = [place for place in rest if contact.turns[place[0]].speaker == speaker]
        if len(own) < count:
            return None
        drawn += [own[number] for number in draw.choice(len(own), size=count, replace=False)]
    return drawn


def without(contact: Contact, places: Collection[Place]) -> Contact:
    """Cut sentences out of the text; a turn that has nothing left goes too."""
    texts = [turn.text for turn in contact.turns]
    for turn, start, end in sorted(places, reverse=True):
        texts[turn] = texts[turn][:start] + texts[turn][end:]
    turns = (replace(turn, text=text) for turn, text in zip(contact.turns, texts, strict=True) if text.strip())
    return replace(contact, turns=tuple(turns))


def fall(trial: Trial, after: Scorecard) -> float:
    """Give by how much the probability of the level first given falls."""
    old, new = trial.card[trial.criterion], after[trial.criterion]
    return old.confidence - new.applicable * new.levels[old.level]


def figures(trials: Sequence[Trial], evidence: np.ndarray, others: np.ndarray) -> dict:
    """Say how far probabilities fall without the evidence, without other sentences, and by how much more."""
    clusters = [case_of(trial.card) for trial in trials]

    def mean(values: np.ndarray) -> dict:
        return dict(to_plain(cluster_bootstrap(lambda rows: float(values[rows].mean()), clusters)))

    return {
        "ratings": len(trials),
        "sentences_cut": round(float(np.mean([trial.sentences for trial in trials])), 2),
        "fall_without_evidence": mean(evidence),
        "fall_without_others": mean(others),
        "difference": mean(evidence - others),
        "share_falling_without_evidence": mean((evidence > 0).astype(float)),
        "share_falling_without_others": mean((others > 0).astype(float)),
        "share_falling_further_without_evidence": mean((evidence > others).astype(float)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, default=90, help="so many contacts")
    contacts = corpus_sample(parser.parse_args().limit)
    scorer, reference = Scorer.load(), corpus_reference()
    cards = scorer.score(contacts, reference=reference)
    trials = [
        trial
        for number, (contact, card) in enumerate(zip(contacts, cards, strict=True))
        for trial in trials_of(contact, card, seed=number)
    ]
    print(f"{len(contacts)} contacts, {len(trials)} ratings with evidence", file=sys.stderr)
    with_evidence = sum(bool(rating.evidence) for card in cards for rating in card.ratings.values())
    cut = [contact for trial in trials for contact in (trial.without_evidence, trial.without_others)]
    after = scorer.score(cut, reference=reference)
    falls = np.array([[fall(t, after[2 * n]), fall(t, after[2 * n + 1])] for n, t in enumerate(trials)])
    rows = {"all": np.arange(len(trials))}
    for criterion in (criterion.id for criterion in scorer.scheme.criteria):
        rows[criterion] = np.array([n for n, trial in enumerate(trials) if trial.criterion == criterion], dtype=int)
    table = {
        name: figures([trials[n] for n in numbers], *falls[numbers].T) for name, numbers in rows.items() if len(numbers)
    }
    head = {"scorer": scorer.bundle.name, "contacts": len(contacts), "ratings_with_evidence": with_evidence}
    print(json.dumps(head | {"criteria": table}, indent=1))


if __name__ == "__main__":
    main()
