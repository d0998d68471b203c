"""The scorer's verdicts on statements of fact against those of raters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from servicequal.annotation import VERDICTS, Annotation, MarkedClaim
from servicequal.evaluation.figures import VerdictFigures
from servicequal.evaluation.ratings import table_of
from servicequal.evaluation.rows import LEAST, UNTOLD, Rows
from servicequal.raters.spans import statements, worst
from servicequal.scorecard import Scorecard, cluster_of
from servicequal.stats.agreement import macro_f1
from servicequal.stats.intervals import Interval

_SCORER = ""  # no rater has this name


@dataclass(frozen=True, slots=True)
class _Statement:
    """One statement of one contact: who judged it, and how."""

    card: Scorecard
    by: Mapping[str, Sequence[MarkedClaim]]

    @property
    def raters(self) -> list[str]:
        return [rater for rater in self.by if rater != _SCORER]

    def verdict(self, of: str) -> int:
        return VERDICTS.index(worst(self.by[of]))


def verdict_figures(cards: Mapping[str, Scorecard], annotations: Sequence[Annotation]) -> VerdictFigures | str:
    """Measure the verdicts, or say why they cannot be measured.

    Args:
        cards: by contact.
        annotations: blind ones of these contacts.
    """
    judging = {one.rater for one in annotations if one.verdicts}
    given: dict[str, list[Annotation]] = {}
    for one in annotations:
        if one.rater in judging:
            given.setdefault(one.contact, []).append(one)
    found = [_Statement(cards[contact], by) for contact in given for by in _judged(cards[contact], given[contact])]
    contacts = len({statement.card.contact for statement in found if statement.raters})
    if contacts < LEAST:
        return f"{contacts} contacts with a rater’s verdict on a statement; {LEAST} are needed"
    if not any(_SCORER in statement.by for statement in found):
        return "no scorecard has a claim; score with a reference"
    by_rater, by_scorer = (np.array(one) for one in zip(*(_sides(statement) for statement in found), strict=True))
    rows = Rows([cluster_of(statement.card) for statement in found], np.ones(len(found)))
    intervals, confusion = _judgement([one for one in found if _SCORER in one.by and one.raters])
    return VerdictFigures(
        contacts=contacts,
        statements=len(found),
        found=rows.mean(by_scorer, by_rater),
        wanted=rows.mean(by_rater, by_scorer),
        **intervals,
        raters=_between_raters(found),
        confusion=confusion,
    )


def _judged(card: Scorecard, annotations: Iterable[Annotation]) -> Iterator[Mapping[str, Sequence[MarkedClaim]]]:
    """Give a contact's statements with the scorer as one more rater."""
    claims = tuple(MarkedClaim(c.turn, c.start, c.end, c.fact, c.verdict) for c in card.claims)
    yield from statements([*annotations, Annotation(card.contact, _SCORER, {}, verdicts=claims)])


def _sides(statement: _Statement) -> tuple[bool, bool]:
    return bool(statement.raters), _SCORER in statement.by


def _judgement(both: Sequence[_Statement]) -> tuple[dict[str, Interval], dict[str, dict[str, float]]]:
    """Compare the verdicts on statements that rater and scorer both judged."""
    confusion = np.zeros((len(VERDICTS), len(VERDICTS)))
    if not both:
        return dict.fromkeys(("accuracy", "macro_f1", "right_fact"), UNTOLD), table_of(confusion, VERDICTS)
    pairs = [(statement, rater) for statement in both for rater in statement.raters]
    truth = np.array([statement.verdict(rater) for statement, rater in pairs])
    answer = np.array([statement.verdict(_SCORER) for statement, _ in pairs])
    rows = Rows(
        [cluster_of(statement.card) for statement, _ in pairs],
        np.array([1 / len(statement.raters) for statement, _ in pairs]),
    )
    facts = [
        [{claim.fact for claim in statement.by[who]} - {None} for who in (rater, _SCORER)] for statement, rater in pairs
    ]
    np.add.at(confusion, (truth, answer), rows.weight)
    right_fact = np.array([bool(named & held) for named, held in facts])
    intervals = {
        "accuracy": rows.mean(truth == answer),
        "macro_f1": rows.figure(lambda r: macro_f1(truth[r], answer[r], levels=len(VERDICTS), weights=rows.weight[r])),
        "right_fact": rows.mean(right_fact, np.array([bool(named) for named, _ in facts])),
    }
    return intervals, table_of(confusion, VERDICTS)


def _between_raters(found: Sequence[_Statement]) -> Interval:
    pairs = [(statement, *pair) for statement in found for pair in permutations(statement.raters, 2)]
    if len({statement.card.contact for statement, _, _ in pairs}) < LEAST:
        return UNTOLD
    same = np.array([statement.verdict(one) == statement.verdict(other) for statement, one, other in pairs])
    return Rows([cluster_of(statement.card) for statement, _, _ in pairs], np.ones(len(pairs))).mean(same)
