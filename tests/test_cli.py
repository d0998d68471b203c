"""The commands: results to files or stdout, one line per error, exit codes as the contract says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from servicequal import Contact, Turn, read_contacts
from servicequal.cli import main
from servicequal.examples import examples_folder

GOOD = '{"id": "good", "channel": "chat", "turns": [{"speaker": "agent", "text": "Hello, how can I help?"}]}\n'
BAD = {
    "truncated": '{"id": "t", "channel": "chat", "turns": [{"speaker": "agent", "te',
    "no-turns": '{"id": "n", "channel": "chat", "turns": []}',
    "speaker": '{"id": "s", "channel": "chat", "turns": [{"speaker": "robot", "text": "Hi"}]}',
    "nul": '{"id": "z", "channel": "chat", "turns": [{"speaker": "agent", "text": "a\\u0000b"}]}',
    "rtl": '{"id": "r", "channel": "chat", "turns": [{"speaker": "agent", "text": "مرحبا، أين طلبي؟ لم يصل بعد"}]}',
    "html": '{"id": "h", "channel": "chat", "turns": [{"speaker": "agent", "text": "<script>alert(1)</script>"}]}',
    "many": json.dumps({"id": "m", "channel": "chat", "turns": [{"speaker": "agent", "text": "Hi"}] * 200_000}),
    "number": "42",
    "twice": GOOD.strip(),
}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_bad_records_never_stop_a_batch(tmp_path: Path) -> None:
    source, out = tmp_path / "contacts.jsonl", tmp_path / "cards.jsonl"
    last = GOOD.replace('"good"', '"last"')
    source.write_text(GOOD + "".join(record + "\n" for record in BAD.values()) + last, encoding="utf-8")
    done = run("score", source, "--out", out)
    assert done.exit_code == 3
    assert [json.loads(line)["contact"] for line in out.read_text().splitlines()] == ["good", "last"]
    rejected = [json.loads(line) for line in (tmp_path / "cards.jsonl.rejected.jsonl").read_text().splitlines()]
    assert len(rejected) == len(BAD)
    assert all(item["reason"] and "\n" not in item["reason"] for item in rejected)
    assert "Traceback" not in done.output + done.stderr
    assert f"{len(BAD)} rejected" in done.stderr


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.jsonl", b""),
        ("encoding.jsonl", GOOD.replace("Hello", "Grüße").encode("latin-1")),
        ("broken.json", b'{"results": {"utterances": ['),
        ("noise.bin", bytes(range(256)) * 20),
        (
            "huge.eml",
            b"From: a@example.org\nTo: service@shop.example\nSubject: x\n\n" + b"all work and no play " * 500_000,
        ),
    ],
)
def test_bad_files_give_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "good.jsonl").write_text(GOOD)
    done = run("convert", tmp_path, "--out", tmp_path / "all.jsonl")
    assert done.exit_code == 3
    assert done.stderr.count("rejected: ") == 1
    assert name in done.stderr
    assert len(list(read_contacts(tmp_path / "all.jsonl"))) == 1


def test_an_output_never_overwrites_an_input(tmp_path: Path) -> None:
    source = tmp_path / "contacts.jsonl"
    source.write_text(GOOD)
    for out in (source, tmp_path / "nowhere" / "out.jsonl"):
        done = run("convert", source, "--out", out)
        assert done.exit_code == 1
        assert done.stderr.count("\n") == 1
    assert source.read_text() == GOOD


def test_a_folder_may_hold_the_output(tmp_path: Path) -> None:
    (tmp_path / "good.jsonl").write_text(GOOD)
    (tmp_path / "bad.jsonl").write_text("oops\n")
    for rejected in (1, 3):  # at the second run, the first one's contacts and rejections lie there too
        done = run("convert", tmp_path, "--out", tmp_path / "out.jsonl")
        assert done.exit_code == 3
        assert done.stderr.count("rejected: ") == rejected


def test_convert_reads_every_format(tmp_path: Path) -> None:
    done = run("convert", examples_folder() / "examples", "--out", tmp_path / "all.parquet")
    assert done.exit_code == 0, done.stderr
    contacts = list(read_contacts(tmp_path / "all.parquet"))
    assert len(contacts) == 12
    assert {contact.channel for contact in contacts} == {"phone", "email", "chat"}
    assert all({"agent", "customer"} <= {turn.speaker for turn in contact.turns} for contact in contacts)


def test_score_to_parquet_page_and_folder(tmp_path: Path) -> None:
    source = tmp_path / "contacts.jsonl"
    text = "I <b>love</b> & hate it"
    source.write_text(GOOD.replace("Hello, how can I help?", f"{text}. Sorry for the trouble!"))
    done = run("score", source, "--out", tmp_path / "cards.parquet", "--page", tmp_path / "page.html")
    assert done.exit_code == 0, done.stderr
    (row,) = pq.read_table(tmp_path / "cards.parquet").to_pylist()
    assert row["contact"] == "good"
    assert row["ratings"]["courtesy"]["level"] in ("not_met", "partly_met", "fully_met")
    page = (tmp_path / "page.html").read_text()
    assert "&lt;b&gt;love&lt;/b&gt; &amp; hate" in page
    assert "<b>love" not in page
    assert page.count("<script") == 1  # its own
    assert run("score", source, "--out", f"{tmp_path}/cards/").exit_code == 0
    assert pq.read_table(tmp_path / "cards").num_rows == 1


def test_stdout_holds_results_only(tmp_path: Path) -> None:
    source = tmp_path / "contacts.jsonl"
    source.write_text(GOOD + "oops\n")
    done = run("score", source)
    assert done.exit_code == 3
    assert json.loads(done.stdout)["contact"] == "good"


def test_demo(tmp_path: Path) -> None:
    done = run("demo", "--out", tmp_path / "demo")
    assert done.exit_code == 0, done.stderr
    assert len((tmp_path / "demo" / "cards.jsonl").read_text().splitlines()) == 12
    assert (tmp_path / "demo" / "page.html").read_text().count("<details ") == 12
    assert "complaint handling" in done.stdout


def test_evaluate(tmp_path: Path) -> None:
    annotations = Path(__file__).parents[1] / "annotations" / "2026-q1"
    contacts = [c for c in read_contacts(annotations / "contacts.jsonl") if c.language == "pl"][:25]
    source = tmp_path / "contacts.jsonl"
    # to the letter they were trained on, and would be refused
    others = [replace(contact, turns=(*contact.turns, Turn("system", "Koniec."))) for contact in contacts]
    source.write_text("".join(json.dumps(contact.to_dict()) + "\n" for contact in others))
    assert run("score", source, "--out", tmp_path / "cards.jsonl").exit_code == 0
    done = run("evaluate", tmp_path / "cards.jsonl", annotations, "--json")
    assert done.exit_code == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["contacts"] == 25
    assert figures["criteria"]["courtesy"]["kappa"]["low"] <= figures["criteria"]["courtesy"]["kappa"]["value"]
    assert "25 contacts" in run("evaluate", tmp_path / "cards.jsonl", annotations).stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("score",), 2, "Missing argument"),
        (("score", "nowhere.jsonl"), 1, "nowhere.jsonl"),
        (("score", ".", "--scorer", "nowhere"), 1, "bundle.json is missing"),
        (("score", ".", "--cases", "cases.jsonl"), 1, "--cases is given without --reference"),
        (("score", ".", "--reference", "none.jsonl"), 1, "none.jsonl: there is no such file"),
        (("evaluate", "none.jsonl", "none.jsonl"), 1, "none.jsonl: there is no such file"),
        (("scores",), 2, "No such command"),
    ],
)
def test_errors_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.exit_code == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    if code == 1:
        assert done.stderr.count("\n") == 1


def test_inspect_prints_the_card() -> None:
    assert run("inspect").stdout.startswith("# Scorer online-shop-service")


def test_contacts_keep_what_they_had(tmp_path: Path) -> None:
    contact = Contact.from_dict(json.loads(GOOD) | {"attributes": {"x": {"y": [1]}}, "language": "en", "facts": ["f"]})
    (tmp_path / "in.jsonl").write_text(json.dumps(contact.to_dict()) + "\n")
    for name in ("out.jsonl", "out.parquet"):
        assert run("convert", tmp_path / "in.jsonl", "--out", tmp_path / name).exit_code == 0
        assert list(read_contacts(tmp_path / name)) == [contact]


def test_inspect_tells_digests_as_json_and_keeps_the_fingerprints_to_itself() -> None:
    manifest = json.loads(run("inspect", "--json").output)
    assert manifest["contacts_seen"] == manifest["training"]["contacts"]
    assert "seen" not in manifest
    assert set(manifest["files"]) == {"scheme.json", "heads.safetensors"}
