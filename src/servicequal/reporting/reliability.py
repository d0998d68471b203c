"""How far probabilities hold, as a picture: confidence across, share right up, one SVG per criterion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from servicequal.errors import MissingExtraError
from servicequal.evaluation.reliability import ReliabilityCurve
from servicequal.files.whole_file import written_whole

_SIZE = (4.2, 4.2)  # inches


def draw_reliability(curves: Mapping[str, Sequence[ReliabilityCurve]], folder: Path) -> list[Path]:
    """Draw one SVG per criterion, with the diagonal on which probabilities hold; gives the files.

    Args:
        curves: by criterion.
        folder: to write to; made if it is not there.

    Raises:
        MissingExtraError: if matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("plots need matplotlib; install it: pip install 'servicequal[report]'") from None
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "servicequal"}):
        for criterion, lines in curves.items():
            figure = Figure(figsize=_SIZE, layout="constrained")
            _draw(figure.add_subplot(), criterion, lines)
            path = folder / f"reliability-{criterion}.svg"
            with written_whole(path) as scratch:
                figure.savefig(scratch, format="svg", metadata={"Date": None})
            written.append(path)
    return written


def _draw(axes: Any, criterion: str, lines: Sequence[ReliabilityCurve]) -> None:
    axes.plot([0, 1], [0, 1], color="0.6", linewidth=1, linestyle="--", label="probabilities that hold")
    for line in lines:
        middle, right = ([getattr(one, name) for one in line.bins] for name in ("confidence", "right"))
        errors = [[one.right - one.low for one in line.bins], [one.high - one.right for one in line.bins]]
        whole = line.name == "all"
        axes.errorbar(
            middle, right, yerr=errors if whole else None,
            marker="o", markersize=4, capsize=2, linewidth=1.6 if whole else 0.9,
            label=f"{line.name} ({line.answers})",
        )  # fmt: skip
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence in the answer", ylabel="share that a rater gives the same")
    axes.set_title(criterion, fontsize="medium")
    axes.set_aspect("equal")
    axes.legend(loc="lower right", fontsize="small", frameon=False)
