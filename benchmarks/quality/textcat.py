"""spaCy's text classifier on whole contacts: a multilingual blank pipeline, bag of words, cross-fitted."""

from __future__ import annotations

import random
import sys

import numpy as np
import spacy
from answers import ANSWERS, FOLDS, Corpus
from spacy.training import Example
from spacy.util import fix_random_seed, minibatch

from servicequal import Contact

EPOCHS, BATCH, SEED = 12, 16, 0
MODEL = {
    "@architectures": "spacy.TextCatBOW.v3",
    "exclusive_classes": False,  # a label per criterion and answer
    "ngram_size": 2,
    "length": 262144,
    "no_output_layer": False,
}


def cross_fit(corpus: Corpus) -> np.ndarray:
    """Answer for each contact by a pipeline trained on the other folds: int [criteria, contacts].

    It learns the answer that most raters gave, since spaCy takes no shares.
    """
    answers = np.zeros(corpus.shares.shape[:2], dtype=int)
    for fold in range(FOLDS):
        nlp, test = _trained(corpus, np.flatnonzero(corpus.folds != fold)), np.flatnonzero(corpus.folds == fold)
        for number, doc in zip(test, nlp.pipe(written(corpus.contacts[n]) for n in test), strict=True):
            for row, criterion in enumerate(corpus.criteria):
                answers[row, number] = np.argmax([doc.cats[f"{criterion} {answer}"] for answer in ANSWERS])
        print("textcat fold", fold, file=sys.stderr)
    return answers


def written(contact: Contact) -> str:
    return "\n".join(f"{turn.speaker}: {turn.text}" for turn in contact.turns).lower()


def _trained(corpus: Corpus, training: np.ndarray) -> spacy.language.Language:
    fix_random_seed(SEED)
    nlp = spacy.blank("xx")
    nlp.max_length = 10_000_000
    nlp.add_pipe("textcat_multilabel", config={"model": MODEL})
    given = corpus.shares.argmax(axis=2)
    examples = []
    for number in training:
        cats = {
            f"{criterion} {answer}": float(given[row, number] == column)
            for row, criterion in enumerate(corpus.criteria)
            for column, answer in enumerate(ANSWERS)
        }
        examples.append(Example.from_dict(nlp.make_doc(written(corpus.contacts[number])), {"cats": cats}))
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(EPOCHS):
        random.shuffle(examples)
        for batch in minibatch(examples, size=BATCH):
            nlp.update(batch, sgd=optimizer)
    return nlp
