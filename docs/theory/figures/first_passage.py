"""First passage of free diffusion: survival in an interval, and mean times to leave a ball and a cube."""

import numpy as np

import langevin
from docs.theory.figures.panels import law, points, shares, two_panels
from langevin import measure, potentials, theory
from langevin.figures.canvas import COLOURS

#: Walkers of one mean time, and of the survival.
WALKERS, CROWD, STEP = 4_000, 20_000, 2e-4
#: Dimensions, and ticks of the mean time.
DIMENSIONS, TICKS = (1, 2, 3, 5, 8, 12, 16), (0.03, 0.05, 0.1, 0.2, 0.5)


@langevin.lanewise
def no_height(x, out, lane, parameters):
    """Nothing pulls."""
    out[lane] = 0.0


@langevin.lanewise
def no_slope(x, out, lane, parameters):
    """Nothing pulls."""
    for i in range(x.shape[0]):
        out[i, lane] = 0.0


@langevin.lanewise
def out_of_ball(x, out, lane, parameters):
    """Distance to the sphere |x| = 1, from inside."""
    square = 0.0
    for i in range(x.shape[0]):
        square += x[i, lane] * x[i, lane]
    out[lane] = 1.0 - np.sqrt(square)


@langevin.lanewise
def out_of_cube(x, out, lane, parameters):
    """Distance to the nearest face of [-1, 1]^d, from inside."""
    out[lane] = 1.0 - abs(x[0, lane])
    for i in range(1, x.shape[0]):
        out[lane] = min(out[lane], 1.0 - abs(x[i, lane]))


def leave(target, dim, walkers=WALKERS):
    """Walk from the middle until the target is reached; theta = 1, L = 1."""
    plain = potentials.potential(no_height, no_slope, dim, stiffness=0.0, target=target)
    return langevin.simulate(
        langevin.Problem(plain, 1.0), walkers=walkers, steps=10**6, dt=STEP, seed=dim,
        stop=langevin.Stop(),
    )  # fmt: skip


def draw(path):
    """Left survival over time on a line, right mean times over the dimension."""
    with two_panels(path, "Interval: share not yet arrived", "Mean time to leave, from the middle") as (
        left,
        right,
    ):
        times = np.array([0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.3, 1.6])
        arrived = leave(out_of_ball, 1, CROWD).events["time"]
        share, errors = shares((arrived[:, None] > times).sum(axis=0), CROWD)
        left.errorbar(times, share, 1.96 * errors, fmt="o", color=COLOURS[0], capsize=3, markersize=4.5,
                      label=f"simulation, 95 % interval, n = {CROWD}")  # fmt: skip
        grid = np.linspace(1e-3, times[-1], 200)
        law(left, grid, theory.passage.interval_survival(grid, 1.0, 1.0), 0, "theory")
        left.set(
            xlabel=r"time $\times\,\theta / L^2$", ylabel="share still inside", yscale="log", ylim=(0.01, 1.3)
        )
        left.legend()
        curves = theory.passage.passage_dimension_curves(1.0, 1.0)
        for place, (target, curve) in enumerate(zip((out_of_ball, out_of_cube), curves, strict=True)):
            found = [measure.mean_first_passage_time(leave(target, dim)) for dim in DIMENSIONS]
            points(right, DIMENSIONS, found, place, f"{curve.name}, n = {WALKERS}")
            law(right, DIMENSIONS, [curve.predict(dim).value for dim in DIMENSIONS], place)
        right.plot([], [], "--", color="0.4", label="theory")
        right.set(xlabel="dimension $d$", ylabel=r"mean time $\times\,\theta / L^2$", yscale="log")
        right.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
        right.minorticks_off()
        right.legend()
