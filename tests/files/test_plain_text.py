"""Plain text: labels in three languages, times, names, and mails with their history."""

from pathlib import Path

import pytest

from servicequal.contact import Contact, Turn
from servicequal.files import plain_text
from servicequal.files.rejected import Rejected

SAMPLES = Path(__file__).parents[2].parent / "shared" / "formats"


def read(path: Path, text: str) -> Contact:
    path.write_text(text, encoding="utf-8")
    assert plain_text.recognises(path, path.read_bytes())
    (contact,) = plain_text.read(path)
    assert isinstance(contact, Contact), contact
    return contact


@pytest.mark.parametrize(
    ("agent", "customer"),
    [
        ("Agent", "Customer"),
        ("ADVISOR", "caller"),
        ("Agent (Anna)", "Customer 1"),
        ("Customer Service", "Client"),
        ("Berater", "Kundin"),
        ("Mitarbeiterin Frau Berg", "Anrufer"),
        ("Kundenservice", "Kunde"),
        ("Konsultantka", "Klient"),
        ("Doradca", "Klientka"),
        ("Biuro obsługi klienta", "Dzwoniący"),
        ("**Agent**", "**Customer**"),
        ("[Agent]", "[Customer]"),
        ("assistant", "user"),
        ("Agent", "Maria Müller"),
    ],
)
def test_labels(tmp_path: Path, agent: str, customer: str) -> None:
    contact = read(tmp_path / "a.txt", f"{customer}: Hi,\nmy order: 12\n\n{agent}: Hello!\nSystem: Chat ended\n")
    assert contact.turns == (
        Turn("customer", "Hi,\nmy order: 12"),
        Turn("agent", "Hello!"),
        Turn("system", "Chat ended"),
    )
    assert contact.channel == "chat"


@pytest.mark.parametrize("stamps", ["[00:01]|[00:03]", "00:00:01|00:00:03", "(0:01)|(0:03)", "00:01 -|00:03 -"])
def test_times_before_labels(tmp_path: Path, stamps: str) -> None:
    first, second = stamps.split("|")
    contact = read(tmp_path / "a.txt", f"{first} Agent: Hello!\n{second} Customer: Hi!")
    assert [turn.start for turn in contact.turns] == [1.0, 3.0]
    assert contact.channel == "phone"


def test_other_times(tmp_path: Path) -> None:
    after = read(tmp_path / "a.txt", "Agent [00:01]: Hello!\nCustomer [00:03]: Hi!")
    assert [turn.start for turn in after.turns] == [1.0, 3.0]
    spans = read(tmp_path / "a.txt", "[00:01.000 --> 00:02.500] Agent: Hello!\n[00:03.000 --> 00:04.000] Customer: Hi!")
    assert [turn.end for turn in spans.turns] == [2.5, 4.0]
    clock = read(tmp_path / "a.txt", "23:59 Agent: Hello!\n00:01 Customer: Hi!")
    assert [turn.start for turn in clock.turns] == [0.0, 120.0]
    assert clock.channel == "chat"


def test_what_is_no_label_stays_text(tmp_path: Path) -> None:
    said = "Look here: https://example.com\nPrice: 12 EUR\nNote: until 10:30"
    contact = read(tmp_path / "a.txt", f"Call of Monday\nAgent: {said}\nCustomer: Thanks")
    assert [(turn.speaker, turn.text) for turn in contact.turns] == [
        ("system", "Call of Monday"),
        ("agent", said),
        ("customer", "Thanks"),
    ]


def test_names_get_roles(tmp_path: Path) -> None:
    text = (
        "Anna Berg: Willkommen beim Kundenservice von Voltana, mein Name ist Anna Berg. Wie kann ich Ihnen helfen?\n"
        "Erika: Guten Tag, meine Bestellung ist noch nicht da.\n"
        "Anna Berg: Das tut mir leid. Darf ich um Ihre Bestellnummer bitten?\n"
        "Erika: Ja, das ist die 12.\n"
    )
    contact = read(tmp_path / "a.txt", text)
    assert [turn.speaker for turn in contact.turns] == ["agent", "customer", "agent", "customer"]
    assert 0 <= contact.attributes["roles_inferred"] <= 1


def test_a_text_that_only_quotes_mails_is_a_mail(tmp_path: Path) -> None:
    text = (
        "Dziękuję!\n\nW dniu 3.05.2026 o 10:12, Voltana <pomoc@voltana.pl> pisze:\n> Paczka jest w drodze.\n>\n"
        "> Dnia 2 maj 2026 o godz. 09:00 Jan <jan@wp.pl> napisał(a):\n>> Gdzie jest paczka?\n"
    )
    contact = read(tmp_path / "a.txt", text)
    assert contact.channel == "email"
    assert [(turn.speaker, turn.text) for turn in contact.turns] == [
        ("customer", "Gdzie jest paczka?"),
        ("agent", "Paczka jest w drodze."),
        ("customer", "Dziękuję!"),
    ]


@pytest.mark.parametrize(
    "text", ["secret prose without speakers.", "Order number: 12\nThen: nothing", "https://a.de\n"]
)
def test_no_speakers_is_one_rejection(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text)
    assert not plain_text.recognises(path, text.encode())
    (item,) = plain_text.read(path)
    assert isinstance(item, Rejected)
    assert "secret" not in str(item)


def test_a_long_hostile_line_is_read_in_time(tmp_path: Path) -> None:
    lines = ["A" + " " * 200_000 + "b", "[" * 200_000, "a:" * 100_000, "Agent: " + "x: " * 100_000, "Customer: Hi"]
    assert len(read(tmp_path / "a.txt", "\n".join(lines)).turns) == 3


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")
@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("embedded_email_german_3.txt", ["Hallo! Wie geht", "Gruß Discourse"]),
        ("embedded_email_german_4.txt", ["max_2", "Hi there! I am replying"]),
        ("embedded_email_polish_1.txt", ["downey Michael", "Oh, I've forgot to add. MIT"]),
    ],
)
def test_real_mail_bodies(name: str, begins: list[str]) -> None:
    (contact,) = plain_text.read(SAMPLES / name)
    assert isinstance(contact, Contact)
    assert [turn.text[: len(begin)] for turn, begin in zip(contact.turns, begins, strict=True)] == begins
