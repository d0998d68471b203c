"""Files, folders and globs: each file finds its format, and what is no contact gives one rejection."""

import json
import os
import random
from pathlib import Path

import pytest

from servicequal.contact import Contact, Turn
from servicequal.errors import ContactError
from servicequal.files.jsonl import write_contacts_jsonl
from servicequal.files.parquet import write_contacts_parquet
from servicequal.files.rejected import Rejected
from servicequal.files.source import read_contacts, read_source

CONTACT = Contact("c-1", "chat", (Turn("agent", "Grüß Gott!"), Turn("customer", "Hallo!")))
DIALOGUE = "Agent: Hello!\nCustomer: Hi!\n"
TEXTS = {
    "text": DIALOGUE,
    "mail": "From: a@gmx.de\nTo: help@shop.de\nSubject: x\n\nWo ist es?\n",
    "mbox": "From a Mon\nFrom: a@gmx.de\nTo: help@shop.de\nSubject: x\n\nWo ist es?\n",
    "csv": "contact,speaker,text\na,agent,Hi!\n",
    "tsv": "contact\tspeaker\ttext\na\tagent\tHi!\n",
    "whatsapp": "03.05.26, 10:12 - Agent: Hi!\n03.05.26, 10:13 - Anna: Hello!\n",
    "iphone": "[03.05.26, 10:12:00] Agent: Hi!\n[03.05.26, 10:13:00] Anna: Hello!\n",
    "stamps": "[00:12] Agent: Hi!\n[00:13] Anna: Hello!\n",
    "vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Agent>Hi!\n",
    "srt": "1\n00:00:01,000 --> 00:00:02,000\nAgent: Hi!\n",
    "json": json.dumps(CONTACT.to_dict(), indent=1),
    "list": json.dumps([CONTACT.to_dict()]),
    "lines": "\n".join(json.dumps(CONTACT.to_dict() | {"id": name}) for name in "ab"),
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("suffix", ["", ".txt", ".dat"])
def test_content_tells_the_format(tmp_path: Path, name: str, suffix: str) -> None:
    path = tmp_path / f"file{suffix}"
    path.write_text(TEXTS[name], encoding="utf-8")
    found = list(read_source(path))
    assert found
    assert all(isinstance(item, Contact) for item in found), found


def test_parquet_and_jsonl_under_any_name(tmp_path: Path) -> None:
    write_contacts_parquet([CONTACT], tmp_path / "a.txt")
    write_contacts_jsonl([CONTACT], tmp_path / "b.csv")
    assert list(read_source(tmp_path / "a.txt")) == list(read_source(tmp_path / "b.csv")) == [CONTACT]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"", "the file is empty"),
        ("a.txt", b"\xef\xbb\xbf \n\n", "the file is empty"),
        ("a.txt", b"secret prose", "no speakers"),
        ("a.txt", "Agent: Grüße\nCustomer: Hi".encode("cp1252"), "is not utf-8"),
        ("a.csv", "contact;speaker;text\na;agent;Grüße".encode("cp1252"), "is not utf-8"),
        ("a.csv", b"secret,x\n1,2", "a header row without"),
        ("a.bin", b"secret\x00\x01", "unknown format"),
        ("a.md", b"secret prose", "unknown format"),
        ("a.zip", b"PK\x03\x04secret", "a packed file"),
        ("a.parquet", b"PAR1secret", "no footer"),
        ("a.json", b'{"id": "secret"', "line 1, column 16"),
        ("a.json", b"secret", "line 1, column 1"),
        ("a.vtt", b"secret", "cannot be parsed"),
        ("a.eml", b"secret", "without From and To"),
        ("a.jsonl", b"secret", "broken JSON at column 1"),
    ],
)
def test_what_is_no_contact_gives_one_rejection(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    (item,) = read_source(tmp_path / name)
    assert isinstance(item, Rejected)
    assert item.source == name
    assert reason in item.reason
    assert "secret" not in item.reason


def test_a_line_of_wrong_bytes_does_not_hide_the_others(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"secret": "\xff"}\n' + json.dumps(CONTACT.to_dict()).encode())
    first, second = read_source(path)
    assert isinstance(first, Rejected)
    assert first.line == 1
    assert second == CONTACT


def test_folders_are_sorted_and_hidden_files_skipped(tmp_path: Path) -> None:
    for name in ("b/2.txt", "a.txt", "b/1.txt", ".hidden.txt", ".git/x.txt", "c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(DIALOGUE)
    assert [item.id for item in read_contacts(tmp_path)] == ["a", "1", "2", "c"]
    assert [item.id for item in read_contacts(f"{tmp_path}/*.txt")] == ["a", "c"]
    assert [item.id for item in read_contacts(str(tmp_path / "**" / "*.txt"))] == ["a", "1", "2", "c"]


def test_a_name_with_brackets_is_a_file_first(tmp_path: Path) -> None:
    (tmp_path / "call[1].txt").write_text(DIALOGUE)
    assert [item.id for item in read_contacts(tmp_path / "call[1].txt")] == ["call[1]"]


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(ContactError, match="no file"):
        list(read_source(tmp_path))
    with pytest.raises(ContactError, match="no file"):
        list(read_source(str(tmp_path / "*.txt")))
    (item,) = read_source(tmp_path / "missing.txt")
    assert isinstance(item, Rejected)
    assert str(item) == "missing.txt: no such file; expected a file with contacts"


def test_a_glob_may_go_up_and_into_a_hidden_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (".exports/x.txt", "here/y.txt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(DIALOGUE)
    monkeypatch.chdir(tmp_path / "here")
    assert [item.id for item in read_contacts("../.exports/*.txt")] == ["x"]


def test_without_reject_the_first_bad_record_raises(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(CONTACT.to_dict()) + "\n{")
    contacts = read_contacts(path)
    assert next(contacts) == CONTACT
    with pytest.raises(ContactError, match=r"^a\.jsonl, line 2: broken JSON"):
        next(contacts)
    rejected: list[Rejected] = []
    assert list(read_contacts(path, reject=rejected.append)) == [CONTACT]
    assert [item.line for item in rejected] == [2]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(DIALOGUE)
    path.chmod(0)
    (item,) = read_source(path)
    assert isinstance(item, Rejected)
    assert "permissions" in item.reason


def test_no_damage_makes_a_reader_raise(tmp_path: Path) -> None:
    rng = random.Random(11)
    write_contacts_parquet([CONTACT], tmp_path / "p.parquet")
    wholes = {"p.parquet": (tmp_path / "p.parquet").read_bytes()}
    wholes |= {f"file.{name}": text.encode() for name, text in TEXTS.items()}
    for name, whole in wholes.items():
        for _ in range(60):
            damaged = bytearray(whole[: rng.randrange(1, len(whole) + 1)])
            for _ in range(rng.randrange(4)):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            (tmp_path / name).write_bytes(damaged)
            assert all(isinstance(item, Contact | Rejected) for item in read_source(tmp_path / name))
