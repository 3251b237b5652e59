"""The figure of a table of speed: drawn from the table that was kept, so the two cannot differ."""

from __future__ import annotations

import re

from langevin.figures.canvas import COLOURS, canvas

RATIO = re.compile(r"([\d.]+) \(([\d.]+) to ([\d.]+)\)")
OURS = "langevin"
MARKERS = "osD^vP*X"


def draw(table, path):
    """Cost of every contender over ours on every workload, with the range over the rounds."""
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if "|" in line]
    rows = [
        (workload, contender, tuple(map(float, found.groups())))
        for workload, contender, _, ratio, *_ in cells[2:]
        if not contender.startswith(OURS) and (found := RATIO.match(ratio))
    ]
    workloads = list(dict.fromkeys(row[0] for row in rows))
    contenders = list(dict.fromkeys(row[1] for row in rows))
    title = "Cost of a step relative to langevin, one thread, double precision (median and range of rounds)"
    with canvas(path, title, width=9.5, height=5.0) as axes:
        for number, name in enumerate(contenders):
            mine = [(workloads.index(w), r) for w, contender, r in rows if contender == name]
            places = [-(place + 0.09 * (number - (len(contenders) - 1) / 2)) for place, _ in mine]
            middle = [ratio for _, (ratio, _, _) in mine]
            spread = [
                [ratio - low for _, (ratio, low, _) in mine],
                [high - ratio for _, (ratio, _, high) in mine],
            ]
            axes.errorbar(
                middle, places, xerr=spread, fmt=MARKERS[number], color=COLOURS[number % len(COLOURS)],
                markersize=5, linewidth=1.2, capsize=2, label=name,
            )  # fmt: skip
        axes.axvline(1.0, color="black", linewidth=1.0)
        axes.set_xscale("log")
        axes.set_xticks([1, 2, 3, 5, 10, 20, 30], labels=["1", "2", "3", "5", "10", "20", "30"])
        axes.minorticks_off()
        axes.set(xlabel="times the cost of langevin", xlim=(0.9, 45))
        axes.set_yticks([-place for place in range(len(workloads))], labels=workloads)
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
