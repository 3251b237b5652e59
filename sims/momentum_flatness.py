"""Which momentum reaches flat regions fastest under label noise, and is the best 1 - beta proportional to eta^(2/3)?

A heavy ball with learning rate eta and momentum beta moves along the canal a = e^(cos x), with fresh noise on m = 4
labels at every step, from x = 1 to the flat region |x - pi| < 0.6. The sim measures the time of its first entry and of
its last entry; only the last has an optimum. The full run takes two minutes of one processor, because a step is
compiled for each momentum.
"""

import math
import warnings

import numpy as np

import langevin
from langevin import theory
from langevin.comparison import compare, format_measured, format_value
from langevin.ensemble.checks import StepSizeWarning
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, between, every, near
from langevin.integrators import heavy_ball
from langevin.measure import bootstrap_walkers, confidence_interval
from langevin.types import Curve, Prediction

TRANSVERSE, LABEL_NOISE, START, FLAT, RADIUS = 4, 0.5, 1.0, math.pi, 0.6
#: Learning rates a factor 8 apart. Then eta^(2/3) changes by 4, and neighbouring rates share values of the momentum.
RATES = (2.0**-10, 2.0**-13, 2.0**-16)
#: Frictions c = (1 - beta) / eta^(2/3), around the optimum.
FRICTIONS = tuple(2.0 ** (power / 2) for power in range(-4, 3))
#: Time n eta^(2/3) up to which entries are recorded, and the number of frames.
HORIZON, LOOKS = 60.0, 600
EXPONENT = 2 / 3
#: Factor by which the time at both ends must exceed that at an optimum; frictions that count as of order one.
LATER, ORDER_ONE = 1.1, (0.2, 2.0)
SOURCE = "A. Cowsik, T. Can and P. Glorioso, Flatter, faster (2022), arXiv 2210.16400, abstract"
SCALING = Claim(
    "scaling the momentum hyperparameter 1 - beta with the learning rate to the power of 2/3 maximally accelerates "
    "training",
    SOURCE,
)
MEETING = Claim("the maximum acceleration of training is reached when these two timescales meet", SOURCE)


def answer(quick=False, seed=1):
    """Measure first and last entries for every rate and momentum, find the optimum of each rate, fit its exponent."""
    walkers, rates, frictions = (100, RATES[:2], FRICTIONS[:5:2]) if quick else (1000, RATES, FRICTIONS)
    entries = np.array([[entries_of(rate, c, walkers, seed) for c in frictions] for rate in rates])
    first, last = np.moveaxis(entries, (2, 3), (0, 1))
    slope = bootstrap_walkers(
        last, lambda means: optimum_exponent(means, rates, frictions), "exponent of the best 1 - beta"
    )
    best = [
        bootstrap_walkers(
            last[:, i], lambda means: np.exp(log_optimum(means, frictions)), "best (1 - beta) / eta^(2/3)"
        )
        for i in range(len(rates))
    ]
    curve = Curve("eta^(2/3)", lambda _: Prediction(EXPONENT), "small learning rates", SOURCE)
    return Answer(
        question="Which momentum reaches flat regions fastest under label noise?",
        findings=(
            exponent_is(slope, last, frictions),
            times_meet(first, last, best, frictions),
        ),
        header=("learning rate", "friction c", "1 - beta", "first entry", "error", "last entry", "error", "walkers"),
        rows=[
            (rate, c, c * rate**EXPONENT, *mean_and_error(first[:, i, j]), *mean_and_error(last[:, i, j]), walkers)
            for i, rate in enumerate(rates)
            for j, c in enumerate(frictions)
        ],
        draw=lambda path: draw(path, first, last, rates, frictions, slope),
        settings={
            "walkers": walkers, "learning_rates": list(rates), "frictions": list(frictions), "transverse": TRANSVERSE,
            "label_noise": LABEL_NOISE, "start": START, "radius": RADIUS, "horizon": HORIZON,
        },
        comparisons=[compare(slope, curve)],
    )  # fmt: skip


def entries_of(rate, friction, walkers, seed):
    """First and last entry (2, walkers) into the flat region, as n eta^(2/3)."""
    canal = langevin.manifolds.canal(TRANSVERSE, 1.0)
    brake = friction * rate**EXPONENT
    dt = rate / brake
    every = max(1, round(HORIZON / LOOKS / rate**EXPONENT))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StepSizeWarning)  # momentum allows steps 2 / (1 - beta) times as long
        run = langevin.simulate(
            langevin.Problem(canal, LABEL_NOISE**2 * dt / 2, "label-noise"),
            heavy_ball(1 - brake),
            walkers=walkers,
            steps=LOOKS * every,
            dt=dt,
            every=every,
            seed=seed,
            start=langevin.Start([START, *[0.0] * TRANSVERSE], first_step=0),
        )
    inside = np.abs(run.states[:, :, 0] - FLAT) < RADIUS
    times = run.steps * rate**EXPONENT
    frames = np.arange(len(times))
    last_outside = np.where(inside, -1, frames).max(axis=1)
    return np.array([times[inside.argmax(axis=1)], times[np.minimum(last_outside + 1, len(times) - 1)]])


def log_optimum(times, frictions):
    """Log of the best friction, by a parabola through the smallest log time and its neighbours on the last axis."""
    logs = np.log(times)
    lowest = np.clip(logs.argmin(axis=-1, keepdims=True), 1, len(frictions) - 2)
    before, here, after = (np.take_along_axis(logs, lowest + shift, -1)[..., 0] for shift in (-1, 0, 1))
    step = math.log(frictions[1] / frictions[0])
    bend = before - 2 * here + after
    shift = np.divide(before - after, 2 * bend, out=np.full(bend.shape, np.nan), where=bend > 0)
    return np.log(frictions)[lowest[..., 0]] + step * shift


def optimum_exponent(times, rates, frictions):
    """Slope of the log of the best 1 - beta over log eta, from mean times (..., rates, frictions)."""
    logs = np.log(rates)
    best = log_optimum(times, frictions) + EXPONENT * logs
    weights = logs - logs.mean()
    return best @ weights / (weights @ weights)


def mean_and_error(times):
    """Mean over walkers and its standard error."""
    return times.mean(), times.std(ddof=1) / math.sqrt(len(times))


def ends_over_middle(times, frictions, which):
    """Mean time at both ends of the frictions over that at the best one (the same for all rates), for each rate."""
    middle = int(times.mean(axis=(0, 1)).argmin())
    middle = min(max(middle, 1), len(frictions) - 2)
    return [
        bootstrap_walkers(
            times[:, i, [end, middle]],
            lambda means: means[:, 0] / means[:, 1],
            f"{which} entry at the end {end}",
        )
        for i in range(times.shape[1])
        for end in (0, len(frictions) - 1)
    ]


def optimum(times, frictions, which):
    """Whether times have an optimum between the ends, for every rate."""
    later = [above(end, LATER) for end in ends_over_middle(times, frictions, which)]
    return every(f"the {which} entry is later at both ends", later)


def exponent_is(slope, last, frictions):
    """The best momentum lies between the ends, and depends on the learning rate as the source says."""
    low, high = confidence_interval(slope)
    found = every(
        "an optimum proportional to eta^(2/3)", [near(slope, EXPONENT), optimum(last, frictions, "last")]
    )
    number = f"best 1 - beta ~ eta^p with p = {format_measured(slope)}, 95 % interval {low:.3f} to {high:.3f}"
    return Finding(SCALING, verdict_of(found), number)


def times_meet(first, last, best, frictions):
    """Only the last entry has an optimum; the first entry has a plateau."""
    plateau = ends_over_middle(first, frictions, "first")[::2]
    number = "the last entry is earliest at c = " + ", ".join(format_value(m.value, m.error) for m in best)
    number += (
        f" (n = {best[0].n}); first entry at c = {frictions[0]:.2g} over that at c = {frictions[1]:.2g}: "
    )
    number += ", ".join(format_value(m.value, m.error) for m in plateau)
    meets = every(
        "the last entry has an optimum at c of order one",
        [optimum(last, frictions, "last"), *(between(m, *ORDER_ONE) for m in best)],
    )
    clock = Narrowed(
        "the time is that of the last entry into the flat region: the first entry only becomes earlier with more "
        "momentum",
        meets,
        every("the first entry has no optimum", [below(m, 1.0) for m in plateau]),
    )
    claim = every("both entries have an optimum", [meets, optimum(first, frictions, "first")])
    return Finding(MEETING, verdict_of(claim, clock), number)


def draw(path, first, last, rates, frictions, slope):
    """Times of both entries against c: curves of all rates collapse if time and best momentum scale as eta^(2/3)."""
    from langevin.figures.canvas import COLOURS, canvas

    low, high = confidence_interval(slope)
    title = (
        f"Time of entry into the flat region; best $1-\\beta \\sim \\eta^{{p}}$, p = {low:.3f} to {high:.3f}"
    )
    with canvas(path, title) as axes:
        for i, (rate, colour) in enumerate(zip(rates, COLOURS)):
            for times, mark, name in ((last, "o", "last"), (first, "^", "first")):
                means, errors = np.array([mean_and_error(times[:, i, j]) for j in range(len(frictions))]).T
                axes.errorbar(frictions, means, 1.96 * errors, fmt=mark, linestyle="-", linewidth=0.8, color=colour,
                              capsize=3, markersize=4.5, label=f"{name}, $\\eta$ = {rate:.2g}",
                              markerfacecolor=colour if mark == "o" else "white")  # fmt: skip
        grid = np.geomspace(frictions[0], frictions[-1], 60)
        axes.plot(grid, [limit(c) for c in grid], "--", color="#777777",
                  label="last, $\\eta \\to 0$ and $m \\to \\infty$")  # fmt: skip
        axes.set(xscale="log", yscale="log", xlabel="friction $c = (1 - \\beta) / \\eta^{2/3}$",
                 ylabel="steps $\\times\\, \\eta^{2/3}$",
                 xticks=frictions[::2], yticks=(3, 4, 6, 10, 20, 40))  # fmt: skip
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter("{x:g}")
            axis.set_minor_formatter("")
        axes.legend(ncols=2)


def limit(friction):
    """Last entry of the averaged motion (`theory.scaling.settling_time`)."""
    profile = langevin.manifolds.canal(TRANSVERSE, 1.0).facts.profile
    noise = TRANSVERSE * LABEL_NOISE**2
    return theory.scaling.settling_time(
        profile.stiffness, profile.slope, noise, friction, START, FLAT, RADIUS, 2 * HORIZON
    ).value


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
