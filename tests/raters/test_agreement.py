"""Agreement between raters: published figures, what may not count, and the command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from servicequal import Annotation, Contact, Turn, agreement
from servicequal.annotation import MarkedClaim, Span
from servicequal.cli import main
from servicequal.errors import AnnotationError
from servicequal.scheme import LEVELS, NOT_APPLICABLE
from servicequal.stats.agreement import gwet_ac, krippendorff_alpha

ROOT = Path(__file__).parents[2] / "annotations"
NAN = float("nan")
# Krippendorff (2011), "Computing Krippendorff's alpha-reliability", data D: four observers, twelve units
PUBLISHED = np.array([
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
    [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
])  # fmt: skip


def counted(ratings: np.ndarray, levels: range) -> np.ndarray:
    return np.stack([(ratings == level).sum(axis=0) for level in levels], axis=1)


def test_alpha_equals_the_published_figures() -> None:
    counts = counted(PUBLISHED, range(1, 6))
    assert krippendorff_alpha(counts) == pytest.approx(0.743, abs=5e-4)
    assert krippendorff_alpha(counts, ordinal=True) == pytest.approx(0.815, abs=5e-4)


def test_ac1_equals_the_published_figure() -> None:
    """Of the same data, in the documentation of Gwet's own package irrCAC: 0.77544."""
    counts = counted(PUBLISHED, range(1, 6))
    assert gwet_ac(counts) == pytest.approx(0.77544, abs=5e-6)
    assert gwet_ac(counts) < gwet_ac(counts, ordinal=True) < 1


def test_strict_and_lenient_raters_are_told_apart() -> None:
    generator = np.random.default_rng(2)
    truth = generator.integers(3, size=60)
    strict, lenient = truth - (generator.random(60) < 0.4), truth + (generator.random(60) < 0.4)
    by_rater = {"strict": strict.clip(0), "lenient": lenient.clip(max=2), "plain": truth}
    given = [rated(n, name, LEVELS[levels[n]]) for name, levels in by_rater.items() for n in range(60)]
    figures = agreement([*given, rated(99, "new", "not_met"), rated(99, "plain", "not_met")]).by_rater
    assert set(figures) == {"strict", "lenient", "plain"}  # one contact says nothing of a rater
    assert figures["strict"].severity.low > 0 > figures["lenient"].severity.high
    assert figures["plain"].agreeing.value > figures["strict"].agreeing.value


def test_alpha_is_near_nothing_for_guesses_and_one_for_perfect_raters() -> None:
    generator = np.random.default_rng(0)
    guesses = counted(generator.integers(3, size=(3, 4000)), range(3))
    same = counted(np.tile(generator.integers(3, size=(1, 50)), (3, 1)), range(3))
    for ordinal in (False, True):
        assert abs(krippendorff_alpha(guesses, ordinal=ordinal)) < 0.03
        assert krippendorff_alpha(same, ordinal=ordinal) == 1.0
    assert np.isnan(krippendorff_alpha(np.array([[2, 0], [3, 0]])))


def test_ordinal_alpha_forgives_neighbours_more_than_extremes() -> None:
    agreed = [[2, 0, 0], [0, 2, 0], [0, 0, 2]] * 5
    near, far = (krippendorff_alpha(np.array([*agreed, apart]), ordinal=True) for apart in ([1, 1, 0], [1, 0, 1]))
    assert near > far


def rated(contact: int, rater: str, level: str, *, blind: bool = True, claims: str = "supported") -> Annotation:
    spans = (Span(0, 0, 5 + (rater == "b"), "greets"), Span(0, 6, 9, "commits"))[: 1 + (rater == "a")]
    claim = MarkedClaim(0, 0, 5, "fact", claims)
    return Annotation(f"c{contact}", rater, {"courtesy": level}, spans, (claim,), blind=blind)


def test_figures_go_by_language_and_leave_out_what_is_not_blind() -> None:
    answers = (*LEVELS, NOT_APPLICABLE)
    given = [rated(n, rater, answers[n % 4]) for n in range(60) for rater in ("a", "b")]
    seen = [rated(n, "c", "not_met", blind=False) for n in range(60)]
    contacts = [Contact(f"c{n}", "chat", (Turn("agent", "Hallo, bald."),), "de" if n < 50 else "pl") for n in range(60)]
    figures = agreement(given + seen, contacts)
    assert set(figures.criteria["courtesy"]) == {"all", "de"}  # ten contacts in Polish say nothing
    assert figures.criteria["courtesy"]["all"].answers.value == 1.0
    assert figures.raters == 2
    assert (figures.indicators["greets"].value, figures.indicators["commits"].value) == (1.0, 0.0)
    assert json.dumps(figures.to_dict(), allow_nan=False)


def test_who_rates_at_random_is_seen() -> None:
    generator = np.random.default_rng(1)
    given = [rated(n, rater, LEVELS[generator.integers(3)]) for n in range(200) for rater in ("a", "b")]
    interval = agreement(given).criteria["courtesy"]["all"].levels
    assert interval.low < 0 < interval.high < 0.3


def test_statements_that_overlap_are_one_and_the_worst_verdict_counts() -> None:
    def held(contact: int, rater: str, *claims: tuple[int, int, str]) -> Annotation:
        verdicts = tuple(MarkedClaim(0, start, end, "fact", verdict) for start, end, verdict in claims)
        return Annotation(f"c{contact}", rater, {"courtesy": LEVELS[contact % 3]}, (), verdicts)

    verdicts = ["supported", "contradicted"] * 15
    given = [held(n, "a", (0, 20, verdicts[n]), (30, 40, "supported")) for n in range(30)]
    given += [held(n, "b", (2, 9, "supported"), (10, 25, verdicts[n])) for n in range(30)]
    figures = agreement(given)
    assert (figures.statements, figures.verdicts.value) == (30, 1.0)


def test_too_few_contacts_are_said_to_be_too_few() -> None:
    assert "fewer than 20" in str(agreement([rated(n, rater, "not_met") for n in range(5) for rater in "ab"]))


def test_one_rater_or_one_twice_is_refused() -> None:
    with pytest.raises(AnnotationError, match="two people"):
        agreement([rated(1, "a", "not_met"), rated(2, "b", "not_met")])
    with pytest.raises(AnnotationError, match="annotated twice"):
        agreement([rated(1, "a", "not_met"), rated(1, "a", "fully_met")])


def test_command_prints_intervals_per_language() -> None:
    alone = CliRunner().invoke(main, ["agreement", str(ROOT / "2026-q1" / "annotations.jsonl")])
    done = CliRunner().invoke(main, ["agreement", str(ROOT / "2026-q1")])
    assert alone.stdout == done.stdout
    assert done.exit_code == 0, done.output
    assert all(word in done.stdout for word in ("complaint_handling", "de ", "pl ", "verdicts", "restates"))
    as_json = CliRunner().invoke(main, ["agreement", "--json", str(ROOT / "2026-q1")])
    assert set(json.loads(as_json.stdout)["criteria"]["empathy"]) == {"all", "de", "en", "pl"}
