"""Is the time to grok the square of the time to memorise?

Memorising is a walk down a slope, grokking a walk without one. Both have to cover the same distance L. Measured are the
way and the distance over the number of steps, and then the steps to arrive: at a wall all around, by slopes that make
steps as long as the noise or shorter, and at a small corner of Kozyrev's cube. The full run takes half a minute on
two processors.
"""

import math

import numpy as np

import langevin
from langevin import integrators, manifolds, measure, potentials, theory
from langevin.comparison import compare, compare_all, format_value
from langevin.experiment.claims import Answer, Claim, Finding, judge
from langevin.kernels.streams import derived_seed
from langevin.types import Curve, Measurement, Prediction

#: The unit of length is the rms step of the noise, the unit of time a step.
DIM = 3
THETA = 1.0 / (2 * DIM)
SIMULATED_THETA = THETA
#: Distances to cover, steps down the slope over rms steps of the noise, side of the small corner.
DISTANCES = {True: (40, 80, 160), False: (40, 100, 300, 1000)}
RATIOS = (1.0, 0.25)
CORNER = 10.0
#: Walkers that arrive; walkers and steps of the free walks, whose exponents are taken from the lag FIRST_LAG on.
ARRIVING, WALKING = {True: 200, False: 3000}, {True: 400, False: 4000}
STEPS, FIRST_LAG = 1000, 50
#: At the shortest distance overshoot and wandering sideways change steps by up to 3 %, and so the exponent by this.
BEND = 0.04
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
    """Exponents of way and distance; steps to arrive over the distance, downhill, without a slope, at the corner."""
    distances, walkers = DISTANCES[quick], ARRIVING[quick]
    walks = {s: exponents_of_a_walk(s, WALKING[quick], derived_seed(seed, int(s))) for s in (1.0, 0.0)}
    downhill = {
        ratio: [arrival(ratio, L, 200, derived_seed(seed, 100 + 10 * i + j)) for j, L in enumerate(distances)]
        for i, ratio in enumerate(RATIOS)
    }
    wall = [arrival(0.0, L, walkers, derived_seed(seed, 200 + i)) for i, L in enumerate(distances)]
    corner = [to_the_corner(L, walkers, derived_seed(seed, 300 + i)) for i, L in enumerate(distances)]
    rows = [
        *compare_all(distances, wall, theory.passage_step_curves(1.0, DIM)[:1], logarithmic=True),
        *compare_all(distances, corner, [corner_curve()], logarithmic=True),
    ]
    squares = {
        "wall, equal steps": square_row(downhill[RATIOS[0]], wall),
        "wall, steps downhill shorter": square_row(downhill[RATIOS[1]], wall),
        "small corner": square_row(downhill[RATIOS[0]], corner),
    }
    return Answer(
        question="Is the time to grok the square of the time to memorise?",
        findings=(
            way_down(walks[1.0][0]),
            way_around(walks[0.0][0]),
            grokking_is_squared(squares, downhill, wall, corner, walks[1.0][1] / walks[0.0][1]),
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
    """A slope, or a plain, inside a wall."""
    landscape = potentials.potential(
        height, slope, DIM, parameters=(float(steepness), float(radius)), stiffness=0.0, target=to_the_wall,
        name="slope",
    )  # fmt: skip
    return langevin.Problem(landscape, SIMULATED_THETA)


def exponents_of_a_walk(steepness, walkers, seed):
    """Exponents over the number of steps, of the way walked and of the distance between its ends; length of the way."""
    run = langevin.simulate(problem(steepness, 1.0), walkers=walkers, steps=STEPS, dt=1.0, every=1, seed=seed)
    short, long = (
        measure.mean_path_length(run, first_time=0.0, last_time=last)[0] for last in (STEPS // 4, STEPS)
    )
    way = Measurement(
        math.log(long.value / short.value) / math.log(4.0),
        math.hypot(short.error / short.value, long.error / long.value) / math.log(4.0),
        walkers,
        "exponent of the way",
    )
    squared = measure.local_exponent(run, window="after arrival", lags=(FIRST_LAG, STEPS))
    distance = Measurement(
        squared.value / 2,
        squared.error / 2,
        squared.n,
        "half the exponent of the squared distance",
        squared.mixed,
    )
    return (way, distance), long.value


def arrival(steepness, distance, walkers, seed):
    """Steps from the middle to the wall, watched at step ends: it is steps that are counted."""
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
    """Steps from anywhere in a cube to one small corner."""
    cube = manifolds.cube(dim=DIM, samples=0, fraction=CORNER / side, side=float(side))
    run = langevin.simulate(
        langevin.Problem(cube, SIMULATED_THETA, "reflected"), integrators.variable_step(), walkers=walkers,
        steps=2**52, dt=1.0, seed=seed, stop=langevin.Stop(),
    )  # fmt: skip
    return measure.mean_first_passage_time(run)


def corner_curve():
    """Capacity law of the corner, over the side of the cube."""
    return Curve(
        "capacity law of the corner",
        lambda side: theory.capacity_time(DIM, side, CORNER / side, THETA),
        "corner up to a quarter of the side",
        "Hasimoto 1959",
    )


def square_row(memorising, grokking):
    """Exponent of the steps to grok over the steps to memorise, beside 2: weighted least squares on logarithms."""
    weights = [time.value / time.error for time in grokking]
    (power, _), covariance = np.polyfit(
        np.log([time.value for time in memorising]), np.log([time.value for time in grokking]), 1, w=weights,
        cov="unscaled",
    )  # fmt: skip
    measured = Measurement(float(power), math.sqrt(covariance[0, 0]), grokking[0].n, "slope of log steps")
    law = Curve("the square", lambda point: Prediction(2.0, BEND), "a wall", SOURCE)
    return compare(measured, law, level=0.05 / 3)


def way_down(walk):
    """Down a slope way and distance are both in proportion to the steps."""
    way, distance = walk
    number = (
        f"exponent over the number of steps: way {format_value(way.value, way.error)}, distance "
        f"{format_value(distance.value, distance.error)} (n = {way.n})"
    )
    return Finding(MEMORISING, judge(near(way, 1.0) and near(distance, 1.0)), number)


def way_around(walk):
    """Without a slope the distance goes as the root, and the way does not."""
    way, distance = walk
    number = (
        f"exponent over the number of steps: distance between the ends {format_value(distance.value, distance.error)}, "
        f"way walked {format_value(way.value, way.error)} (n = {way.n})"
    )
    condition = (
        "the path is the distance between its ends: the way itself grows as t, and has no limit as dt to 0"
    )
    return Finding(GROKKING, judge(near(way, 0.5), near(distance, 0.5), condition), number)


def grokking_is_squared(squares, downhill, wall, corner, ways):
    """Equal distances: the square needs a wall; that 10^3 becomes 10^6, and no multiple of it, needs equal steps."""
    factors = [wall[-1].value / downhill[ratio][-1].value ** 2 for ratio in RATIOS]
    errors = [
        factor
        * math.hypot(wall[-1].error / wall[-1].value, 2 * downhill[r][-1].error / downhill[r][-1].value)
        for factor, r in zip(factors, RATIOS, strict=True)
    ]
    exponents = "; ".join(
        f"{name} {format_value(row.measured.value, row.measured.error)}" for name, row in squares.items()
    )
    multiples = " and ".join(
        f"{format_value(factor, error)} (step ratio {ratio:g})"
        for factor, error, ratio in zip(factors, errors, RATIOS, strict=True)
    )
    number = (
        f"over equal distances the exponent of grokking over memorising is {exponents} (n = {wall[0].n}); at a wall "
        f"t_grok / t_mem^2 = {multiples}, and the corner takes {corner[-1].value / wall[-1].value:.0f} times as long "
        f"as the wall; over equal lengths of the way itself t_grok / t_mem = {ways:.2f} at any length, no square"
    )
    one = [
        abs(math.log(factor)) < 0.1 + 2 * error / factor
        for factor, error in zip(factors, errors, strict=True)
    ]
    two = [row.verdict != "excluded" for row in squares.values()]
    condition = (
        "the path is the distance between its ends, the target is a wall all around and no small region, and a step "
        "downhill is as long as the rms step of the noise"
    )
    return Finding(SQUARE, judge(all(one) and all(two), one[0] and two[0], condition), number)


def near(measured, exponent):
    """Within 5 % and three errors."""
    return abs(measured.value - exponent) < 0.05 * exponent + 3.0 * measured.error


def draw(path, distances, downhill, wall, corner):
    """Steps to grok over steps to memorise, the same distance to cover."""
    from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas

    with canvas(path, "Steps to grok over steps to memorise, to cover the same distance", 6.5, 4.6) as axes:
        cases = (
            ("wall, steps of equal length", RATIOS[0], wall, "o", MEASURED),
            (f"wall, steps downhill {RATIOS[1]:g} times as long", RATIOS[1], wall, "^", COLOURS[1]),
            ("small corner of the cube", RATIOS[0], corner, "s", COLOURS[0]),
        )
        for label, ratio, times, mark, colour in cases:
            steps = [time.value for time in downhill[ratio]]
            values, errors = [time.value for time in times], [1.96 * time.error for time in times]
            axes.errorbar(steps, values, errors, fmt=mark, color=colour, capsize=3, label=label)
        line = np.geomspace(distances[0], distances[-1], 50)
        exits = theory.passage_step_curves(1.0, DIM)[0]
        for (_, ratio, _, _, colour), law in zip(cases, (exits, exits, corner_curve()), strict=True):
            values = [law.predict(L).value for L in line]
            axes.plot(line / ratio, values, color=colour, linestyle=DASHES[1], linewidth=1.2)
        axes.plot([], [], color="0.4", linestyle=DASHES[1], linewidth=1.2, label="theory")
        axes.plot(1e3, 1e6, marker="*", markersize=14, markerfacecolor="none", color=COLOURS[3], linestyle="none",
                  label="the source's 10^3 and 10^6")  # fmt: skip
        axes.set(xscale="log", yscale="log", xlabel="steps to memorise: straight downhill over the distance L",
                 ylabel="steps to grok: diffusion over L", ylim=(None, 300 * corner[-1].value))  # fmt: skip
        axes.legend(loc="upper left")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
