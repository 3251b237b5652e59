"""python -m benchmarks.speed: nanoseconds a walker-step-coordinate, one thread, all contenders in one run.

Rounds go through all contenders in turn, so that a machine whose speed drifts is as fair as a steady one:
ratios are medians of the rounds' ratios, with their range. CPU time of the process.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import numpy as np

from benchmarks.contenders import CONTENDERS
from benchmarks.workloads import WORKLOADS

OURS = "langevin"


def prepare(name, workload):
    make, walkers, steps = CONTENDERS[name]
    part = workload._replace(walkers=int(workload.walkers * walkers), steps=int(workload.steps * steps))
    run = make(part)
    run(0)  # compile
    return part, run


def cost(part, run, seed):
    """(nanoseconds a coordinate-step, final states)."""
    began = time.process_time()
    states = run(seed)
    return (time.process_time() - began) / (part.walkers * part.steps * part.dim) * 1e9, states


def normals(seed, count=2_000_000):
    """Nanoseconds of one of NumPy's own standard normals, the yardstick."""
    rng, out = np.random.default_rng(seed), np.empty(count)
    began = time.process_time()
    rng.standard_normal(out=out)
    return (time.process_time() - began) / count * 1e9


def race(workload, rounds):
    """Rows (contender, ns, ratio to ours with its range, ratio of a normal, moment)."""
    ready = {name: prepare(name, workload) for name in CONTENDERS}
    costs, moments, yardstick = {name: [] for name in ready}, {}, []
    for seed in range(1, rounds + 1):
        yardstick.append(normals(seed))
        for name, (part, run) in ready.items():
            nanoseconds, states = cost(part, run, seed)
            costs[name].append(nanoseconds)
            moments[name] = workload.moment(states) if part.steps == workload.steps else float("nan")
    rows = []
    for name, own in costs.items():
        ratios = sorted(theirs / ours for theirs, ours in zip(own, costs[OURS], strict=True))
        of_normal = statistics.median(one / normal for one, normal in zip(own, yardstick, strict=True))
        rows.append((name, statistics.median(own), statistics.median(ratios), ratios[0], ratios[-1], of_normal,
                     moments[name]))  # fmt: skip
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default="", help="part of a workload's name")
    parser.add_argument("--out", type=Path, help="write the table to this file too")
    options = parser.parse_args()
    lines = ["| workload | contender | ns / coordinate-step | ratio to langevin (range) | of a NumPy normal | check |",
             "| --- | --- | --- | --- | --- | --- |"]  # fmt: skip
    for name, workload in WORKLOADS.items():
        if options.only in name:
            for row in race(workload, options.rounds):
                contender, ns, ratio, low, high, normal, moment = row
                lines.append(
                    f"| {name} | {contender} | {ns:.2f} | {ratio:.2f} ({low:.2f} to {high:.2f}) | {normal:.3f} | "
                    f"{moment:.4f} |"
                )
    print("\n".join(lines))
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
