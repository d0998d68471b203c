"""The same amount is the same quantity in three languages, in digits and in words."""

from __future__ import annotations

import pytest

from servicequal.grounding.quantities import Quantity, quantities


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
    ],
)
def test_same_amount(texts: list[str], value: float, unit: str) -> None:
    for text in texts:
        assert Quantity(value, unit) in quantities(f"Well, {text}, you see."), text


@pytest.mark.parametrize("text", ["", "ein Gerät", "No, thanks.", "I am one of them", "jedna z nas"])
def test_no_amount(text: str) -> None:
    assert not [quantity for quantity in quantities(text) if quantity.unit != "count"]


def test_different_amounts_differ() -> None:
    assert quantities("14 days") != quantities("14 months")
    assert quantities("ab 49 Euro") != quantities("ab 79 Euro")
