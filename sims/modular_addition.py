"""Kozyrev's three observations of grokking, on addition modulo a prime under Langevin noise alone.

A quadratic network (Gromov 2023, arXiv 2301.02679) learns a fraction of the table of a + b mod p by full-batch descent
of the half-MSE with thermal noise and no weight decay. It is wide enough for a generic zero-loss set at every fraction:
3 p N weights minus 2 N gauge directions exceed fraction x p^3 residuals. The circle of embeddings was reported for the
one-layer transformer of Power et al. and Nanda et al. under weight decay; the full run also trains such transformers
(sims/_circles.py) and takes those that generalise.
The full run takes 5 minutes of one processor.
"""

import math
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from langevin.comparison import compare_all
from langevin.comparison import format_measurement as told
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, between, every
from langevin.measure import bootstrap_walkers
from langevin.measure.networks import accuracy_times, mean_time
from langevin.measure.networks.grokking import Arrivals
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Law, Protocol, Recording, train
from langevin.types import Curve, Measurement, Prediction
from models import modular
from sims import _circles as circles


class Setting(NamedTuple):
    """Modulus, hidden units, initial weights, temperature; fractions of the table, splits, networks per split."""

    p: int
    width: int
    scale: float
    heat: float
    fractions: tuple[float, ...]
    splits: int
    networks: int
    horizon: int


#: Three fractions are the fewest that show a form of growth: more splits of them give a smaller error at the same cost.
FULL = Setting(23, 190, 0.15, 1e-5, (0.7, 0.8, 0.9), 11, 1, 24_000)
QUICK = Setting(17, 96, 0.17, 2e-5, (0.8, 0.9), 4, 1, 8000)
RATE, EVERY = 1.0, 15
#: Memorised and generalised: training and test accuracy.
LEARNED = {"train": 0.99, "test": 0.95}
#: Largest test accuracy of "almost 100 % error"; smallest delay factor; tolerance factor of the square.
OVERFITTED, LATER, SQUARED = 0.1, 2.0, 2.0
#: Distance of the numbers of splits of neighbouring seeds: seeds share no split.
APART = 100
#: Number of transformers that are trained.
TRANSFORMERS = 24
PAPER = "S. V. Kozyrev, How to explain grokking (2024), section 2"
DELAY = Claim(
    "memorization of training sample was achieved with almost 100% error on the validation set; if the training was "
    "continued, total generalization was obtained", PAPER + ", observation 1",
)  # fmt: skip
SQUARE = Claim(
    "the duration of grokking (in the SGD steps) will be the square of the duration of memorization", PAPER
)
GROWTH = Claim(
    "Exponential growth of grokking time with decreasing of training sample was observed", PAPER + ", observation 2",
)  # fmt: skip
CIRCLE = Claim("embeddings of residues lie approximately on a circle", PAPER + ", observation 3")


def answer(quick=False, seed=1):
    """Train at every fraction of the table, with several splits each; measure times, and circles of transformers."""
    setting = QUICK if quick else FULL
    parts, splits = setting.fractions, split_numbers(setting, seed)
    runs = {f: [run(setting, modular_network(setting, f, i), i) for i in splits] for f in parts}
    times = {fraction: (reached(parts, "train"), reached(parts, "test")) for fraction, parts in runs.items()}
    known = {fraction: known_when_memorised(parts) for fraction, parts in runs.items()}
    ratios = [
        known_factor(late.time / soon.time**2, (soon, late), "t_grok / t_mem^2")
        for soon, late in times.values()
    ]
    square = Curve("t_grok = t_mem^2", lambda fraction: Prediction(1.0), "in steps", PAPER)
    squares = compare_all(list(times), ratios, [square], LEVEL, logarithmic=True)
    tables = [] if quick else circles.transformers(TRANSFORMERS, seed, level=LEARNED["test"])
    planes = circles.seen(tables) if len(tables) else {}
    return Answer(
        question="Does a network that adds modulo a prime, under Langevin noise alone, show what Kozyrev observes?",
        findings=(
            is_delayed(times, known), is_square(times, ratios), grows_exponentially(times),
            is_on_a_circle(planes, 0 if quick else TRANSFORMERS),
        ),
        header=(
            "fraction of the table", "splits", "memorised, steps", "error", "test accuracy at that step", "error",
            "generalised, steps", "error", "t_grok / t_mem^2", "error",
        ),
        rows=[
            (f, ratio.n, *(number for m in (mean_time(soon), known[f], mean_time(late), ratio)
                           for number in (m.value, m.error)))
            for (f, (soon, late)), ratio in zip(times.items(), ratios, strict=True)
        ],
        draw=lambda path: draw(path, times, planes),
        settings={
            **setting._asdict(), "first split": splits[0], "learning_rate": RATE, "criteria": LEARNED,
            "frame spacing": EVERY,
        },
        comparisons=squares,
    )  # fmt: skip


def split_numbers(setting, seed):
    """Numbers of the splits into training and test pairs; they are also the seeds of the networks."""
    return [APART * seed + i for i in range(setting.splits)]


def modular_network(setting, fraction, split):
    """The network and its training pairs."""
    return modular.model(
        p=setting.p, width=setting.width, scale=setting.scale, fraction=fraction, data_seed=split
    )


def run(setting, network, seed):
    """Langevin descent until all test pairs are right, or the horizon."""
    return train(
        network, Law(RATE, temperature=setting.heat), steps=setting.horizon, chains=setting.networks, seed=seed,
        protocol=Protocol(stop={"generalised": 0}), recording=Recording(range(0, setting.horizon + 1, EVERY)),
    )  # fmt: skip


def reached(parts, part):
    """Steps at which the networks of all splits reach the accuracy of `LEARNED`, as one set of arrivals."""
    found = [accuracy_times(one, part, level=LEARNED[part]) for one in parts]
    time, censored, gap = (np.concatenate([one[i] for one in found]) for i in range(3))
    return Arrivals(time / RATE, censored, gap / RATE, found[0].note)


def known_factor(values, arrivals, name):
    """Geometric mean over networks; unknown if in one of several sets of arrivals some networks never arrived."""
    return replace(factor_over(values, name), mixed=not any(one.censored.any() for one in arrivals))


def known_when_memorised(parts):
    """Test accuracy at the frame at which a network has memorised, over the networks that memorise."""
    found = []
    for one in parts:
        right = one.observables["train_accuracy"] >= LEARNED["train"]
        ever, frames = right.any(axis=1), np.argmax(right, axis=1)
        found.extend(one.observables["test_accuracy"][ever, frames[ever]])
    return mean_over(found) if found else unknown("test accuracy when memorised")


def unknown(name):
    """A number that was not measured."""
    return Measurement(math.nan, math.inf, 0, name, False, "not measured")


def is_delayed(times, known):
    """At every fraction: test accuracy is near 0 when memorised, and generalisation is later by a factor `LATER`."""
    delays = [
        known_factor(late.time / soon.time, (soon, late), "t_grok / t_mem") for soon, late in times.values()
    ]
    number = "; ".join(
        f"fraction {f:g}: memorised after {told(mean_time(soon))} steps with test accuracy "
        f"{told(known[f])}, generalised after {told(mean_time(late))}"
        for f, (soon, late) in times.items()
    )
    parts = [*(below(m, OVERFITTED) for m in known.values()), *(above(m, LATER) for m in delays)]
    verdict = verdict_of(every("first overfitted, generalised much later", parts))
    bounds = f"required: test accuracy below {OVERFITTED:g}, and generalised {LATER:g} times as late"
    return Finding(DELAY, verdict, f"{number} ({bounds}); n = {delays[0].n} splits at each fraction")


def is_square(times, ratios):
    """t_grok / t_mem^2 is 1 in steps; and, in any unit of time, log t_grok changes twice as much as log t_mem."""
    (soon, late), (soon_most, late_most) = times[min(times)], times[max(times)]
    rise, fall = np.log(late.time / late_most.time), np.log(soon.time / soon_most.time)
    ends = soon, late, soon_most, late_most
    power = known_factor(np.exp(rise - 2 * fall), ends, "change of t_grok over the square of that of t_mem")
    number = (
        "t_grok / t_mem^2: "
        + ", ".join(f"{told(m)} at fraction {f:g}" for f, m in zip(times, ratios, strict=True))
        + f" (required: 1 within a factor of {SQUARED:g}); from fraction {max(times):g} to {min(times):g} log t_mem "
        f"changes by {told(mean_over(fall))}, log t_grok by {told(mean_over(rise))} (by the square: twice the change "
        f"of log t_mem); learning rate {RATE:g}, n = {len(rise)} splits at each fraction"
    )
    parts = [between(m, 1 / SQUARED, SQUARED) for m in (*ratios, power)]
    return Finding(SQUARE, verdict_of(every("t_grok is the square of t_mem", parts)), number)


def grows_exponentially(times):
    """t_grok grows with every decrease of the fraction, and log t_grok is linear in it, or else steeper at small ones.

    The tolerance of the ratio of slopes ends half way, in the logarithm, between an exponential (1) and a power law of
    the sample size at these fractions. So numbers that establish one of the two forms exclude the other one.
    """
    fractions, logs = np.array(list(times)), np.log([late.time for _, late in times.values()])
    known = not any(late.censored.any() for _, late in times.values())
    steps = [
        replace(mean_over(low - high, "growth with less data"), mixed=known) for low, high in pairwise(logs)
    ]
    ratio = replace(steepness(fractions, logs), mixed=known and len(fractions) > 2)
    power = steepness(fractions, np.log(fractions)[:, None]).value
    half = math.sqrt(power) if len(fractions) > 2 else math.inf
    grows = every("it grows with every decrease of the fraction", [above(step, 0.0) for step in steps])
    straight = between(ratio, 1 / half, half)
    number = "log t_grok: " + ", ".join(
        f"{told(mean_over(m))} at fraction {f:g}" for f, m in zip(fractions, logs)
    )
    if len(fractions) > 2:
        number += (
            f"; slope at smaller fractions over that at larger {told(ratio)} (exponential: 1, power law: {power:.3f}, "
            f"each within a factor of {half:.3f}, half the way to the other one)"
        )
    number += f"; n = {logs.shape[1]} splits at each fraction"
    condition = "'exponential growth' means growth of any form: it is faster than exponential at the smaller fractions"
    steeper = every("it grows, and faster than exponentially", (grows, above(ratio, half)))
    return Finding(
        GROWTH,
        verdict_of(every("exponential growth", (grows, straight)), Narrowed(condition, steeper)),
        number,
    )


def steepness(fractions, logs):
    """Ratio of two slopes of logs (fractions, networks): in the lower half of the fractions over the upper half."""
    middle = len(fractions) // 2
    halves = slice(0, middle + 1), slice(middle, None)

    def ratio(means):
        low, high = (np.polyfit(fractions[part], means[:, part].T, 1)[0] for part in halves)
        return low / high

    if middle + 1 == len(fractions):
        return unknown("ratio of slopes")  # two fractions show no curvature
    return bootstrap_walkers(logs.T, ratio, "ratio of slopes")


def is_on_a_circle(planes, trained):
    """In networks that generalised, the principal plane shows a circle, or else that of the strongest frequency."""
    if not planes:
        reason = f"none of {trained} transformers generalised, so that none can show whether embeddings lie on a circle"
        return Finding(
            CIRCLE,
            verdict_of(above(unknown("share of the top frequency"), circles.PURE)),
            reason if trained else "only the full run trains transformers",
        )
    principal, strongest = (
        circles.is_a_circle(planes[name], name) for name in (circles.PRINCIPAL, circles.STRONGEST)
    )
    condition = (
        "the embeddings are projected onto the plane of the strongest frequency: a transformer has several circles, "
        "and the two largest principal components often mix them"
    )
    n = len(planes[circles.PRINCIPAL].circle)
    number = (
        f"{n} of {trained} transformers generalised; "
        + "; ".join(circles.told_of(one, name, told) for name, one in planes.items())
        + f"; a circle: the top frequency has more than {circles.PURE:g} of the variance in the plane, and the "
        f"spread is below {circles.ROUND:g} of that of random clouds, n = {n}"
    )
    return Finding(CIRCLE, verdict_of(principal, Narrowed(condition, strongest)), number)


def draw(path, times, planes):
    """Times against the fraction of the table with two laws, and the residuals; circles of transformers."""
    from langevin.figures.canvas import COLOURS, MEASURED, canvas
    from langevin.figures.panels import bars, panels

    fractions = np.array(list(times))
    fine = np.linspace(fractions[0], fractions[-1], 60)
    logs = [np.log(late.time).mean() for _, late in times.values()]
    with canvas(
        path, "Times to memorise and to generalise", width=11.0, height=7.6 if planes else 3.8
    ) as place:
        axes, rest, *others = panels(place, 2 if planes else 1, 2)
        for column, name, colour in ((1, "generalised", MEASURED), (0, "memorised", COLOURS[4])):
            found = [mean_time(pair[column]) for pair in times.values()]
            bars(axes, fractions, found, colour, "os"[column == 0], f"{name}, 95 % interval")
        forms = ("exponential", lambda f: f, COLOURS[0], "--"), ("power law", np.log, COLOURS[1], ":")
        for shift, (name, form, colour, dash) in zip((-0.002, 0.002), forms):
            line = np.polyfit(form(fractions), logs, 1)
            axes.plot(fine, np.exp(np.polyval(line, form(fine))), linestyle=dash, color=colour, label=name)
            law = np.exp(np.polyval(line, form(fractions)))
            over = [factor_over(late.time / one) for (_, late), one in zip(times.values(), law)]
            bars(rest, fractions + shift, over, colour, "o", f"{name}, 95 % interval", linestyle=dash)
        axes.set(xlabel="training fraction of the table", ylabel="steps", yscale="log")
        rest.axhline(1.0, color="0.5", linewidth=0.8)
        rest.set(xlabel="training fraction of the table", ylabel="time to generalise / fit")
        rest.set_title("Residuals of the fits", loc="left")
        for panel, (name, one) in zip(others, planes.items()):
            circles.draw_plane(panel, one, name)
        axes.legend()
        rest.legend()


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
