"""What an evaluation gives: figures as frozen nouns, printed as tables, written as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from servicequal.evaluation.tables import render
from servicequal.stats.intervals import Interval, to_plain

ALL = "all"


@dataclass(frozen=True, slots=True)
class EvidenceFigures:
    """How well the sentences shown for a criterion are those that raters marked for it.

    Measured on contacts where scorer and rater let the criterion apply, against raters who mark indicators at all. A
    sentence shown is met by any span of the criterion's indicators that overlaps it, and the other way round.

    Attributes:
        contacts: measured.
        shown: sentences shown on them.
        precision: share of the sentences shown that the rater marked.
        recall: share of the rater's spans that are shown; at most five sentences are.
        raters: share of a rater's spans that another rater of the contact marked; NaN where no two marked.
    """

    contacts: int
    shown: int
    precision: Interval
    recall: Interval
    raters: Interval


@dataclass(frozen=True, slots=True)
class CriterionFigures:
    """How well one criterion is rated; each interval is clustered by case, customer or contact.

    Opportunity is whether the criterion applies; execution is the level, where rater and scorer both let it apply.

    Attributes:
        contacts: rated by people, at whatever level.
        answers: linear-weighted kappa over all four answers: not applicable, then the levels.
        kappa: of execution, linear-weighted.
        accuracy: of execution.
        macro_f1: of execution.
        opportunity: share of contacts on which scorer and rater agree whether the criterion applies.
        opportunity_kappa: Cohen's, of the same; NaN where it always applies.
        opportunity_f1: of "it applies", 0–1.
        log_loss: of the levels' probabilities where the rater lets it apply, in nats; 1.10 is knowing nothing.
        brier: mean square of the gap between the confidence in the answer and whether a rater gives the same.
        calibration_error: equal-mass, of the same, in ten bins; noise alone makes it positive.
        calibration_slope: of the same; 1 where confidence rises as fast as the share right, below 1 for boasts.
        automatic: share of contacts rated without review.
        automatic_error: share of those that a rater rates differently; NaN where there are none.
        raters: linear-weighted kappa of execution between two raters of the same contact; NaN where there are no two.
        raters_answers: the same over all four answers.
        raters_accuracy: accuracy of execution between two raters.
        raters_opportunity: share on which two raters agree whether it applies.
        confusion: rater's answer → scorer's answer → contacts; several raters share a contact.
        evidence: None where the scheme is not given, or too few contacts have marked sentences.
    """

    contacts: int
    answers: Interval
    kappa: Interval
    accuracy: Interval
    macro_f1: Interval
    opportunity: Interval
    opportunity_kappa: Interval
    opportunity_f1: Interval
    log_loss: Interval
    brier: Interval
    calibration_error: Interval
    calibration_slope: Interval
    automatic: Interval
    automatic_error: Interval
    raters: Interval
    raters_answers: Interval
    raters_accuracy: Interval
    raters_opportunity: Interval
    confusion: Mapping[str, Mapping[str, float]]
    evidence: EvidenceFigures | None = None


@dataclass(frozen=True, slots=True)
class VerdictFigures:
    """How well statements of fact are found and judged, against raters who hold statements against the reference.

    Claims that overlap in a turn are one statement; of one side's verdicts on it the worst counts. A statement weighs
    one, which its raters share.

    Attributes:
        contacts: with a rater's verdict.
        statements: that a rater judged, or the scorer.
        found: share of the raters' statements that the scorer judged too.
        wanted: share of the scorer's statements that a rater judged too.
        accuracy: of the verdict, on statements that both judged.
        macro_f1: of the three verdicts, likewise.
        right_fact: share of statements held against the same fact, likewise, where the rater names one.
        raters: accuracy between two raters of the same statement; NaN where there are no two.
        confusion: rater's verdict → scorer's verdict → statements.
    """

    contacts: int
    statements: int
    found: Interval
    wanted: Interval
    accuracy: Interval
    macro_f1: Interval
    right_fact: Interval
    raters: Interval
    confusion: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures per criterion; printed as tables.

    Attributes:
        contacts: with a scorecard and a blind annotation.
        annotations: used.
        criteria: figures by criterion.
        groups: figures by group and criterion, where they were asked for.
        verdicts: figures on statements of fact, over ``all`` and by group.
        unsaid: what the data cannot support, with the reason.
    """

    contacts: int
    annotations: int
    criteria: Mapping[str, CriterionFigures]
    groups: Mapping[str, Mapping[str, CriterionFigures]] = field(default_factory=dict)
    verdicts: Mapping[str, VerdictFigures] = field(default_factory=dict)
    unsaid: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return render(self)

    def to_dict(self) -> dict[str, Any]:
        """Write the figures as a JSON object; NaN becomes null."""
        return dict(to_plain(self))
