"""``nlp.add_pipe("servicequal")``: sentences, indicators as spans, ratings as an extension."""

from __future__ import annotations

import pytest
import spacy
from spacy.language import Language

from servicequal.errors import ContactError

TEXT = "Kundin: Mein Paket ist weg. Das ist doch Mist!\nBeraterin: Guten Tag! Das tut mir sehr leid. Ich schicke neu."


@pytest.fixture(scope="module")
def nlp() -> Language:
    pipeline = spacy.blank("de")
    pipeline.add_pipe("servicequal")
    return pipeline


def test_sentences_spans_and_ratings(nlp: Language) -> None:
    doc = nlp(TEXT)
    assert [sentence.text.strip() for sentence in doc.sents] == [
        "Kundin: Mein Paket ist weg.", "Das ist doch Mist!",
        "Beraterin: Guten Tag!", "Das tut mir sehr leid.", "Ich schicke neu.",
    ]  # fmt: skip
    marked = {(span.text, span.label_) for span in doc.spans["servicequal"]}
    assert ("Guten Tag!", "greets") in marked
    assert ("Das tut mir sehr leid.", "apologises") in marked
    assert set(doc._.ratings) >= {"empathy", "courtesy"}


def test_a_doc_without_speakers_is_refused(nlp: Language) -> None:
    with pytest.raises(ContactError, match="no line of the Doc begins with a speaker"):
        nlp("Nur ein Satz.")
