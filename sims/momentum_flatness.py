"""Which momentum reaches flat regions fastest under label noise, and is the best 1 - beta proportional to eta^(2/3)?

A heavy ball with learning rate eta and momentum beta moves along the canal a = e^(cos x), with fresh noise on m = 4
labels at every step, from x = 1 to the flat region |x - pi| < 0.6. The sim measures the time of its first entry and of
its last entry; only the last has an optimum. Two time scales are compared there: the memory of the momentum and the
drift at high friction. The full run takes two minutes of one processor, because a step is compiled for each momentum.
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
#: Factor by which the time at both ends must exceed that at an optimum; largest factor between the best friction and
#: that at which the time scales meet.
LATER, FACTOR = 1.1, 1.5
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
    beside = [
        bootstrap_walkers(
            last[:, i],
            lambda means: np.exp(log_optimum(means, frictions)) / meeting(means, frictions),
            "best 1 - beta over that at which the time scales meet",
        )
        for i in range(len(rates))
    ]
    curve = Curve("eta^(2/3)", lambda _: Prediction(EXPONENT), "small learning rates", SOURCE)
    return Answer(
        question="Which momentum reaches flat regions fastest under label noise?",
        findings=(
            exponent_is(slope, first, last, frictions),
            times_meet(first, last, best, beside, frictions),
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


def meeting(times, frictions):
    """Friction at which the memory of the momentum, 1 / (1 - beta) steps, is the time of the drift at high friction.

    In units of eta^(-2/3) steps these are 1 / c and, because the drift in a step is proportional to (eta / (1 -
    beta))^2, c^2 times a constant. The time of the last entry at the largest c of `times` (..., frictions) measures it.
    """
    return (times[..., -1] / frictions[-1] ** 2) ** (-1 / 3)


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


def for_last(claim, held, first, frictions):
    """The verdict on a claim that `held`, a statement on the last entry, is true of both entries."""
    plateau = ends_over_middle(first, frictions, "first")[::2]
    clock = Narrowed(
        "the time is that of the last entry into the flat region: the first entry only becomes earlier with more "
        "momentum",
        held,
        every("the first entry has no optimum", [below(m, 1.0) for m in plateau]),
    )
    verdict = verdict_of(every(claim, [held, optimum(first, frictions, "first")]), clock)
    number = f"first entry at c = {frictions[0]:.2g} over that at c = {frictions[1]:.2g}: "
    return verdict, number + ", ".join(format_value(m.value, m.error) for m in plateau)


def exponent_is(slope, first, last, frictions):
    """The best momentum lies between the ends, and depends on the learning rate as the source says."""
    low, high = confidence_interval(slope)
    found = every(
        "an optimum of the last entry, proportional to eta^(2/3)",
        [near(slope, EXPONENT), optimum(last, frictions, "last")],
    )
    verdict, plateau = for_last("both entries have this optimum", found, first, frictions)
    number = (
        f"last entry: best 1 - beta ~ eta^p with p = {format_measured(slope)}, 95 % interval {low:.3f} to {high:.3f}; "
        + plateau
    )
    return Finding(SCALING, verdict, number)


def times_meet(first, last, best, beside, frictions):
    """Only the last entry has an optimum, where the time scales meet; the first entry has a plateau."""
    meets = every(
        "the last entry has an optimum where the time scales meet",
        [optimum(last, frictions, "last"), *(between(m, 1 / FACTOR, FACTOR) for m in beside)],
    )
    verdict, plateau = for_last("both entries have an optimum", meets, first, frictions)
    number = (
        "the last entry is earliest at c = "
        + ", ".join(format_value(m.value, m.error) for m in best)
        + f" (n = {best[0].n}); {plateau}; best 1 - beta over that at which the memory of the momentum, 1 / (1 - beta) "
        f"steps, equals the time of the drift, measured at c = {frictions[-1]:g} and proportional to (1 - beta)^2: "
        + ", ".join(format_value(m.value, m.error) for m in beside)
        + f" (required: within a factor {FACTOR:g})"
    )
    return Finding(MEETING, verdict, number)


def draw(path, first, last, rates, frictions, slope):
    """Times of both entries against c; right, relative to those of the smallest rate, and to the limit."""
    from langevin.figures.canvas import COLOURS, canvas
    from langevin.figures.panels import plain_ticks

    low, high = confidence_interval(slope)
    title = f"Time of entry into the flat region; best $1-\\beta \\sim \\eta^{{p}}$, $p$ = {low:.3f} to {high:.3f}"
    with canvas(path, title, 11.0, 5.0) as axes:
        grid = axes.figure.add_gridspec(2, 2, width_ratios=(3, 2))
        axes.set_subplotspec(grid[:, 0])
        upper = axes.figure.add_subplot(grid[0, 1])
        lower = axes.figure.add_subplot(grid[1, 1], sharex=upper)
        # open marks of several sizes: points of all rates lie on one another
        for i, (rate, colour, size) in enumerate(zip(rates, COLOURS, (9.0, 6.0, 3.0))):
            style = {"color": colour, "capsize": 3, "markersize": size, "markerfacecolor": "none"}
            for side, (times, mark, name) in enumerate(((last, "o", "last"), (first, "^", "first"))):
                means, errors = np.array([mean_and_error(times[:, i, j]) for j in range(len(frictions))]).T
                base, spread = np.array([mean_and_error(times[:, -1, j]) for j in range(len(frictions))]).T
                axes.errorbar(frictions, means, 1.96 * errors, fmt=mark, linestyle="-", linewidth=0.6,
                              label=f"{name}, {power_of_two(rate)}, 95 % interval", **style)  # fmt: skip
                if i < len(rates) - 1:
                    over = means / base
                    half = 1.96 * over * np.hypot(errors / means, spread / base)
                    beside = np.array(frictions) * 1.04 ** (2 * i + side - 1.5)  # intervals side by side
                    upper.errorbar(beside, over, half, fmt=mark, linestyle="none", **style)
                if name == "last":
                    law = np.array([limit(c) for c in frictions])
                    lower.errorbar(
                        frictions, means / law, 1.96 * errors / law, fmt=mark, linestyle="none", **style
                    )
        line = np.geomspace(frictions[0], frictions[-1], 60)
        axes.plot(line, [limit(c) for c in line], "--", color="#777777",
                  label="last, $\\eta \\to 0$ and $m \\to \\infty$")  # fmt: skip
        for panel in (axes, upper, lower):
            panel.set(xscale="log")
            plain_ticks(panel.xaxis, frictions[::2])
        for panel in (upper, lower):
            panel.axhline(1.0, color="#777777", linewidth=0.8)
        friction = "friction $c = (1 - \\beta) / \\eta^{2/3}$"
        axes.set(yscale="log", xlabel=friction, ylabel="steps $\\times\\, \\eta^{2/3}$")
        plain_ticks(axes.yaxis, (3, 4, 6, 10, 20, 40))
        upper.set(ylabel=f"time / that at {power_of_two(rates[-1])}")
        lower.set(xlabel=friction, ylabel="last entry / limit")
        axes.legend(fontsize=7)


def power_of_two(rate):
    """A learning rate in the words of the figure."""
    return f"$\\eta = 2^{{{math.log2(rate):.0f}}}$"


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
