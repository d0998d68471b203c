"""Agreement between raters as figures, printed as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from servicequal.stats.intervals import Interval, to_plain

LEAST = 20  # contacts with two raters, below which nothing is said
ALL = "all"


@dataclass(frozen=True, slots=True)
class CriterionAgreement:
    """How far raters agree on one criterion, in one language or in all; intervals clustered by contact.

    Attributes:
        contacts: rated by two raters or more.
        answers: Krippendorff's alpha of the four answers, nominal: not applicable and the three levels.
        applies: alpha of whether the criterion applies, nominal; NaN where all agree that it always does.
        applies_ac1: Gwet's AC1 of the same, which a rare answer does not distort.
        levels: alpha of the levels among those who let it apply, ordinal.
        levels_ac2: Gwet's AC2 of the same, with linear weights.
    """

    contacts: int
    answers: Interval
    applies: Interval
    applies_ac1: Interval
    levels: Interval
    levels_ac2: Interval


@dataclass(frozen=True, slots=True)
class RaterFigures:
    """One rater beside those who rated the same contacts; intervals clustered by contact.

    Attributes:
        contacts: rated by this rater and another.
        severity: mean of the others' level minus this rater's, in levels (0–2): above 0 for a strict rater.
        agreeing: share of the others' answers that are the same, of the four.
    """

    contacts: int
    severity: Interval
    agreeing: Interval


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement between raters; printed as a table.

    Attributes:
        contacts: rated by two raters or more.
        raters: who rated.
        criteria: criterion → language, or ``all`` → figures; a language with fewer than ``LEAST`` contacts is left out.
        by_rater: rater → figures; who shares fewer than ``LEAST`` contacts with others is left out.
        indicators: indicator → F1 between two raters' spans; a span is met by one that overlaps it.
        statements: held against the reference by two raters or more; spans that overlap are one statement.
        verdicts: alpha of the verdict on them, nominal; NaN in fewer than ``LEAST`` contacts.
    """

    contacts: int
    raters: int
    criteria: Mapping[str, Mapping[str, CriterionAgreement]]
    by_rater: Mapping[str, RaterFigures]
    indicators: Mapping[str, Interval]
    statements: int
    verdicts: Interval

    def __str__(self) -> str:
        lines = [f"{self.contacts} contacts with two raters or more, {self.raters} raters"]
        lines.append("Krippendorff’s alpha and Gwet’s AC with 95 % intervals, clustered by contact")
        lines.append(
            f"{'':20} {'':4} {'contacts':>8}  {'four answers α':18} {'applies α':18} {'applies AC1':18} "
            f"{'levels α (ordinal)':18} levels AC2"
        )
        for name, languages in self.criteria.items():
            for language, f in languages.items():
                shown = name if language == ALL else ""
                lines.append(
                    f"{shown:20} {language:4} {f.contacts:8}  {f.answers!s:18} {f.applies!s:18} {f.applies_ac1!s:18} "
                    f"{f.levels!s:18} {f.levels_ac2}"
                )
        if not self.criteria:
            return f"{lines[0]}: fewer than {LEAST}, nothing can be said"
        lines.append(f"{'verdicts':20} {ALL:4} {'':8}  {self.verdicts!s:18} on {self.statements} statements")
        if self.indicators:
            lines.append("\nF1 between two raters’ spans")
            lines += [f"{name:34}  {figure}" for name, figure in self.indicators.items()]
        if self.by_rater:
            lines.append(f"\n{'rater':20} {'':4} {'contacts':>8}  {'severity (levels)':18} same answer as the others")
        for name, one in sorted(self.by_rater.items(), key=lambda item: -item[1].severity.value):
            lines.append(f"{name:20} {'':4} {one.contacts:8}  {one.severity!s:18} {one.agreeing}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Write the figures as a JSON object; NaN becomes null."""
        return dict(to_plain(self))
