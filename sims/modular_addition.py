"""Kozyrev's three observations of grokking, on addition modulo a prime under Langevin noise alone.

A quadratic network (Gromov 2023, arXiv 2301.02679) learns a part of the table of a + b mod p by full-batch descent of
the half-MSE with thermal noise and no weight decay. It is wide enough for a generic zero-loss set at every part:
3 p N weights less 2 N of gauge are more than part x p^3 residuals. The one-layer transformer of Power et al. and
Nanda et al. costs a minute a network: it is the preset `transformer` of models/modular.py, not here.
The full run takes 4 minutes of one processor.
"""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from langevin.comparison import compare_all
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, judge
from langevin.measure.networks import accuracy_times, fourier_power, mean_time, neuron_frequencies
from langevin.measure.networks.grokking import Arrivals
from langevin.measure.straight_line import straight_line
from langevin.sgld import Callbacks, Law, Protocol, Recording, train
from langevin.types import Curve, Measurement, Prediction
from models import modular


class Setting(NamedTuple):
    """Modulus, hidden units, initial weights, temperature; parts of the table, splits of it, networks a split."""

    p: int
    width: int
    scale: float
    heat: float
    fractions: tuple[float, ...]
    splits: int
    networks: int
    horizon: int


FULL = Setting(23, 190, 0.15, 1e-5, (0.65, 0.7, 0.75, 0.8, 0.9), 5, 1, 36_000)
QUICK = Setting(17, 96, 0.17, 2e-5, (0.85, 0.9), 1, 3, 8000)
RATE, EVERY, LOOK = 1.0, 15, 150
#: Memorised and generalised: accuracies on the two sides of the table.
LEARNED = {"train": 0.99, "test": 0.95}
#: Wrong nearly everywhere; later by more than this factor; most of the power on one circle.
OVERFITTED, LATER, MOST = 0.1, 2.0, 0.5
#: Abscissae in which the logarithm of the grokking time may be straight.
FORMS = {"exponential": lambda f: f, "power law": np.log, "exp(c / part)": lambda f: 1 / f}
PAPER = "S. V. Kozyrev, How to explain grokking (2024), section 2"
DELAY = Claim(
    "memorization of training sample was achieved with almost 100% error on the validation set; if the training was "
    "continued, total generalization was obtained",
    PAPER + ", observation 1",
)
SQUARE = Claim(
    "the duration of grokking (in the SGD steps) will be the square of the duration of memorization", PAPER
)
GROWTH = Claim(
    "Exponential growth of grokking time with decreasing of training sample was observed",
    PAPER + ", observation 2",
)
CIRCLE = Claim("embeddings of residues lie approximately on a circle", PAPER + ", observation 3")


def answer(quick=False, seed=1):
    """Train at every part of the table, several splits each; times, and the circles at the end."""
    setting = QUICK if quick else FULL
    circles = {fraction: [[] for _ in range(setting.splits)] for fraction in setting.fractions}
    runs = {
        fraction: [
            run(setting, modular_network(setting, fraction, split), seed + split, watch(seen))
            for split, seen in enumerate(circles[fraction])
        ]
        for fraction in setting.fractions
    }
    times = {fraction: (reached(parts, "train"), reached(parts, "test")) for fraction, parts in runs.items()}
    known = {fraction: known_when_memorised(parts) for fraction, parts in runs.items()}
    ratios = [mean_of(late.time / soon.time**2, late) for soon, late in times.values()]
    square = Curve("t_grok = t_mem^2", lambda fraction: Prediction(1.0), "in steps", PAPER)
    squares = compare_all(list(times), ratios, [square], LEVEL, logarithmic=True)
    shares = circle_shares(circles)
    return Answer(
        question="Does a network that adds modulo a prime, under Langevin noise alone, show what Kozyrev observes?",
        findings=(
            is_delayed(times, known), is_square(times, squares), grows_exponentially(times), is_on_a_circle(shares),
        ),
        header=(
            "part of the table", "networks", "memorised, steps", "error", "test accuracy then", "error",
            "generalised, steps", "error", "t_grok / t_mem^2", "error",
        ),
        rows=[
            (f, ratio.n, *(number for m in (mean_time(soon), known[f], mean_time(late), ratio)
                           for number in (m.value, m.error)))
            for (f, (soon, late)), ratio in zip(times.items(), ratios, strict=True)
        ],
        draw=lambda path: draw(path, times, circles, shares),
        settings={**setting._asdict(), "learning_rate": RATE, "criteria": LEARNED, "frame spacing": EVERY},
        comparisons=squares,
    )  # fmt: skip


def modular_network(setting, fraction, split):
    """The network, and which pairs it learns."""
    return modular.model(
        p=setting.p, width=setting.width, scale=setting.scale, fraction=fraction, data_seed=split
    )


def run(setting, network, seed, visit=None):
    """Langevin descent until all test pairs are right, or the horizon."""
    return train(
        network, Law(RATE, temperature=setting.heat), steps=setting.horizon, chains=setting.networks, seed=seed,
        protocol=Protocol(stop={"generalised": 0}), recording=Recording(range(0, setting.horizon + 1, EVERY)),
        callbacks=Callbacks(visit=visit),
    )  # fmt: skip


def watch(seen):
    """A visitor that keeps of the first network: step, share of a neuron's top frequency, the table's, a control's."""
    shuffle = np.random.default_rng(0)

    def visit(step, weights):
        if step % LOOK == 0:
            table = np.asarray(weights[0]["first"])
            tables = table, shuffle.permuted(table, axis=0)
            neuron, control = (neuron_frequencies(one)[1].mean() for one in tables)
            seen.append((step, neuron, fourier_power(table).max(), control))

    return visit


def reached(parts, part):
    """When the networks of all splits reach the accuracy of `LEARNED`, in steps, as one set of arrivals."""
    found = [accuracy_times(one, part, level=LEARNED[part]) for one in parts]
    time, censored, gap = (
        np.concatenate([getattr(one, name) for one in found]) for name in Arrivals._fields[:3]
    )
    return Arrivals(time / RATE, censored, gap / RATE, found[0].note)


def mean_of(values, arrivals=None):
    """Mean over networks with its standard error; not to be used where some never arrived."""
    late = arrivals is not None and bool(arrivals.censored.any())
    error = float(np.std(values, ddof=1) / len(values) ** 0.5)
    return Measurement(float(np.mean(values)), error, len(values), "mean over networks", not late)


def known_when_memorised(parts):
    """Test accuracy at the frame at which a network has memorised."""
    found = []
    for one in parts:
        frames = np.argmax(one.observables["train_accuracy"] >= LEARNED["train"], axis=1)
        found.extend(one.observables["test_accuracy"][np.arange(len(frames)), frames])
    return mean_of(found)


def circle_shares(circles):
    """Over networks at the end: share of a neuron's top frequency, of the table's, of a shuffled neuron's."""
    ends = np.array([seen[-1][1:] for parts in circles.values() for seen in parts])
    return [mean_of(column) for column in ends.T]


def is_delayed(times, known):
    """At every part: when memorised next to nothing is right on the test side, and all of it later by `LATER`."""
    delays = [mean_of(np.log(late.time / soon.time), late) for soon, late in times.values()]
    wrong = all(m.value + 3 * m.error < OVERFITTED for m in known.values())
    late = all(m.mixed and m.value - 3 * m.error > math.log(LATER) for m in delays)
    number = "; ".join(
        f"part {f:g}: memorised after {show(mean_time(soon), '.0f')} steps with test accuracy "
        f"{show(known[f], '.3f')}, generalised after {show(mean_time(late), '.0f')}"
        for f, (soon, late) in times.items()
    )
    return Finding(DELAY, judge(wrong and late), f"{number}; n = {delays[0].n} at each part")


def is_square(times, squares):
    """In steps: another learning rate changes t_grok / t_mem^2 in proportion."""
    (soon, late), (soon_most, late_most) = times[min(times)], times[max(times)]
    changes = [mean_of(np.log(a.time / b.time), a) for a, b in ((soon, soon_most), (late, late_most))]
    number = (
        "t_grok / t_mem^2: "
        + ", ".join(f"{show(row.measured, '.3f')} at part {row.point:g}" for row in squares)
        + f"; from part {max(times):g} to {min(times):g} log t_mem changes by {show(changes[0], '.2f')}, log t_grok by "
        f"{show(changes[1], '.2f')} where the square asks for twice the former; learning rate {RATE:g}, "
        f"n = {changes[0].n} at each part"
    )
    return Finding(SQUARE, judge(all(row.verdict == "agrees" for row in squares)), number)


def grows_exponentially(times):
    """It grows with every step to less data, the data do not refuse an exponential, and they do refuse a power law."""
    fractions, lates = np.array(list(times)), [late for _, late in times.values()]
    means = [mean_of(np.log(late.time), late) for late in lates]
    grows = all(m.mixed for m in means) and all(
        low.value - high.value > 3 * math.hypot(low.error, high.error) for low, high in pairwise(means)
    )
    fits = {
        name: straight_line(form(fractions), [np.log(late.time) for late in lates])
        for name, form in FORMS.items()
    }
    exponential, power = (fits[name].p > LEVEL for name in ("exponential", "power law"))
    number = (
        "log t_grok: " + ", ".join(f"{show(m, '.2f')} at part {f:g}" for f, m in zip(fractions, means, strict=True))
        + "; is it straight? " + ", ".join(
            f"{name}: slope {show(fit.slope, '.1f')}, lack of fit p = {fit.p:.2g}" for name, fit in fits.items()
        )
        + f"; n = {means[0].n} at each part"
    )  # fmt: skip
    condition = "the form is left open: a power law of the sample size does as well on these data"
    return Finding(
        GROWTH, judge(grows and exponential and not power, grows and exponential, condition), number
    )


def is_on_a_circle(shares):
    """One circle for the whole table; or one for each neuron, beyond what shuffled residues give."""
    neuron, table, control = shares
    beyond = neuron.value - control.value > 10 * math.hypot(neuron.error, control.error)
    each = beyond and neuron.value - 3 * neuron.error > MOST
    values = [show(m, ".3f") for m in (table, neuron, control)]
    number = (
        f"share of the variance in the top frequency: {values[0]} for the whole embedding, {values[1]} for the mean "
        f"neuron, {values[2]} for a neuron with its residues shuffled; n = {table.n} networks"
    )
    condition = (
        "the circle is that of a single neuron's weights over the residues: neurons share out the frequencies"
    )
    return Finding(CIRCLE, judge(table.value - 3 * table.error > MOST, each, condition), number)


def show(measured, form):
    """A number with its error."""
    return f"{measured.value:{form}} +- {measured.error:{form}}"


def draw(path, times, circles, shares):
    """Left the times over the part of the table with three fits, right the circle of a neuron over time."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas

    fractions = np.array(list(times))
    fine = np.linspace(fractions[0], fractions[-1], 60)
    logs = [np.log(late.time).mean() for _, late in times.values()]
    with canvas(path, "Times to memorise and to generalise", width=9.0) as axes:
        grid = axes.figure.add_gridspec(1, 2)
        axes.set_subplotspec(grid[0])
        right = axes.figure.add_subplot(grid[1])
        for column, name, fill in ((1, "generalised", "black"), (0, "memorised", "white")):
            found = [mean_time(pair[column]) for pair in times.values()]
            axes.errorbar(fractions, [m.value for m in found], [1.96 * m.error for m in found], fmt="o", capsize=3,
                          color="black", markerfacecolor=fill, label=f"{name}, 95 % interval", zorder=10)  # fmt: skip
        for (name, form), colour, dash in zip(FORMS.items(), COLOURS, DASHES[1:]):
            line = np.polyfit(form(fractions), logs, 1)
            axes.plot(fine, np.exp(np.polyval(line, form(fine))), linestyle=dash, color=colour, label=name)
        axes.set(xlabel="part of the table for training", ylabel="steps", yscale="log")
        axes.legend()
        for fraction, colour, dash in zip((fractions[0], fractions[-1]), COLOURS, DASHES):
            for split, seen in enumerate(circles[fraction]):
                step, neuron, *_ = np.array(seen).T
                label = None if split else f"part {fraction:g}"
                right.plot(step[1:], neuron[1:], linestyle=dash, color=colour, linewidth=1, label=label)
        right.axhline(shares[2].value, linestyle=":", color="black", label="residues shuffled")
        right.set_title("Variance of a neuron in its top frequency", loc="left")
        right.set(xlabel="step", ylabel="share", xscale="log", ylim=(0, 1))
        right.xaxis.set_minor_formatter("")
        right.legend(loc="upper left")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
