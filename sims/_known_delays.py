"""Delays that are known exactly, which test the scores of the sim `grokking_times`: a linear estimator, the cube."""

import numpy as np

from langevin.scorecard.moments import GENERALISED, Outcome
from langevin.scorecard.rows import HAPPENED
from langevin.scorecard.table import SEEN
from langevin.types import Status

#: Standard deviation of log10 of an exponential time, pi / (sqrt 6 log 10).
EXPONENTIAL_SPREAD = 0.557


def linear_delay(model, learning_rate, start, memorised):
    """log10 of the delay of a linear estimator from weights `start`, and its standard deviation by the finite test set.

    In the basis of X^T X / samples the error of the weights shrinks by 1 - lr lambda a step. A test input is Gaussian,
    so its error has the standard deviation |e|, and the accuracy is erf(tolerance / (|e| sqrt 2)) (Levi, Beck and
    Bar-Sinai 2023, arXiv 2310.16441).
    """
    from scipy.optimize import brentq
    from scipy.special import erfinv

    inputs, tests = (np.asarray(part.inputs, float) for part in (model.train, model.test))
    teacher = np.linalg.lstsq(tests, np.asarray(model.test.targets, float)[:, 0], rcond=None)[0]
    rates, basis = np.linalg.eigh(inputs.T @ inputs / len(inputs))
    error = basis.T @ (np.asarray(start, float).ravel() - teacher)
    shrink = np.log1p(-learning_rate * rates)

    def step(accuracy):
        wanted = model.dials["tolerance"] / (erfinv(accuracy) * 2**0.5)
        return brentq(lambda t: np.linalg.norm(error * np.exp(t * shrink)) - wanted, 0, 1e7)

    spread = (GENERALISED * (1 - GENERALISED) / len(tests)) ** 0.5
    delays = np.maximum([step(GENERALISED + shift) - memorised for shift in (-spread, 0, spread)], 1)
    low, middle, high = np.log10(delays)
    return middle, max((high - low) / 2, 0.01)


def cube_rows(cell, walkers):
    """First passages to the corner of the cube, memorised at the start: exponential, the mean by finite volumes."""
    import langevin

    dim, dt = 8, 1e-4
    landscape = langevin.manifolds.cube(
        dim=dim, samples=cell.dials["samples"], fraction=cell.dials["fraction"]
    )
    run = langevin.simulate(
        langevin.Problem(landscape, 1.0, "reflected"), walkers=walkers, dt=dt, steps=400_000, seed=cell.seed,
        stop=langevin.Stop(),
    )  # fmt: skip
    free = dim - cell.dials["samples"]
    mean = langevin.theory.cube.reference_time(free, 1.0, cell.dials["fraction"], 1.0).value / dt
    rows = []
    for time, status in zip(run.events["time"], run.events["status"]):
        hit = status == Status.HIT
        steps = max(float(time) / dt, 1.0)
        rows.append(
            dict.fromkeys(SEEN, np.nan) | dict.fromkeys(HAPPENED, np.nan) | {
                "task": "cube", "law": "diffusion", "loss": "none", "learning_rate": dt, "weight_decay": 0.0,
                "temperature": 1.0, "label_noise": 0.0, "scale": 1.0, "samples": float(cell.dials["samples"]),
                "fraction": cell.dials["fraction"], "width": 1.0, "norm": 1.0, "start_norm": 1.0,
                "memorised_step": 1.0, "known": np.log10(mean * np.log(2)), "known_sd": EXPONENTIAL_SPREAD,
                "outcome": str(Outcome.DELAYED if hit else Outcome.CENSORED), "memorised_after": 0.0,
                "memorised_by": 0.0, "generalised_after": steps, "generalised_by": 1.01 * steps if hit else np.inf,
            }
        )  # fmt: skip
    return rows
