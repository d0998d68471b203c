"""What simpler means reach on the corpus, in one table with our own scorer and the agreement between raters.

    python benchmarks/quality/baselines.py --cards out-of-fold-cards.jsonl > benchmarks/results/baselines.json

Each system gives one of four answers per criterion (not applicable, or a level), learnt on four folds of the contacts
and asked about the fifth; folds keep a case together. Figures are against every blind rater, each with an equal share
of the contact: linear-weighted kappa of the answers in the order not applicable, 0, 1, 2, and F1 of "it applies", with
intervals clustered by case. ``raters`` is one rater against another. The corpus was written and rated by language
models.

``--cards`` are our own scorer's out-of-fold scorecards, JSONL. ``--remember FILE.npz`` keeps the sentence vectors.
``--only`` runs some systems. SetFit (``pip install setfit accelerate``) tunes the encoder anew per criterion and fold,
too much for a CPU: by default it is left out; ``--setfit-steps N`` gives it N steps per criterion, on the first fold.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import lexicon
import linear
import numpy as np
from answers import ANSWERS, FOLDS, Corpus, answers_of, figures, read_corpus

from servicequal import read_scorecards


def majority(corpus: Corpus) -> np.ndarray:
    """Give the commonest answer of the other folds."""
    answers = np.zeros(corpus.shares.shape[:2], dtype=int)
    for fold in range(FOLDS):
        common = corpus.shares[:, corpus.folds != fold].sum(axis=1).argmax(axis=1)
        answers[:, corpus.folds == fold] = common[:, None]
    return answers


def lexicon_rules(corpus: Corpus) -> np.ndarray:
    rated = [lexicon.rate(contact) for contact in corpus.contacts]
    return np.array([[ANSWERS.index(one[criterion]) for one in rated] for criterion in corpus.criteria])


def spacy_textcat(corpus: Corpus) -> np.ndarray:
    import textcat

    return textcat.cross_fit(corpus)


def systems(options: argparse.Namespace, corpus: Corpus) -> Iterator[tuple[str, Callable[[], np.ndarray]]]:
    yield "majority", lambda: majority(corpus)
    yield "lexicon", lambda: lexicon_rules(corpus)
    yield "tfidf", lambda: linear.cross_fit(corpus, linear.tfidf(corpus), name="tfidf")
    vectors = lambda: linear.sentence_vectors(corpus, options.remember)  # noqa: E731
    yield "sentence_vectors", lambda: linear.cross_fit(corpus, vectors(), name="sentence_vectors")
    yield "textcat", lambda: spacy_textcat(corpus)
    if options.setfit_steps:
        import few_shot

        yield "setfit", lambda: few_shot.first_fold(corpus, steps=options.setfit_steps)
    if options.cards:
        yield "servicequal", lambda: answers_of(read_scorecards(options.cards), corpus)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cards", type=Path, help="out-of-fold scorecards of our own scorer")
    parser.add_argument("--remember", type=Path, help="file for the sentence vectors")
    parser.add_argument("--only", nargs="+", help="names of systems")
    parser.add_argument("--setfit-steps", type=int, default=0)
    parser.add_argument("--limit", type=int, help="only about so many contacts, evenly from the corpus")
    options = parser.parse_args()
    corpus = read_corpus(options.limit)
    crossed = {"raters": corpus.between}
    for name, answer in systems(options, corpus):
        if not options.only or name in options.only:
            crossed[name] = corpus.against_raters(answer())
            print(name, "done", file=sys.stderr)
    table = {name: figures(cells, corpus) for name, cells in crossed.items()}
    if "setfit" in crossed:  # the others on the contacts that it was asked about
        asked = crossed["setfit"].sum(axis=(0, 2, 3)) > 0
        alike = {name: figures(cells * asked[:, None, None], corpus)["kappa"] for name, cells in crossed.items()}
        table["setfit"]["kappa_of_all_on_the_same_contacts"] = {name: kappa["average"] for name, kappa in alike.items()}
    print(json.dumps({"contacts": len(corpus.contacts), "systems": table}, indent=1))


if __name__ == "__main__":
    main()
