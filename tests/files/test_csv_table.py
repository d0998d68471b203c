"""CSV: one row a turn or one row a contact, in the ways that spreadsheets write them."""

import random
from pathlib import Path

import pytest

from servicequal.contact import Contact
from servicequal.files import csv_table
from servicequal.files.rejected import Rejected


def read(path: Path, text: str, encoding: str = "utf-8") -> list[Contact | Rejected]:
    path.write_bytes(text.encode(encoding))
    return list(csv_table.read(path))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiters_and_encodings(tmp_path: Path, delimiter: str, encoding: str) -> None:
    rows = ["Contact ID|Channel|Language|Speaker|Text|Start|End|Team", "7|Telefon|de-DE|Berater|Grüß Gott!|0,5|1.5|A",
            "7|Telefon|de-DE|Kunde|Hallo!|00:02|00:03|A"]  # fmt: skip
    quoted = [delimiter.join(f'"{cell}"' for cell in row.split("|")) for row in rows]
    path = tmp_path / "turns.csv"
    (contact,) = read(path, "\r\n".join(quoted), encoding)
    assert csv_table.recognises(path, path.read_bytes())
    assert isinstance(contact, Contact)
    assert (contact.id, contact.channel, contact.language, contact.attributes) == ("7", "phone", "de", {"team": "A"})
    assert [(turn.speaker, turn.text, turn.start, turn.end) for turn in contact.turns] == [
        ("agent", "Grüß Gott!", 0.5, 1.5),
        ("customer", "Hallo!", 2.0, 3.0),
    ]


def test_rows_of_contacts_may_lie_anywhere(tmp_path: Path) -> None:
    rows = [(f"c-{contact}", turn) for contact in range(20) for turn in range(10)]
    shuffled = rows[:]
    random.Random(7).shuffle(shuffled)
    order = {name: [turn for other, turn in shuffled if other == name] for name, _ in rows}
    lines = [f"{name},{'agent' if turn % 2 else 'customer'},text {turn}" for name, turn in shuffled]
    found = read(tmp_path / "turns.csv", "contact,speaker,text\n" + "\n".join(lines))
    contacts = {
        item.id: [int(turn.text.split()[1]) for turn in item.turns] for item in found if isinstance(item, Contact)
    }
    assert contacts == order


def test_only_what_holds_for_the_whole_contact_becomes_an_attribute(tmp_path: Path) -> None:
    text = "id,speaker,text,agent,turn,rating,empty\na,agent,Hi!,Anna,1,4,\na,customer,Hello!,Anna,2,4,\n"
    (contact,) = read(tmp_path / "turns.csv", text)
    assert isinstance(contact, Contact)
    assert contact.attributes == {"agent": "Anna", "rating": 4.0}


def test_dates_give_times_and_the_beginning(tmp_path: Path) -> None:
    rows = "a,user,Hi!,2026-05-03T12:12:00+02:00\na,assistant,Hello!,2026-05-03T12:13:30+02:00\n"
    text = "id,role,message,timestamp\n" + rows
    (contact,) = read(tmp_path / "turns.csv", text)
    assert isinstance(contact, Contact)
    assert contact.attributes == {"started_at": "2026-05-03T10:12:00Z"}
    assert [turn.start for turn in contact.turns] == [0.0, 90.0]
    assert contact.channel == "chat"


def test_one_row_a_contact(tmp_path: Path) -> None:
    text = (
        'call_id;transcript;agent\n1;"Klient: Halo?\nKonsultant: Dzień dobry, ""Voltana"".";Ewa\n'
        '2;"no speakers at all: secret";Ewa\n3;"Agent: Hi!\\nCustomer: Hello!";Bob\n'
    )
    path = tmp_path / "calls.csv"
    first, second, third = read(path, text)
    assert csv_table.recognises(path, path.read_bytes())
    assert isinstance(first, Contact)
    assert (first.id, first.attributes) == ("1", {"agent": "Ewa"})
    assert first.turns[1].text == 'Dzień dobry, "Voltana".'
    assert isinstance(second, Rejected)
    assert (second.line, second.contact) == (4, "2")
    assert "secret" not in str(second)
    assert isinstance(third, Contact)
    assert [turn.text for turn in third.turns] == ["Hi!", "Hello!"]


def test_a_broken_row_rejects_its_contact_and_no_other(tmp_path: Path) -> None:
    text = 'contact,speaker,text\na,agent,Hi!\nb,agent,"secret" text\nb,agent,Hello!\nc,agent,Hi!\n,agent,Hi!\n'
    found = read(tmp_path / "turns.csv", text)
    assert [item.id for item in found if isinstance(item, Contact)] == ["a", "c"]
    rejected = [item for item in found if isinstance(item, Rejected)]
    assert [(item.line, item.contact) for item in rejected] == [(3, "b"), (6, None)]
    assert "secret" not in "".join(map(str, rejected))


def test_an_open_quote_costs_one_contact(tmp_path: Path) -> None:
    found = read(
        tmp_path / "turns.csv", 'contact,speaker,text\na,agent,Hi!\nb,agent,"Hi!\nc,agent,"Hi,\nyou"\nd,agent,Hi!\n'
    )
    assert [item.id for item in found if isinstance(item, Contact)] == ["a", "c", "d"]
    assert [str(item) for item in found if isinstance(item, Rejected)] == [
        "turns.csv, line 3: broken quotes in a row; expected quotes within a cell doubled"
    ]


def test_short_rows_bad_bytes_and_no_columns(tmp_path: Path) -> None:
    (item,) = read(tmp_path / "a.csv", "contact,speaker,text\na,agent\n")
    assert "no turn with text" in str(item)
    (item,) = read(tmp_path / "a.csv", "contact,speaker,text\na,agent,Grüße\n", "cp1252")
    assert isinstance(item, Rejected)
    assert "expected UTF-8" in item.reason
    (item,) = read(tmp_path / "a.csv", "a,b,c\n1,2,3\n")
    assert isinstance(item, Rejected)
    assert not csv_table.recognises(tmp_path / "a.csv", b"a,b,c\n1,2,3\n")


def test_an_unknown_channel_is_refused_with_the_nearest(tmp_path: Path) -> None:
    (item,) = read(tmp_path / "a.csv", "contact,channel,speaker,text\na,emial,agent,Hi!\n")
    assert "did you mean 'email'?" in str(item)


def test_a_cell_longer_than_the_modules_own_limit(tmp_path: Path) -> None:
    (contact,) = read(tmp_path / "a.csv", f"contact,speaker,text\na,agent,{'word ' * 40_000}\n")
    assert isinstance(contact, Contact)
