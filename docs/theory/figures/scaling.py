"""Scaling: how far a walk gets in a time, and how the time to arrive goes from L^2 to L."""

import numpy as np

import langevin
from docs.theory.figures.panels import law, points, two_panels
from langevin import manifolds, measure, potentials, theory
from langevin.types import Measurement

#: Displacements: temperature, steps, frames.
THETA, STEP, STEPS, WALKERS = 1.0, 1e-3, 4_000, 4_000
#: Arrival: drift, lengths, walkers, largest step.
DRIFT, LENGTHS, CROWD, COARSE = 1.0, (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0), 1_000, 0.01


@langevin.lanewise
def roof(x, out, lane, parameters):
    """A slope down to either side, -v |x|: a mirror at 0."""
    drift, length = parameters
    out[lane] = -drift * abs(x[0, lane])


@langevin.lanewise
def roof_slope(x, out, lane, parameters):
    """Its gradient, and no slope in the other directions."""
    drift, length = parameters
    for i in range(x.shape[0]):
        out[i, lane] = 0.0
    out[0, lane] = -drift * np.sign(x[0, lane])


@langevin.lanewise
def far_away(x, out, lane, parameters):
    """Distance to |x| = L."""
    drift, length = parameters
    out[lane] = length - abs(x[0, lane])


def draw(path):
    """Left displacement and way over time, right the time to arrive over the length."""
    titles = "How far: squared displacement and length of the way", "How long: from $L^2$ to $L$"
    with two_panels(path, *titles) as (left, right):
        displacement(left)
        arrival(right)


def slope_with(drift, length, dim=1):
    """The roof in R^d."""
    return potentials.potential(
        roof, roof_slope, dim, parameters=(drift, length), stiffness=0.0, target=far_away
    )


def displacement(axes):
    """Free diffusion in space, diffusion on a sphere, and the way that either step makes."""
    free = langevin.Problem(slope_with(0.0, 1.0, 3), THETA)
    sphere = langevin.Problem(manifolds.sphere(3), THETA, "projected", "surface")
    grid = np.geomspace(2e-2, STEPS * STEP, 60)
    laws = (
        lambda time: theory.scaling.mean_square_displacement(3, THETA, time),
        lambda time: theory.scaling.sphere_displacement(3, THETA, time),
    )
    for place, (problem, name) in enumerate(((free, "free, d = 3"), (sphere, "sphere in $R^3$"))):
        run = langevin.simulate(problem, walkers=WALKERS, steps=STEPS, dt=STEP, every=20, seed=place)
        frames = np.unique(np.geomspace(1, len(run.times) - 1, 12).astype(int))
        squares = [
            measure.ensemble_mean(
                run, lambda x, start=run.states[:, 0]: ((x - start) ** 2).sum(axis=1), int(frame)
            )
            for frame in frames
        ]
        points(axes, run.times[frames], squares, place, f"$|x - x_0|^2$, {name}")
        law(axes, grid, [laws[place](float(time)).value for time in grid], place)
    for place, dt in ((2, STEP), (3, 4 * STEP)):
        run = langevin.simulate(free, walkers=200, steps=round(1.0 / dt), dt=dt, every=1, seed=place)
        ways = np.linalg.norm(np.diff(run.states, axis=1), axis=2).cumsum(axis=1)
        ends = [round(time / dt) - 1 for time in (0.05, 0.2, 0.5, 1.0)]
        found = [
            Measurement(float(ways[:, end].mean()), float(ways[:, end].std() / 200**0.5), 200, "mean way")
            for end in ends
        ]
        points(axes, [run.times[end + 1] for end in ends], found, place, f"way, dt = {dt:g}")
        law(axes, grid, [theory.scaling.path_length(3, THETA, float(time), dt).value for time in grid], place)
    axes.plot([], [], "--", color="0.4", label="theory")
    axes.set(
        xscale="log",
        yscale="log",
        xlabel=r"time $\times\,\theta$",
        ylabel="length, length$^2$",
        ylim=(0.05, None),
    )
    axes.legend(ncols=2, fontsize=7)


def arrival(axes):
    """Time from a mirror to a wall at L, with a drift towards it."""
    found = []
    for place, length in enumerate(LENGTHS):
        run = langevin.simulate(
            langevin.Problem(slope_with(DRIFT, length), THETA), walkers=CROWD, steps=10**7,
            dt=min(COARSE, (0.05 * length) ** 2), seed=place, stop=langevin.Stop(),
        )  # fmt: skip
        found.append(measure.mean_first_passage_time(run))
    points(axes, LENGTHS, found, 0, f"simulation, 95 % interval, n = {CROWD}")
    grid = np.geomspace(LENGTHS[0], LENGTHS[-1], 60)
    for place, (curve, dash) in enumerate(
        zip(theory.passage.passage_length_curves(DRIFT, THETA), ("--", "-.", ":"), strict=True)
    ):
        law(axes, grid, [curve.predict(float(length)).value for length in grid], place, curve.name, dash)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel=r"length $v L / \theta$",
        ylabel=r"mean time $\times\,v^2 / \theta$",
    )
    axes.legend()
