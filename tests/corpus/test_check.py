"""check_annotations() finds what is wrong, each kind, and nothing in sound annotations."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from servicequal import check_annotations
from servicequal.cli import main
from servicequal.errors import AnnotationError

SCHEME = Path(__file__).parents[2] / "annotations" / "scheme.json"
RATINGS = {
    "empathy": "not_applicable", "correct_answers": "fully_met", "buying_signals": "not_applicable",
    "complaint_handling": "partly_met", "courtesy": "fully_met", "next_steps": "not_applicable",
}  # fmt: skip
STORY = (
    "my kettle broke after two weeks and it leaks all over the kitchen floor, we had it on the table when the "
    "handle came off and the whole thing went down, so what happens now and how long do i have to send it back"
)


def contact(name: str, *, words: str = STORY, **attributes: Any) -> dict[str, Any]:
    turns = [{"speaker": "customer", "text": words}, {"speaker": "agent", "text": "Hello! You have 30 days. Bye."}]
    given = {"company": "voltana", "started_at": "2026-02-01"} | attributes
    return {"id": name, "channel": "chat", "language": "en", "turns": turns, "attributes": given}


def annotation(name: str, rater: str = "r1") -> dict[str, Any]:
    spans = [(0, 0, 10, "complaint"), (0, 12, 20, "question"), (1, 0, 6, "greets"), (1, 7, 24, "states_fact")]
    return {
        "contact": name, "rater": rater, "blind": True, "ratings": dict(RATINGS),
        "indicators": [dict(zip(("turn", "start", "end", "indicator"), span, strict=True)) for span in spans],
        "verdicts": [{"turn": 1, "start": 7, "end": 24, "fact": "window", "verdict": "supported"}],
    }  # fmt: skip


class Corpus:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.contacts = [
            contact("c-1"),
            contact("c-2", words="hi there, one box is missing, can you look where it went?", case="case-1"),
        ]
        self.annotations = [annotation("c-1"), annotation("c-2")]
        self.adjudications: list[dict[str, Any]] = []
        self.phrases: list[dict[str, Any]] = []

    def write(self) -> Path:
        wave = self.folder / "2026-q1"
        wave.mkdir(parents=True)
        shutil.copy(SCHEME, self.folder / "scheme.json")
        fact = {"id": "window", "company": "voltana", "statement": "Returns within 30 days."}
        later = {"id": "later", "company": "voltana", "statement": "Free returns.", "valid_from": "2026-07-01"}
        files = {
            self.folder / "reference.jsonl": [fact, later],
            self.folder / "cases.jsonl": [{"id": "case-1", "facts": ["window"], "triggers": ["concern"]}],
            wave / "contacts.jsonl": self.contacts,
            wave / "annotations.jsonl": self.annotations,
        }
        if self.adjudications:
            files[wave / "adjudications.jsonl"] = self.adjudications
        if self.phrases:
            (self.folder / "phrases").mkdir()
            files[self.folder / "phrases" / "en.jsonl"] = self.phrases
        for path, records in files.items():
            lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
            path.write_text("".join(line + "\n" for line in lines))
        return self.folder


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return Corpus(tmp_path / "corpus")


def test_sound_annotations_are_clean(corpus: Corpus) -> None:
    assert check_annotations(corpus.write()) == []


def test_a_case_may_prescribe_a_trigger_that_nobody_marked(corpus: Corpus) -> None:
    corpus.annotations[1]["ratings"]["empathy"] = "not_met"
    assert check_annotations(corpus.write()) == []


Change = Callable[[Corpus], object]
CHANGES: dict[str, tuple[str, str, Change]] = {
    "not JSON": ("unreadable", "line 3: not JSON", lambda c: c.annotations.append("{")),
    "unknown level": ("unreadable", "did you mean 'partly_met'", lambda c: rate(c, "courtesy", "partly")),
    "unknown verdict": (
        "unreadable", "unknown verdict", lambda c: c.annotations[0]["verdicts"][0].update(verdict="wrong"),
    ),
    "fact that is a number": (
        "unreadable", "fact is a number", lambda c: c.annotations[0]["verdicts"][0].update(fact=12),
    ),
    "broken contact": ("unreadable", "unknown channel", lambda c: c.contacts.append(contact("x") | {"channel": "fax"})),
    "unknown contact": ("unknown", "no such contact", lambda c: c.annotations.append(annotation("c-9"))),
    "unknown criterion": ("unknown", "did you mean 'courtesy'", lambda c: rate(c, "curtesy", "not_met")),
    "unknown indicator": ("unknown", "did you mean 'greets'", lambda c: mark(c, 1, 0, 5, "greet")),
    "offset off the text": ("unknown", "its text has 29 characters", lambda c: mark(c, 1, 0, 500, "greets")),
    "turn that is not there": ("unknown", "turn 7", lambda c: mark(c, 7, 0, 5, "greets")),
    "fact of another time": (
        "unknown", "did not hold", lambda c: c.annotations[0]["verdicts"][0].update(fact="later"),
    ),
    "verdict without a fact": (
        "missing", "by no fact", lambda c: c.annotations[0]["verdicts"][0].update(fact=None),
    ),
    "rating missing": ("missing", "courtesy is not rated", lambda c: c.annotations[0]["ratings"].pop("courtesy")),
    "contact without rater": ("missing", "0 raters", lambda c: c.annotations.pop()),
    "other speaker": ("speaker", "where the customer speaks", lambda c: mark(c, 0, 0, 5, "greets")),
    "trigger but no rating": ("contradiction", "'concern' is marked", lambda c: mark(c, 0, 0, 5, "concern")),
    "rating but no trigger": ("contradiction", "no 'buying_signal'", lambda c: rate(c, "buying_signals", "not_met")),
    "full marks for nothing": ("contradiction", "nothing that shows it", lambda c: rate(c, "next_steps", "fully_met")),
    "courtesy cannot be absent": ("contradiction", "always applies", lambda c: rate(c, "courtesy", "not_applicable")),
    "rater twice": ("duplicate", "annotated twice", lambda c: c.annotations.append(annotation("c-1"))),
    "span twice": ("duplicate", "marked 2 times", lambda c: mark(c, 1, 0, 6, "greets")),
    "contact id twice": ("unreadable", "second contact has the id", lambda c: c.contacts.append(contact("c-1"))),
    "phrase of no indicator": ("unknown", "unknown indicator", lambda c: say(c, "greet", "Good morning to you all.")),
    "phrase from a contact": ("leakage", "contact 'c-1' too", lambda c: say(c, "complaint", STORY[:80])),
}  # fmt: skip


def rate(corpus: Corpus, criterion: str, level: str) -> None:
    corpus.annotations[0]["ratings"][criterion] = level


def mark(corpus: Corpus, turn: int, start: int, end: int, indicator: str) -> None:
    corpus.annotations[0]["indicators"].append({"turn": turn, "start": start, "end": end, "indicator": indicator})


def say(corpus: Corpus, indicator: str, *texts: str) -> None:
    line = {"language": "en", "indicator": indicator, "shows": True, "register": "spoken"}
    corpus.phrases += [line | {"text": text} for text in texts]


@pytest.mark.parametrize("name", CHANGES)
def test_each_mistake_is_found_alone(corpus: Corpus, name: str) -> None:
    kind, message, change = CHANGES[name]
    change(corpus)
    findings = [finding for finding in check_annotations(corpus.write()) if finding.kind == kind]
    assert len(findings) == 1
    assert message in str(findings[0])


def test_one_broken_line_hides_no_other_mistake(corpus: Corpus) -> None:
    corpus.annotations = ["{", *corpus.annotations]
    corpus.annotations[2]["ratings"].pop("courtesy")
    assert [finding.kind for finding in check_annotations(corpus.write())] == ["unreadable", "missing"]


def test_retold_contacts_leak_between_folds_or_are_duplicates(corpus: Corpus) -> None:
    again = STORY.replace("two weeks", "three weeks")
    corpus.contacts += [contact(f"d-{n}", words=again + f" number {n}", case=f"case-{n}") for n in range(2, 8)]
    corpus.annotations += [annotation(f"d-{n}") for n in range(2, 8)]
    kinds = {finding.kind for finding in check_annotations(corpus.write())}
    assert kinds == {"duplicate", "leakage"}


def test_adjudications_are_of_disputes_and_leave_none_open(corpus: Corpus) -> None:
    corpus.annotations.append(annotation("c-1", "r2"))
    rate(corpus, "courtesy", "partly_met")
    rate(corpus, "complaint_handling", "not_met")
    reasons = {"reasons": {"courtesy": "no greeting"}}
    decided = {"contact": "c-1", "rater": "judge", "ratings": {"courtesy": "not_met"}, "attributes": reasons}
    corpus.adjudications = [decided, decided | {"ratings": {"next_steps": "fully_met"}}]
    found = {(finding.kind, finding.message.split()[0]) for finding in check_annotations(corpus.write())}
    assert found == {("missing", "complaint_handling"), ("contradiction", "next_steps")}


def test_a_contact_copied_very_often_is_found_all_the_same(corpus: Corpus) -> None:
    corpus.contacts += [contact(f"e-{n}", case=f"case-{n}") for n in range(80)]
    corpus.annotations += [annotation(f"e-{n}") for n in range(80)]
    assert len(check_annotations(corpus.write())) == 80


def test_who_marks_nothing_still_rates_what_always_applies(corpus: Corpus) -> None:
    corpus.annotations[0]["indicators"] = []
    rate(corpus, "courtesy", "not_applicable")
    (finding,) = check_annotations(corpus.write())
    assert (finding.kind, "always applies" in str(finding)) == ("contradiction", True)


def test_phrases_that_are_alike_are_found(corpus: Corpus) -> None:
    say(corpus, "question", "Is it in stock?", "In stock, is it?", "When do you open?", "How long is the cable there?")
    (finding,) = check_annotations(corpus.write())
    assert re.search(r"en\.jsonl, line 2: is like .*en\.jsonl, line 1; keep one", str(finding))


def test_number_of_raters_can_be_asked_for(corpus: Corpus) -> None:
    corpus.annotations.append(annotation("c-1", "r2"))
    (finding,) = check_annotations(corpus.write(), raters=2)
    assert (finding.kind, finding.where) == ("missing", "contact 'c-2'")


def test_command_says_what_it_found_in_lines_and_exit_code(corpus: Corpus) -> None:
    corpus.annotations[0]["ratings"].pop("courtesy")
    folder = str(corpus.write())
    done = CliRunner().invoke(main, ["check-annotations", folder])
    assert (done.exit_code, done.stdout.count("\n")) == (3, 1)
    assert "courtesy is not rated" in done.stdout


def test_a_folder_without_annotations_or_scheme_is_refused(tmp_path: Path, corpus: Corpus) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(AnnotationError, match=r"no annotations\.jsonl"):
        check_annotations(tmp_path / "empty")
    folder = corpus.write()
    (folder / "scheme.json").unlink()
    with pytest.raises(AnnotationError, match=r"no scheme\.json"):
        check_annotations(folder)
