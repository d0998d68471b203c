"""Yes and no, "only", "free of charge" and bare numbers are read alike in three languages."""

from __future__ import annotations

import numpy as np
import pytest

from servicequal.grounding.space import Space
from servicequal.grounding.statements import read_statement


@pytest.mark.parametrize("text", ["Yes, it does.", "Ja, das geht.", "Tak, jest.", "of course, madam", "Klar!"])
def test_agreeing(text: str) -> None:
    read = read_statement(text)
    assert read.yes
    assert not read.no
    assert not read.negated


@pytest.mark.parametrize("text", ["No, sorry.", "Nein, tut mir leid.", "Nie, przykro mi.", "Leider ist das weg."])
def test_denying_is_no_negation_of_what_follows(text: str) -> None:
    read = read_statement(text)
    assert read.no
    assert not read.negated


@pytest.mark.parametrize(
    "text", ["It has no fax.", "Das Gerät hat kein Fax.", "Drukarka nie ma faksu.", "Nope, no fax."]
)
def test_negation(text: str) -> None:
    assert read_statement(text).negated


@pytest.mark.parametrize("text", ["Only by post.", "Das geht nur per Post.", "Wysyłamy tylko pocztą."])
def test_restriction(text: str) -> None:
    assert read_statement(text).only


@pytest.mark.parametrize("text", ["That's free of charge.", "Die Lieferung ist kostenlos.", "Wniesienie jest w cenie."])
def test_free(text: str) -> None:
    read = read_statement(text)
    assert read.free
    assert not read.priced


def test_numbers_of_names_are_no_amounts() -> None:
    fact = read_statement("The laptop Aurel 14 costs 879 EUR (3736 PLN, 765 GBP).")
    assert fact.values == {879, 3736, 765}
    assert fact.numbered == {14}


@pytest.mark.parametrize("text", ["Eight hundred and seventy-nine.", "Achthundertneunundsiebzig.", "879"])
def test_a_number_alone_has_no_unit(text: str) -> None:
    read = read_statement(text)
    assert read.bare_values == {879}
    assert not read.amounts
    assert read.short


def test_weeks_and_years_are_also_what_they_were_counted_in() -> None:
    assert {2, 14} <= read_statement("zwei Wochen").values
    assert {3, 36} <= read_statement("trzy lata").values


def test_whitening_tells_texts_apart_that_look_alike() -> None:
    rng = np.random.default_rng(0)
    common = rng.normal(size=(400, 1)) * np.full(8, 10.0)  # what all vectors share
    vectors = (common + rng.normal(size=(400, 8))).astype(np.float32) + 5
    pair = np.stack([vectors[0], vectors[0] + rng.normal(size=8).astype(np.float32) / 10, vectors[1]])
    plain, placed = (
        (one @ one.T)[0] for one in (pair / np.linalg.norm(pair, axis=1, keepdims=True), Space.of(vectors).place(pair))
    )
    assert placed[1] - placed[2] > plain[1] - plain[2]
    assert np.allclose(np.linalg.norm(Space.of(vectors).place(pair), axis=1), 1, atol=1e-5)
    assert not Space.of(vectors).place(Space.of(vectors).centre[None]).any()
