"""Mails and mailboxes: parts, charsets, who is the agent, and how mails become threads."""

import mailbox
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest

from servicequal.contact import Contact
from servicequal.files import mail
from servicequal.files.rejected import Rejected

SAMPLES = Path(__file__).parents[2].parent / "shared" / "formats"
BEGUN = datetime(2026, 5, 3, 10, 12, tzinfo=UTC)


def message(text: str, sender: str, to: str, subject: str = "Paket", minutes: int = 0, **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = format_datetime(BEGUN + timedelta(minutes=minutes))
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def read(path: Path, raw: bytes) -> Contact:
    path.write_bytes(raw)
    assert mail.recognises(path, raw)
    (contact,) = mail.read(path)
    assert isinstance(contact, Contact), contact
    return contact


def read_box(path: Path, *messages: EmailMessage) -> list[Contact]:
    box = mailbox.mbox(path)
    for each in messages:
        box.add(each)
    box.close()
    assert mail.recognises(path, path.read_bytes())
    found = list(mail.read(path))
    assert not [item for item in found if isinstance(item, Rejected)]
    return [item for item in found if isinstance(item, Contact)]


def said(contact: Contact) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in contact.turns]


def test_one_mail_with_its_history(tmp_path: Path) -> None:
    text = (
        "Sehr geehrte Frau Muster,\n\nIhr Paket kommt morgen.\n\nMit freundlichen Grüßen\nAnna Berg\n\nVoltana GmbH\n"
        "Tel. 030 1234567\n\nAm 03.05.2026 um 09:00 schrieb Erika Muster <erika@gmx.de>:\n> Wo ist mein Paket?\n"
        "> -- \n> E. M.\n"
    )
    made = message(text, "Voltana Kundenservice <service@voltana.de>", "Erika Muster <erika@gmx.de>", "AW: Re: Paket")
    contact = read(tmp_path / "m-1.eml", made.as_bytes())
    assert (contact.id, contact.channel) == ("m-1", "email")
    assert said(contact) == [
        ("customer", "Wo ist mein Paket?"),
        ("agent", "Sehr geehrte Frau Muster,\n\nIhr Paket kommt morgen.\n\nMit freundlichen Grüßen\nAnna Berg"),
    ]
    assert contact.attributes == {
        "company": "voltana",
        "started_at": "2026-05-03T09:00:00Z",
        "agent": "Voltana Kundenservice",
        "customer": "Erika Muster",
        "subject": "Paket",
    }


@pytest.mark.parametrize(
    ("sender", "to", "speaker"),
    [
        ("erika@gmx.de", "service@voltana.de", "customer"),
        ("support@voltana.com", "erika@gmail.com", "agent"),
        ("a.berg@voltana.de", "erika@web.de", "agent"),
        ("bok@voltana.pl", "jan@wp.pl", "agent"),
        ("jan@firma.com.pl", "kontakt@sklep.com.pl", "customer"),
        ("info@kunde.de", "service@voltana.de", "customer"),
        ("info@kunde.de", "info@voltana.de", "customer"),
        ("Kunden-Service@voltana.de", "x@y.de", "agent"),
    ],
)
def test_addresses_tell_the_agent(tmp_path: Path, sender: str, to: str, speaker: str) -> None:
    contact = read(tmp_path / "a.eml", message("Guten Tag", sender, to).as_bytes())
    assert [turn.speaker for turn in contact.turns] == [speaker]


def test_plain_text_is_preferred_and_attachments_are_left_out(tmp_path: Path) -> None:
    made = message("Wo ist es?", "a@gmx.de", "help@shop.de")
    made.add_alternative("<p>Wo ist <b>es</b>, HTML?</p>", subtype="html")
    made.add_attachment("secret", filename="note.txt")
    made.add_attachment(message("inner", "x@y.de", "z@y.de"))
    assert said(read(tmp_path / "a.eml", made.as_bytes())) == [("customer", "Wo ist es?")]
    only = EmailMessage()
    only["From"], only["To"] = "a@gmx.de", "help@shop.de"
    only.set_content("<html><body><p>Wo ist <b>es</b>&nbsp;&ndash; bitte?</p></body></html>", subtype="html")
    ((speaker, text),) = said(read(tmp_path / "a.eml", only.as_bytes()))
    assert speaker == "customer"
    assert "Wo ist es" in text.replace("\xa0", " ")
    assert "<" not in text


@pytest.mark.parametrize(
    ("declared", "encoded"),
    [
        ("iso-8859-1", "iso-8859-1"),
        ("iso-8859-2", "iso-8859-2"),
        ("utf-8", "cp1252"),
        ("us-ascii", "utf-8"),
        ("x-unknown", "cp1252"),
        ("utf-8", "utf-8"),
    ],
)
def test_charsets(tmp_path: Path, declared: str, encoded: str) -> None:
    raw = f"From: a@gmx.de\nTo: help@shop.de\nContent-Type: text/plain; charset={declared}\n\nGrüße, schöne".encode(
        encoded
    )
    assert said(read(tmp_path / "a.eml", raw)) == [("customer", "Grüße, schöne")]


def test_headers_in_raw_bytes_and_malformed_ones(tmp_path: Path) -> None:
    raw = "From: Jürgen, Groß <j@gmx.de>\nTo: help@shop.de,,;\nSubject: Re: Größe\nDate: yesterday\n\nHallo".encode(
        "cp1252"
    )
    contact = read(tmp_path / "a.eml", raw)
    assert contact.attributes == {"company": "shop", "customer": "Jürgen, Groß", "subject": "Größe"}
    odd = b"From: =?utf-8?q?a?= <>\nTo: @;,<\nSubject: =?x?q?\xff?=\nContent-Type: ;;=\nMIME-Version: \x00\n\nHallo"
    path = tmp_path / "odd.eml"
    path.write_bytes(odd)
    assert len(list(mail.read(path))) == 1


def test_a_mailbox_becomes_threads_by_references(tmp_path: Path) -> None:
    first = message("Wo ist es?", "a@gmx.de", "help@shop.de", Message_ID="<1@x>")
    other = message("Rechnung bitte", "b@web.de", "help@shop.de", "Rechnung", 5, Message_ID="<2@x>")
    answer = message(
        "Morgen.\n\nOn 3 May 2026, a@gmx.de wrote:\n> Wo ist\n> es?", "Anna <help@shop.de>", "a@gmx.de", "Re: Paket",
        10, Message_ID="<3@x>", In_Reply_To="<1@x>",
    )  # fmt: skip
    thanks = message("Danke!", "a@gmx.de", "help@shop.de", "Ganz neu", 20, Message_ID="<4@x>", References="<1@x> <3@x>")
    one, two = read_box(tmp_path / "box.mbox", thanks, other, answer, first, first)
    assert (one.id, two.id) == ("box", "box#2")
    assert said(one) == [("customer", "Wo ist es?"), ("agent", "Morgen."), ("customer", "Danke!")]
    assert [turn.start for turn in one.turns] == [0.0, 600.0, 1200.0]
    assert one.attributes["agent"] == "Anna"
    assert said(two) == [("customer", "Rechnung bitte")]


def test_a_mailbox_becomes_threads_by_subject_and_people(tmp_path: Path) -> None:
    question = message("Wo ist es?", "a@gmx.de", "help@shop.de")
    answer = message("Morgen.", "help@shop.de", "a@gmx.de", "AW: Paket", 10)
    stranger = message("Auch meins?", "b@gmx.de", "help@shop.de", "Re: Paket", 20)
    again = message("Nun ein anderes", "a@gmx.de", "help@shop.de", "Paket", 9000)
    found = read_box(tmp_path / "box.mbox", question, answer, stranger, again)
    assert [len(contact.turns) for contact in found] == [2, 1, 1]


def test_a_quoted_mail_that_is_not_in_the_mailbox_is_a_turn(tmp_path: Path) -> None:
    text = "Danke!\n\nAm 3.5.2026 um 10:12 schrieb Voltana <help@shop.de>:\n> Ihr Paket kommt morgen an.\n"
    (contact,) = read_box(tmp_path / "box.mbox", message(text, "a@gmx.de", "help@shop.de", "Re: Paket"))
    assert said(contact) == [("agent", "Ihr Paket kommt morgen an."), ("customer", "Danke!")]


def test_an_automatic_answer_is_the_systems(tmp_path: Path) -> None:
    made = message("Wir haben Ihre Mail.", "help@shop.de", "a@gmx.de", Auto_Submitted="auto-replied")
    assert said(read(tmp_path / "a.eml", made.as_bytes())) == [("system", "Wir haben Ihre Mail.")]


def test_unmarked_from_lines_and_empty_mails_are_rejected(tmp_path: Path) -> None:
    path = tmp_path / "box.mbox"
    path.write_bytes(
        b"From x Mon\nFrom: a@gmx.de\nTo: help@shop.de\n\nHallo\n\nFrom secret on\nnothing\n\n"
        b"From x Mon\nFrom: b@gmx.de\nSubject: y\n\n"
    )
    found = list(mail.read(path))
    assert [type(item).__name__ for item in found] == ["Rejected", "Contact", "Rejected"]
    assert "secret" not in "".join(map(str, found))


def test_words_of_an_address_are_no_role(tmp_path: Path) -> None:
    quoted = "Am 3.5.2026 um 10:12 schrieb j@operator.pl:\n> Mein Paket ist kaputt."
    text = f"Guten Tag,\nwie kann ich Ihnen helfen?\n\n{quoted}"
    contact = read(tmp_path / "a.eml", message(text, "k@guest.de", "j@operator.pl").as_bytes())
    assert "roles_inferred" in contact.attributes
    assert [turn.speaker for turn in contact.turns] == ["customer", "agent"]
    named = message(text, "Voltana Kundenservice <k@guest.de>", "j@operator.pl")
    assert "roles_inferred" not in read(tmp_path / "b.eml", named.as_bytes()).attributes


def test_a_mail_and_its_like_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert mail.recognises(path, b"Received: x\r\nFrom: a@x.de\r\nSubject: y\r\n\r\nHallo")
    assert not mail.recognises(path, b"Agent: Hello\nCustomer: Hi")
    assert not mail.recognises(path, b"From Monday on we are closed.\n\nAgent: Hello\nCustomer: Hi")
    assert not mail.recognises(path, b"Danke!\n\nFrom: a\nDate: b\nSubject: x\n")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")
def test_real_mails() -> None:
    (outlook,) = mail.read(SAMPLES / "reply_outlook.eml")
    assert isinstance(outlook, Contact)
    assert outlook.attributes["subject"] == "Test"
    assert [turn.text[:20] for turn in outlook.turns] == ["Hi dan.le@example.co", "Hello"]
    (shared,) = mail.read(SAMPLES / "reply_quotations_share_block.eml")
    assert isinstance(shared, Contact)
    assert shared.turns[0].text == "New Booking Inquiry"
    assert shared.turns[1].text.startswith("Hi Katharine.")
    assert shared.attributes["started_at"] == "2012-04-05T05:22:42Z"
