"""Where histories come from: files of several kinds, a saved data set, a query; counted where that is cheap."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from servicequal import Contact, Query, Turn, read_scorecards, score_history
from servicequal.errors import ContactError, MissingExtraError
from servicequal.files.parquet import write_contacts_parquet
from servicequal.files.seen import SeenIds
from servicequal.history.query import without_password
from servicequal.history.sources import Files

CONTACTS = [
    Contact(f"c-{n}", "chat", (Turn("agent", "Hello!"), Turn("customer", "Hi.")), "en", {"team": f"t{n % 2}", "n": n})
    for n in range(30)
]


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    write_contacts_parquet(CONTACTS[:20], tmp_path / "a.parquet")
    write_contacts_parquet(CONTACTS[20:], tmp_path / "b.parquet")
    return tmp_path


def test_ids_are_remembered_when_they_are_many() -> None:
    seen = SeenIds(held=10)
    assert all(seen.add(f"c-{n}") for n in range(1_005))
    assert not any(seen.add(f"c-{n}") for n in range(1_005))
    assert "c-3" in seen
    assert "c-1005" not in seen


def test_files_are_counted_where_that_is_cheap(parquet: Path, history: Callable[..., Path]) -> None:
    history(70)
    assert Files((f"{parquet}/*.parquet",)).total() == 30
    assert Files((f"{parquet}/*.parquet", str(parquet / "history.jsonl"))).total() == 100
    (parquet / "one.txt").write_text("Agent: Hello!\nCustomer: Hi!")
    assert Files((str(parquet),)).total() is None


def test_a_saved_data_set_is_counted_and_read(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    records = [contact.to_dict() | {"attributes": json.dumps(contact.attributes)} for contact in CONTACTS]
    datasets.Dataset.from_list(records).save_to_disk(str(tmp_path / "saved"))
    source = Files((str(tmp_path / "saved"),))
    assert source.total() == 30
    assert [item.id for item in source.items() if isinstance(item, Contact)] == [contact.id for contact in CONTACTS]


def test_a_query_reads_structs_and_json(parquet: Path) -> None:
    structs = Query(f"SELECT * FROM '{parquet}/*.parquet' WHERE channel = 'chat' ORDER BY id")  # noqa: S608
    assert sorted(CONTACTS, key=lambda contact: contact.id) == list(structs.items())
    text = "SELECT id, channel, language, to_json(turns) AS turns, attributes"
    as_json = Query(f"{text} FROM '{parquet}/b.parquet' ORDER BY id", attributes={"company": "voltana", "n": -1})
    found = list(as_json.items())
    assert [one.turns for one in found if isinstance(one, Contact)] == [contact.turns for contact in CONTACTS[20:]]
    assert all(one.attributes["company"] == "voltana" and one.attributes["n"] >= 0 for one in found)


def test_a_query_repeats_no_id_and_rejects_broken_rows(parquet: Path) -> None:
    twice = Query(f"SELECT * FROM '{parquet}/b.parquet' UNION ALL SELECT * FROM '{parquet}/b.parquet'")  # noqa: S608
    found = list(twice.items())
    assert len(found) == 20
    assert sum(isinstance(one, Contact) for one in found) == 10
    (broken,) = Query("SELECT 'x' AS id, 'chat' AS channel, '[{' AS turns").items()
    assert "turns: broken JSON" in str(broken)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT 1 AS id, 'chat' AS channel", "column 'turns' is missing"),
        ("SELECT 1 AS id, 'chat' AS chanel, 1 AS turns", "unknown column 'chanel'; did you mean 'channel'"),
        ("SELEC 1", "syntax error"),
        ("SELECT * FROM 'nowhere/*.parquet'", "nowhere"),
    ],
)
def test_a_wrong_query_is_one_error(sql: str, message: str) -> None:
    with pytest.raises(ContactError, match=message.replace("*", r"\*")) as raised:
        list(Query(sql).items())
    assert "\n" not in str(raised.value)


def test_an_unordered_result_is_noticed(parquet: Path, scorers: tuple[Path, Path], tmp_path: Path) -> None:
    source = f"SELECT * FROM '{parquet}/*.parquet' ORDER BY id"  # noqa: S608
    score_history(Query(source), tmp_path / "cards", scorer=scorers[0], shard=10, device="cpu")
    assert len(read_scorecards(tmp_path / "cards")) == 30
    (tmp_path / "a.parquet").rename(tmp_path / "c.parquet")
    write_contacts_parquet(CONTACTS[:20][::-1], tmp_path / "a.parquet")
    (tmp_path / "c.parquet").unlink()
    again = score_history(Query(source), tmp_path / "cards", scorer=scorers[0], shard=10, device="cpu")
    assert again.scored == 30
    write_contacts_parquet([], tmp_path / "b.parquet")
    with pytest.raises(ContactError.__base__, match=r"scored from other records .* ORDER BY"):
        score_history(Query(source), tmp_path / "cards", scorer=scorers[0], shard=10, device="cpu")


def test_a_password_stays_where_it_was() -> None:
    for address in ("postgresql://me:s3cret@db:5432/calls?sslmode=require", "host=db password='s3 cret' dbname=calls"):
        shown = without_password(address)
        assert "s3" not in shown
        assert "db" in shown
        assert "s3" not in str(Query("SELECT 1", address).describe())


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of its own on a loopback port; skipped where the server or DuckDB's extension for it is missing."""
    try:
        duckdb.connect().execute("LOAD postgres")
    except duckdb.Error:
        pytest.skip("duckdb's extension 'postgres' is not installed and there is nowhere to have it from")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not found:
        pytest.skip("no PostgreSQL server is installed")
    folder, port = tmp_path_factory.mktemp("postgres"), 54_329
    tools = found[-1].parent
    prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if prefix:
        for one in (folder, *folder.parents[:2]):
            one.chmod(0o755)
        shutil.chown(folder, "postgres")

    def call(*command: str) -> None:
        subprocess.run([*prefix, *command], check=True, capture_output=True, cwd="/")

    call(
        str(tools / "initdb"), "-D", f"{folder}/data", "-U", "reader", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    call(str(tools / "pg_ctl"), "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options, "start")
    try:
        rows = folder / "rows.sql"
        lines = [
            "CREATE TABLE contacts (id text PRIMARY KEY, channel text, language text, turns jsonb, attributes jsonb);"
        ]
        for contact in CONTACTS:
            record = contact.to_dict()
            turns, attributes = (json.dumps(record[key]).replace("'", "''") for key in ("turns", "attributes"))
            values = f"'{contact.id}', 'chat', 'en', '{turns}', '{attributes}'"
            lines.append(f"INSERT INTO contacts VALUES ({values});")  # noqa: S608
        rows.write_text("\n".join(lines))
        rows.chmod(0o644)
        address = f"postgresql://reader@127.0.0.1:{port}/postgres"
        call("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(rows), address)
        yield address
    finally:
        call(str(tools / "pg_ctl"), "-D", f"{folder}/data", "-m", "immediate", "stop")


def test_postgres_is_read(postgres: str) -> None:
    found = list(Query("SELECT * FROM contacts WHERE channel = 'chat' ORDER BY id", postgres).items())
    assert found == sorted(CONTACTS, key=lambda contact: contact.id)


def test_postgres_is_read_only_and_a_wrong_address_tells_no_password(postgres: str) -> None:
    with pytest.raises(ContactError, match="read-only"):
        list(Query("DELETE FROM contacts", postgres).items())
    wrong = postgres.replace("reader@", "reader:s3cret@").replace("/postgres", "/nowhere")
    with pytest.raises(ContactError) as raised:
        list(Query("SELECT 1", wrong).items())
    assert "s3cret" not in str(raised.value)


@pytest.mark.slow
def test_a_missing_extension_is_named() -> None:
    try:
        duckdb.connect().execute("LOAD postgres")
    except duckdb.Error:
        pass
    else:
        pytest.skip("the extension is installed here")
    with pytest.raises((MissingExtraError, ContactError), match="extension 'postgres' of duckdb"):
        list(Query("SELECT 1", "postgresql://127.0.0.1:9/x").items())
