"""A phrase bank teaches indicators that no rater marked, and is never counted as contacts."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from servicequal import Annotation, Contact, Phrase, Scheme, TrainConfig, Turn, read_phrases
from servicequal.errors import AnnotationError
from servicequal.grounding.knowledge import Knowledge
from servicequal.heads import Heads
from servicequal.inference.pipeline import encode_contacts
from servicequal.rating import find
from servicequal.scheme import LEVELS
from servicequal.training.card import render_card
from servicequal.training.train import Trained, fit
from tests.training.test_own_scheme import MENTIONS, OTHERS, SCHEME, make

WITH_INDICATOR = Scheme.from_dict(
    SCHEME
    | {
        "indicators": [
            {"id": "mentions_points", "speaker": "agent", "description": "…", "serves": "loyalty_programme"},
            {"id": "asks", "speaker": "customer", "description": "…"},
        ]
    }
)
KNOWN, NEW, BEFORE = MENTIONS[:2] + MENTIONS[4:], MENTIONS[2:4], (None, "Hello.", *OTHERS)


def phrase(text: str, *, shows: bool, indicator: str = "mentions_points", before: str | None = None) -> Phrase:
    return Phrase("en", indicator, shows, text, "spoken", before)


@pytest.fixture(scope="module")
def trained() -> Trained:
    rng = random.Random(0)
    contacts = [make(n, mentioned=False, rng=rng) for n in range(40)]
    annotations = [Annotation(c.id, "r1", {"loyalty_programme": LEVELS[n % 3]}) for n, c in enumerate(contacts)]
    phrases = [phrase(text, shows=True, before=before) for text in KNOWN for before in BEFORE]
    phrases += [phrase(text, shows=False, before=before) for text in OTHERS for before in BEFORE]
    return fit(contacts, annotations, WITH_INDICATOR, phrases=phrases, config=TrainConfig(epochs=60, width=64))


def test_an_indicator_is_learned_from_phrases_alone(trained: Trained) -> None:
    turns = [Turn("customer", "Hello."), *(Turn("agent", text) for text in [*NEW, *OTHERS])]
    encoded = next(
        encode_contacts([Contact("c", "chat", tuple(turns), "en")], trained.scorer.encoder, ["en"], prefix="")
    )
    heads = Heads.from_arrays(WITH_INDICATOR, trained.scorer.bundle.arrays)
    knowledge = Knowledge(None, trained.scorer.encoder, "", None)
    shown = find(encoded, heads, None, knowledge).reading.indicators
    assert shown[1:3, 0].min() > 1.5 * shown[3:, 0].max()


def test_phrases_are_no_contacts(trained: Trained) -> None:
    assert len(trained.out_of_fold) == 40
    summary = trained.scorer.bundle.training
    assert (summary["contacts"], summary["phrases"]) == (40, 120)
    assert "and 120 phrases" in render_card(trained.scorer.bundle, {"criteria": {}, "groups": {}, "verdicts": {}})


def test_a_phrase_of_no_indicator_is_refused() -> None:
    rng = random.Random(1)
    contacts = [make(n, mentioned=False, rng=rng) for n in range(30)]
    annotations = [Annotation(c.id, "r1", {"loyalty_programme": LEVELS[n % 3]}) for n, c in enumerate(contacts)]
    with pytest.raises(AnnotationError, match="did you mean 'mentions_points'"):
        fit(contacts, annotations, WITH_INDICATOR, phrases=[phrase("Points!", shows=True, indicator="mention_points")])


def test_reading_names_file_line_and_key(tmp_path: Path) -> None:
    line = {"language": "en", "indicator": "asks", "shows": True, "register": "spoken", "text": "When?"}
    (tmp_path / "a.jsonl").write_text(json.dumps(line) + "\n" + json.dumps(line | {"before": "Yes?"}))
    assert [one.before for one in read_phrases(tmp_path)] == [None, "Yes?"]
    for change, message in (
        ({"register": "sung"}, "unknown register 'sung'"),
        ({"shows": "yes"}, "shows is a string; expected a boolean"),
        ({"text": " "}, "the text is empty"),
        ({"txt": "When?"}, "did you mean 'text'"),
    ):
        (tmp_path / "a.jsonl").write_text(json.dumps(line) + "\n" + json.dumps(line | change))
        with pytest.raises(AnnotationError, match=r"a\.jsonl, line 2: phrase: ") as refused:
            read_phrases(tmp_path)
        assert message in str(refused.value)
    (tmp_path / "empty").mkdir()
    with pytest.raises(AnnotationError, match=r"no \.jsonl file"):
        read_phrases(tmp_path / "empty")
