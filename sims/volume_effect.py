"""Does overparametrisation make grokking more deterministic and easier, by volume alone?

Two valleys are connected by a slope or by a narrow passage; one valley is wider than the other, by the same ratio in
each of m directions. Two cubes of d dimensions are connected by a hole. The sim measures the share of time in the wider
valley or cube (deterministic: close to 1) and the relaxation time (easy: short). The full run takes two minutes of one
processor.
"""

import math

import numpy as np

import langevin
from langevin import theory
from langevin.comparison import compare_all, format_value
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, between, every
from langevin.integrators import leimkuhler_matthews
from langevin.measure import occupation, relaxation_time
from langevin.measure.combined import difference, ratio
from langevin.types import Curve, Prediction

#: log a(x) = log a0 - tilt sin x + narrow cos 2x: the wide valley is at pi/2; with a narrow, a less wide one at -pi/2.
STIFFNESS, TILT, NARROW, HEAT, STABLE = 100.0, 0.5, 1.0, 1.0, 0.2
#: Sides of the two chambers, width of the hole, and size of a kick in units of this width.
NEAR, FAR, HOLE, STRIDE = 1.0, 1.5, 0.4, 0.08
#: Time, burn-in, time between frames and lags of the fit, in units of the relaxation time that theory predicts.
DURATION, BURN_IN, SPACING, LAGS = 60.0, 5.0, 0.1, (0.5, 1.5)
#: Tolerance of the difference of share of time and share of volume; smallest rise of the share; ratios of relaxation
#: times above which they grow, and below which they fall.
SHARE, RISE, SLOWER, FASTER = 0.06, 0.02, 1.05, 0.95
POST = "B. Millidge, Addendum to Grokking Grokking (beren.io), on volumes"
VOLUMES = Claim(
    "the relative volumes of low vs high curvature or grokking vs non-grokking solutions will determine the observed "
    "behaviour of grokking",
    POST,
)
EASIER = Claim(
    "grokking would become more and more deterministic and easy to achieve in more overparametrized models due simply "
    "to this volume effect",
    POST,
)
SLOPE, GATE, ROOMS = "valleys without a narrow", "valleys with a narrow", "chambers with a hole"


def answer(quick=False, seed=1):
    """Simulate all families at every dimension; compare shares with volumes and times with spectra."""
    dims = {SLOPE: (1, 16) if quick else (1, 2, 4, 8, 16), GATE: (1, 4) if quick else (1, 2, 4, 6)}
    dims[ROOMS] = (2, 3) if quick else (2, 3, 4)
    walkers = 60 if quick else 120
    results = {
        family: [measured(family, dim, walkers, seed + 10 * number + i) for i, dim in enumerate(dims[family])]
        for number, family in enumerate(dims)
    }
    comparisons = [
        row
        for family in dims
        for column, curve in enumerate((share_curve(family), time_curve(family)))
        for row in compare_all(
            dims[family], [result[column] for result in results[family]], [curve], 0.05 / 6, logarithmic=column == 1
        )
    ]  # fmt: skip
    return Answer(
        question="Does overparametrisation make grokking more deterministic and easier, by volume alone?",
        findings=(volumes_decide(comparisons), gets_easier(dims, results)),
        header=("family", "dimensions", "share of the wide side", "error", "relaxation time", "error", "walkers"),
        rows=[
            (family, dim, share.value, share.error, time.value, time.error, walkers)
            for family in dims
            for dim, (share, time) in zip(dims[family], results[family], strict=True)
        ],
        draw=lambda path: draw(path, dims, results),
        settings={
            "walkers": walkers, "stiffness": STIFFNESS, "tilt": TILT, "narrow": NARROW, "temperature": HEAT,
            "chambers": [NEAR, FAR], "hole": HOLE, "duration": DURATION,
        },
        comparisons=comparisons,
    )  # fmt: skip


def measured(family, dim, walkers, seed):
    """Share of time on the wide side, and relaxation time, of walks that start on the other side."""
    tau = time_curve(family).predict(dim).value
    if family == ROOMS:
        body = langevin.manifolds.chambers(dim, NEAR, FAR, HOLE, 0.0)
        problem, step = langevin.Problem(body, HEAT, "reflected"), None
        dt = (STRIDE * HOLE) ** 2 / (2 * HEAT)
    else:
        canal = valleys(family, dim)
        problem, step, dt = (
            langevin.Problem(canal, HEAT),
            leimkuhler_matthews(),
            STABLE / canal.stiffness(HEAT),
        )
    every = max(1, round(SPACING * tau / dt))
    steps = every * round(DURATION / SPACING)
    run = langevin.simulate(problem, step, walkers=walkers, steps=steps, dt=dt, every=every, seed=seed)
    share = occupation(run, lambda states: wide_side(family, states), first_time=BURN_IN * tau)
    lags = LAGS[0] * tau, LAGS[1] * tau
    return share, relaxation_time(
        run, lambda states: slow(family, states), lags=lags, first_time=BURN_IN * tau
    )


def profile(x, parameters):
    """Stiffness a(x), compiled into the canal."""
    stiffness, tilt, narrow = parameters
    return stiffness * np.exp(narrow * np.cos(2.0 * x) - tilt * np.sin(x))


def profile_slope(x, parameters):
    """Its derivative a'(x)."""
    stiffness, tilt, narrow = parameters
    rise = -2.0 * narrow * np.sin(2.0 * x) - tilt * np.cos(x)
    return rise * stiffness * np.exp(narrow * np.cos(2.0 * x) - tilt * np.sin(x))


def valleys(family, transverse):
    """The canal; walkers start in the less wide valley."""
    numbers = (STIFFNESS, TILT, NARROW if family == GATE else 0.0)
    return langevin.manifolds.canal_with(
        profile, profile_slope, transverse, start=-math.pi / 2, parameters=numbers, period=2 * math.pi
    )


def wide_side(family, states):
    """Which states are on the side of the larger volume."""
    return states[:, 0] > 0 if family == ROOMS else np.sin(states[:, 0]) > 0


def slow(family, states):
    """A function that overlaps with the slowest mode: between the sides or, on a slope, across its flat end."""
    return np.cos(states[:, 0]) if family == SLOPE else wide_side(family, states).astype(float)


def share_curve(family):
    """Share of volume of the wide side."""
    if family == ROOMS:
        return theory.gibbs.wide_share_curve(FAR / NEAR)

    def predict(transverse):
        x = 2 * np.pi * (np.arange(4000) + 0.5) / 4000
        weight = np.exp(-transverse / 2 * log_profile(family, x))
        return Prediction(float(weight[np.sin(x) > 0].sum() / weight.sum()))

    return Curve(f"volume: {family}", predict, "equilibrium", "Gibbs distribution a^(-m/2)")


def time_curve(family):
    """Relaxation time as a function of the number of dimensions."""

    def predict(dim):
        if family == ROOMS and dim == 2:
            rate = langevin.manifolds.chambers(2, NEAR, FAR, HOLE, 0.0).facts.relaxation_rate
            return Prediction(1 / (HEAT * rate))
        if family == ROOMS:
            ball = math.pi ** ((dim - 1) / 2) / math.gamma((dim + 1) / 2)
            radius = HOLE / ball ** (1 / (dim - 1))
            rate = theory.passage.two_chambers_rate([NEAR] * dim, [FAR] * dim, radius, 0.0, HEAT)
        else:
            rate = theory.passage.canal_gap(lambda x: log_profile(family, x), dim, HEAT)
        return Prediction(1 / rate.value, rate.remainder / rate.value**2, rate.in_range)

    return Curve(f"spectrum: {family}", predict, "stiff walls; small holes", "slowest relaxation rate")  # fmt: skip


def log_profile(family, x):
    """log a(x) / a0."""
    return (NARROW if family == GATE else 0.0) * np.cos(2 * x) - TILT * np.sin(x)


def volumes_decide(comparisons):
    """Every share of time equals the share of volume; a walk that has not mixed decides nothing, and leaves it open."""
    shares = [row for row in comparisons if row.theory.startswith("volume")]
    as_volume = every(
        f"every share of time equals the share of volume within {SHARE:g}",
        [between(row.measured, row.predicted.value - SHARE, row.predicted.value + SHARE) for row in shares],
    )
    number = "share of time minus share of volume: " + ", ".join(
        f"{row.theory.removeprefix('volume').strip(': ') or ROOMS}, dimension {row.point:g}: "
        + format_value(row.measured.value - row.predicted.value, row.measured.error)
        + ("" if row.measured.mixed else " (not mixed)")
        for row in shares
    )
    number += f" (tolerance {SHARE:g})"
    return Finding(VOLUMES, verdict_of(as_volume), number)


def gets_easier(dims, results):
    """More deterministic means that the share rises; easier means that the relaxation time falls."""
    ends = {family: (rows[0], rows[-1]) for family, rows in results.items()}
    rises = {
        family: above(difference(last[0], first[0], f"rise of the share, {family}"), RISE)
        for family, (first, last) in ends.items()
    }
    times = {
        family: ratio(last[1], first[1], f"relaxation time, last over first, {family}")
        for family, (first, last) in ends.items()
    }
    number = "; ".join(
        f"{family}, {dims[family][0]} to {dims[family][-1]} dimensions: share "
        f"{format_value(first[0].value, first[0].error)} to {format_value(last[0].value, last[0].error)}, relaxation "
        f"time {format_value(first[1].value, first[1].error)} to {format_value(last[1].value, last[1].error)} "
        f"({change(times[family])}; n = {first[1].n})"
        for family, (first, last) in ends.items()
    )
    faster = {family: below(time, FASTER) for family, time in times.items()}
    open_way = Narrowed(
        "no narrow passage lies between the two sides; the sim has narrow passages of one depth and holes of one size",
        every("the share rises, and the time falls", [rises[SLOPE], faster[SLOPE]]),
    )
    claim = every("the share rises and the time falls in all families", [*rises.values(), *faster.values()])
    return Finding(EASIER, verdict_of(claim, open_way), number)


def change(time):
    """What the numbers say about a ratio of relaxation times."""
    if above(time, SLOWER).established:
        return f"it grows by more than {SLOWER - 1:.0%}"
    fell = below(time, FASTER).established
    return f"it falls by more than {1 - FASTER:.0%}" if fell else "no clear change"


def draw(path, dims, results):
    """Left the share of the wide side, right the relaxation time; in the lower panels, measured over theory."""
    from langevin.figures.canvas import COLOURS, canvas
    from langevin.figures.panels import beside_theory, panels, plain_ticks, residuals_under

    with canvas(path, "Deterministic: share of time on the wide side", 10.0, 5.2) as area:
        axes, right = panels(area, 1, 2)
        right.set_title("Easy: relaxation time", loc="left")
        lows = [residuals_under(panel) for panel in (axes, right)]
        for shift, family, colour, mark in zip((0.96, 1.0, 1.04), dims, COLOURS, "os^", strict=False):
            for column, (place, low) in enumerate(zip((axes, right), lows, strict=True)):
                found = [result[column] for result in results[family]]
                curve = (share_curve, time_curve)[column](family)
                expected = [curve.predict(dim) for dim in dims[family]]
                dash = "--" if all(p.in_range for p in expected) else ":"
                values, at = [p.value for p in expected], shift * np.array(dims[family])
                place.plot(dims[family], values, dash, color=colour, linewidth=1.2)
                beside_theory(place, low, at, found, values, colour, mark, f"{family}, 95 % interval")
        right.plot([], [], "--", color="0.4", label="theory")
        right.plot([], [], ":", color="0.4", label="theory of small holes, beyond its range")
        axes.set(ylabel="share of time", ylim=(0.5, 1.02), xscale="log")
        right.set(ylabel="relaxation time $\\times\\,\\theta$", yscale="log", xscale="log")
        for low in lows:
            plain_ticks(low.xaxis, dims[SLOPE])
            low.set(xlabel="stiff directions $m$ (valleys), dimensions $d$ (chambers)")
        plain_ticks(right.yaxis, (0.3, 1, 3, 10, 30))
        axes.legend(loc="lower right")
        theories = [pair for pair in zip(*right.get_legend_handles_labels()) if pair[1].startswith("theory")]
        right.legend(*zip(*theories), loc="upper left")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
