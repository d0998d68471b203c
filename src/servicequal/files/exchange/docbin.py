"""spaCy's ``DocBin``: a Doc per annotation, indicators and verdicts as spans, ratings as categories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span

from servicequal.annotation import Annotation
from servicequal.contact import Contact
from servicequal.files.exchange.task import Task, attempt, categories, exported
from servicequal.files.exchange.transcript import labelled_places, marks_of, transcript_of
from servicequal.files.whole_file import written_whole
from servicequal.scheme import Scheme

GROUP = "servicequal"


def write(tasks: Iterable[Task], path: Path, scheme: Scheme) -> None:  # noqa: ARG001 - every tool has this signature
    """Write a Doc for each annotation; a contact that has none is left out, as it teaches nothing."""
    collected = DocBin(attrs=["ORTH", "SPACY"], store_user_data=True)
    for task in tasks:
        for annotation in task.annotations:
            collected.add(_doc(task.contact, annotation))
    with written_whole(path) as scratch:
        scratch.write_bytes(collected.to_bytes())


def read(path: Path, contacts: Mapping[str, Contact], scheme: Scheme) -> Iterator[tuple[str, dict[str, Any] | str]]:  # noqa: ARG001
    """Yield for each Doc its place, and the annotation's record or what is wrong with it."""
    try:
        docs = list(DocBin().from_bytes(path.read_bytes()).get_docs(spacy.blank("xx").vocab))
    except Exception as error:  # whatever zlib, msgpack and numpy say of broken bytes
        yield str(path), f"no DocBin that can be read ({type(error).__name__}); expected a .spacy file"
        return
    for number, doc in enumerate(docs, 1):
        yield attempt(f"{path}, Doc {number}", "servicequal", lambda doc=doc: _record(doc, contacts))  # type: ignore[misc]


@cache
def _blank(language: str) -> Language:
    try:
        return spacy.blank(language)
    except ImportError:  # a language that spaCy does not have, or only with another package
        return spacy.blank("xx")


def _doc(contact: Contact, annotation: Annotation) -> Doc:
    places = labelled_places(contact, annotation)
    edges = {edge for start, end, _ in places for edge in (start, end)}
    doc = _tokens(transcript_of(contact).text, contact.language or "xx", edges)
    spans = [doc.char_span(start, end, label) for start, end, label in places]
    doc.spans[GROUP] = [span for span in spans if isinstance(span, Span)]
    doc.cats = dict.fromkeys(categories(annotation.ratings), 1.0)
    doc.user_data |= {"contact": contact.id, "rater": annotation.rater}
    doc.user_data |= {"wave": annotation.wave, "blind": annotation.blind}
    return doc


def _tokens(text: str, language: str, edges: set[int]) -> Doc:
    """Tokenise so that a token begins at each edge: a Doc's spans are made of whole tokens."""
    nlp = _blank(language)
    words, spaces = [], []
    bounds = sorted({0, len(text), *edges})
    for start, end in pairwise(bounds):
        for token in nlp.make_doc(text[start:end]):
            words.append(token.text)
            spaces.append(bool(token.whitespace_))
        if spaces and spaces[-1]:  # a space that ends a span is a token of its own
            spaces[-1] = False
            words.append(" ")
            spaces.append(False)
    return Doc(nlp.vocab, words=words, spaces=spaces)


def _record(doc: Doc, contacts: Mapping[str, Contact]) -> dict[str, Any]:
    places = [(span.start_char, span.end_char, span.label_) for span in doc.spans.get(GROUP, ())]
    labels = [label for label, value in doc.cats.items() if value >= 0.5]
    marks = marks_of(exported(contacts, doc.user_data["contact"]), doc.text, places, labels)
    return {key: doc.user_data.get(key) for key in ("contact", "rater", "wave", "blind")} | marks
