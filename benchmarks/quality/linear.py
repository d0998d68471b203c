"""Logistic regression on whole contacts, cross-fitted: over TF-IDF of words and letters, or over sentence vectors."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from answers import ANSWERS, FOLDS, Corpus
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from servicequal.bundle import ENCODER, models_folder
from servicequal.inference.encoder import Encoder
from servicequal.inference.segments import split_sentences
from servicequal.stats.agreement import weighted_kappa

STRENGTHS = (1.0, 10.0, 100.0)  # C, chosen by folds within the training folds
SPEAKERS = ("customer", "agent")
PREFIX = "query: "  # what the bundled encoder expects in front of a text

Features = Callable[[np.ndarray], np.ndarray | csr_matrix]  # numbers of the training contacts → a row per contact


def cross_fit(corpus: Corpus, features: Features, *, name: str) -> np.ndarray:
    """Answer for each contact by a model of the other folds: int [criteria, contacts]."""
    answers = np.full(corpus.shares.shape[:2], -1)
    for fold in range(FOLDS):
        training, test = np.flatnonzero(corpus.folds != fold), np.flatnonzero(corpus.folds == fold)
        x = rotated(features(training))
        for row, shares in enumerate(corpus.shares):
            strength = max(STRENGTHS, key=lambda c, s=shares, t=training: _inner_kappa(x, s, corpus.folds, t, c))
            answers[row, test] = _fit(x[training], shares[training], strength).predict(x[test])
        print(name, "fold", fold, file=sys.stderr)
    return answers


def rotated(x: np.ndarray | csr_matrix) -> np.ndarray:
    """Give the rows in as few dimensions as there are rows, all inner products kept.

    A logistic regression with a squared penalty depends on inner products only: the same answers, much sooner.
    """
    gram = x @ x.T
    values, vectors = np.linalg.eigh(np.asarray(gram.todense() if hasattr(gram, "todense") else gram, dtype=float))
    kept = values > values.max() * 1e-10
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))


def _fit(x: np.ndarray, shares: np.ndarray, strength: float) -> LogisticRegression:
    """Learn each rater's answer, weighted by its share, the answers balanced."""
    row, answer = np.nonzero(shares)
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=500, tol=1e-3)
    return model.fit(x[row], answer, sample_weight=shares[row, answer])


def _inner_kappa(x: np.ndarray, shares: np.ndarray, folds: np.ndarray, training: np.ndarray, strength: float) -> float:
    answer = np.zeros(len(x), dtype=int)
    for fold in set(folds[training]):
        rest, asked = training[folds[training] != fold], training[folds[training] == fold]
        answer[asked] = _fit(x[rest], shares[rest], strength).predict(x[asked])
    row, truth = np.nonzero(shares[training])
    weights = shares[training][row, truth]
    return weighted_kappa(truth, answer[training][row], levels=len(ANSWERS), weights=weights)


def tfidf(corpus: Corpus) -> Features:
    """Words (1–2) and letters (3–5) of each speaker."""
    texts = {
        who: ["\n".join(t.text for t in contact.turns if t.speaker == who) for contact in corpus.contacts]
        for who in SPEAKERS
    }

    def features(training: np.ndarray) -> csr_matrix:
        blocks = []
        for who in SPEAKERS:
            for kind, grams in (("word", (1, 2)), ("char_wb", (3, 5))):
                vectorizer = TfidfVectorizer(analyzer=kind, ngram_range=grams, min_df=2, sublinear_tf=True)
                vectorizer.fit([texts[who][number] for number in training])
                blocks.append(vectorizer.transform(texts[who]))
        return csr_matrix(hstack(blocks))

    return features


def sentence_vectors(corpus: Corpus, remembered: Path | None) -> Features:
    """Mean of the frozen encoder's sentence vectors, each speaker's apart.

    The encoder must not have been trained on the corpus: it is the one in ``models/encoder``, not a bundle's own.
    """
    vectors = _read(remembered, corpus) if remembered and remembered.exists() else _encoded(corpus)
    if remembered and not remembered.exists():
        np.savez(remembered, ids=np.array([contact.id for contact in corpus.contacts]), vectors=vectors)

    def features(training: np.ndarray) -> np.ndarray:
        centred = vectors - vectors[training].mean(axis=0)
        return np.asarray(centred / np.sqrt((centred[training] ** 2).sum(axis=1).mean()) * 2)

    return features


def _read(remembered: Path, corpus: Corpus) -> np.ndarray:
    stored = np.load(remembered)
    place = {str(name): number for number, name in enumerate(stored["ids"])}
    return np.asarray(stored["vectors"][[place[contact.id] for contact in corpus.contacts]])


def _encoded(corpus: Corpus) -> np.ndarray:
    encoder = Encoder(models_folder() / ENCODER, backend="auto")
    rows = []
    for number, contact in enumerate(corpus.contacts):
        sentences = split_sentences(contact, str(contact.language))
        vectors = encoder.encode([PREFIX + " ".join(sentence.text.split()) for sentence in sentences])
        spoken = [np.array([s.speaker == who for s in sentences], dtype=bool) for who in SPEAKERS]
        rows.append([vectors[mask].mean(axis=0) if mask.any() else np.zeros(encoder.width) for mask in spoken])
        if number % 100 == 0:
            print("sentence vectors of contact", number, file=sys.stderr)
    return np.array(rows).reshape(len(rows), -1)
