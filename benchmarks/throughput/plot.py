"""The benchmark as one small picture: a panel for each part that was measured."""

from __future__ import annotations

from pathlib import Path

OURS, PEERS, MEMORY = "#2b6cb0", "#a0aec0", "#c05621"


def plot(results: dict, path: Path) -> None:
    """Draw contacts a second by system, and time and memory by length of the history."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "servicequal", "font.size": 8}
    from matplotlib import pyplot

    systems = results.get("side_by_side", {}).get("systems", {})
    rates = {name: one["contacts_per_second"] for name, one in systems.items() if "contacts_per_second" in one}
    rows = [one for one in results.get("growth", []) if "failed" not in one]
    panels = [(draw, part) for draw, part in ((_rates, rates), (_growth, rows)) if part]
    if not panels:
        return
    figure, axes = pyplot.subplots(
        1, len(panels), figsize=(4.5 * len(panels) + 1, 3), layout="constrained", squeeze=False
    )
    for axis, (draw, part) in zip(axes[0], panels, strict=True):
        draw(axis, part)
    figure.savefig(path, metadata={"Date": None})


def _rates(axis, rates: dict[str, float]) -> None:
    names = sorted(rates, key=rates.__getitem__)
    colours = [OURS if name.startswith("servicequal") else PEERS for name in names]
    axis.bar_label(axis.barh(names, [rates[name] for name in names], color=colours), fmt="%.1f", padding=2)
    axis.margins(x=0.1)  # room for the last label
    axis.set_xlabel("contacts a second, file to scorecards")


def _growth(axis, rows: list[dict]) -> None:
    contacts = [one["contacts"] for one in rows]
    axis.plot(contacts, [one["seconds"] for one in rows], "o-", color=OURS)
    axis.set_xlabel("contacts")
    axis.set_ylabel("seconds", color=OURS)
    axis.set_ylim(bottom=0)
    memory = axis.twinx()
    memory.plot(contacts, [one["peak_megabytes"] for one in rows], "s--", color=MEMORY)
    memory.set_ylabel("peak MB", color=MEMORY)
    memory.set_ylim(bottom=0)
