"""The same amount is the same quantity in three languages, in digits and in words."""

from __future__ import annotations

import pytest

from servicequal.grounding.quantities import Quantity, mentions, quantities


@pytest.mark.parametrize(
    ("texts", "value", "unit"),
    [
        (["14 days", "vierzehn Tage", "two weeks", "dwa tygodnie", "14 dni", "zwei Wochen"], 14, "day"),
        (["5 working days", "fünf Werktage", "pięć dni roboczych", "within 5 business days"], 5, "day"),
        (["24 months", "two years", "zwei Jahre", "dwa lata", "vierundzwanzig Monate"], 24, "month"),
        (["eineinhalb Jahre", "półtora roku", "18 months"], 18, "month"),
        (["1.299,00 €", "1,299.00 EUR", "€1299", "1299 Euro"], 1299, "eur"),
        (["£7.95", "7.95 pounds", "7,95 GBP"], 7.95, "gbp"),
        (["19,90 zł", "19.90 PLN"], 19.9, "pln"),
        (["einundzwanzig Prozent", "21 %", "dwadzieścia jeden procent", "twenty-one percent"], 21, "percent"),
        (["dreihundert Quadratmeter", "300 m²", "trzysta metrów kwadratowych"], 300, "m2"),
        (["16 GB", "sechzehn Gigabyte"], 16, "gb"),
        (["a fortnight", "two weeks"], 14, "day"),
        (["a week", "one week", "eine Woche", "w ciągu tygodnia"], 7, "day"),
        (["half an hour", "eine halbe Stunde", "pół godziny"], 0.5, "hour"),
        (["two and a half hours", "zweieinhalb Stunden", "dwie i pół godziny"], 2.5, "hour"),
        (["four pounds fifty", "£4.50", "450p"], 4.5, "gbp"),
        (["twelve euros ninety", "zwölf Euro neunzig", "12,90 €"], 12.9, "eur"),
        (["eins Komma drei Kilo", "one point three kilos", "jeden przecinek trzy kilograma", "1300 g"], 1.3, "kg"),
        (["ein Meter zwanzig", "120 cm", "1,2 m"], 120, "cm"),
        (["4,000 pages", "4 tysiące stron", "viertausend Seiten"], 4000, "page"),
        (["5 pm", "17:00", "17 Uhr", "do siedemnastej", "five p.m."], 17, "clock"),
        (["noon", "mittags", "w południe", "do dwunastej", "12:00"], 12, "clock"),
        (["twelve ninety", "zwölf neunzig", "dwanaście dziewięćdziesiąt"], 12.9, "count"),
        (["vier neunundsiebzig", "four seventy-nine", "four seven nine"], 479, "count"),
    ],
)
def test_same_amount(texts: list[str], value: float, unit: str) -> None:
    for text in texts:
        assert Quantity(value, unit) in quantities(f"Well, {text}, you see."), text


@pytest.mark.parametrize(
    ("text", "value"),
    [("two to three days", 2), ("5-10 Werktage", 5), ("dwa, trzy dni robocze", 2), ("1 or 2 days", 1)],
)
def test_both_ends_of_a_range_have_the_unit(text: str, value: float) -> None:
    assert Quantity(value, "day") in quantities(text)


def test_ways_to_read_one_number_are_one_mention() -> None:
    assert [{one.value for one in mention} for mention in mentions("It is twelve ninety, or 14.90.")] == [
        {12, 90, 12.9, 1290},
        {14.9},
    ]
    assert len(mentions("ten working days")) == len(mentions("two and a half hours")) == 1


@pytest.mark.parametrize("text", ["until 26 February", "bis 3.4.", "am 26. Februar", "by the 30th", "on 2026-02-03"])
def test_dates_are_no_amounts(text: str) -> None:
    assert not quantities(text)


@pytest.mark.parametrize(("text", "count"), [("2. Yes.", 0), ("- 3) Nein", 0), ("ten model jest nowy", 0), ("ten", 1)])
def test_what_only_looks_like_a_number(text: str, count: int) -> None:
    assert len(quantities(text)) == count


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("48 hours", "zwei Tage", True),
        ("150 Minuten", "two and a half hours", True),
        ("ein Monat", "30 dni", True),
        ("one year", "365 Tage", True),
        ("four weeks", "a month", False),
        ("30 days", "30 months", False),
        ("49 EUR", "49 GBP", False),
        ("10 working days", "zwei Wochen", True),
    ],
)
def test_durations_are_equal_in_any_unit(one: str, other: str, same: bool) -> None:
    assert any(a.equals(b) for a in quantities(one) for b in quantities(other)) == same


@pytest.mark.parametrize("text", ["", "ein Gerät", "No, thanks.", "I am one of them", "jedna z nas"])
def test_no_amount(text: str) -> None:
    assert not [quantity for quantity in quantities(text) if quantity.unit != "count"]


def test_different_amounts_differ() -> None:
    assert quantities("14 days") != quantities("14 months")
    assert quantities("ab 49 Euro") != quantities("ab 79 Euro")
