"""What is wrong in one annotation: labels, offsets, speakers, verdicts, contradictions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from servicequal.annotation import Annotation
from servicequal.contact import Contact
from servicequal.corpus.contradictions import contradictions
from servicequal.corpus.finding import Finding
from servicequal.corpus.folder import Corpus
from servicequal.errors import nearest
from servicequal.reference import Reference
from servicequal.scheme import Scheme


def annotation_findings(annotation: Annotation, contact: Contact, corpus: Corpus) -> Iterator[Finding]:
    """Find what is wrong in one annotation, beside its contact, the scheme and the reference."""
    where, scheme = annotation.where, corpus.scheme
    problems = list(annotation.problems(contact, scheme))
    yield from (Finding("unknown", where, problem) for problem in problems)
    no_facts = corpus.reference is not None and not corpus.reference.facts_for(contact)
    for criterion in scheme.criteria:
        if criterion.id not in annotation.ratings and not (criterion.grounded and no_facts):
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
