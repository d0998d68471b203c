"""The contacts that the scorer gets most wrong, and what they have in common.

    python benchmarks/quality/worst.py CARDS > benchmarks/results/worst.json

CARDS are out-of-fold scorecards (``servicequal train --cards``). A contact's error is the mean over the criteria of
how far the answer is from a blind rater's, in steps of not_applicable, not_met, partly_met, fully_met; 0 is none, 3 the
most there is. The twenty worst are listed with both answers wherever they differ by two steps or more; what the worst
tenth has more or less of than the others is told as two shares.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter

import numpy as np
from answers import ANSWERS, UNANSWERED, Corpus, answers_of, read_corpus
from shift import ANNOTATIONS

from servicequal import Contact, read_annotations, read_scorecards

WORST, TENTH, FAR = 20, 0.1, 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cards")
    corpus = read_corpus(None)
    answers = answers_of(read_scorecards(parser.parse_args().cards), corpus)
    steps = np.abs(answers[..., None] - np.arange(len(ANSWERS)))
    by_criterion = np.where(answers == UNANSWERED, 0, (corpus.shares * steps).sum(axis=-1))
    error = by_criterion.mean(axis=0)
    order = np.argsort(-error, kind="stable")
    cut = round(TENTH * len(order))
    found = {
        "contacts": len(order),
        "mean_error": {"all": round(float(error.mean()), 3), "worst_tenth": round(float(error[order[:cut]].mean()), 3)},
        "error_by_criterion": {
            name: {"all": round(float(row.mean()), 3), "worst_tenth": round(float(row[order[:cut]].mean()), 3)}
            for name, row in zip(corpus.criteria, by_criterion, strict=True)
        },
        "in_common": in_common(corpus, order, cut),
        "worst": [told(corpus, answers, by_criterion, int(number)) for number in order[:WORST]],
    }
    print(json.dumps(found, indent=1))


def in_common(corpus: Corpus, order: np.ndarray, cut: int) -> dict[str, dict[str, float]]:
    """Give the share of contacts that have a trait, among the worst and among the others."""
    wrong = Counter(
        annotation.contact
        for wave in sorted(ANNOTATIONS.glob("20*"))
        for annotation in read_annotations(wave)
        for verdict in annotation.verdicts
        if verdict.verdict == "contradicted"
    )
    words = np.array([sum(len(turn.text.split()) for turn in contact.turns) for contact in corpus.contacts])
    long, short = np.quantile(words, [0.75, 0.25])
    disputed = (corpus.shares.max(axis=-1) < 1).any(axis=0)
    traits = {
        **{f"language {name}": corpus.languages == name for name in sorted(set(corpus.languages))},
        **{
            f"channel {name}": np.array([c.channel == name for c in corpus.contacts])
            for name in ("phone", "email", "chat")
        },
        "longest quarter": words >= long,
        "shortest quarter": words <= short,
        "no capitals": np.array([_plain(contact) for contact in corpus.contacts]),
        "mystery contact": np.array([bool(contact.attributes.get("mystery")) for contact in corpus.contacts]),
        "raters disagree": disputed,
        "an answer contradicted": np.array([wrong[contact.id] > 0 for contact in corpus.contacts]),
        **{
            f"{name} {answer}": corpus.shares[row, :, column] >= 0.5
            for row, name in enumerate(corpus.criteria)
            for column, answer in enumerate(ANSWERS)
        },
    }
    shares = {name: (float(has[order[:cut]].mean()), float(has[order[cut:]].mean())) for name, has in traits.items()}
    ranked = sorted(shares.items(), key=lambda item: -abs(item[1][0] - item[1][1]))
    return {name: {"worst_tenth": round(worst, 2), "others": round(others, 2)} for name, (worst, others) in ranked[:15]}


def told(corpus: Corpus, answers: np.ndarray, by_criterion: np.ndarray, number: int) -> dict:
    """Tell one contact: where it comes from, and the answers that are far apart, the scorer's first."""
    contact = corpus.contacts[number]
    apart = {
        name: [ANSWERS[answers[row, number]], ANSWERS[int(corpus.shares[row, number].argmax())]]
        for row, name in enumerate(corpus.criteria)
        if by_criterion[row, number] >= FAR
    }
    where = {"contact": contact.id, "language": contact.language, "channel": contact.channel}
    return where | {"error": round(float(by_criterion[:, number].mean()), 2), "scorer_and_rater": apart}


def _plain(contact: Contact) -> bool:
    letters = [letter for turn in contact.turns for letter in turn.text if letter.isalpha()]
    return sum(letter.isupper() for letter in letters) < 0.01 * len(letters)


if __name__ == "__main__":
    main()
