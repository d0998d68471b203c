"""What the history quoted in one mail tells of the whole: when the contact began, and the names of who wrote."""

from pathlib import Path

import pytest

from servicequal.contact import Contact
from servicequal.files import mail, plain_text

OWN = "2026-05-04T08:00:00Z"
HEAD = "From: service@voltana.de\nTo: erika@gmx.de\nSubject: Re: Paket\nDate: Mon, 4 May 2026 10:00:00 +0200\n\n"


def read(path: Path, raw: str) -> Contact:
    path.write_text(raw, encoding="utf-8")
    (contact,) = mail.read(path)
    assert isinstance(contact, Contact), contact
    return contact


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("On Sun, May 3, 2026 at 9:00 AM Erika <erika@gmx.de> wrote:", "2026-05-03T07:00:00Z"),
        ("Am 3. Mai 2026 um 09:00 schrieb Erika <erika@gmx.de>:", "2026-05-03T07:00:00Z"),
        ("Dnia 3 maja 2026 09:00 Erika <erika@gmx.de> napisała:", "2026-05-03T07:00:00Z"),
        ("Am 3.5.2026 schrieb Erika <erika@gmx.de>:", "2026-05-03T00:00:00Z"),
        ("Von: Erika\nGesendet: Sonntag, 3. Mai 2026 09:00\nAn: x@voltana.de\nBetreff: x\n", "2026-05-03T07:00:00Z"),
        ("Od: Erika\nData: Sun, 3 May 2026 09:00:00 -0500\nTemat: x\n", "2026-05-03T14:00:00Z"),
        ("On 5/3/2026 9:00 Erika <erika@gmx.de> wrote:", OWN),
        ("Von: Erika <erika@gmx.de>\nGesendet: Sonntag\nBetreff: x\n", OWN),
        ("Am 3. Mai 2027 um 09:00 schrieb Erika <erika@gmx.de>:", OWN),
    ],
)
def test_a_contact_begins_with_the_oldest_mail_quoted(tmp_path: Path, header: str, expected: str) -> None:
    contact = read(tmp_path / "a.eml", f"{HEAD}Morgen.\n\n{header}\n\nWo ist es?\n")
    assert contact.attributes["started_at"] == expected
    assert [turn.text for turn in contact.turns] == ["Wo ist es?", "Morgen."]


def test_the_oldest_date_that_is_clear_counts(tmp_path: Path) -> None:
    text = (
        "Morgen.\n\nAm 3.5.2026 um 12:00 schrieb Erika <erika@gmx.de>:\n> Und nun?\n>\n"
        "> On 1 May 2026, at 09:30, Voltana <service@voltana.de> wrote:\n> > Bald.\n> >\n"
        "> > On 2/1/2026, erika@gmx.de wrote:\n> > > Wo ist es?\n"
    )
    contact = read(tmp_path / "a.eml", HEAD + text)
    assert [turn.speaker for turn in contact.turns] == ["customer", "agent", "customer", "agent"]
    assert contact.attributes["started_at"] == "2026-05-01T07:30:00Z"
    assert [turn.start for turn in contact.turns] == [None] * 4


def test_without_history_a_mail_begins_with_itself(tmp_path: Path) -> None:
    contact = read(tmp_path / "a.eml", f"{HEAD}Ihr Paket vom 3. Mai 2026 kommt morgen.\n")
    assert contact.attributes["started_at"] == OWN


def test_a_mail_dated_at_the_end_of_time_is_read(tmp_path: Path) -> None:
    raw = "From: a@gmx.de\nTo: help@shop.de\nDate: Fri, 31 Dec 9999 23:59:59 -0500\n\nHallo"
    assert read(tmp_path / "a.eml", raw).attributes == {"company": "shop", "customer": "a@gmx.de"}


def test_a_text_begins_with_the_oldest_mail_quoted(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Danke!\n\nW dniu 3.05.2026 o 10:12, Voltana <pomoc@voltana.pl> pisze:\n> Jutro.\n")
    (contact,) = plain_text.read(path)
    assert isinstance(contact, Contact)
    assert contact.attributes["started_at"] == "2026-05-03T10:12:00Z"


@pytest.mark.parametrize(
    ("sender", "to", "attribution"),
    [
        ("Anna Berg <service@voltana.de>", "erika@gmx.de", "Am 3.5.2026 um 09:00 schrieb Erika Muster <erika@gmx.de>:"),
        ("Anna Berg <service@voltana.de>", "erika@gmx.de", "Am 3.5.2026 um 09:00 schrieb Erika Muster:"),
        ("Anna Berg <service@voltana.de>", "Erika Muster <erika@gmx.de>", "On 3 May 2026, erika@gmx.de wrote:"),
        (
            "Anna Berg <service@voltana.de>",
            "Kundin <erika@gmx.de>",
            '"Erika Muster" <Erika@gmx.de> schrieb am 3.5.2026 um 09:00:',
        ),
        ("Anna Berg <service@voltana.de>", "erika@gmx.de", "Od: Erika Muster [mailto:erika@gmx.de]\nTemat: x\n"),
        (
            "service@voltana.de",
            "erika@gmx.de",
            "Von: Erika Muster <erika@gmx.de>\nAn: Anna Berg <service@voltana.de>\nDatum: gestern\n",
        ),
    ],
)
def test_names_are_preferred_to_addresses(tmp_path: Path, sender: str, to: str, attribution: str) -> None:
    raw = f"From: {sender}\nTo: {to}\nSubject: Paket\n\nMorgen.\n\n{attribution}\n> Wo ist es?\n"
    contact = read(tmp_path / "a.eml", raw)
    assert [turn.speaker for turn in contact.turns] == ["customer", "agent"]
    assert contact.attributes["agent"] == "Anna Berg"
    assert contact.attributes["customer"] == "Erika Muster"


@pytest.mark.parametrize(
    "attribution",
    [
        "On Tue, May 3, 2026 at 10:12 AM Erika Muster <erika@gmx.de> wrote:",
        "On 3 May 2026, at 10:12, Erika Muster\n<erika@gmx.de> wrote:",
        "--- On Wed, 4/4/12, Erika Muster <erika@gmx.de> wrote:",
        "Am Di., 3. Mai 2026 um 10:12 Uhr schrieb Erika Muster\n<erika@gmx.de>:",
        "Erika Muster <erika@gmx.de> schrieb am Di., 3.\nMai 2026 um 10:12 Uhr:",
        "Dnia 3 maj 2026 o godz. 10:12 Erika Muster <erika@gmx.de> napisał(a):",
        "Dnia 3 maja 2026 r. Erika Muster <erika@gmx.de> napisała:",
        "wt., 3 maj 2026 o 10:12 Erika Muster\n<erika@gmx.de> napisał(a):",
        "Użytkownik Erika Muster <erika@gmx.de> napisał:",
    ],
)
def test_names_in_attributions(tmp_path: Path, attribution: str) -> None:
    contact = read(tmp_path / "a.eml", f"{HEAD}Morgen.\n\n{attribution}\n> Wo ist es?\n")
    assert contact.attributes["customer"] == "Erika Muster"
    assert contact.attributes["agent"] == "service@voltana.de"


def test_an_initial_stays_with_the_name(tmp_path: Path) -> None:
    for name in ("R. Muster", "O. Muster"):
        quoted = f"W dniu 3.05.2026 r. o 10:12 {name} <erika@gmx.de> pisze:\n> Wo ist es?\n"
        assert read(tmp_path / "a.eml", f"{HEAD}Morgen.\n\n{quoted}").attributes["customer"] == name


@pytest.mark.parametrize(
    "attribution",
    [
        "On 3 May 2026, erika@gmx.de <erika@gmx.de> wrote:",
        "Am Sonntag schrieb <erika@gmx.de>:",
        "On Sunday <erika@gmx.de> wrote:",
    ],
)
def test_what_is_no_name_leaves_the_address(tmp_path: Path, attribution: str) -> None:
    contact = read(tmp_path / "a.eml", f"{HEAD}Morgen.\n\n{attribution}\n> Wo ist es?\n")
    assert contact.attributes["customer"] == "erika@gmx.de"


@pytest.mark.parametrize("text", ["a, ", '"', "a <", "x", " ", "<a@b", '"x"', "(", "1.1."])
def test_hostile_headers_within_a_body_are_read_in_time(tmp_path: Path, text: str) -> None:
    long = text * (200_000 // len(text))
    contact = read(
        tmp_path / "a.eml", f"{HEAD}Morgen.\n\nFrom: a{long}\nTo: b{long}\nDate: {long}\nSubject: x\n\nHallo"
    )
    assert contact.attributes["started_at"] == OWN
