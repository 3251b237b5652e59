"""The measurements of a splitting: means over replicas, from the results of the walks of each replica."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import NumericalError
from langevin.types import FloatArray, Measurement, Positive

#: The flux counts as not steady if its change is above this number of standard errors.
UNSTEADY = 3.0
#: Largest fraction of the replicas that may die out: with more, the error of the others is not reliable.
MOST_EXTINCT = 0.25


@dataclass(frozen=True)
class Walks:
    """The results of the walks of a splitting, from which its measurements are computed; arrays are (replicas,).

    A replica that died out has the probability 0. `iterations` counts the rounds. `drift` is the change of the flux
    while it was measured, in standard errors. `walked` counts the steps of all walkers.
    """

    fluxes: FloatArray
    probabilities: FloatArray
    iterations: NDArray[np.int64]
    drift: float
    walked: int
    meta: Mapping[str, Any]


@dataclass(frozen=True)
class Splitting:
    """The result of a splitting: measurements over replicas, each of which is a run of the whole algorithm.

    `rate` is the mean over replicas of flux x probability, per unit time; `mean_time` is one over it. A replica
    that died out has the probability 0; `extinctions` counts these. `relative_variance` is that of one replica's
    probability, `ideal_variance` is |log p| / N. `iterations` counts the rounds of each replica, `walked` the steps of
    all walkers. Arrays are (replicas,).
    """

    flux: Measurement
    probability: Measurement
    rate: Measurement
    mean_time: Measurement
    relative_variance: float
    ideal_variance: float
    fluxes: FloatArray
    probabilities: FloatArray
    iterations: NDArray[np.int64]
    extinctions: int
    walked: int
    meta: Mapping[str, Any]


def measured(walks: Walks) -> Splitting:
    """Compute the measurements of a splitting from the results of its walks.

    Raises:
        NumericalError: every replica died out.
    """
    p, flux, meta = walks.probabilities, walks.fluxes, walks.meta
    died = int((p == 0.0).sum())
    if died == p.size:
        raise NumericalError(
            f"all {p.size} replicas died out, after at most {walks.iterations.max()} rounds",
            remedy=f"the score does not rise "
            f"towards the target, or takes too few values for {meta['walkers']} walkers",
        )
    notes = {
        f"{died} of {p.size} replicas died out": died > 0,
        f"the flux was not steady ({walks.drift:+.1f} standard errors): give a longer burn": abs(walks.drift)
        > UNSTEADY,
        f"{meta['failed']} walks given up by the integrator": meta["failed"] > 0,
    }
    mixed = died <= MOST_EXTINCT * p.size and abs(walks.drift) <= UNSTEADY and not meta["failed"]
    note = "; ".join(text for text, holds in notes.items() if holds)
    rate = _mean(flux * p, "flux x probability", mixed, note)
    return Splitting(
        flux=_mean(flux, "exits / time", mixed, note),
        probability=_mean(p, "adaptive multilevel splitting", mixed, note),
        rate=rate,
        mean_time=replace(
            rate,
            value=1.0 / rate.value,
            error=rate.error / rate.value**2,
            estimator="1 / (flux x probability)",
        ),
        relative_variance=float(p.var(ddof=1) / p.mean() ** 2),
        ideal_variance=-math.log(p.mean()) / meta["walkers"],
        fluxes=flux,
        probabilities=p,
        iterations=walks.iterations,
        extinctions=died,
        walked=walks.walked,
        meta=meta,
    )


def _mean(values: FloatArray, estimator: str, mixed: bool, note: str) -> Measurement:
    error = float(values.std(ddof=1)) / math.sqrt(values.size)
    return Measurement(float(values.mean()), error, values.size, estimator, mixed, note, Positive())
