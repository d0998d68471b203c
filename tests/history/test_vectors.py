"""Stored vectors: a later scorer of the same encoder gives the same cards and encodes nothing; damage is noticed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from servicequal import Scorer, score_history
from servicequal.bundle import Bundle
from servicequal.history.vector_file import VectorFile, VectorWriter, encoding_digest
from tests.history.conftest import contents
from tests.history.test_run import Heard

Run = Callable[..., Any]


class Counting(Scorer):
    """A scorer that remembers which contacts it was asked to encode."""

    asked: list[str]

    def encode(self, contacts: Any, **options: Any) -> Any:
        given = list(contacts)
        self.asked += [contact.id for contact in given]
        return super().encode(given, **options)


def counting(folder: Path) -> Counting:
    scorer = Counting.load(folder, device="cpu")
    scorer.asked = []
    return scorer


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def call(source: Any, out: str, scorer: Counting, *, vectors: bool = True) -> Heard:
        heard = Heard()
        folder = tmp_path / "vectors" if vectors else None
        score_history(source, tmp_path / out / "cards", scorer=scorer, vectors=folder, shard=30, watcher=heard)
        return heard

    return call


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "vectors").rglob("*.*"))


def test_a_second_scorer_encodes_nothing_and_gives_the_same_bytes(
    history: Callable[..., Path], run: Run, scorers: tuple[Path, Path], tmp_path: Path
) -> None:
    source, first, second = history(80), counting(scorers[0]), counting(scorers[1])
    run(source, "first", first)
    assert len(first.asked) == 79
    run(source, "second", second)
    run(source, "plain", counting(scorers[1]), vectors=False)
    assert second.asked == ["c-69"]  # it is in no known language: nothing is stored of it
    assert contents(tmp_path / "second" / "cards") == contents(tmp_path / "plain" / "cards")
    assert contents(tmp_path / "second" / "cards") != contents(tmp_path / "first" / "cards")
    assert len(files(tmp_path)) == 3


def test_what_is_new_or_changed_is_encoded_wherever_it_stands(
    history: Callable[..., Path], run: Run, scorers: tuple[Path, Path], tmp_path: Path
) -> None:
    source, scorer = history(40), counting(scorers[0])
    run(source, "first", scorer)
    lines = source.read_text().splitlines()
    changed = json.loads(lines[5])
    changed["turns"][1]["text"] += " Sorry."
    renamed = json.loads(lines[6]) | {"id": "other", "attributes": {"team": "x"}}
    again = tmp_path / "again.jsonl"
    again.write_text("\n".join([*lines[20:], json.dumps(changed), json.dumps(renamed), *lines[7:20]]))
    later = counting(scorers[0])
    run(again, "second", later)
    run(again, "plain", counting(scorers[0]), vectors=False)
    assert later.asked == ["c-5"]
    assert contents(tmp_path / "second" / "cards") == contents(tmp_path / "plain" / "cards")


@pytest.mark.parametrize("damage", ["bits", "footer", "foreign", "swapped"])
def test_damage_is_noticed_said_and_mended(
    history: Callable[..., Path], run: Run, scorers: tuple[Path, Path], tmp_path: Path, damage: str
) -> None:
    source = history(40)
    run(source, "first", counting(scorers[0]))
    path = files(tmp_path)[0]
    whole = path.read_bytes()
    if damage == "bits":  # in the middle of the vectors
        place = len(whole) // 2
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    elif damage == "footer":
        path.write_bytes(whole[:-50])
    elif damage == "foreign":
        path.write_bytes(b"PAR1")
    else:  # two files under each other's names are still found: names mean nothing
        other = files(tmp_path)[1]
        path.write_bytes(other.read_bytes())
        other.write_bytes(whole)
    scorer = counting(scorers[1])
    heard = run(source, "second", scorer)
    run(source, "plain", counting(scorers[1]), vectors=False)
    assert contents(tmp_path / "second" / "cards") == contents(tmp_path / "plain" / "cards")
    if damage == "swapped":
        assert (heard.notes, scorer.asked) == ([], [])
        return
    assert [path.name in note for note in heard.notes] == [True]
    assert 0 < len(scorer.asked) < 40
    third = counting(scorers[1])
    assert run(source, "third", third).notes == []
    assert third.asked == []


def test_another_encoder_has_vectors_of_its_own(scorers: tuple[Path, Path]) -> None:
    from dataclasses import replace

    first, second = (Scorer.load(scorer, device="cpu").bundle for scorer in scorers)
    assert digest_of(first) == digest_of(second)
    for change in ({"encoder": "0"}, {"prefix": "query: "}, {"languages": ("en", "de")}):
        assert digest_of(replace(first, **change)) != digest_of(first)
    assert digest_of(first, "cuda") != digest_of(first)
    both, turned = (replace(first, languages=languages) for languages in (("de", "en"), ("en", "de")))
    assert digest_of(both) == digest_of(turned)


def digest_of(bundle: Bundle, backend: str = "cpu") -> str:
    return encoding_digest(bundle.encoder, backend, prefix=bundle.prefix, languages=bundle.languages)


def test_stored_contacts_are_those_that_were_encoded(
    history: Callable[..., Path], scorers: tuple[Path, Path], tmp_path: Path
) -> None:
    from servicequal import read_contacts

    one = next(Scorer.load(scorers[0], device="cpu").encode(read_contacts(history(1))))
    with VectorWriter(tmp_path / "one.arrow", "e") as writer:
        writer.write([one])
    stored = VectorFile(tmp_path / "one.arrow", "e").row(0, one.contact)
    assert stored is not None
    back = stored.encoded()
    assert (back.vectors == one.vectors).all()
    assert (back.language, back.sentences) == (one.language, one.sentences)
    assert (back.layout.agent == one.layout.agent).all()
    assert (back.layout.turn == one.layout.turn).all()


def test_contacts_are_split_as_when_vectors_were_stored() -> None:
    """If this fails, sentences are split otherwise than before: raise FORMAT in vector_file.py, and this digest."""
    from hashlib import sha256

    from servicequal import read_contacts
    from servicequal.examples import examples_folder
    from servicequal.inference.segments import split_sentences

    spans = sha256()
    for contact in read_contacts(examples_folder() / "examples" / "contacts.jsonl"):
        for sentence in split_sentences(contact, contact.language or "en"):
            spans.update(f"{contact.id} {sentence.turn} {sentence.start} {sentence.end}\n".encode())
    assert spans.hexdigest()[:16] == "70089866d72d9bac"
