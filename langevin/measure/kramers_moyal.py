"""Drift and diffusion coefficient of an observable as functions of its value, from the moments of its next steps."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from langevin.errors import UsageError
from langevin.measure.bootstrap import bootstrap_error
from langevin.measure.density import bin_edges
from langevin.measure.moments import StateFunction
from langevin.measure.walkers import joined
from langevin.measure.windows import even_window, series
from langevin.types import FloatArray, Measurement, Positive, Trajectory
from langevin.words import counted

FEWEST_STEPS = 100


class KramersMoyal(NamedTuple):
    """For each bin: mean position of its values, drift a(x) and diffusion D(x) of dX = a dt + sqrt(2 D) dW."""

    position: tuple[float, ...]
    drift: tuple[Measurement, ...]
    diffusion: tuple[Measurement, ...]


def kramers_moyal_coefficients(
    trajectory: Trajectory,
    function: StateFunction | str,
    edges: ArrayLike,
    *,
    lag: float,
    first_time: float,
    last_time: float = math.inf,
) -> KramersMoyal:
    """Kramers-Moyal coefficients of a function of the state in bins, extrapolated to lag 0.

    Drift <dx> / lag and diffusion <dx^2> / (2 lag) of the steps that start in a bin (Risken 1989, chapter 4; Siegert,
    Friedrich and Peinke 1998), each at the lag and at twice the lag from the same starts: 2 D(lag) - D(2 lag) has no
    error that is linear in the lag. The remaining error is estimated by the next term of a geometric series, 4/3
    difference^2 / D. If it exceeds the standard error (and the difference is significant), `mixed` is False. `mixed` is
    also False with fewer than 100 steps from the bin. Errors are over walkers by the bootstrap; n is the number of
    walkers in the bin. The interval of a diffusion coefficient is that of a positive number, because in a bin of few
    steps a small value has a small error. The coefficients are means over the bin: compare them at `position`, where
    the width of the bin causes no bias for a linear drift.

    Args:
        trajectory: A run of evenly spaced frames.
        function: Function of the states (points, dim), or the name of an observable.
        edges: Increasing edges of the bins (bins + 1,), left ones included.
        lag: Time of a step, at least one frame gap: short compared with the relaxation time, long compared with any
            memory.
        first_time: Start of the window.
        last_time: End of the window.

    Raises:
        UsageError: the edges do not increase, the lag is not a multiple of the frame gap or is too long, the window has
            fewer than 4 evenly spaced frames, no walker is left, or a value is not finite.
    """
    borders = bin_edges(edges)
    part = even_window(trajectory, first_time, last_time)
    values = series(part, function)
    frames = round(lag / part.spacing) if math.isfinite(lag) else 0
    if frames < 1 or 2 * frames >= values.shape[1] or abs(frames * part.spacing - lag) > 1e-6 * lag:
        raise UsageError(
            f"the lag is {lag:g}",
            "multiples of the frame gap",
            f"choose a multiple of the frame gap {part.spacing:g}, less than half the window",
        )
    sums = _sums(values, borders, frames)
    n = np.asarray((sums[:, 0] > 0).sum(axis=0), np.int64)
    steps = sums[:, 0].sum(axis=0)
    with np.errstate(invalid="ignore"):
        position = sums[:, 1].sum(axis=0) / steps
    note = joined(part.note, part.doubt)
    fields = []
    for name, power in (("drift", 1), ("diffusion", 2)):
        moments = sums[:, [0, 2 * power, 2 * power + 1]]
        unit = math.factorial(power) * lag
        fields.append(_field(moments, name, unit, n, steps, note, not part.doubt))
    return KramersMoyal(tuple(float(x) for x in position), fields[0], fields[1])


def _sums(values: FloatArray, borders: FloatArray, frames: int) -> FloatArray:
    """Sums over the steps of each walker from each bin (walkers, 6, bins).

    The terms are 1, the position, dx and dx at twice the lag, dx^2 and dx^2 at twice the lag.
    """
    walkers, bins = len(values), len(borders) - 1
    start = values[:, : -2 * frames]
    once = values[:, frames:-frames] - start
    twice = values[:, 2 * frames :] - start
    cell = np.digitize(start, borders) - 1
    inside = (cell >= 0) & (cell < bins)
    flat = (np.arange(walkers)[:, None] * bins + cell)[inside]
    terms = (np.ones_like(start), start, once, twice, once**2, twice**2)
    sums = [np.bincount(flat, term[inside], walkers * bins).reshape(walkers, bins) for term in terms]
    return np.stack(sums, axis=1)


def _field(
    moments: FloatArray,
    name: str,
    unit: float,
    n: NDArray[np.int64],
    steps: FloatArray,
    note: str,
    good: bool,
) -> tuple[Measurement, ...]:
    """One coefficient for each bin, from the sums (walkers, 3, bins) of 1 and of the moment at the two lags."""

    def extrapolated(means: FloatArray) -> FloatArray:
        once, twice = means[:, 1] / means[:, 0] / unit, means[:, 2] / means[:, 0] / (2 * unit)
        return np.stack([2 * once - twice, once - twice], axis=1)

    with np.errstate(invalid="ignore"):
        value, difference = extrapolated(moments.mean(axis=0)[None])[0]
    error, difference_error = bootstrap_error(moments, extrapolated, f"Kramers-Moyal {name}")
    law = Positive() if name == "diffusion" else None
    results = []
    for index in range(len(value)):
        steps_here = counted(int(steps[index]), "step")
        few = f"only {steps_here} from this bin, {FEWEST_STEPS} are needed: run longer"
        gap = abs(difference[index])
        left = 4 / 3 * gap**2 / abs(value[index]) if gap > 3 * difference_error[index] else 0.0
        long = f"the lag is too long: an error of order {left:.2g} is left at lag 0, record more often"
        doubt = joined(few if steps[index] < FEWEST_STEPS else "", long if left > error[index] else "")
        known = math.isfinite(error[index])
        text = joined(note, doubt, "" if known else "too few walkers in this bin for an error")
        mixed = good and known and not doubt
        number = float(value[index]), float(error[index]), int(n[index])
        results.append(Measurement(*number, f"Kramers-Moyal {name}", mixed, text, law))
    return tuple(results)
