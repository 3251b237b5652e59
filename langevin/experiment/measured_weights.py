"""What can be measured on the weights that a training ended with, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from langevin.errors import UsageError
from langevin.measure.networks import (
    gauss_newton_trace,
    hessian_trace,
    hutchinson_trace,
    log_det,
    spectral_norms,
    top_eigenvalues,
)
from langevin.sgld import Model
from langevin.sgld.sweep import split
from langevin.sgld.weights import leaves_of, weights
from langevin.types import Measurement, Trajectory

#: Weights up to which the trace is exact, and random signs above.
EXACT, PROBES = 5000, 200


def _trace(model: Model, here: Any) -> float:
    size = sum(np.size(leaf) for leaf in leaves_of(here))
    return (
        hessian_trace(model, here) if size <= EXACT else hutchinson_trace(model, here, probes=PROBES)
    ).value


def _largest(model: Model, here: Any) -> float:
    return float(top_eigenvalues(model, here)[0][0])


def _log_det(model: Model, here: Any) -> float:
    return log_det(model, here).value


def _gauss_newton(model: Model, here: Any) -> float:
    return gauss_newton_trace(model, here).value


def _norm(model: Model, here: Any) -> float:
    return float(np.sqrt(sum(np.sum(np.asarray(leaf, np.float64) ** 2) for leaf in leaves_of(here))))


def _spectral(model: Model, here: Any) -> float:
    return float(np.prod([*spectral_norms(here).values()]))


#: Name on the command line, what it is in a table, and its function of (model, weights).
QUANTITIES: dict[str, tuple[str, Callable[[Model, Any], float]]] = {
    "trace": ("trace of the Hessian", _trace),
    "lambda-max": ("largest eigenvalue of the Hessian", _largest),
    "gauss-newton": ("tr(J^T J) / samples", _gauss_newton),
    "log-det": ("log det of J J^T", _log_det),
    "norm": ("norm of the weights", _norm),
    "spectral": ("product of spectral norms", _spectral),
}


def measure_weights(
    run: Trajectory, model: Model, names: Sequence[str], tell: Callable[[int], object] = lambda done: None
) -> tuple[Trajectory, list[tuple[dict[str, float], str, Measurement]]]:
    """The run with an event for each quantity, a number of each network (nan where it diverged), and means with errors.

    Args:
        run: a finished training with its weights.
        model: of the run.
        names: of `QUANTITIES`.
        tell: called with the number of networks that are done.

    Raises:
        UsageError: no such quantity; as `langevin.weights`, and as the functions of `measure.networks`.
    """
    unknown = [name for name in names if name not in QUANTITIES]
    if unknown:
        raise UsageError(
            f"there is no quantity {unknown[0]!r}", f"one of {', '.join(QUANTITIES)}", "name one of these"
        )
    chains = len(run.events["status"])
    values = {name: np.full(chains, np.nan) for name in names}
    for chain in range(chains):
        here = weights(run, model, chain)
        if all(np.isfinite(leaf).all() for leaf in leaves_of(here)):
            for name in names:
                values[name][chain] = QUANTITIES[name][1](model, here)
        tell(chain + 1)
    measured = replace(run, events={**run.events, **{_event(name): found for name, found in values.items()}})
    rows = []
    for part in split(measured):
        at = {name: float(part.meta[name]) for name in run.meta["swept"]}
        rows += [(at, QUANTITIES[name][0], _mean(np.asarray(part.events[_event(name)]))) for name in names]
    return measured, rows


def _event(name: str) -> str:
    return name.replace("-", "_")


def _mean(values: Any) -> Measurement:
    """Mean over networks with its standard error; not mixed where a network diverged."""
    sound = values[np.isfinite(values)]
    lost = len(values) - len(sound)
    note = f"{lost} of {len(values)} networks diverged" if lost else ""
    if not len(sound):
        return Measurement(float("nan"), float("inf"), 0, "sample mean", False, note)
    error = float(sound.std(ddof=1) / len(sound) ** 0.5) if len(sound) > 1 else float("inf")
    return Measurement(float(sound.mean()), error, len(sound), "sample mean over networks", not lost, note)
