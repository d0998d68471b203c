"""An evaluation as text: a few narrow tables instead of one wide one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from servicequal.evaluation.figures import CriterionFigures, Evaluation

Column = tuple[str, Callable[[Any], object]]

EXECUTION: tuple[Column, ...] = (
    ("contacts", lambda f: f.contacts),
    ("kappa", lambda f: f.kappa),
    ("raters’ kappa", lambda f: f.raters),
    ("accuracy", lambda f: f.accuracy),
    ("raters’ accuracy", lambda f: f.raters_accuracy),
    ("macro-F1", lambda f: f.macro_f1),
)
WHOLE: tuple[Column, ...] = (
    ("contacts", lambda f: f.contacts),
    ("kappa", lambda f: f.answers),
    ("raters’ kappa", lambda f: f.raters_answers),
)
OPPORTUNITY: tuple[Column, ...] = (
    ("same answer", lambda f: f.opportunity),
    ("two raters", lambda f: f.raters_opportunity),
    ("kappa", lambda f: f.opportunity_kappa),
    ("F1", lambda f: f.opportunity_f1),
)
TRUST: tuple[Column, ...] = (
    ("calibration error", lambda f: f.calibration_error),
    ("slope", lambda f: f.calibration_slope),
    ("Brier", lambda f: f.brier),
    ("log-loss", lambda f: f.log_loss),
    ("automatic", lambda f: f"{f.automatic.value:.0%}"),
    ("error among those", lambda f: f.automatic_error),
)
EVIDENCE: tuple[Column, ...] = (
    ("contacts", lambda f: f.contacts),
    ("precision", lambda f: f.precision),
    ("recall", lambda f: f.recall),
    ("two raters", lambda f: f.raters),
)
VERDICTS: tuple[Column, ...] = (
    ("statements", lambda f: f.statements),
    ("found", lambda f: f.found),
    ("wanted", lambda f: f.wanted),
    ("accuracy", lambda f: f.accuracy),
    ("two raters", lambda f: f.raters),
    ("macro-F1", lambda f: f.macro_f1),
    ("right fact", lambda f: f.right_fact),
)


def render(evaluation: Evaluation) -> str:
    """Write an evaluation for a terminal."""
    heading = f"{evaluation.contacts} contacts, {evaluation.annotations} blind annotations; 95 % intervals, clustered"
    parts = [heading]
    for group, criteria in {"": evaluation.criteria, **evaluation.groups}.items():
        if criteria:
            parts += _of_group(f"{group}: " if group else "", criteria)
    if evaluation.verdicts:
        parts.append(table("statements of fact", VERDICTS, evaluation.verdicts.items()))
        confusions = {name: figures.confusion for name, figures in evaluation.verdicts.items() if name == "all"}
        parts += list(_confusions("statements", confusions))
    if evaluation.criteria:
        parts += list(_confusions("contacts", {name: f.confusion for name, f in evaluation.criteria.items()}))
    if evaluation.unsaid:
        parts.append("\n".join(["not said:", *(f"  {what}: {why}" for what, why in evaluation.unsaid.items())]))
    return "\n\n".join(parts)


def table(title: str, columns: Sequence[Column], rows: Iterable[tuple[str, Any]]) -> str:
    """Write rows under a heading, each column as wide as it needs.

    Example:
        >>> print(table("of", [("n", len)], [("abc", "abc"), ("b", "")]))
        of   n
        abc  3
        b    0
    """
    lines = [[title, *(name for name, _ in columns)]]
    lines += [
        [name, *(str(get(figures)).replace("nan [nan, nan]", "–") for _, get in columns)] for name, figures in rows
    ]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns) + 1)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _of_group(prefix: str, criteria: Mapping[str, CriterionFigures]) -> Iterator[str]:
    yield table(f"{prefix}answer (not applicable, or the level)", WHOLE, criteria.items())
    yield table(f"{prefix}level, where both let it apply", EXECUTION, criteria.items())
    yield table(f"{prefix}whether it applies", OPPORTUNITY, criteria.items())
    yield table(f"{prefix}trust", TRUST, criteria.items())
    shown = [(name, figures.evidence) for name, figures in criteria.items() if figures.evidence is not None]
    if shown:
        yield table(f"{prefix}evidence", EVIDENCE, shown)


def _confusions(unit: str, confusions: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Iterator[str]:
    """Write one table a confusion: the rater's answer down, the scorer's across."""
    for name, confusion in confusions.items():
        columns: list[Column] = [(answer, lambda row, answer=answer: f"{row[answer]:g}") for answer in confusion]  # type: ignore[misc]
        yield table(f"{name}: {unit} by rater ↓ and scorer →", columns, confusion.items())
