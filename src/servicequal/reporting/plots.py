"""Plots as SVG, drawn by matplotlib; the extra ``report`` installs it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from io import StringIO
from textwrap import fill
from typing import Any

from servicequal.reporting.section import Estimate, Plot, Point
from servicequal.reporting.svg import COLOURS, dressed
from servicequal.reporting.words import Words

INK, SOFT, LINE, ACCENT, SECOND = COLOURS
WIDTH = 5.2  # inches; of 72 units each
ROW, MARGIN = 0.27, 0.55  # inches: of a label, of an axis
TITLE = 22  # characters of a line of a facet's title
LEVEL, SLANT = 24, 40  # characters that fit below a facet side by side; degrees of those that do not
MOST_IN_ONE = 3  # series that one pair of axes holds; with more, each has its own
_STYLES = ((ACCENT, "o"), (SECOND, "s"), (SOFT, "D"))
_SETTINGS = {
    "svg.fonttype": "none", "svg.hashsalt": "servicequal", "text.parse_math": False, "font.size": 10.5,
    "axes.edgecolor": LINE, "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False,
    "axes.grid": True, "axes.axisbelow": True, "axes.titlesize": 10.5, "axes.titlelocation": "left",
    "axes.titlecolor": INK, "grid.color": LINE, "grid.linewidth": 0.7, "xtick.color": LINE, "ytick.color": LINE,
    "xtick.labelcolor": SOFT, "ytick.labelcolor": INK, "xtick.major.size": 0, "ytick.major.size": 0,
    "legend.frameon": False, "legend.labelcolor": SOFT, "figure.facecolor": "none", "axes.facecolor": "none",
}  # fmt: skip


def can_draw() -> bool:
    """Tell whether matplotlib is installed."""
    try:
        import matplotlib as mpl
    except ImportError:
        return False
    return bool(mpl.__version__)


def draw(plot: Plot, words: Words, *, name: str) -> str:
    """Draw a plot.

    Args:
        plot: what to draw; points without a value are left out.
        words: of its language.
        name: unique in the page.

    Returns:
        An ``<svg>`` element without styles, scripts or references to anywhere else.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    points = [point for point in plot.points if point.estimate.value is not None]
    series = list(dict.fromkeys(words(point.series) for point in points))
    parts = [[name] for name in series] if len(series) > MOST_IN_ONE or plot.kind == "lines" else [series]
    parts = parts or [[]]
    labels = list(dict.fromkeys(words(point.label) for point in plot.points))
    columns = min(2, len(parts))
    rows = -(-len(parts) // columns)
    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # measured without it; the browser has fonts for every script
        height = rows * _height(plot, labels, parts) + (1 + rows * columns - len(parts)) * _below(plot, labels)
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        for axes, part in zip(grid.flat, parts, strict=False):
            chosen = [point for point in points if words(point.series) in part]
            _KINDS[plot.kind](axes, chosen, labels, part, words)
            _finish(axes, plot, points, words, narrow=columns > 1)
            if len(parts) > 1:
                axes.set_title(fill(part[0], TITLE))
            elif len(part) > 1:
                axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(part), borderaxespad=0, handlelength=1)
        for axes in list(grid.flat)[len(parts) :]:
            axes.set_axis_off()
            grid[rows - 2, columns - 1].tick_params(labelbottom=True)  # nothing below it says what its places are
        written = StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None}, transparent=True)
    said = "; ".join(_said(point, words) for point in points[:40])
    return dressed(written.getvalue(), name=name, title=words(plot.title), description=said)


def _dots(axes: Any, points: Sequence[Point], labels: Sequence[str], series: Sequence[str], words: Words) -> None:
    step = 0.5 / max(len(series), 1)
    for number, one in enumerate(series):
        colour, marker = _STYLES[number % len(_STYLES)]
        chosen = [point for point in points if words(point.series) == one]
        heights = [labels.index(words(p.label)) + step * (number - (len(series) - 1) / 2) for p in chosen]
        for height, point in zip(heights, chosen, strict=True):
            if (ends := _ends(point.estimate)) is not None:
                axes.plot(ends, [height, height], color=colour, linewidth=1.6, solid_capstyle="round")
        values = [point.estimate.value for point in chosen]
        axes.plot(values, heights, marker, color=colour, markersize=5.5, label=one, clip_on=False)
    _label_rows(axes, labels)


def _bars(axes: Any, points: Sequence[Point], labels: Sequence[str], series: Sequence[str], words: Words) -> None:
    step = 0.7 / max(len(series), 1)
    for number, one in enumerate(series):
        chosen = [point for point in points if words(point.series) == one]
        heights = [labels.index(words(p.label)) + step * (number - (len(series) - 1) / 2) for p in chosen]
        values = [point.estimate.value for point in chosen]
        axes.barh(heights, values, height=0.86 * step, color=_STYLES[number % len(_STYLES)][0], label=one)
        for height, point in zip(heights, chosen, strict=True):
            if (ends := _ends(point.estimate)) is not None:
                axes.plot(ends, [height, height], color=INK, linewidth=1, solid_capstyle="butt")
    _label_rows(axes, labels)


def _lines(axes: Any, points: Sequence[Point], labels: Sequence[str], series: Sequence[str], words: Words) -> None:  # noqa: ARG001 - every kind has this signature; each series has its own axes
    places = [labels.index(words(point.label)) for point in points]
    values = [point.estimate.value for point in points]
    axes.plot(places, values, "-o", color=ACCENT, markersize=5, linewidth=1.6, clip_on=False)
    for place, point in zip(places, points, strict=True):
        if (ends := _ends(point.estimate)) is not None:
            axes.plot([place, place], ends, color=ACCENT, linewidth=1.2, alpha=0.6)
    slanted = {"rotation": SLANT, "ha": "right", "rotation_mode": "anchor"} if _are_wide(labels) else {}
    axes.set_xticks(range(len(labels)), [_short(label) for label in labels], **slanted)
    axes.set_xlim(-0.3, len(labels) - 0.7)
    axes.grid(visible=False, axis="x")


_KINDS = {"dots": _dots, "bars": _bars, "lines": _lines}


def _label_rows(axes: Any, labels: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), [_short(label) for label in labels])
    axes.set_ylim(max(len(labels), 1) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")


def _finish(axes: Any, plot: Plot, points: Sequence[Point], words: Words, *, narrow: bool) -> None:
    unit = points[0].estimate.unit if points else ""
    upright = plot.kind == "lines"
    if plot.reference is not None:
        (axes.axhline if upright else axes.axvline)(plot.reference, color=SOFT, linewidth=1)
    axis = axes.yaxis if upright else axes.xaxis
    axis.set_major_locator(_locator(3 if narrow and not upright else 5))
    axis.set_major_formatter(lambda value, _: words.tick(value, unit))


def _locator(most: int) -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10])


def _height(plot: Plot, labels: Sequence[str], parts: Sequence[Sequence[str]]) -> float:
    if plot.kind == "lines":
        return 1.7
    inside = max((len(part) for part in parts), default=1)
    return MARGIN + 0.25 * (inside > 1) + 0.35 * (len(parts) > 1) + len(labels) * ROW * (1 + 0.45 * (inside - 1))


def _are_wide(labels: Sequence[str]) -> bool:
    return len(labels) * max(map(len, labels), default=0) > LEVEL


def _below(plot: Plot, labels: Sequence[str]) -> float:
    """Give the inches that slanted labels take below a facet."""
    wide = plot.kind == "lines" and _are_wide(labels)
    return 0.06 * max(len(_short(label)) for label in labels) if wide else 0.0


def _ends(estimate: Estimate) -> list[float] | None:
    return None if estimate.low is None or estimate.high is None else [estimate.low, estimate.high]


def _said(point: Point, words: Words) -> str:
    parts = [words(part) for part in (point.series, point.label) if part]
    return f"{', '.join(parts)}: {words(point.estimate)}"


def _short(label: str) -> str:
    return label if len(label) <= 34 else f"{label[:33]}…"
