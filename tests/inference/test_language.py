"""The language is detected per contact, and what the scorer cannot read is refused."""

from __future__ import annotations

import pytest

from servicequal import Contact, Turn
from servicequal.errors import ContactError
from servicequal.inference.language import language_of

KNOWN = ("de", "en", "pl")


def contact(text: str, language: str | None = None) -> Contact:
    return Contact("c", "chat", (Turn("customer", text),), language=language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Danke, alles klar, dann warte ich auf die Lieferung.", "de"),
        ("Thanks, I'll wait for the delivery then.", "en"),
        ("Dzięki, w takim razie czekam na dostawę.", "pl"),
    ],
)
def test_detection(text: str, language: str) -> None:
    assert language_of(contact(text), KNOWN) == language


def test_its_own_word_counts() -> None:
    assert language_of(contact("ok", "pl"), KNOWN) == "pl"


@pytest.mark.parametrize("text", ["مرحبا، أين طلبي؟ لم يصل بعد", "Где мой заказ?", "我的订单在哪里"])
def test_other_scripts_are_refused(text: str) -> None:
    with pytest.raises(ContactError, match="the scorer knows de, en, pl"):
        language_of(contact(text), KNOWN)


@pytest.mark.parametrize("text", ["Danke schön, żółć, über alles ok", "Please write to Иван at the shop, thanks a lot"])
def test_letters_of_another_kind_are_read_where_most_are_latin(text: str) -> None:
    assert language_of(contact(text), KNOWN) in KNOWN


def test_another_language_is_refused() -> None:
    with pytest.raises(ContactError, match="language is 'fr'; the scorer knows de, en, pl"):
        language_of(contact("Bonjour", "fr"), KNOWN)
