"""A whole .json file: contacts of our own, and documents that break off."""

import json
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.files import json_document
from servicequal.files.rejected import Rejected


def record(name: str, **changes: Any) -> dict[str, Any]:
    return {"id": name, "channel": "chat", "turns": [{"speaker": "agent", "text": "Hi!"}]} | changes


def test_one_contact_and_a_list_of_contacts(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps(record("a"), indent=2))
    assert [item.id for item in json_document.read(path) if isinstance(item, Contact)] == ["a"]
    path.write_text(json.dumps([record("a"), record("b", turns=[]), record("c")]))
    assert json_document.recognises(path, path.read_bytes())
    first, second, third = json_document.read(path)
    assert isinstance(first, Contact)
    assert isinstance(second, Rejected)
    assert (second.line, second.contact) == (2, "b")
    assert isinstance(third, Contact)


def test_a_misspelt_key_is_told_from_a_vendors_document(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text('{"id": "a", "channel": "chat", "trns": []}')
    (item,) = json_document.read(path)
    assert isinstance(item, Rejected)
    assert "did you mean 'turns'?" in item.reason


def test_every_truncation_gives_one_rejection_with_line_and_column(tmp_path: Path) -> None:
    whole = json.dumps(record("a"), indent=1)
    path = tmp_path / "one.json"
    for size in range(1, len(whole)):
        path.write_text(whole[:size])
        (item,) = json_document.read(path)
        assert isinstance(item, Rejected)
        assert "line " in item.reason
        assert "column " in item.reason


def test_no_json_is_not_recognised(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    assert json_document.recognises(path, b'\xef\xbb\xbf [ {"id": 1}]')
    assert not json_document.recognises(path, b"[00:12] Agent: Hello")
    assert not json_document.recognises(path, b"[03.05.26, 10:12:00] Anna: Hello")
