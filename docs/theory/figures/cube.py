"""Kozyrev's cube: the time to grok over the number of samples, and the share of the volume that a sample keeps."""

import numpy as np

from docs.theory.figures.panels import law, points, two_panels
from langevin import manifolds, theory
from langevin.experiment import Settings, run
from langevin.types import Measurement

DIM, SAMPLES, FRACTION = 8, range(2, 8), 0.25
TEACHERS, ADDED, SEED = 20_000, 9, 1


def draw(path):
    """Left times, right learning curves."""
    dials = {"dim": DIM, "fraction": FRACTION}
    report = run(manifolds.cube, dials, Settings(seed=SEED, walkers=400), SAMPLES)
    curves = theory.cube.cube_curves(DIM, 1.0, FRACTION, 1.0)
    titles = f"Cube, d = {DIM}, eps = {FRACTION:g}: time to grok", "Share of the volume that a sample keeps"
    with two_panels(path, *titles) as (left, right):
        measured = [row.measured for row in report.comparisons if row.theory == "finite volume"]
        points(left, SAMPLES, measured, 0, "simulation, 95 % interval, n = 400")
        for place, (curve, dash) in enumerate(zip(curves, ("--", "-.", ":"), strict=True)):
            law(left, SAMPLES, [curve.predict(k).value for k in SAMPLES], place, curve.name, dash)
        left.set(xlabel="training samples $k$", ylabel=r"mean time $\times\,\theta / L^2$", yscale="log")
        left.legend()
        generator = np.random.default_rng(SEED)
        added, kept = range(ADDED), (perceptron_shares(generator), cube_shares(generator))
        errors = (
            theory.learning.plane_gibbs_error,
            lambda k: theory.learning.cube_gibbs_error(k, ADDED, FRACTION),
        )
        names = ("perceptron, two weights", "cube")
        for place, (found, error, name) in enumerate(zip(kept, errors, names, strict=True)):
            points(right, added, found, place, f"{name}, n = {TEACHERS}")
            law(right, added, [theory.learning.volume_ratio(error(k).value).value for k in added], place)
        right.plot([], [], "--", color="0.4", label="1 - Gibbs test error")
        right.set(xlabel="training samples $k$", ylabel="$E\\,[V_{k+1} / V_k]$", ylim=(0.0, 1.05))
        right.legend(loc="center right")


def perceptron_shares(generator):
    """For each k the mean share that sample k + 1 keeps of the arc left by k lines around the teacher."""
    lines = generator.uniform(0.0, np.pi, (TEACHERS, ADDED))
    ahead = np.minimum.accumulate(lines, axis=1)
    behind = np.minimum.accumulate(np.pi - lines, axis=1)
    arcs = np.concatenate([np.full((TEACHERS, 1), 2.0 * np.pi), ahead + behind], axis=1)
    return [mean(ratios) for ratios in (arcs[:, 1:] / arcs[:, :-1]).T]


def cube_shares(generator):
    """For each k the share of uniform points of the cube that sample k + 1 keeps."""
    return [mean(generator.uniform(size=TEACHERS) < FRACTION) for _ in range(ADDED)]


def mean(values):
    """Mean with its standard error."""
    return Measurement(float(values.mean()), float(values.std() / TEACHERS**0.5), TEACHERS, "mean")
