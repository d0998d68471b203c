"""servicequal score --out DIR/: what it says, what it refuses, and that a query works for a file as well."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from servicequal import read_contacts, read_scorecards
from servicequal.cli import main
from servicequal.files.parquet import write_contacts_parquet


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_a_history_into_a_folder(history: Callable[..., Path], scorers: tuple[Path, Path], tmp_path: Path) -> None:
    command = ["score", history(60), "--scorer", scorers[0], "--out", f"{tmp_path}/cards/", "--set", "company=voltana"]
    command += ["--shard", "25", "--vectors", tmp_path / "vectors"]
    done = run(*command)
    assert done.exit_code == 3, done.output
    assert done.stdout == ""
    first, *_, last = done.stderr.splitlines()
    assert first.startswith("rejected: history.jsonl, line 50: broken JSON at column 2")
    assert last.endswith(f"cards: 59 contacts scored, 1 rejected, see {tmp_path}/cards.rejected.jsonl")
    assert {card.attributes["company"] for card in read_scorecards(tmp_path / "cards")} == {"voltana"}
    again = run(*command, "--progress")
    assert again.exit_code == 3
    assert "60 of 60 contacts (60 from an earlier run)" in again.stderr
    assert "rejected: " not in again.stderr
    other = run(*command, "--reference", tmp_path / "none.jsonl")
    assert (other.exit_code, other.stderr.count("\n")) == (1, 1)
    changed = run(*command[:-4])
    assert (changed.exit_code, changed.stderr.count("\n")) == (1, 1)
    assert "the shard's size was 25, now it is 2000" in changed.stderr


def test_a_query_for_a_file_and_for_a_folder(
    history: Callable[..., Path], scorers: tuple[Path, Path], tmp_path: Path
) -> None:
    contacts = list(read_contacts(history(40)))
    write_contacts_parquet(contacts, tmp_path / "calls.parquet")
    query = f"SELECT * FROM '{tmp_path}/*.parquet' WHERE id > 'c-2' ORDER BY id"  # noqa: S608
    for out in ("-", f"{tmp_path}/cards/"):
        done = run("score", "--query", query, "--scorer", scorers[0], "--out", out)
        assert done.exit_code == 0, done.output
        if out == "-":
            found = [json.loads(line)["contact"] for line in done.stdout.splitlines()]
            assert found == sorted(contact.id for contact in contacts if contact.id > "c-2")
    assert [card.contact for card in read_scorecards(tmp_path / "cards")] == found


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("a.jsonl", "--query", "SELECT 1"), 2, "expected one of them"),
        (("a.jsonl", "--database", "postgresql://x"), 2, "--database is given without --query"),
        (("a.jsonl", "--vectors", "v"), 2, "--vectors is for a whole history; expected --out DIR/"),
        (("a.jsonl", "--engine", "ray"), 2, "--engine is for a whole history"),
        (("a.jsonl", "--out", "cards/", "--page", "page.html"), 2, "--page is not for DIR/"),
        (("a.jsonl", "--out", "cards/", "--shard", "0"), 2, "0 is not in the range"),
        (("b.jsonl", "--out", "cards/"), 1, "b.jsonl: there is no such file or folder"),
        (("a.jsonl", "--out", "nowhere/cards/"), 1, "the folder nowhere does not exist"),
        (("a.jsonl", "--out", "cards/", "--scorer", "none"), 1, "bundle.json is missing"),
    ],
)
def test_what_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jsonl").write_text("{}")
    done = run("score", *arguments)
    assert done.exit_code == code, done.output
    assert message in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]
