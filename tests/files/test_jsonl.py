"""Contacts of our own, one a line: what is read, what is refused, what comes back as written."""

import json
from pathlib import Path
from typing import Any

import pytest

from servicequal.contact import Contact, Turn
from servicequal.files import jsonl
from servicequal.files.rejected import Rejected

CONTACTS = [
    Contact("c-1", "phone", (Turn("agent", "Grüß Gott!", 0.0, 1.5), Turn("customer", "Halo?\u2028Ist da wer?")), "de"),
    Contact(
        "c-2", "email", (Turn("customer", "Where is it?"),), None, {"team": "A", "rating": 4, "note": None}, ("f-1",)
    ),
]


def record(name: str, **changes: Any) -> str:
    return json.dumps({"id": name, "channel": "chat", "turns": [{"speaker": "agent", "text": "Hi!"}]} | changes)


def rejections(path: Path) -> list[Rejected]:
    return [item for item in jsonl.read(path) if isinstance(item, Rejected)]


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "contacts.jsonl"
    jsonl.write_contacts_jsonl(iter(CONTACTS), path)
    assert list(jsonl.read(path)) == CONTACTS
    assert "Grüß" in path.read_text(encoding="utf-8")
    assert [file.name for file in tmp_path.iterdir()] == ["contacts.jsonl"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_and_blank_lines(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "contacts.jsonl"
    path.write_text(f"\n{record('a')}\r\n\n   \n{record('ü')}", encoding=encoding)
    assert jsonl.recognises(path, path.read_bytes())
    assert [item.id for item in jsonl.read(path) if isinstance(item, Contact)] == ["a", "ü"]


def test_each_bad_line_gives_one_rejection_and_the_others_are_read(tmp_path: Path) -> None:
    lines = [
        record("a").encode(),
        record("b")[:40].encode(),
        b'{"id": "c", "channel": "chat", "turns": [{"speaker": "agent", "text": "secret \xff"}]}',
        record("d", turns=[{"speaker": "agent", "text": "secret", "start": float("nan")}]).encode(),
        record("e", turns=[{"speaker": "agnet", "text": "secret"}]).encode(),
        record("f", chanel="chat").encode(),
        record("a").encode(),
        b"[" * 100_000,
        b'{"id": "g", "turns": ' + b"9" * 5000 + b"}",
        b'{"id": "h", "channel": "chat", "turns": [{"speaker": "agent", "text": "x", "start": 1e999}]}',
        b'{"id": "i", "channel": "chat", "turns": null}',
        b'{"id": "j", "channel": "chat", "turns": [{"speaker": "agent", "text": "\\ud800"}]}',
        record("z").encode(),
    ]
    path = tmp_path / "contacts.jsonl"
    path.write_bytes(b"\n".join(lines))
    assert [item.id for item in jsonl.read(path) if isinstance(item, Contact)] == ["a", "z"]
    found = rejections(path)
    assert [item.line for item in found] == list(range(2, 13))
    assert all(item.source == "contacts.jsonl" for item in found)
    assert "secret" not in "".join(map(str, found))
    assert "did you mean 'agent'?" in found[3].reason
    assert "did you mean 'channel'?" in found[4].reason
    assert found[5].reason == "a second contact has the id 'a'; expected each id once"
    assert found[5].contact == "a"


def test_a_huge_line_is_read(tmp_path: Path) -> None:
    path = tmp_path / "contacts.jsonl"
    turns = [{"speaker": "customer", "text": "wort " * 20} for _ in range(15_000)]
    path.write_text(
        record("a", turns=turns) + "\n" + record("b", turns=[{"speaker": "agent", "text": "x" * 2_000_001}])
    )
    first, second = jsonl.read(path)
    assert isinstance(first, Contact)
    assert len(first.turns) == 15_000
    assert isinstance(second, Rejected)
    assert "expected at most 2000000" in second.reason


def test_a_document_over_several_lines_is_no_jsonl(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps(json.loads(record("a")), indent=1))
    assert not jsonl.recognises(path, path.read_bytes())
    path.write_text(record("a") + "\n" + record("b"))
    assert jsonl.recognises(path, path.read_bytes())


def test_what_json_does_not_know_is_written_as_null_or_text(tmp_path: Path) -> None:
    path = tmp_path / "contacts.jsonl"
    odd = Contact("c-3", "chat", (Turn("agent", "Hi!"),), attributes={"score": float("inf"), "raw": b"x"})
    jsonl.write_contacts_jsonl([odd], path)
    (read,) = jsonl.read(path)
    assert isinstance(read, Contact)
    assert read.attributes == {"score": None, "raw": "b'x'"}


def test_half_a_surrogate_pair_in_an_attribute_comes_back(tmp_path: Path) -> None:
    odd = Contact("c-1", "chat", (Turn("agent", "Hi!"),), attributes={"note": "\ud83d"})
    jsonl.write_contacts_jsonl([odd], tmp_path / "odd.jsonl")
    assert list(jsonl.read(tmp_path / "odd.jsonl")) == [odd]


def test_a_line_may_be_a_vendors_document(tmp_path: Path) -> None:
    said = {"utterances": [{"speaker": "A", "start": 0, "end": 900, "text": "Welcome to Voltana, how can I help you?"},
                           {"speaker": "B", "start": 1000, "end": 1900, "text": "My parcel is lost."}]}  # fmt: skip
    path = tmp_path / "calls.jsonl"
    path.write_text("\n".join(map(json.dumps, (said, json.loads(record("own")), said, {"secret words": 1}))))
    assert [item.id for item in jsonl.read(path) if isinstance(item, Contact)] == ["calls", "own", "calls#3"]
    assert [item.line for item in rejections(path)] == [4]
    assert "secret" not in str(rejections(path)[0])
