"""The benchmark as one small picture."""

from __future__ import annotations

from pathlib import Path


def plot(results: dict, path: Path) -> None:
    """Draw contacts a second by system, and time and memory by length of the history."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "servicequal", "font.size": 8}
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3), layout="constrained")
    systems = {
        name: one["contacts_per_second"]
        for name, one in results.get("side_by_side", {}).get("systems", {}).items()
        if "contacts_per_second" in one
    }
    names = sorted(systems, key=systems.__getitem__)
    colours = ["#2b6cb0" if name.startswith("servicequal") else "#a0aec0" for name in names]
    bars = left.barh(names, [systems[name] for name in names], color=colours)
    left.bar_label(bars, fmt="%.1f", padding=2)
    left.set_xlabel("contacts a second, file to scorecards")
    rows = [one for one in results.get("growth", []) if "failed" not in one]
    right.plot([one["contacts"] for one in rows], [one["seconds"] for one in rows], "o-", color="#2b6cb0")
    right.set_xlabel("contacts")
    right.set_ylabel("seconds", color="#2b6cb0")
    memory = right.twinx()
    memory.plot([one["contacts"] for one in rows], [one["peak_megabytes"] for one in rows], "s--", color="#c05621")
    memory.set_ylabel("peak MB", color="#c05621")
    memory.set_ylim(bottom=0)
    right.set_ylim(bottom=0)
    figure.savefig(path, metadata={"Date": None})
