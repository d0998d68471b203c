"""The words of a report: the same keys and placeholders in every language, and figures as each writes them."""

from __future__ import annotations

import re

import pytest

from servicequal.errors import ServicequalError
from servicequal.reporting.section import Estimate, Text
from servicequal.reporting.words import LANGUAGES, Words, _table
from servicequal.scheme import LEVELS, NOT_APPLICABLE
from tests.reporting.conftest import SCHEME


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_the_same_placeholders(language: str) -> None:
    english, other = _table("en"), _table(language)
    assert english.keys() == other.keys()
    assert list(other) == sorted(other)
    for key, text in other.items():
        assert text.strip() == text != ""
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", english[key])), key
    same = [key for key, text in other.items() if len(text) > 40 and text == english[key]]
    assert language == "en" or same == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_in_the_default_scheme_has_a_name(language: str) -> None:
    words = _table(language)
    ids = [part.id for part in (*SCHEME.criteria, *SCHEME.indicators)]
    for name in (*ids, *LEVELS, NOT_APPLICABLE, "auto", "review", "phone", "email", "chat", "agent", "customer"):
        assert f"name.{name}" in words


def test_figures_are_written_as_the_language_does() -> None:
    estimate = Estimate(-0.04, -12.5, 1234.56, 9)
    assert Words("en")(estimate) == "0.0 [−12.5, 1,234.6]"
    assert Words("de")(estimate) == "0,0 [−12,5; 1.234,6]"
    assert Words("pl")(estimate) == "0,0 [−12,5; 1\xa0234,6]"
    words = Words("en")
    assert words(Estimate(0.42, None, None, 9, "share", shrunken=True)) == "≈ 42\xa0%"
    assert [words(cell) for cell in (None, float("nan"), Estimate(None, None, None, 0), True, 3)] == [
        "–",
        "–",
        "–",
        "yes",
        "3",
    ]
    assert words(0.0004, "p") == "< 0.001"
    assert words(Text("overview.counted", {"contacts": 1234})) == "1,234 contacts were rated."


@pytest.mark.parametrize(
    ("language", "pairs"),
    [
        ("en", "better worse strength weakness yes no Good To_improve"),
        ("de", "besser schlechter Stärke Schwäche ja nein Gut Zu_verbessern"),
        ("pl", "lepiej gorzej mocna_strona słaba_strona tak nie Dobrze Do_poprawy"),
    ],
)
def test_opposites_are_not_mixed_up(language: str, pairs: str) -> None:
    words = Words(language)
    keys = ("word.better", "word.worse", "word.strength", "word.weakness", "word.yes", "word.no")
    assert [words.say(key).replace(" ", "_") for key in (*keys, "page.good", "page.bad")] == pairs.split()


def test_a_language_without_words_is_refused() -> None:
    with pytest.raises(ServicequalError, match="expected one of: de, en, pl"):
        Words("fr")
