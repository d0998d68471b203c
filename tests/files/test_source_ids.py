"""Ids within a source: given by the data, or made of the files' names where the data has none."""

import json
from pathlib import Path

import pytest

from servicequal.contact import Contact, Turn
from servicequal.files.rejected import Rejected
from servicequal.files.source import read_contacts, read_source

CONTACT = Contact("c-1", "chat", (Turn("agent", "Grüß Gott!"), Turn("customer", "Hallo!")))
DIALOGUE = "Agent: Hello!\nCustomer: Hi!\n"
NAMELESS = {
    "text": DIALOGUE,
    "mail": "From: a@gmx.de\nTo: help@shop.de\nSubject: x\n\nWo ist es?\n",
    "mailbox": "From a Mon\nFrom: a@gmx.de\nTo: help@shop.de\nSubject: x\n\nWo ist es?\n",
    "table": "speaker,text\nagent,Hi!\ncustomer,Hello!\n",
    "whatsapp": "03.05.26, 10:12 - Agent: Hi!\n03.05.26, 10:13 - Anna: Hello!\n",
    "captions": "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Agent>Hi!\n",
    "vendor": json.dumps({"segments": [{"start": 0.5, "end": 1.5, "text": "Hi!"}]}),
}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize("text", NAMELESS.values(), ids=NAMELESS)
def test_equal_file_names_in_two_folders(tmp_path: Path, text: str) -> None:
    for folder in ("a", "b", "b/c"):
        write(tmp_path / folder / "x.1.txt", text)
    expected = ["x.1", "b/c/x.1", "b/x.1"]
    for source in (tmp_path, f"{tmp_path}/**/*.txt"):
        found = list(read_source(source))
        assert [item.id for item in found if isinstance(item, Contact)] == expected
        assert {type(item.id) for item in found if isinstance(item, Contact)} == {str}
    assert [item.id for item in read_contacts(f"{tmp_path}/[ab]/x*.txt")] == ["x.1", "b/x.1"]


def test_numbered_contacts_of_equally_named_files(tmp_path: Path) -> None:
    table = "channel,transcript\nchat,Agent: Hi! \\n Customer: Hello!\nchat,Agent: Hi! \\n Customer: Hello!\n"
    write(tmp_path / "a" / "x.csv", table)
    write(tmp_path / "b" / "x.csv", table)
    assert [item.id for item in read_contacts(tmp_path)] == ["x", "x#2", "b/x", "b/x#2"]


def test_an_id_within_the_data_is_given_once(tmp_path: Path) -> None:
    own = json.dumps(CONTACT.to_dict() | {"id": "x"})
    write(tmp_path / "a" / "x.json", own)
    write(tmp_path / "b" / "x.json", own)
    write(tmp_path / "c" / "x.txt", DIALOGUE)
    write(tmp_path / "d" / "x.json", f"[{own}, {own}]")
    first, second, third, *others = read_source(tmp_path)
    assert isinstance(first, Contact)
    assert isinstance(second, Rejected)
    assert "a second contact has the id 'x'" in second.reason
    assert isinstance(third, Contact)
    assert third.id == "c/x"
    assert [type(item) for item in others] == [Rejected, Rejected]


def test_a_name_that_no_folder_tells_apart_is_rejected(tmp_path: Path) -> None:
    write(tmp_path / "x.md", DIALOGUE)
    write(tmp_path / "x.txt", DIALOGUE)
    assert [type(item) for item in read_source(tmp_path)] == [Contact, Rejected]
