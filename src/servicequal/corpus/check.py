"""check_annotations(): all that is wrong in annotated waves, each with its place and what to do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike

from servicequal.annotation import Annotation
from servicequal.contact import Contact
from servicequal.corpus.contradictions import contradictions
from servicequal.corpus.disputes import levels_given
from servicequal.corpus.folder import Corpus, read_corpus
from servicequal.corpus.near_duplicates import near_duplicates, shingles
from servicequal.errors import AnnotationError, nearest
from servicequal.reference import Reference
from servicequal.scheme import Scheme
from servicequal.training.config import TrainConfig
from servicequal.training.folds import fold_of

SAME = 0.7  # share of runs of words from which on two phrases are alike


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        kind: ``unreadable``, ``unknown``, ``missing``, ``speaker``, ``contradiction``, ``duplicate`` or ``leakage``.
        where: contact, rater, phrase or file.
        message: what was found, what was expected, what to do.
    """

    kind: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.message}" if self.where else f"{self.kind}: {self.message}"


def check_annotations(folder: str | PathLike[str], *, raters: int = 1) -> list[Finding]:
    """Search annotated waves for what is wrong; an empty list means that nothing was found.

    Looks for records that cannot be read, labels, facts and offsets that do not exist, missing raters and ratings,
    indicators on the other speaker's turn, disputes left open, ratings that contradict the same rater's indicators,
    duplicates, and texts that would stand in the training folds and in the test fold alike.

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
            yield from _annotation(annotation, known[annotation.contact], corpus)
        else:
            yield Finding("unknown", annotation.where, "no such contact; put it into contacts.jsonl beside the file")
    yield from _raters(corpus, raters)
    yield from _adjudications(corpus)
    yield from _phrases(corpus)


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


def _annotation(annotation: Annotation, contact: Contact, corpus: Corpus) -> Iterator[Finding]:
    where, scheme = annotation.where, corpus.scheme
    problems = list(annotation.problems(contact, scheme))
    yield from (Finding("unknown", where, problem) for problem in problems)
    for criterion in scheme.criteria:
        if criterion.id not in annotation.ratings:
            yield Finding("missing", where, f"{criterion.id} is not rated; rate it, if need be 'not_applicable'")
    for (indicator, turn, start, _), count in Counter(
        (span.indicator, span.turn, span.start, span.end) for span in annotation.indicators
    ).items():
        if count > 1:
            yield Finding(
                "duplicate", where, f"{indicator} is marked {count} times at character {start} of turn {turn}"
            )
    if not problems:
        yield from _speakers(annotation, contact, scheme)
        case = corpus.reference.cases.get(str(contact.attributes.get("case"))) if corpus.reference else None
        prescribed = case.triggers if case else ()
        found = contradictions(annotation, scheme, prescribed)
        yield from (Finding("contradiction", where, message) for message in found)
    if corpus.reference:
        yield from _verdicts(annotation, contact, corpus.reference)


def _speakers(annotation: Annotation, contact: Contact, scheme: Scheme) -> Iterator[Finding]:
    speaker = {indicator.id: indicator.speaker for indicator in scheme.indicators}
    for span in annotation.indicators:
        found = contact.turns[span.turn].speaker
        if found != speaker[span.indicator]:
            message = f"{span.indicator!r} is marked on turn {span.turn}, where the {found} speaks; it is the "
            yield Finding("speaker", annotation.where, message + f"{speaker[span.indicator]}'s: move or unmark it")
    for claim in annotation.verdicts:
        if contact.turns[claim.turn].speaker != "agent":
            message = f"a verdict stands on turn {claim.turn}, where the agent does not speak; move or remove it"
            yield Finding("speaker", annotation.where, message)


def _verdicts(annotation: Annotation, contact: Contact, reference: Reference) -> Iterator[Finding]:
    facts = {fact.id for fact in reference.facts_for(contact)}
    for claim in annotation.verdicts:
        if claim.verdict == "not_in_reference":
            if claim.fact is not None:
                yield Finding("contradiction", annotation.where, f"{claim.fact!r} is named as 'not_in_reference'")
        elif claim.fact is None:
            yield Finding("missing", annotation.where, f"a statement is {claim.verdict}, but by no fact; name the fact")
        elif claim.fact not in facts:
            hint = nearest(claim.fact, facts) if facts else "the reference has no fact for it"
            message = f"fact {claim.fact!r} did not hold at the contact's company on its day; {hint}"
            yield Finding("unknown", annotation.where, message)


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


def _phrases(corpus: Corpus) -> Iterator[Finding]:
    holder = {run: one.id for one in corpus.contacts for turn in one.turns for run in shingles(turn.text)}
    cells: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for number, phrase in enumerate(corpus.phrases, 1):
        where = f"phrase {number} ({phrase.language}, {phrase.indicator})"
        cells[phrase.language, phrase.indicator][where] = phrase.text
        try:
            phrase.indicator_of(corpus.scheme)
        except AnnotationError as error:
            yield Finding("unknown", where, str(error).removeprefix("phrase: "))
        runs = shingles(phrase.text)
        copied = [holder[run] for run in runs if run in holder]
        if runs and len(copied) >= SAME * len(runs):
            yield Finding(
                "leakage", where, f"stands in contact {copied[0]!r} too; a phrase trains every fold: reword it"
            )
    for texts in cells.values():
        for first, second in _alike(texts):
            yield Finding("duplicate", second, f"is like {first}; keep one")


def _alike(texts: Mapping[str, str]) -> set[tuple[str, str]]:
    """Pair texts of the same words, and those that share most of their runs of words."""
    same = defaultdict(list)
    for name, text in texts.items():
        same[frozenset(shingles(text, 1))].append(name)
    pairs = {(names[0], name) for names in same.values() for name in names[1:]}
    return pairs | {(first, second) for first, second, _ in near_duplicates(texts, share=SAME)}
