"""Microseconds a training step of one network; without compilation and opening, which have rows of their own.

The trainer is compared with a hand-written scan in JAX, which records nothing, and with loops in PyTorch where that
is installed: eager with autograd, eager with derivatives written by hand, and compiled by `torch.compile`. Single
precision, one processor, contenders in turns. The scan uses the same weights, batches and noise as the trainer, so its
final loss is the same within rounding. The time of a step of `langevin` is the time of a run of many steps minus that
of a run of one step in the same round. The short run computes the sharpness at the start and two frames. `with frames`
includes the time of the frames. `frames of 1 %` is the time of a step with the number of frames that evaluates 1 % of
the samples of the steps. It is computed from the time of a frame, which is measured in these runs with more frames.
`limit` is what the ratio must satisfy. `from nothing` is the first such run of a process, all of it: compilation,
opening, steps and frames.
"""

from __future__ import annotations

import os
import statistics
from functools import partial
from typing import NamedTuple

from benchmarks.contenders import Absent, scan_networks, torch_networks
from benchmarks.timing import cpu_seconds, machine, one_processor, rounds, show_ratio, table
from langevin.sgld import Law, Recording, train

SCAN, TORCH = "jax scan by hand", "torch loop"
DECAYING = Law(0.1, weight_decay=0.01, name="sgd", batch=32)


class Task(NamedTuple):
    """A module of `models`, law of motion, steps a run of JAX and of PyTorch, frames, loops by name, dials."""

    name: str
    law: Law
    steps: int
    slow_steps: int
    frames: int
    loops: dict
    dials: dict


def sized(width, steps):
    """Parity at another width, of 52 weights a unit, with frames enough to show what one costs."""
    return Task("parity", DECAYING, steps, steps, 40, {}, {"width": width})


TASKS = {
    "parity: n = 50, W = 500, hinge, batch 32, coupled decay": Task(
        "parity",
        DECAYING,
        20_000,
        2_000,
        200,
        {
            TORCH: "parity",
            f"{TORCH}, derivatives by hand": "parity_by_hand",
            f"{TORCH}, compiled": "parity_compiled",
        },
        {},
    ),
    "modular: p = 23, N = 128, all samples, thermal noise": Task(
        "modular",
        Law(1.0, temperature=1e-5),
        6_000,
        2_000,
        200,
        {TORCH: "modular", f"{TORCH}, rows looked up": "modular_looked_up"},
        {},
    ),
    "parity, 1e4 weights": sized(200, 20_000),
    "parity, 1e5 weights": sized(2_000, 4_000),
    "parity, 1e6 weights": sized(20_000, 400),
}
OURS, BRIEF, RULED = "langevin", "langevin, a run of one step", "langevin, frames of 1 %"
HELD = {
    ("parity", SCAN): ">= 1 / 1.05",
    ("modular", SCAN): ">= 1 / 1.05",
    ("parity", TORCH): ">= 5",
    ("modular", TORCH): ">= 2.5",
}
#: Largest cost of frames that evaluate 1 % of the samples of the steps.
SHARE, FRAMED = 0.01, "<= 1.05"
HEADER = ("task", "contender", "us / step", "ratio to langevin (range)", "limit", "final train loss")


def ours(model, law, steps, frames):
    """A run of the trainer, as a callable of the seed."""

    def run(seed):
        trajectory = train(model, law, steps=steps, chains=1, seed=seed, recording=Recording(frames))
        return float(trajectory.observables["train_loss"][0, -1])

    return run


def measure(repeats=7, only=""):
    """The table; a library that is not installed gives a row that says so."""
    busy = f"{machine()}, {os.getloadavg()[0]:.1f} processes busy over the minute before; {repeats} rounds."
    with one_processor():
        rows = [row for name, task in TASKS.items() if only in name for row in race(name, task, repeats)]
    return f"{busy}\n\n{table(HEADER, rows)}"


def race(name, task, repeats):
    """All contenders on one task, in turns."""
    from importlib import import_module

    import jax

    model = import_module(f"models.{task.name}").model(**task.dials)
    observed = f"{OURS}, {task.frames} frames"
    makers = {
        observed: (partial(ours, frames=task.frames), task.steps),
        OURS: (partial(ours, frames=[task.steps]), task.steps),
        BRIEF: (partial(ours, frames=[1]), 1),
        SCAN: (getattr(scan_networks, task.name), task.steps),
    } | {loop: (getattr(torch_networks, name), task.slow_steps) for loop, name in task.loops.items()}
    runs, reasons = {}, {}
    for contender, (make, steps) in makers.items():
        try:
            runs[contender] = make(model, task.law, steps=steps)
        except Absent as reason:
            reasons[contender] = str(reason)
    jax.clear_caches()
    first = cpu_seconds(runs[observed], 0)[0]
    losses = {contender: run(0) for contender, run in runs.items()}
    seconds = rounds(runs, repeats)
    costs = {contender: per_step(seconds, contender, makers[contender][1]) for contender in runs}
    costs[RULED] = with_frames(costs[observed], costs[OURS], task, model)
    rows = [(name, f"{observed}, from nothing", f"{first / task.steps * 1e6:.1f}", "", "", "")]
    for contender, own in costs.items():
        beside = "" if contender == BRIEF else show_ratio(own, costs[OURS])
        held = FRAMED if contender == RULED else HELD.get((task.name, contender), "")
        loss = f"{losses[contender]:.4g}" if contender in losses else ""
        rows.append((name, contender, f"{statistics.median(own):.1f}", beside, held, loss))
    return rows + [(name, contender, reason, "", "", "") for contender, reason in reasons.items()]


def with_frames(observed, bare, task, model):
    """Microseconds a step with the frames that evaluate `SHARE` of the samples of the steps, in every round.

    The run of `observed` has `task.frames` frames, that of `bare` one.
    """
    samples = sum(len(part.inputs) for _, part in model.parts)
    batch = task.law.batch or len(model.train.inputs)
    extra = SHARE * batch / samples / ((task.frames - 1) / task.steps)
    return [step + extra * (full - step) for full, step in zip(observed, bare, strict=True)]


def per_step(seconds, contender, steps):
    """Microseconds a step in every round."""
    less = contender.startswith(OURS) and contender != BRIEF
    once = seconds[BRIEF] if less else [0.0] * len(seconds[contender])
    return [(whole - brief) / steps * 1e6 for whole, brief in zip(seconds[contender], once, strict=True)]
