"""check_annotations(): all that is wrong in annotated waves, each with its place and what to do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from os import PathLike

from servicequal.contact import Contact
from servicequal.corpus.annotation_findings import annotation_findings
from servicequal.corpus.disputes import levels_given
from servicequal.corpus.finding import Finding
from servicequal.corpus.folder import Corpus, read_corpus
from servicequal.corpus.near_duplicates import near_duplicates
from servicequal.corpus.phrase_findings import phrase_findings
from servicequal.training.config import TrainConfig
from servicequal.training.folds import fold_of


def check_annotations(folder: str | PathLike[str], *, raters: int = 1) -> list[Finding]:
    """Search annotated waves for what is wrong; an empty list means that nothing was found.

    Looks for records that cannot be read, labels, facts and offsets that do not exist, missing raters and ratings,
    indicators on the other speaker's turn, ratings that contradict the same rater's indicators, disputes left open
    where others are adjudicated, duplicates, and texts that would stand in training folds and test fold alike.

    Args:
        folder: see ``read_corpus``.
        raters: how many raters each contact should have at least.

    Raises:
        ServicequalError: if the folder has no annotations, contacts or scheme.
    """
    unreadable: list[Finding] = []
    corpus = read_corpus(folder, lambda line: unreadable.append(Finding("unreadable", "", line)))
    return [*unreadable, *_findings(corpus, raters)]


def _findings(corpus: Corpus, raters: int) -> Iterator[Finding]:
    yield from _contacts(corpus.contacts)
    known = {contact.id: contact for contact in corpus.contacts}
    for annotation in corpus.annotations:
        if annotation.contact in known:
            yield from annotation_findings(annotation, known[annotation.contact], corpus)
        else:
            yield Finding("unknown", annotation.where, "no such contact; put it into contacts.jsonl beside the file")
    yield from _raters(corpus, raters)
    yield from _adjudications(corpus)
    yield from phrase_findings(corpus)


def _contacts(contacts: Sequence[Contact]) -> Iterator[Finding]:
    for name, count in Counter(contact.id for contact in contacts).items():
        if count > 1:
            yield Finding("duplicate", f"contact {name!r}", f"{count} contacts have this id; give each its own")
    texts = {contact.id: " ".join(turn.text for turn in contact.turns) for contact in contacts}
    folds = {contact.id: fold_of(contact, TrainConfig().folds) for contact in contacts}
    for first, second, share in near_duplicates(texts):
        apart = folds[first] != folds[second]
        what = "and they are in different folds: one would help to rate the other" if apart else "keep one"
        message = f"shares {share:.0%} of its runs of six words with contact {second!r}; {what}"
        yield Finding("leakage" if apart else "duplicate", f"contact {first!r}", message)


def _raters(corpus: Corpus, least: int) -> Iterator[Finding]:
    given = defaultdict(list)
    for annotation in corpus.annotations:
        given[annotation.contact].append(annotation.rater)
    for contact in corpus.contacts:
        names = given[contact.id]
        if len(set(names)) < least:
            message = f"{len(set(names))} raters; expected at least {least}: have it rated"
            yield Finding("missing", f"contact {contact.id!r}", message)
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Finding(
                "duplicate", f"contact {contact.id!r}, rater {name!r}", "annotated twice; keep one annotation"
            )


def _adjudications(corpus: Corpus) -> Iterator[Finding]:
    """An adjudication is of a rating in dispute; where there are any, none is left open."""
    if not corpus.adjudications:
        return
    disputed = {key for key, levels in levels_given(corpus.annotations).items() if len(set(levels)) > 1}
    decided = levels_given(corpus.adjudications)
    for contact, criterion in sorted(decided.keys() - disputed):
        message = f"{criterion} is adjudicated, but no two raters disagree on it; remove the adjudication"
        yield Finding("contradiction", f"contact {contact!r}", message)
    for contact, criterion in sorted(disputed - decided.keys()):
        yield Finding("missing", f"contact {contact!r}", f"{criterion} is disputed and not adjudicated; decide it")
    for (contact, criterion), levels in decided.items():
        if len(levels) > 1:
            yield Finding("duplicate", f"contact {contact!r}", f"{criterion} is adjudicated {len(levels)} times")
