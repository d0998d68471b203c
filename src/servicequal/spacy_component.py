"""A thin adapter: ``nlp.add_pipe("servicequal")`` gives a Doc sentences, indicators as spans, and ratings.

The text of a Doc is one contact, with a line per turn that begins with ``Agent:`` or ``Customer:``, or the words for
them in German and Polish.
"""

from __future__ import annotations

from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from servicequal.contact import Contact, Turn
from servicequal.errors import ContactError
from servicequal.files.role_words import speaker_of
from servicequal.inference.segments import sentence_spans
from servicequal.scorer import Scorer

GROUP = "servicequal"


@Language.factory(GROUP, default_config={"scorer": None, "device": "auto", "channel": "chat"})  # type: ignore[untyped-decorator]
def make_component(nlp: Language, name: str, scorer: str | None, device: str, channel: str) -> ServicequalComponent:  # noqa: ARG001
    """Make the component; spaCy calls it."""
    return ServicequalComponent(Scorer.load(scorer, device=device), channel)


class ServicequalComponent:
    r"""Reads each Doc as one contact.

    Sets the Doc's sentences, ``doc.spans["servicequal"]`` (each sentence that shows an indicator, labelled with it) and
    ``doc._.ratings`` (criterion → level).

    Example:
        >>> import spacy
        >>> nlp = spacy.blank("en")
        >>> _ = nlp.add_pipe("servicequal")
        >>> doc = nlp("Customer: My kettle arrived broken.\nAgent: Good morning! I will send you a new one today.")
        >>> [sentence.text for sentence in doc.sents][-1]
        'I will send you a new one today.'
        >>> doc._.ratings["correct_answers"]
        'not_applicable'
    """

    def __init__(self, scorer: Scorer, channel: str) -> None:
        self.scorer = scorer
        self.channel = channel
        if not Doc.has_extension("ratings"):
            Doc.set_extension("ratings", default=None)

    def __call__(self, doc: Doc) -> Doc:
        """Read one Doc.

        Raises:
            ContactError: if no line begins with a speaker, or the text is in no language that the scorer knows.
        """
        lines = list(_turns(doc.text))
        if not lines:
            raise ContactError("no line of the Doc begins with a speaker; expected 'Agent: …' and 'Customer: …'")
        turns = tuple(Turn(speaker, doc.text[start:end]) for speaker, _, start, end in lines)
        language = doc.lang_ if doc.lang_ in self.scorer.bundle.languages else None
        found = self.scorer.annotate(Contact("doc", self.channel, turns, language))
        _set_sentences(doc, lines)
        spans = [
            doc.char_span(lines[i.turn][2] + i.start, lines[i.turn][2] + i.end, i.indicator, alignment_mode="expand")
            for i in found.indicators
        ]
        doc.spans[GROUP] = SpanGroup(doc, name=GROUP, spans=[span for span in spans if isinstance(span, Span)])
        doc._.ratings = dict(found.ratings)
        return doc


def _set_sentences(doc: Doc, lines: list[tuple[str, int, int, int]]) -> None:
    """Begin a sentence at each line with a speaker, and at each further sentence of the turn."""
    starts = {0}
    for _, line, start, end in lines:
        spans = list(sentence_spans(doc.text[start:end], doc.lang_))
        starts |= {line, *(start + first for first, _ in spans[1:])}
    for token in doc:
        token.is_sent_start = token.idx in starts


def _turns(text: str) -> Iterator[tuple[str, int, int, int]]:
    """Yield speaker, begin of the line, and the span of what is said, for each line that names one up to the next."""
    current: tuple[str, int, int] | None = None
    position = 0
    for line in text.splitlines(keepends=True):
        label, colon, rest = line.partition(":")
        speaker = speaker_of(label) if colon else None
        if speaker is not None:
            if current:
                yield *current, position
            blank = len(rest) - len(rest.lstrip())
            current = (speaker, position, position + len(label) + 1 + blank)
        position += len(line)
    if current:
        yield *current, position
