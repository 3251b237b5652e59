"""Is the time to grok the square of the time to memorise?

Memorising is modelled as a walk down a slope, and grokking as a walk without a slope. Both cover the same distance L.
The sim measures path length and distance as functions of the number of steps. Then it measures the number of steps to
a wall that surrounds the start, with steps down the slope as long as the noise or shorter, and to a small corner of
Kozyrev's cube. The full run takes half a minute on two processors.
"""

import math
from dataclasses import replace

import numpy as np

import langevin
from langevin import integrators, manifolds, measure, potentials, theory
from langevin.comparison import compare, compare_all, format_value
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import every, near, no
from langevin.kernels.streams import derived_seed
from langevin.measure.combined import ratio as over
from langevin.measure.combined import scaled
from langevin.types import Curve, Measurement, Prediction

#: The unit of length is the rms step of the noise. The unit of time is one step.
DIM = 3
THETA = 1.0 / (2 * DIM)
SIMULATED_THETA = THETA
#: Distances; length of a step down the slope, in rms steps of the noise; side of the small corner.
DISTANCES = {True: (40, 80, 160), False: (40, 100, 300, 1000)}
RATIOS = (1.0, 0.25)
CORNER = 10.0
#: Walkers that are followed to the target; walkers and steps of the free walks. Exponents use lags from FIRST_LAG on.
ARRIVING, WALKING = {True: 400, False: 3000}, {True: 1000, False: 4000}
STEPS, FIRST_LAG = 1000, 50
#: At the shortest distance, overshoot and sideways motion change the number of steps by up to 3 %. This changes the
#: exponent by at most BEND.
BEND = 0.04
#: Largest relative error with which the square law (10^3 and 10^6) still counts as right.
MULTIPLE = 0.25
SOURCE = "S. V. Kozyrev, How to explain grokking (2024), section 2"
MEMORISING = Claim(
    "with non-zero gradient the path traveled is proportional to the number of steps, t", SOURCE
)
GROKKING = Claim(
    "for Brownian motion the path traveled is proportional to the root of the number of steps", SOURCE
)
SQUARE = Claim(
    "if memorization and grokking result in similar path lengths, the duration of grokking (in steps) will be the "
    "square of the duration of memorization, 10^3 and 10^6",
    SOURCE,
)


@langevin.lanewise
def height(x, out, lane, parameters):
    """Loss: a slope along the first axis."""
    steepness, radius = parameters
    out[lane] = -steepness * x[0, lane]


@langevin.lanewise
def slope(x, out, lane, parameters):
    """Gradient of the loss."""
    steepness, radius = parameters
    for i in range(x.shape[0]):
        out[i, lane] = 0.0
    out[0, lane] = -steepness


@langevin.lanewise
def to_the_wall(x, out, lane, parameters):
    """Distance to the wall |x| = L, from inside."""
    steepness, radius = parameters
    square = 0.0
    for i in range(x.shape[0]):
        square += x[i, lane] * x[i, lane]
    out[lane] = radius - np.sqrt(square)


def answer(quick=False, seed=1):
    """Measure the exponents of path length and distance, and the steps downhill, to the wall and to the corner."""
    distances, walkers = DISTANCES[quick], ARRIVING[quick]
    walks = {s: exponents_of_a_walk(s, WALKING[quick], derived_seed(seed, int(s))) for s in (1.0, 0.0)}
    downhill = {
        ratio: [arrival(ratio, L, 200, derived_seed(seed, 100 + 10 * i + j)) for j, L in enumerate(distances)]
        for i, ratio in enumerate(RATIOS)
    }
    wall = [arrival(0.0, L, walkers, derived_seed(seed, 200 + i)) for i, L in enumerate(distances)]
    corner = [to_the_corner(L, walkers, derived_seed(seed, 300 + i)) for i, L in enumerate(distances)]
    rows = [
        *compare_all(distances, wall, theory.passage.passage_step_curves(1.0, DIM)[:1], logarithmic=True),
        *compare_all(distances, corner, [corner_curve()], logarithmic=True),
    ]
    squares = {
        "wall, equal steps": square_row(downhill[RATIOS[0]], wall),
        "wall, shorter steps downhill": square_row(downhill[RATIOS[1]], wall),
        "small corner": square_row(downhill[RATIOS[0]], corner),
    }
    return Answer(
        question="Is the time to grok the square of the time to memorise?",
        findings=(
            way_down(walks[1.0][0]),
            way_around(walks[0.0][0]),
            grokking_is_squared(
                squares, downhill, wall, corner, over(walks[1.0][1], walks[0.0][1], "ratio of path lengths")
            ),
        ),
        header=("distance / rms step", "what", "steps", "standard error", "walkers"),
        rows=[
            (L, what, time.value, time.error, time.n)
            for what, times in (*((f"downhill, ratio {r:g}", downhill[r]) for r in RATIOS), ("wall", wall),
                                ("corner", corner))
            for L, time in zip(distances, times, strict=True)
        ],
        draw=lambda path: draw(path, distances, downhill, wall, corner),
        settings={"dim": DIM, "temperature": THETA, "dt": 1.0, "ratios": RATIOS, "corner": CORNER, "walkers": walkers},
        comparisons=(*rows, *squares.values()),
    )  # fmt: skip


def problem(steepness, radius):
    """A slope, or a constant loss, inside a wall."""
    landscape = potentials.potential(
        height, slope, DIM, parameters=(float(steepness), float(radius)), stiffness=0.0, target=to_the_wall,
        name="slope",
    )  # fmt: skip
    return langevin.Problem(landscape, SIMULATED_THETA)


def exponents_of_a_walk(steepness, walkers, seed):
    """Exponents of path length and end-to-end distance as powers of the number of steps, and the path length itself."""
    run = langevin.simulate(problem(steepness, 1.0), walkers=walkers, steps=STEPS, dt=1.0, every=1, seed=seed)
    short, long = (
        measure.mean_path_length(run, first_time=0.0, last_time=last)[0] for last in (STEPS // 4, STEPS)
    )
    way = scaled(
        measure.log_of(over(long, short, "path length")), 1 / math.log(4.0), "exponent of the path length"
    )
    squared = measure.local_exponent(run, window="after arrival", lags=(FIRST_LAG, STEPS))
    return (way, scaled(squared, 0.5, "half the exponent of the squared distance")), long


def arrival(steepness, distance, walkers, seed):
    """Number of steps from the middle to the wall; arrival is checked at the end of each step."""
    run = langevin.simulate(
        problem(steepness, distance),
        walkers=walkers,
        steps=10**9,
        dt=1.0,
        seed=seed,
        stop=langevin.Stop("none"),
    )
    return measure.mean_first_passage_time(run)


def to_the_corner(side, walkers, seed):
    """Number of steps from a random place in a cube to one small corner."""
    cube = manifolds.cube(dim=DIM, samples=0, fraction=CORNER / side, side=float(side))
    run = langevin.simulate(
        langevin.Problem(cube, SIMULATED_THETA, "reflected"), integrators.variable_step(), walkers=walkers,
        steps=2**52, dt=1.0, seed=seed, stop=langevin.Stop(),
    )  # fmt: skip
    return measure.mean_first_passage_time(run)


def corner_curve():
    """Capacity law of the corner, as a function of the side of the cube."""
    return Curve(
        "capacity law of the corner",
        lambda side: theory.cube.capacity_time(DIM, side, CORNER / side, THETA),
        "corner up to a quarter of the side",
        "Hasimoto 1959",
    )


def square_row(memorising, grokking):
    """Exponent of t_grok over t_mem, both in steps, compared with 2: weighted least squares on logarithms."""
    weights = [time.value / time.error for time in grokking]
    (power, _), covariance = np.polyfit(
        np.log([time.value for time in memorising]), np.log([time.value for time in grokking]), 1, w=weights,
        cov="unscaled",
    )  # fmt: skip
    measured = Measurement(float(power), math.sqrt(covariance[0, 0]), grokking[0].n, "slope of log steps")
    return compare(
        measured, Curve("the square", lambda _: Prediction(2.0, BEND), "a wall", SOURCE), level=0.05 / 3
    )


def way_down(walk):
    """Down a slope, path length and distance are both proportional to the number of steps."""
    way, distance = walk
    number = (
        f"exponents, as powers of the number of steps: path length {format_value(way.value, way.error)}, end-to-end "
        f"distance {format_value(distance.value, distance.error)} (n = {way.n})"
    )
    ballistic = every("path length and distance grow as t", [near(way, 1.0), near(distance, 1.0)])
    return Finding(MEMORISING, verdict_of(ballistic), number)


def way_around(walk):
    """Without a slope the distance grows as the root of the number of steps, and the path length does not."""
    way, distance = walk
    number = (
        f"exponents, as powers of the number of steps: end-to-end distance "
        f"{format_value(distance.value, distance.error)}, path length {format_value(way.value, way.error)} "
        f"(n = {way.n})"
    )
    root = {one.estimator: near(one, 0.5) for one in (way, distance)}
    ends = Narrowed(
        "'path' means the end-to-end distance: the path length itself grows as t, and has no limit as dt goes to 0",
        root[distance.estimator],
        no(root[way.estimator]),
    )
    return Finding(GROKKING, verdict_of(every("both grow as the root of t", root.values()), ends), number)


def grokking_is_squared(squares, downhill, wall, corner, ways):
    """Over equal distances the square needs a wall around the start; the factor 1 (10^3, 10^6) needs equal steps."""
    factors = [
        over(wall[-1], squared(downhill[ratio][-1]), f"t_grok / t_mem^2, step ratio {ratio:g}")
        for ratio in RATIOS
    ]
    exponents = "; ".join(
        f"{name} {format_value(row.measured.value, row.measured.error)}" for name, row in squares.items()
    )
    multiples = " and ".join(
        f"{format_value(factor.value, factor.error)} (step ratio {ratio:g}, squared {ratio**2:g})"
        for factor, ratio in zip(factors, RATIOS, strict=True)
    )
    longer = over(corner[-1], wall[-1], "time to the corner over time to the wall")
    number = (
        f"over equal distances, exponent p of t_grok ~ t_mem^p: {exponents} (n = {wall[0].n}); at a wall "
        f"t_grok / t_mem^2 = {multiples}; the walk to the corner takes "
        f"{format_value(longer.value, longer.error)} times as long as the walk to the wall; over equal path lengths "
        f"t_grok / t_mem = {format_value(ways.value, ways.error)} at any length, so there is no square"
    )
    wall_row, _, corner_row = squares.values()
    exponent, small = near(wall_row.measured, 2.0), near(corner_row.measured, 2.0)
    multiple, unequal = (near(factor, 1.0, MULTIPLE) for factor in factors)
    met = Narrowed(
        "'path' means the end-to-end distance, the target is a wall that surrounds the start, and a step downhill is "
        "as long as the rms step of the noise; the other cases of the sim are a corner of one size and steps "
        f"{RATIOS[1]:g} times as long",
        every("the square at a wall, with equal steps", [exponent, multiple]),
    )
    claim = every("the square with the factor 1 in all cases", [exponent, small, multiple, unequal])
    return Finding(SQUARE, verdict_of(claim, met), number)


def squared(time):
    """The square of a measured time."""
    return replace(time, value=time.value**2, error=2 * time.value * time.error, law=None)


def draw(path, distances, downhill, wall, corner):
    """Steps to grok against steps to memorise over the same distance; in the lower panel, measured over theory."""
    from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
    from langevin.figures.panels import bars, residuals_under

    exits = theory.passage.passage_step_curves(1.0, DIM)[0]
    cases = (
        ("wall, steps of equal length", RATIOS[0], wall, "o", MEASURED, exits),
        (f"wall, steps downhill {RATIOS[1]:g} times as long", RATIOS[1], wall, "^", COLOURS[1], exits),
        ("small corner of the cube", RATIOS[0], corner, "s", COLOURS[0], corner_curve()),
    )
    line = np.geomspace(distances[0], distances[-1], 50)
    title = "Steps to grok against steps to memorise, over the same distance $L$"
    with canvas(path, title, 6.5, 6.0) as axes:
        low = residuals_under(axes)
        for shift, (label, ratio, times, mark, colour, law) in zip((0.97, 1.0, 1.03), cases, strict=True):
            steps, known = [time.value for time in downhill[ratio]], [law.predict(L) for L in distances]
            bars(axes, steps, times, colour, mark, f"{label}, 95 % interval")
            told = [place for place, one in enumerate(known) if one.in_range]
            bars(low, [shift * steps[i] for i in told], [scaled(times[i], 1 / known[i].value) for i in told], colour,
                 mark, label)  # fmt: skip
            axes.plot(line / ratio, [law.predict(L).value for L in line], color=colour, linestyle=DASHES[1],
                      linewidth=1.2)  # fmt: skip
        axes.plot([], [], color="0.4", linestyle=DASHES[1], linewidth=1.2, label="theory")
        axes.plot(1e3, 1e6, marker="*", markersize=14, markerfacecolor="none", color=COLOURS[3], linestyle="none",
                  label="the source's $10^3$ and $10^6$")  # fmt: skip
        axes.set(xscale="log", yscale="log", ylabel="steps to grok: diffusion over a distance $L$",
                 ylim=(None, 10 * corner[-1].value))  # fmt: skip
        axes.legend(loc="upper left")
        low.set(xlabel="steps to memorise: downhill over a distance $L$")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
