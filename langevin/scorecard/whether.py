"""Theories that say whether a network generalises, and not when: scored as forecasts of a probability.

A run counts as generalising with the outcomes `delayed` and `no delay`, as not generalising with `plateau` and
`collapsed`; the others decide nothing. The score is the mean log probability of what happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langevin.scorecard.forecast import EVALUATIONS, RUNS_A_CONSTANT, numbers_of, speaks
from langevin.scorecard.moments import Outcome
from langevin.scorecard.score import mean_over_cells
from langevin.scorecard.table import Runs, select
from langevin.types import FloatArray, Measurement, WhetherTheory

#: Smallest and largest probability that a forecast may give.
BOUNDS = 0.01, 0.99
YES, NO = (Outcome.DELAYED, Outcome.TOGETHER), (Outcome.PLATEAU, Outcome.COLLAPSED)


@dataclass(frozen=True)
class WhetherScore:
    """The score of one theory on one task.

    constants  fitted values
    log_score  mean log probability of what happened, of held-out runs, by cells
    right      share of held-out runs whose more probable outcome is the one that happened
    yes, no    number of held-out runs that generalise, and that do not
    """

    constants: FloatArray
    log_score: Measurement
    right: Measurement
    yes: int
    no: int


def evaluate_whether(runs: Runs, theories: Mapping[str, WhetherTheory], task: str) -> dict[str, WhetherScore]:
    """Scores of the theories on the runs of one task of which they speak.

    There is none where all or none of the calibration runs generalise.

    Raises:
        UsageError: a theory gives an array of another shape.
    """
    decided = select(runs, (runs.seen.task == task) & np.isin(runs.outcome, [*YES, *NO]))
    found = {}
    for name, theory in theories.items():
        here = select(decided, speaks(theory, decided.seen))
        generalises = np.isin(here.outcome, YES)
        calibration, held_out = ~here.held_out, here.held_out
        fewest, known = max(RUNS_A_CONSTANT * len(theory.constants), 1), generalises[calibration]
        if calibration.sum() < fewest or not held_out.any() or known.all() or not known.any():
            continue
        constants = _fit(theory, select(here, calibration), generalises[calibration])
        logs, right = _logs(theory, select(here, held_out), generalises[held_out], constants)
        scored = select(here, held_out)
        found[name] = WhetherScore(
            constants,
            mean_over_cells(scored, logs, "log score"),
            mean_over_cells(scored, right.astype(float), "share right"),
            int(generalises[held_out].sum()),
            int((~generalises[held_out]).sum()),
        )
    return found


def _fit(theory: WhetherTheory, runs: Runs, generalises: NDArray[np.bool_]) -> FloatArray:
    from scipy.optimize import minimize

    start = np.array([one.start for one in theory.constants])
    if not len(start):
        return start
    found: FloatArray = minimize(
        lambda point: -_logs(theory, runs, generalises, point)[0].sum(), start, method="Nelder-Mead",
        options={"maxfev": EVALUATIONS * (len(start) + 1)},
    ).x  # fmt: skip
    return found


def _logs(
    theory: WhetherTheory, runs: Runs, generalises: NDArray[np.bool_], constants: FloatArray
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Log probability of what happened, and whether the more probable outcome did."""
    with np.errstate(all="ignore"):
        given = theory.predict(runs.seen, constants.tolist())
    probability = numbers_of(given, float, (len(runs),), theory, "predict", "probabilities")
    said = np.clip(np.nan_to_num(probability, nan=0.5), *BOUNDS)
    return np.log(np.where(generalises, said, 1 - said)), (said > 0.5) == generalises
