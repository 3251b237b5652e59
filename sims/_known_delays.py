"""Tasks of known delay that test the scores of the sim `grokking_times`: a linear estimator, the cube, the canal."""

from dataclasses import replace

import numpy as np

from langevin.scorecard.moments import GENERALISED, Outcome
from langevin.scorecard.rows import HAPPENED
from langevin.scorecard.table import SEEN
from langevin.types import Status

#: Standard deviation of log10 of an exponential time, pi / (sqrt 6 log 10).
EXPONENTIAL_SPREAD = 0.557
#: Mean stiffness of the walls of the canal, so large that the motion across relaxes long before x changes; number of
#: finite volumes along half of the canal: the error of the median time is 0.01 %.
CANAL_STIFFNESS, CANAL_CELLS = 1000.0, 200


def linear_delay(model, learning_rate, start, memorised):
    """log10 of the delay of a linear estimator from weights `start`; its standard deviation for a finite test set.

    In the eigenbasis of X^T X / samples each step multiplies the error of the weights by 1 - lr lambda. A test input is
    Gaussian, so that its error has the standard deviation |e|, and the accuracy is erf(tolerance / (|e| sqrt 2)) (Levi,
    Beck and Bar-Sinai 2023, arXiv 2310.16441).
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
    """First passages to the corner of the cube, memorised at the start: exponential, with the finite-volume mean."""
    import langevin

    dim, dt = 8, 1e-4
    samples, fraction = cell.dials["samples"], cell.dials["fraction"]
    landscape = langevin.manifolds.cube(dim=dim, samples=samples, fraction=fraction)
    run = langevin.simulate(
        langevin.Problem(landscape, 1.0, "reflected"), walkers=walkers, dt=dt, steps=400_000, seed=cell.seed,
        stop=langevin.Stop(),
    )  # fmt: skip
    mean = langevin.theory.cube.reference_time(dim - samples, 1.0, fraction, 1.0).value / dt
    seen = {
        "learning_rate": dt,
        "temperature": 1.0,
        "scale": 1.0,
        "samples": float(samples),
        "fraction": fraction,
    }
    known = {"known": np.log10(mean * np.log(2)), "known_sd": EXPONENTIAL_SPREAD}
    return passage_rows(run, dt, {"task": "cube", **seen, **known})


def canal_rows(cell, walkers):
    """First passages along the canal to its flattest place, memorised at the start, halfway from the steepest place.

    The column `samples` is the number of directions across the canal, because each sample adds one equation. The column
    `scale` is the amplitude of its profile.
    """
    import langevin

    dt, theta, samples, amplitude = (
        cell.dials[name] for name in ("learning_rate", "temperature", "samples", "scale")
    )
    landscape = replace(langevin.manifolds.canal(samples, CANAL_STIFFNESS, amplitude), target=before_flattest)
    run = langevin.simulate(
        langevin.Problem(landscape, theta, "soft"), walkers=walkers, dt=dt, steps=5_000_000, seed=cell.seed,
        stop=langevin.Stop(),
    )  # fmt: skip
    known, spread = canal_delay(samples, amplitude, theta, dt)
    seen = {"learning_rate": dt, "temperature": theta, "scale": amplitude, "samples": float(samples)}
    return passage_rows(run, dt, {"task": "canal", **seen, "known": known, "known_sd": spread})


def before_flattest(x, out, parameters):
    """Distance pi - |x| to the flattest places of the canal, x = pi and x = -pi; beyond them it is negative."""
    for lane in range(x.shape[1]):
        out[lane] = np.pi - abs(x[0, lane])


def canal_delay(transverse, amplitude, temperature, dt):
    """log10 of the median number of steps along the canal to its flattest place, and half of its central 68 %.

    Along a stiff valley x drifts by the log-det law and diffuses, dx = drift dt + sqrt(2 theta) dW; the drift includes
    the effect of the finite step (`langevin.theory.drift.log_det_drift`). The profile is even, so that |x| is reflected
    at 0 and absorbed at pi. On finite volumes, which satisfy detailed balance, the share that is not yet absorbed is a
    sum of exponentials in time, with the eigenvalues of a symmetric matrix.
    """
    from scipy.optimize import brentq

    from langevin import theory
    from langevin.theory.fokker_planck.generators import generator
    from langevin.theory.quadrature import panel_nodes

    def profile(x):
        return CANAL_STIFFNESS * np.exp(amplitude * np.cos(x))

    drift = theory.drift.log_det_drift(
        profile, lambda x: -amplitude * np.sin(x) * profile(x), transverse, temperature, dt
    )
    spacing = np.pi / (CANAL_CELLS + 0.5)  # the centre of the cell beyond the last one is at pi
    nodes, weights = panel_nodes(spacing / 2, np.pi, CANAL_CELLS)
    rises = -(drift(nodes) * weights).sum(axis=1)
    root = np.exp(-np.append(0, np.cumsum(rises[:-1])) / (2 * temperature))
    rates = generator(rises, spacing, temperature).toarray()[:-1, :-1] * root / root[:, None]
    values, vectors = np.linalg.eigh(rates)
    centres = spacing * (np.arange(CANAL_CELLS) + 0.5)
    begun = [np.interp(np.pi / 2, centres, vector / root) for vector in vectors.T]
    shares = begun * (root @ vectors)

    def logarithm(gone):
        return brentq(lambda log: shares @ np.exp(values * 10**log) - (1 - gone), -6, 9) - np.log10(dt)

    low, middle, high = (logarithm(gone) for gone in (0.16, 0.5, 0.84))
    return middle, (high - low) / 2


def passage_rows(run, dt, known):
    """Rows of first passages, as trainings that have memorised at the start, with the known delay."""
    rows = []
    for time, status in zip(run.events["time"], run.events["status"]):
        hit = status == Status.HIT
        steps = max(float(time) / dt, 1.0)
        rows.append(
            dict.fromkeys(SEEN, np.nan) | dict.fromkeys(HAPPENED, np.nan) | {
                "law": "diffusion", "loss": "none", "weight_decay": 0.0, "label_noise": 0.0, "width": 1.0, "norm": 1.0,
                "start_norm": 1.0, "memorised_step": 1.0,
                "outcome": str(Outcome.DELAYED if hit else Outcome.CENSORED), "memorised_after": 0.0,
                "memorised_by": 0.0, "generalised_after": steps, "generalised_by": 1.01 * steps if hit else np.inf,
            } | known
        )  # fmt: skip
    return rows
