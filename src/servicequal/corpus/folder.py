"""A folder of annotated waves → one Corpus; what cannot be read is told, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path

from servicequal.annotation import Annotation, read_annotations
from servicequal.contact import Contact
from servicequal.errors import AnnotationError
from servicequal.files.source import read_source
from servicequal.phrase import Phrase, located_phrases
from servicequal.reference import Reference
from servicequal.scheme import Scheme

ADJUDICATIONS = "adjudications.jsonl"
REFERENCE = "reference.jsonl"


@dataclass(frozen=True)
class Corpus:
    """Contacts with everything that people said of them.

    Attributes:
        scheme: what was rated.
        contacts: of all waves, in the order read.
        annotations: of all raters.
        adjudications: what an adjudicator decided where raters disagree; ``attributes["reasons"]`` says why.
        reference: facts and cases, if there are any.
        phrases: the phrase bank, if there is one, by file and line.
    """

    scheme: Scheme
    contacts: tuple[Contact, ...]
    annotations: tuple[Annotation, ...]
    reference: Reference | None = None
    phrases: Mapping[str, Phrase] = field(default_factory=dict)
    adjudications: tuple[Annotation, ...] = ()


def read_corpus(folder: str | PathLike[str], reject: Callable[[str], None]) -> Corpus:
    """Read the waves below a folder; the scheme lies in it or in the one above, with reference, cases and phrases.

    Args:
        folder: with ``annotations.jsonl`` and ``contacts.jsonl`` at any depth.
        reject: is handed a line on each record that cannot be read.

    Raises:
        AnnotationError: if there are no annotations, no contacts or no scheme.
        ServicequalError: if the scheme, the reference or the phrase bank is wrong.
    """
    root = Path(folder)
    if not root.is_dir():
        raise AnnotationError(f"{root}: there is no such folder; expected one with annotated waves")

    def complain(error: AnnotationError) -> None:
        reject(str(error))

    annotations = read_annotations(root, reject=complain)
    home = next((one for one in (root, root.resolve().parent) if (one / "scheme.json").is_file()), None)
    if home is None:
        raise AnnotationError(f"{root}: no scheme.json in this folder or the one above; put the rating scheme there")
    reference, cases, phrases = home / REFERENCE, home / "cases.jsonl", home / "phrases"
    known = Reference.load(reference, cases=cases if cases.is_file() else None) if reference.is_file() else None
    return Corpus(
        Scheme.load(home / "scheme.json"),
        tuple(annotated_contacts(root, reject)),
        tuple(annotations),
        with_facts_beside(known, [root]),
        located_phrases(phrases) if phrases.is_dir() else {},
        tuple(read_annotations(root, name=ADJUDICATIONS, reject=complain)) if any(root.rglob(ADJUDICATIONS)) else (),
    )


def annotated_contacts(root: Path, reject: Callable[[str], None], *, needed: bool = True) -> list[Contact]:
    """Read each ``contacts.jsonl`` that lies beside an ``annotations.jsonl`` below a folder, or beside a file.

    Args:
        root: the folder, or the file of annotations.
        reject: is handed a line on each contact that cannot be read.
        needed: whether it is an error that annotations have no contacts beside them.

    Raises:
        AnnotationError: if there is none where one is needed.
    """
    files = [file.with_name("contacts.jsonl") for file in _annotated(root)]
    contacts: list[Contact] = []
    for file in files:
        if not file.is_file() and not needed:
            continue
        if not file.is_file():
            raise AnnotationError(f"{file}: there is no such file; expected the annotated contacts beside annotations")
        for item in read_source(file):
            if isinstance(item, Contact):
                contacts.append(item)
            else:
                reject(f"{file.parent / str(item)}")
    return contacts


def with_facts_beside(reference: Reference | None, roots: Iterable[Path]) -> Reference | None:
    """Add the facts of each ``reference.jsonl`` that lies beside an ``annotations.jsonl``, as contacts do."""
    files = dict.fromkeys(file.with_name(REFERENCE) for root in roots for file in _annotated(root))
    beside = [Reference.load(file) for file in files if file.is_file()]
    if not beside:
        return reference
    known = [reference] if reference else []
    facts = dict.fromkeys(fact for one in known + beside for fact in one.facts)
    return Reference(tuple(facts), reference.cases if reference else {})


def _annotated(root: Path) -> list[Path]:
    return sorted(root.rglob("annotations.jsonl")) if root.is_dir() else [root]
