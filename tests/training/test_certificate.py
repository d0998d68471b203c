"""Another bound from stored answers: the same one gives the same scorer, another one other decisions only."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from servicequal import Scheme, Scorer, TrainConfig
from servicequal.cli import main
from servicequal.errors import BundleError
from servicequal.training.certificate import ANSWERS, answers_to_json, certify, read_answers
from servicequal.training.cross_fit import Answers
from servicequal.training.train import Trained, fit
from tests.training.test_own_scheme import SCHEME
from tests.training.test_seen import ANNOTATIONS, CONTACTS


@pytest.fixture(scope="module")
def trained() -> Trained:
    return fit(
        CONTACTS, ANNOTATIONS, Scheme.from_dict(SCHEME), config=TrainConfig(max_error=0.2, epochs=6, least_steps=0)
    )


@pytest.fixture(scope="module")
def saved(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificate") / "scorer"
    documents = {ANSWERS: answers_to_json(trained.answers), "evaluation.json": "{}\n", "README.md": "# Scorer old\n"}
    trained.scorer.save(folder, documents=documents)
    return folder


def threshold(folder: Path) -> float:
    return float(Scorer.load(folder).bundle.arrays["criterion.loyalty_programme.threshold"][0])


def run(*arguments: str | Path) -> str:
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_same_bound_gives_the_same_scorer(saved: Path, tmp_path: Path) -> None:
    run("certify", saved, "--max-error", "0.2", "--out", tmp_path / "again")
    assert threshold(tmp_path / "again") == threshold(saved) < 1
    assert Scorer.load(tmp_path / "again").bundle.digest == Scorer.load(saved).bundle.digest


def test_another_bound_changes_the_decision_and_nothing_else(saved: Path, tmp_path: Path) -> None:
    said = run("certify", saved, "--max-error", "0.01", "--out", tmp_path / "strict")
    assert "nothing can be certified" in said
    assert threshold(tmp_path / "strict") > 1
    before, after = (Scorer.load(path).score(CONTACTS[:5]) for path in (saved, tmp_path / "strict"))
    assert {card["loyalty_programme"].decision for card in after} == {"review"}
    for one, other in zip(before, after, strict=True):
        assert one["loyalty_programme"] == replace(
            other["loyalty_programme"], decision=one["loyalty_programme"].decision
        )
    manifest = json.loads((tmp_path / "strict" / "bundle.json").read_text())
    assert manifest["training"]["config"]["max_error"] == 0.01
    assert "error at most 1% with 90% confidence" in (tmp_path / "strict" / "README.md").read_text()
    assert read_answers(tmp_path / "strict").keys() == read_answers(saved).keys()


def test_what_is_needed_is_told() -> None:
    confidence = np.linspace(0.5, 1, 60)
    answers = Answers(np.ones(60), confidence, np.ones(60), np.zeros(60))
    found = certify(answers, max_error=0.05, risk=0.1)
    assert found.threshold is None
    assert found.needed == 150  # 45 without an error among the most confident 30 %
    assert "about 150 annotated contacts are needed" in str(found)
    bad = replace(answers, drawn=np.arange(60) % 2)
    assert "more annotations alone will not help" in str(certify(bad, max_error=0.05, risk=0.1))
    nobody = certify(replace(answers, drawn=np.full(60, -1)), max_error=0.05, risk=0.1)
    assert (nobody.contacts, nobody.threshold, nobody.needed) == (0, None, None)


def test_a_bundle_without_answers_is_told_so(tmp_path: Path, trained: Trained) -> None:
    trained.scorer.save(tmp_path / "bare")
    with pytest.raises(BundleError, match=r"answers\.json is missing"):
        read_answers(tmp_path / "bare")
    trained.scorer.save(tmp_path / "broken", documents={ANSWERS: '{"loyalty_programme": {"confidence": [1]}}'})
    with pytest.raises(BundleError, match="not as servicequal train writes it"):
        read_answers(tmp_path / "broken")
