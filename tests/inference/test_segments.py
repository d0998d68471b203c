"""Sentences are exact spans that cover what is said, in order."""

from __future__ import annotations

from itertools import pairwise

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from servicequal import Contact, Turn
from servicequal.inference.segments import MAX_LETTERS, _starts, sentence_spans, split_sentences


def sentences(text: str, language: str = "en") -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, language)]


@given(st.text(alphabet="ab .!?\n>,ß1(", max_size=300))
def test_spans_are_ordered_and_within_the_text(text: str) -> None:
    spans = list(sentence_spans(text, "de"))
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)


@given(st.lists(st.sampled_from(["no", "und", "sto", "ok.", "why?", "x" * 900]), min_size=1, max_size=150))
def test_no_word_is_lost(words: list[str]) -> None:
    text = " ".join(words)
    assert "".join(sentences(text)).replace(" ", "") == text.replace(" ", "")
    assert all(len(sentence) <= MAX_LETTERS + 1 for sentence in sentences(text))


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Das kostet ca. 5 Euro. Gut, z.B. morgen?", ["Das kostet ca. 5 Euro.", "Gut, z.B. morgen?"]),
        ("pl", "To kosztuje ok. 20 zł. Czy to dużo?", ["To kosztuje ok. 20 zł.", "Czy to dużo?"]),
        ("en", "Hi there\nhow are you\n> quoted line\nBye", ["Hi there", "how are you", "Bye"]),
        (
            "en",
            "This line of a mail is wrapped by hand at about seventy letters and\ngoes on here. Next.",
            ["This line of a mail is wrapped by hand at about seventy letters and\ngoes on here.", "Next."],
        ),
        ("en", "…\n---\n!!", []),
    ],
)
def test_cases(language: str, text: str, expected: list[str]) -> None:
    assert sentences(text, language) == expected


WORDS = (
    "Hello world how 12 a.m. z.B. ca. Mr. Dr. ok. 5. 3.5 1.000,00 www.a.com a@b.pl Nr. i.e. U.S. tzn. np. end.Next"
    " - -- ! ? … ... \" ' ) ( :) ;-) , *** „Ja.“ »Nein!« ?! 。 你好。 x\u00a0y 😀 (a.m.) .B. " + "long" * 20 + "."
).split(" ")


@given(
    st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from([" "] * 6 + ["  ", "\t", "", "\u00a0"])), max_size=14),
    st.sampled_from(["en", "de", "pl"]),
)
def test_sentences_start_where_the_sentencizer_says(pieces: list[tuple[str, str]], language: str) -> None:
    block = "".join(word + space for word, space in pieces)
    pipeline = spacy.blank(language)
    pipeline.add_pipe("sentencizer")
    said = [sent.text.strip() for sent in pipeline(block).sents]
    found = [block[start:end].strip() for start, end in pairwise([0, *_starts(block, language), len(block)])]
    assert list(filter(None, found)) == list(filter(None, said))


def test_speech_without_punctuation_is_cut() -> None:
    text = "so i called them and they said " * 20
    assert len(sentences(text)) > 2
    assert max(len(sentence.split()) for sentence in sentences(text)) <= 40


def test_the_system_says_nothing() -> None:
    contact = Contact("c", "chat", (Turn("system", "You are number 3."), Turn("customer", "Hello?")))
    assert [(sentence.turn, sentence.text) for sentence in split_sentences(contact, "en")] == [(1, "Hello?")]
