"""From two annotated waves to a decision: what is held out, where the scorer goes, and what its bundle remembers."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from servicequal import Annotation, Contact, Scheme, Scorer, TrainConfig, Turn
from servicequal.cli import main
from servicequal.corpus.folder import Corpus
from servicequal.errors import AnnotationError
from servicequal.scheme import LEVELS
from servicequal.training.train import fit
from servicequal.waves.promotion import decide
from servicequal.waves.retrain import retrain
from tests.training.test_own_scheme import SCHEME, make

QUICK = TrainConfig(epochs=6, least_steps=0)
RNG = random.Random(5)


def unlike(name: str, number: int, customer: str) -> Contact:
    """Make a contact that is like no other."""
    contact = make(number, mentioned=number % 2 == 0, rng=RNG)
    turns = (*contact.turns, Turn("customer", f"My number is {name}."))
    return replace(contact, id=name, turns=turns, attributes={"customer": customer})


FIRST = [unlike(f"a{n}", n, customer=f"{n}") for n in range(60)]
SECOND = [unlike(f"b{n}", n, customer=f"{n + 20}") for n in range(60)]  # the last twenty are new customers


def rated(contacts: Sequence[Contact], wave: str, *, wrong: int = 0) -> list[Annotation]:
    """Rate as is right, but each ``wrong``-th contact."""
    met = [(n % 2 == 0) != bool(wrong and n % wrong == 0) for n in range(len(contacts))]
    return [
        Annotation(contact.id, "r1", {"loyalty_programme": LEVELS[2 * right]}, wave=wave)
        for contact, right in zip(contacts, met, strict=True)
    ]


def write(folder: Path, contacts: Sequence[Contact], annotations: Sequence[Annotation]) -> None:
    folder.mkdir(parents=True)
    for name, records in (("contacts", contacts), ("annotations", annotations)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(one.to_dict()) + "\n" for one in records))


@pytest.fixture(scope="module")
def champion() -> Scorer:
    """Learned from raters who contradict themselves."""
    noisy = [*rated(FIRST[:30], "w1"), *rated(FIRST[30:], "w1", wrong=3)]
    return fit(FIRST, noisy, Scheme.from_dict(SCHEME), config=QUICK).scorer


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, champion: Scorer) -> Path:
    folder = tmp_path_factory.mktemp("home")
    (folder / "scheme.json").write_text(json.dumps(SCHEME))
    write(folder / "w1", FIRST, rated(FIRST, "w1"))
    write(folder / "w2", SECOND, rated(SECOND, "w2"))
    write(folder / "w3", [], [])  # a later wave is not to date
    champion.save(folder / "champion")
    return folder


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_one_command_trains_decides_and_writes_it_down(home: Path) -> None:
    done = run("train", "--base", home / "champion", "--wave", home / "w2", "--out", home / "new")
    assert done.exit_code == 0, done.output
    assert "waves to date: w1, w2" in done.stderr
    made = [name for name in ("new", "new-not-promoted") if (home / name).is_dir()]
    assert len(made) == 1
    training = json.loads((home / made[0] / "bundle.json").read_text())["training"]
    decision, lineage = training["promotion"], training["lineage"]
    assert decision["promoted"] == (made == ["new"])
    assert decision["promoted"] == all(check["passed"] for check in decision["checks"])
    assert decision["contacts"] == 60
    assert "out of fold" in decision["challenger"]
    assert lineage["base"] == Scorer.load(home / "champion").bundle.name == decision["champion"]
    assert (lineage["waves"], lineage["newest"]) == (["w1", "w2"], ["w2"])
    card = run("inspect", home / made[0]).output
    assert lineage["base"] in card
    assert "no criterion significantly worse" in card
    again = run("train", "--base", home / "champion", "--wave", home / "w2", "--out", home / "new")
    assert again.exit_code == 1
    assert "exists already" in again.stderr


def test_one_no_better_does_not_take_its_place(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servicequal.waves.retrain.FAIR", 20)
    monkeypatch.setattr("servicequal.training.config.TrainConfig", lambda **chosen: replace(QUICK, **chosen))
    known, given = [*FIRST, *SECOND[:30]], [*rated(FIRST, "w1"), *rated(SECOND[:30], "w2")]
    equal = fit(known, given, Scheme.from_dict(SCHEME), config=QUICK)
    equal.scorer.save(tmp_path / "equal")
    wave = ("--wave", home / "w2", "--workers", "0")
    done = run("train", "--base", tmp_path / "equal", *wave, "--out", tmp_path / "new")
    assert done.exit_code == 0, done.output
    assert not (tmp_path / "new").exists()
    decision = json.loads((tmp_path / "new-not-promoted" / "bundle.json").read_text())["training"]["promotion"]
    assert decision["contacts"] == 20  # the champion knows half of the newest wave, and ten customers of the others
    assert list(decision["left_out"]) == ["10 contacts"]
    card = (tmp_path / "new-not-promoted" / "README.md").read_text(encoding="utf-8")
    assert "Not compared, 10 contacts: of cases or customers that the champion has learned" in card
    assert "not promoted" in done.stdout


def test_what_either_has_seen_measures_nothing(champion: Scorer) -> None:
    scheme = Scheme.from_dict(SCHEME)
    both = Corpus(scheme, (*FIRST, *SECOND), (*rated(FIRST, "w1"), *rated(SECOND, "w2")))
    with pytest.raises(AnnotationError, match="trained on all contacts of the newest wave"):
        retrain(champion, both, newest={contact.id for contact in FIRST}, config=QUICK)
    copies = [replace(contact, id=f"copy of {contact.id}") for contact in SECOND[:45]]  # in an earlier wave
    doubled = Corpus(
        scheme, (*FIRST, *SECOND, *copies), (*rated(FIRST, "w1"), *rated(SECOND, "w2"), *rated(copies, "w1"))
    )
    with pytest.raises(AnnotationError, match="15 contacts with a blind annotation that neither"):
        retrain(champion, doubled, newest={contact.id for contact in SECOND}, config=QUICK)


def test_a_champion_that_encodes_otherwise_rates_by_its_own_vectors() -> None:
    scheme, new = Scheme.from_dict(SCHEME), rated(SECOND, "w2")
    unsure = rated(FIRST, "w1", wrong=3)  # or both ways would give each contact the same certainty
    other = fit(FIRST, unsure, scheme, config=replace(QUICK, prefix="query: ")).scorer
    both = Corpus(scheme, (*FIRST, *SECOND), (*rated(FIRST, "w1"), *new))
    done = retrain(other, both, newest={contact.id for contact in SECOND}, config=QUICK)
    cards = [card for card in done.trained.out_of_fold if card.contact.startswith("b")]
    assert done.decision.to_dict() == decide(other.score(SECOND), cards, new).to_dict()


def test_a_wave_needs_its_champion_and_its_scheme(home: Path, tmp_path: Path) -> None:
    assert run("train", "--wave", home / "w2", "--out", tmp_path / "x").exit_code == 2
    write(tmp_path / "alone" / "w1", FIRST[:1], rated(FIRST[:1], "w1"))
    done = run("train", "--base", home / "champion", "--wave", tmp_path / "alone" / "w1", "--out", tmp_path / "x")
    assert (done.exit_code, "no scheme" in done.stderr) == (1, True)
    done = run("train", "--base", home / "champion", "--wave", tmp_path / "nowhere", "--out", tmp_path / "x")
    assert (done.exit_code, "no annotations.jsonl" in done.stderr) == (1, True)
