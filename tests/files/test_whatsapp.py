"""WhatsApp exports of both kinds of phones, in several languages' dates."""

from pathlib import Path

import pytest

from servicequal.contact import Contact
from servicequal.files import whatsapp
from servicequal.files.rejected import Rejected

SAMPLES = Path(__file__).parents[2].parent / "shared" / "formats"


def read(path: Path, text: str) -> Contact:
    path.write_text(text, encoding="utf-8")
    assert whatsapp.recognises(path, path.read_bytes())
    (contact,) = whatsapp.read(path)
    assert isinstance(contact, Contact), contact
    return contact


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("03/05/26, 10:12 - ", "03/05/26, 10:14 - "),
        ("03.05.26, 10:12 - ", "03.05.26, 10:14 - "),
        ("3.05.2026, 10:12 - ", "3.05.2026, 10:14 - "),
        ("[03.05.26, 10:12:00] ", "[03.05.26, 10:14:00] "),
        ("\u200e[03.05.2026, 10:12:00] ", "\u200e[03.05.2026, 10:14:00] "),
        ("2026-05-03, 10:12 - ", "2026-05-03, 10:14 - "),
        ("03/05/2026, 10:12 am - ", "03/05/2026, 10:14 am - "),
        ("[03/05/2026, 10:12:00\u202fAM] ", "[03/05/2026, 10:14:00\u202fAM] "),
    ],
)
def test_styles(tmp_path: Path, first: str, second: str) -> None:
    contact = read(tmp_path / "chat.txt", f"{first}Support: Hello!\n{second}Anna 🤓: Hi,\nmy order: 12\n")
    assert contact.channel == "chat"
    assert contact.attributes == {"started_at": "2026-05-03T10:12:00Z"}
    assert [(turn.speaker, turn.text, turn.start) for turn in contact.turns] == [
        ("agent", "Hello!", 0.0),
        ("customer", "Hi,\nmy order: 12", 120.0),
    ]


def test_the_month_may_come_first(tmp_path: Path) -> None:
    contact = read(tmp_path / "chat.txt", "5/3/26, 11:58 PM - Support: Hello!\n5/14/26, 12:01 AM - Anna: Hi!")
    assert contact.attributes["started_at"] == "2026-05-03T23:58:00Z"


def test_notices_are_the_systems(tmp_path: Path) -> None:
    lines = [
        "03.05.26, 10:12 - Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt.",
        "03.05.26, 10:12 - Support: Guten Tag!",
        "[03.05.26, 10:13:00] Anna: \u200eBild weggelassen",
        '03.05.26, 10:14 - +49 30 12 created group "A: B"',
        "03.05.26, 10:15 - Anna: Hallo",
    ]
    contact = read(tmp_path / "chat.txt", "\n".join(lines))
    assert [turn.speaker for turn in contact.turns] == ["system", "agent", "system", "system", "customer"]


def test_no_date_at_all(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text("40.50.26, 10:12 - Anna: secret")
    (item,) = whatsapp.read(path)
    assert isinstance(item, Rejected)
    assert "secret" not in str(item)
    assert not whatsapp.recognises(path, b"[00:12] Agent: Hello")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")
def test_a_real_export() -> None:
    (contact,) = whatsapp.read(SAMPLES / "whatsapp_export_ddmmyy.txt")
    assert isinstance(contact, Contact)
    assert contact.attributes["started_at"] == "2019-01-01T11:25:00Z"
    assert len(contact.turns) == 9
    assert [at for at, turn in enumerate(contact.turns) if turn.speaker == "system"] == [4, 5]
    assert contact.turns[2].text.count("\n") == 1
