"""What splitting measures: means over replicas, of the numbers that the walks of each have left."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import NumericalError
from langevin.types import FloatArray, Measurement, Positive

#: The flux is not steady if it changes by more standard errors than this.
UNSTEADY = 3.0
#: Of the replicas, no larger share may die out: the error of the others says little then.
MOST_EXTINCT = 0.25


@dataclass(frozen=True)
class Walks:
    """What the walks of a splitting leave, from which all else follows: numbers (replicas,), and how they went.

    A replica that died out has the probability 0. `drift` is the change of the flux while it was measured, in standard
    errors, `walked` the steps of all walkers.
    """

    fluxes: FloatArray
    probabilities: FloatArray
    iterations: NDArray[np.int64]
    drift: float
    walked: int
    meta: Mapping[str, Any]


@dataclass(frozen=True)
class Splitting:
    """What splitting leaves: measurements over replicas, each a run of the whole algorithm, and how they went.

    `rate` is the mean over replicas of flux x probability, per unit time; `mean_time` is one over it. A replica
    that died out has the probability 0. `relative_variance` is that of one replica's probability, `ideal_variance`
    is |log p| / N. `walked` counts the steps of all walkers. Arrays are (replicas,).
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
    """The measurements that walks have left.

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
