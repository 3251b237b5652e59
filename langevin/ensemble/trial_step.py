"""One step in plain Python before it is compiled: what it reads and writes has to be what it has declared.

Compiled code looks at no bounds: a step with too few rows writes over the memory of others. Here a few walkers take the
step in arrays of exactly the declared rows, between guards, with scratch that is not a number. So a row that does not
exist, a write outside an array and a read of an unwritten number are found.
"""

from __future__ import annotations

import numpy as np

from langevin.errors import UsageError
from langevin.kernels.guarded import Strict, guarded, inside, untouched
from langevin.kernels.passed import has_passed, remember, trial_name
from langevin.types import FloatArray, Integrator, Kernel, Problem

#: Walkers that take the step: the first and the last.
LANES = 2


def check_trial(problem: Problem, integrator: Integrator, dt: float, states: FloatArray) -> None:
    """Let a run's step be taken once from its start, states (walkers, dim); one that has passed is not tried again.

    Raises:
        UsageError: the step asks for rows that it has not declared, writes outside an array, leaves no walker at a
            finite place, or fails.
    """
    step = integrator.build(problem.landscape)
    name = trial_name("step", step, problem.landscape.dim, _declared(problem, integrator))
    if has_passed(name):
        return
    with np.errstate(all="ignore"):
        wrong = _first_fault(problem, integrator, step, dt, states)
    if wrong:
        rows, carried, numbers = _declared(problem, integrator)
        raise UsageError(
            f"{integrator.name} fails its trial step: {wrong}",
            f"it declares {rows} rows of work, {carried} of memory and {numbers} numbers of noise for "
            f"{problem.landscape.dim} coordinates",
            "mend what it declares, or its step",
        )
    remember(name)


def _declared(problem: Problem, integrator: Integrator) -> tuple[int, int, int]:
    """Rows of work and of memory, and numbers of noise."""
    landscape = problem.landscape
    return (
        integrator.work_rows(landscape),
        integrator.memory_rows(landscape),
        landscape.dim + integrator.extra_noise,
    )


def _first_fault(
    problem: Problem, integrator: Integrator, step: Kernel, dt: float, states: FloatArray
) -> str | None:
    """What the step does wrong, None if nothing."""
    rows, carried, numbers = _declared(problem, integrator)
    dim = problem.landscape.dim
    drawn = np.random.default_rng(0).standard_normal((2, numbers, LANES))
    contents = {
        "x": states[[0, -1]].T,
        "noise": drawn[0],
        "noise of the step before": drawn[1],
        "work": np.full((rows, LANES), np.nan),
        "memory": np.zeros((carried, LANES)),
    }
    kinds = {name: np.float32 if name.startswith("noise") else np.float64 for name in contents}
    whole = {name: guarded(content, kinds[name]) for name, content in contents.items()}
    x, noise, previous, work, memory = (inside(whole[name], contents[name].shape) for name in contents)
    status = np.zeros(LANES, np.int64)
    try:
        step(
            x, noise.view(Strict), previous.view(Strict), work.view(Strict), memory.view(Strict), status, dt,
            problem.temperature, problem.landscape.parameters,
        )  # fmt: skip
    except Exception as error:
        return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
    for name, array in whole.items():
        if not untouched(array):
            return f"it writes outside {name}"
    if x.shape != (dim, LANES):
        return f"it leaves x with the shape {x.shape}, not {(dim, LANES)}"
    if not (np.isfinite(x).all(axis=0) | (status != 0)).any():
        return "it leaves x not finite, so it reads scratch that it has not written, or the loss is not finite there"
    return None
