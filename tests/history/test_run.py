"""A history is scored into a folder: what is in it, what it refuses, and that going on repeats nothing."""

from __future__ import annotations

import gc
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from servicequal import Contact, Rejected, Scorer, read_contacts, read_scorecards, score_history
from servicequal.errors import ContactError, ServicequalError
from servicequal.files.durable import write_durably
from servicequal.files.rejected import Rejected as Refused
from servicequal.history.progress import Progress, Watcher
from servicequal.history.sources import Files
from servicequal.reference import Fact, Reference
from tests.history.conftest import contents

History = Callable[..., Path]


class Heard(Watcher):
    def __init__(self) -> None:
        self.progress: list[Progress] = []
        self.refused: list[Rejected] = []
        self.notes: list[str] = []
        self.processes: set[int] = set()

    def progressed(self, progress: Progress) -> None:
        self.progress.append(progress)
        self.processes |= {child.pid for child in active_children() if child.pid}

    def rejected(self, rejected: Rejected) -> None:
        self.refused.append(rejected)

    def noted(self, note: str) -> None:
        self.notes.append(note)


class Broken(Files):
    """Files that break off after some records, as a kill would."""

    __slots__ = ("after",)

    def items(self) -> Iterator[Contact | Rejected]:
        for number, item in enumerate(super().items()):
            if number == 130:
                raise OSError("the disk is gone")
            yield item


@pytest.fixture
def run(tmp_path: Path, scorers: tuple[Path, Path]) -> Callable[..., Any]:
    def call(source: Any, out: str = "cards", **options: Any) -> Any:
        options = {"scorer": scorers[0], "shard": 50, "device": "cpu"} | options
        return score_history(source, tmp_path / out, **options)

    return call


def test_the_folder_holds_what_the_scorer_says_and_the_manifest_counts_it(
    history: History, run: Callable[..., Any], scorers: tuple[Path, Path], tmp_path: Path
) -> None:
    source, heard = history(220), Heard()
    done = run(source, watcher=heard)
    refused: list[Refused] = []
    contacts = list(read_contacts(source, reject=refused.append))
    cards = Scorer.load(scorers[0], device="cpu").score(contacts, reject=refused.append)
    assert read_scorecards(tmp_path / "cards") == cards
    assert len(refused) == 4 + 3
    assert (done.contacts, done.scored, done.rejected) == (220, len(cards), 7)
    manifest = json.loads((tmp_path / "cards" / "_manifest.json").read_text())
    assert [manifest[key] for key in ("contacts", "scored", "rejected", "truncated")] == [220, 213, 7, 0]
    assert manifest["scorer"]["digest"] == Scorer.load(scorers[0], device="cpu").bundle.digest
    assert manifest["source"]["files"] == {source.as_posix(): source.stat().st_size}
    assert [shard["records"] for shard in manifest["shards"]] == [50, 50, 50, 50, 20]
    for shard in manifest["shards"]:
        assert sha256((tmp_path / "cards" / shard["file"]).read_bytes()).hexdigest() == shard["sha256"]
    reasons = [json.loads(line) for line in (tmp_path / "cards.rejected.jsonl").read_text().splitlines()]
    assert sorted(map(str, reasons)) == sorted(str(one.to_dict()) for one in refused)
    assert {str(one) for one in heard.refused} == {str(one) for one in refused}
    assert (heard.progress[-1].done, heard.progress[-1].total) == (220, 220)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cards", "cards.rejected.jsonl", "history.jsonl"]


@pytest.mark.parametrize("frozen", [False, True])
def test_what_the_caller_froze_stays_frozen_and_nothing_else(
    history: History, run: Callable[..., Any], frozen: bool
) -> None:
    gc.unfreeze()
    if frozen:
        gc.freeze()
    run(history(60))
    count = gc.get_freeze_count()
    gc.unfreeze()
    assert (count > 0) == frozen


def test_going_on_repeats_nothing_and_gives_the_same_bytes(
    history: History, run: Callable[..., Any], tmp_path: Path
) -> None:
    source = history(220)
    run(source, "whole/cards")
    with pytest.raises(OSError, match="gone"):
        run(Broken((str(source),)))
    with pytest.raises(ServicequalError, match="not all is scored yet"):
        read_scorecards(tmp_path / "cards")
    before = {path.name: path.stat().st_ino for path in (tmp_path / "cards").glob("*.parquet")}
    assert len(before) == 2
    heard = Heard()
    run(source, watcher=heard)
    assert heard.progress[-1].skipped == 100
    assert {name: (tmp_path / "cards" / name).stat().st_ino for name in before} == before
    assert contents(tmp_path / "cards") == contents(tmp_path / "whole" / "cards")


def test_processes_that_prepare_change_nothing_serve_every_shard_and_end_with_the_run(
    history: History, run: Callable[..., Any], tmp_path: Path
) -> None:
    source, alone, helped = history(120), Heard(), Heard()
    run(source, "alone/cards", watcher=alone)
    run(source, workers=1, watcher=helped)
    assert contents(tmp_path / "cards") == contents(tmp_path / "alone" / "cards")
    assert (len(alone.processes), len(helped.processes)) == (0, 1)
    for _ in range(200):
        if not active_children():
            return
        time.sleep(0.05)
    pytest.fail("the processes outlive the run")


def test_a_finished_run_is_left_as_it_is_and_a_lost_file_comes_back(
    history: History, run: Callable[..., Any], tmp_path: Path
) -> None:
    source = history(120)
    first = run(source)
    before = contents(tmp_path / "cards")
    heard = Heard()
    assert run(source, watcher=heard) == first
    assert heard.progress[-1].skipped == 120
    (tmp_path / "cards" / "cards-00001.parquet").unlink()
    heard = Heard()
    assert run(source, watcher=heard) == first
    assert heard.progress[-1].skipped == 70
    assert contents(tmp_path / "cards") == before


@pytest.mark.parametrize("finished", [False, True])
def test_what_changed_is_named(
    history: History, run: Callable[..., Any], scorers: tuple[Path, Path], tmp_path: Path, finished: bool
) -> None:
    source = history(220)
    if finished:
        run(source)
    else:
        with pytest.raises(OSError, match="gone"):
            run(Broken((str(source),)))
    before = contents(tmp_path / "cards")
    reference = Reference((Fact("f", "Returns within 30 days."),))
    changes: list[tuple[str, Any, dict[str, Any]]] = [
        ("the scorer was tiny .*, now it is tiny", source, {"scorer": scorers[1]}),
        ("the reference was none, now", source, {"reference": reference}),
        ("the shard's size was 50, now it is 60", source, {"shard": 60}),
        ("inputs was", [source, source], {}),
        ("attributes was", Files((str(source),), {"company": "voltana"}), {}),
    ]
    for message, changed, options in changes:
        with pytest.raises(ServicequalError, match=message):
            run(changed, **options)
    text = source.read_text()
    source.write_text(text + text.replace("c-", "d-"))
    with pytest.raises(ServicequalError, match=r"the inputs changed \(.*history.jsonl had \d+ bytes, now \d+\)"):
        run(source)
    place = text.index('"text": "') + len('"text": "')
    source.write_text(text[:place] + "X" + text[place + 1 :])  # as long as before
    with pytest.raises(ServicequalError, match=r"cards-00000.parquet was scored from other records"):
        run(source)
    assert contents(tmp_path / "cards") == before
    source.write_text(text)
    assert run(source).scored == 213


def test_what_is_not_ours_is_not_touched(history: History, run: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "mine.txt").write_text("dear diary")
    with pytest.raises(ServicequalError, match=r"holds 'mine.txt'"):
        run(history(10))
    assert contents(tmp_path / "cards") == {"mine.txt": b"dear diary"}


def test_only_one_run_at_a_time(history: History, run: Callable[..., Any], tmp_path: Path) -> None:
    import fcntl

    source = history(10)
    (tmp_path / "cards").mkdir()
    with (tmp_path / "cards" / "_journal.jsonl").open("a+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(ServicequalError, match="another run is writing here"):
            run(source)
    assert run(source).scored == 10


def test_a_file_has_its_name_when_it_is_whole(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"new"
        raise OSError("the disk is full")

    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(OSError, match="full"):
        write_durably(tmp_path / "a", pieces())
    assert (tmp_path / "a").read_bytes() == b"old"


@pytest.mark.parametrize("cut", [1, 20])
def test_a_torn_last_line_of_the_journal_costs_one_shard(
    history: History, run: Callable[..., Any], tmp_path: Path, cut: int
) -> None:
    source = history(220)
    run(source, "whole/cards")
    with pytest.raises(OSError, match="gone"):
        run(Broken((str(source),)))
    journal = tmp_path / "cards" / "_journal.jsonl"
    os.truncate(journal, journal.stat().st_size - cut)
    heard = Heard()
    run(source, watcher=heard)
    assert heard.progress[-1].skipped == 50
    assert contents(tmp_path / "cards") == contents(tmp_path / "whole" / "cards")


def test_an_output_inside_an_input_is_refused(history: History, run: Callable[..., Any], tmp_path: Path) -> None:
    history(10)
    with pytest.raises(ContactError, match="would be read as an input"):
        run(tmp_path)
    with pytest.raises(ContactError, match="would be read as an input"):
        run(tmp_path, "../cards", vectors=tmp_path / "vectors")


def test_the_same_id_counts_once_over_all_files(history: History, run: Callable[..., Any], tmp_path: Path) -> None:
    sources = [history(30, name="a.jsonl"), history(30, name="b.jsonl", first=20)]
    done = run(sources)
    assert (done.contacts, done.scored, done.rejected) == (60, 49, 11)
    ids = [card.contact for card in read_scorecards(tmp_path / "cards")]
    assert len(set(ids)) == len(ids)


def test_nothing_in_is_no_error(run: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "empty.parquet").touch()
    done = run(tmp_path / "empty.parquet")
    assert (done.scored, done.rejected) == (0, 1)


def test_progress_tells_rate_and_time_left() -> None:
    progress = Progress(done=500, skipped=300, total=1000, seconds=10.0)
    assert (progress.rate, progress.left) == (20.0, 25.0)
    assert "0:00:25 left" in str(progress)
    unknown = replace(progress, total=None)
    assert unknown.left is None
    assert str(unknown) == "500 contacts (300 from an earlier run), 20.0 contacts/s"
