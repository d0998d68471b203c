"""Parquet: round trip, the other ways to write attributes, and broken files."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from servicequal.contact import Contact, Turn
from servicequal.errors import ContactError
from servicequal.files import parquet
from servicequal.files.rejected import Rejected

CONTACTS = [
    Contact("c-1", "phone", (Turn("agent", "Grüß Gott!", 0, 1.5), Turn("customer", "Halo?")), "de", {"rating": 4}),
    Contact("c-2", "email", (Turn("customer", "Where is it?"),), None, {"tags": ["a"], "note": None}, ("f-1", "f-2")),
    Contact("c-3", "chat", (Turn("system", "Bot"),)),
]
TURNS = [{"speaker": "agent", "text": "Hi!"}]


def write(path: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "contacts.parquet"
    parquet.write_contacts_parquet(iter(CONTACTS), path)
    assert parquet.recognises(path, path.read_bytes()[:8])
    assert list(parquet.read(path)) == CONTACTS


def test_many_contacts_are_written_in_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "contacts.parquet"
    contacts = [Contact(f"c-{number}", "chat", (Turn("agent", "Hi!"),)) for number in range(2500)]
    parquet.write_contacts_parquet(contacts, path)
    assert pq.ParquetFile(path).num_row_groups == 3
    assert list(parquet.read(path)) == contacts


@pytest.mark.parametrize(
    "attributes",
    [
        pa.array(['{"team": "A"}', None]),
        pa.array([{"team": "A", "wave": None}, None], pa.struct({"team": pa.string(), "wave": pa.string()})),
        pa.array([[("team", "A")], None], pa.map_(pa.string(), pa.string())),
    ],
)
def test_attributes_as_json_struct_or_map(tmp_path: Path, attributes: pa.Array) -> None:
    path = write(tmp_path / "a.parquet", id=[1, 2], channel=["chat"] * 2, turns=[TURNS] * 2, attributes=attributes)
    first, second = parquet.read(path)
    assert isinstance(first, Contact)
    assert isinstance(second, Contact)
    assert (first.id, first.attributes, second.attributes) == ("1", {"team": "A"}, {})


def test_a_bad_row_gives_one_rejection(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.parquet",
        id=["a", None, "c", "d", "e"],
        channel=["chat", "chat", "fax", "chat", "chat"],
        turns=[TURNS, TURNS, TURNS, None, TURNS],
        attributes=["{}", "{}", "{}", "{}", "{secret"],
    )
    found = list(parquet.read(path))
    assert [item.line for item in found if isinstance(item, Rejected)] == [2, 3, 4, 5]
    assert isinstance(found[0], Contact)
    assert "secret" not in "".join(map(str, found))


def test_text_that_is_no_utf_8(tmp_path: Path) -> None:
    bad = pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff"], pa.binary()).buffers())
    turns = pa.array([TURNS, TURNS])
    ids = pa.concat_arrays([bad, pa.array(["b"])])
    first, second = parquet.read(write(tmp_path / "a.parquet", id=ids, channel=["chat"] * 2, turns=turns))
    assert isinstance(first, Rejected)
    assert isinstance(second, Contact)


def test_an_unknown_or_missing_column_rejects_the_file_once(tmp_path: Path) -> None:
    (unknown,) = parquet.read(write(tmp_path / "a.parquet", id=["a"], chanel=["chat"], turns=[TURNS]))
    assert "did you mean 'channel'?" in str(unknown)
    (missing,) = parquet.read(write(tmp_path / "b.parquet", id=["a"], turns=[TURNS]))
    assert "column 'channel' is missing" in str(missing)


def test_truncated_and_damaged_files(tmp_path: Path) -> None:
    path = tmp_path / "contacts.parquet"
    parquet.write_contacts_parquet(CONTACTS, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    (item,) = parquet.read(path)
    assert isinstance(item, Rejected)
    damaged = bytearray(whole)
    damaged[40:80] = b"\x55" * 40
    path.write_bytes(damaged)
    assert any(isinstance(item, Rejected) for item in parquet.read(path))


def test_what_json_cannot_hold_is_refused(tmp_path: Path) -> None:
    bad = Contact("c-3", "chat", (Turn("agent", "Hi!"),), attributes={"x": object()})
    with pytest.raises(ContactError, match="contact 'c-3'"):
        parquet.write_contacts_parquet([bad], tmp_path / "a.parquet")
    assert not list(tmp_path.iterdir())
