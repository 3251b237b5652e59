"""Speed of a step: nanoseconds for one step of one coordinate of one walker, one thread, double precision.

`ratio to langevin` is the median over rounds with its range. `of a NumPy normal` is the cost in units of one normal
number of NumPy. `check` is a moment of the final states, which must agree between contenders; nan means that the
contender ran fewer steps.
"""

from __future__ import annotations

import statistics

from benchmarks.contenders import (
    Absent,
    NotExpressible,
    diffrax_euler,
    jax_scan,
    noise_alone,
    numba_by_hand,
    numpy_loop,
    torch_loop,
)
from benchmarks.contenders.ours import OURS
from benchmarks.timing import NORMALS, numpy_normals, one_processor, ratio, rounds, table
from benchmarks.workloads import WORKLOADS

PEERS = (noise_alone, numba_by_hand, numpy_loop, jax_scan, diffrax_euler, torch_loop)
CONTENDERS = (OURS, *(contender for peer in PEERS for contender in peer.CONTENDERS))
YARDSTICK = "one NumPy normal"
HEADER = (
    "workload",
    "contender",
    "ns / coordinate-step",
    "ratio to langevin (range)",
    "of a NumPy normal",
    "check",
)


def measure(repeats=7, only=""):
    """Rows of the table; a contender that cannot run gives a row that says why."""
    rows = []
    with one_processor():
        for name, workload in WORKLOADS.items():
            if only in name:
                rows += race(name, workload, repeats)
    return table(HEADER, rows)


def race(name, workload, repeats):
    """All contenders on one workload, in turns."""
    ready, reasons = {}, {}
    for contender in CONTENDERS:
        walkers, steps = contender.share
        part = workload._replace(walkers=int(workload.walkers * walkers), steps=int(workload.steps * steps))
        try:
            ready[contender.name] = (part, contender.make(part))
        except (Absent, NotExpressible) as reason:
            reasons[contender.name] = str(reason)
    moments = {
        contender: part.moment(run(0)) if part.steps == workload.steps else float("nan")
        for contender, (part, run) in ready.items()
    }
    runs = {contender: run for contender, (part, run) in ready.items()} | {YARDSTICK: numpy_normals}
    seconds = rounds(runs, repeats)
    normal = [one / NORMALS * 1e9 for one in seconds[YARDSTICK]]
    costs = {
        contender: [one / (part.walkers * part.steps * part.dim) * 1e9 for one in seconds[contender]]
        for contender, (part, _) in ready.items()
    }
    rows = []
    for contender, own in costs.items():
        middle, low, high = ratio(own, costs[OURS.name])
        of_normal = f"1/{1.0 / ratio(own, normal)[0]:.1f}"
        beside = f"{middle:.2f} ({low:.2f} to {high:.2f})"
        rows.append(
            (name, contender, f"{statistics.median(own):.2f}", beside, of_normal, f"{moments[contender]:.3f}")
        )
    return rows + [(name, contender, reason, "", "", "") for contender, reason in reasons.items()]
