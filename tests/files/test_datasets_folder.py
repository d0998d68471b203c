"""Folders that Hugging Face's datasets saved."""

import sys
from pathlib import Path

import pytest

from servicequal.contact import Contact
from servicequal.errors import MissingExtraError
from servicequal.files import datasets_folder
from servicequal.files.rejected import Rejected
from servicequal.files.source import read_source

ROWS = [
    {"id": "a", "channel": "chat", "turns": [{"speaker": "agent", "text": "Hi!"}], "attributes": {"team": "A"}},
    {"id": "b", "channel": "fax", "turns": [{"speaker": "agent", "text": "Hi!"}], "attributes": {"team": None}},
]


def test_a_data_set_and_its_splits(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    rows = datasets.Dataset.from_list(ROWS)
    rows.save_to_disk(str(tmp_path / "one"))
    first, second = datasets_folder.read(tmp_path / "one")
    assert isinstance(first, Contact)
    assert first.attributes == {"team": "A"}
    assert isinstance(second, Rejected)
    assert second.line == 2
    other = datasets.Dataset.from_list([ROWS[0] | {"id": "c"}])
    datasets.DatasetDict({"train": rows.select([0]), "test": other}).save_to_disk(str(tmp_path / "both"))
    assert [item.id for item in read_source(tmp_path / "both") if isinstance(item, Contact)] == ["a", "c"]


def test_a_data_set_within_a_folder_is_read_as_one(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    datasets.Dataset.from_list(ROWS[:1]).save_to_disk(str(tmp_path / "exports" / "one"))
    (tmp_path / "exports" / "z.txt").write_text("Agent: Hello!\nCustomer: Hi!")
    for source in (tmp_path / "exports", str(tmp_path / "exports" / "**" / "*"), str(tmp_path / "exports" / "*")):
        assert [item.id for item in read_source(source) if isinstance(item, Contact)] == ["a", "z"]


def test_a_dict_of_lists_is_read_as_turns(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    turns = datasets.Sequence({"speaker": datasets.Value("string"), "text": datasets.Value("string")})
    features = datasets.Features({"id": datasets.Value("int64"), "channel": datasets.Value("string"), "turns": turns})
    columns = {"id": [1], "channel": ["chat"], "turns": [{"speaker": ["agent", "customer"], "text": ["Hi!", "Hello!"]}]}
    datasets.Dataset.from_dict(columns, features=features).save_to_disk(str(tmp_path / "one"))
    (contact,) = datasets_folder.read(tmp_path / "one")
    assert isinstance(contact, Contact)
    assert [turn.speaker for turn in contact.turns] == ["agent", "customer"]


def test_other_columns_and_a_broken_folder(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    datasets.Dataset.from_list([{"text": "Hi!"}]).save_to_disk(str(tmp_path / "one"))
    (wrong,) = datasets_folder.read(tmp_path / "one")
    assert "unknown column 'text'" in str(wrong)
    (tmp_path / "one" / "state.json").write_text("{")
    (broken,) = datasets_folder.read(tmp_path / "one")
    assert isinstance(broken, Rejected)


def test_without_the_library_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dataset_dict.json").write_text("{}")
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'servicequal\[datasets\]'"):
        list(datasets_folder.read(tmp_path))
