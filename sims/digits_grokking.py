"""Real data: is the grokking of handwritten digits made by large initial weights, and by what is it ended?

Scikit-learn's 8 x 8 digits, 250 of them for training, in one hidden layer of tanh (models/digits.py): minibatch descent
from initial weights of several sizes, under weight decay of two strengths, and from one large size without decay but
with Langevin noise of several temperatures. Needs scikit-learn (pip install scikit-learn).
The full run takes 2 minutes of one processor.
"""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from langevin.comparison import compare_all, overall
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, judge
from langevin.measure.networks import accuracy_times, mean_time
from langevin.sgld import Law, Protocol, Recording, split, train
from langevin.types import Curve, Measurement, Prediction
from models import digits


class Setting(NamedTuple):
    """Factors of the initial weights, strengths of decay, temperatures of the controls; networks, steps, frames."""

    scales: tuple[float, ...]
    decays: tuple[float, ...]
    heats: tuple[float, ...]
    networks: int
    steps: int
    every: int


FULL = Setting((1.0, 2.0, 3.0, 5.0, 8.0), (0.02, 0.005), (0.0, 1e-5, 1e-4, 3e-4), 5, 12_000, 50)
QUICK = Setting((1.0, 3.0, 5.0), (0.02,), (0.0, 3e-4), 3, 2000, 50)
#: Training images, a multiple of the batch; learning rate; scale of the runs without decay.
SAMPLES, BATCH, RATE, LARGE = 250, 50, 0.05, 5.0
#: Training and test accuracy from which a network has memorised, and generalised (it ends at 0.94).
LEARNED, KNOWN = 0.98, 0.9
#: The test follows late: later than this times the time to memorise. Norms are alike within this factor.
LATE, ALIKE = 2.0, 1.25
OMNIGROK = "Z. Liu, E. J. Michaud and M. Tegmark, Omnigrok: Grokking Beyond Algorithmic Data (2022), abstract"
INDUCED = Claim("we are able to induce grokking on tasks involving images, language and molecules", OMNIGROK)
NORM = Claim(
    "the mismatch between training and test losses as the cause for grokking: training and test losses (against model "
    "weight norm) typically resemble 'L' and 'U'",
    OMNIGROK,
)
DIFFUSION = Claim(
    "Grokking then occurs as the diffusion tends towards regions of better generalization than the random, possibly "
    "overfitted bit of the optimal loss manifold that the initial pretraining reached",
    "B. Millidge, Addendum to Grokking Grokking (beren.io)",
)


def answer(quick=False, seed=1):
    """Train from every scale under every decay, and from a large one with noise alone."""
    setting = QUICK if quick else FULL
    models = {scale: network(scale) for scale in setting.scales}
    decayed = {
        (scale, decay): one
        for scale in setting.scales
        for decay, one in run(setting, models[scale], seed, "weight_decay", setting.decays).items()
    }
    noisy = run(setting, models[LARGE], seed, "temperature", setting.heats)
    times = {
        key: (reached(one, "train", LEARNED), reached(one, "test", KNOWN)) for key, one in decayed.items()
    }
    norms = {key: norm_when(decayed[key], late) for key, (_, late) in times.items()}
    ends = {heat: mean_of(one.observables["test_accuracy"][:, -1]) for heat, one in noisy.items()}
    later = time_for_the_norm(times)
    return Answer(
        question="Is the grokking of digits made by large initial weights, and ended by decay or by noise?",
        findings=(is_induced(times), is_a_matter_of_norm(norms, later), diffuses_to_better(noisy, ends)),
        header=(
            "initial weights", "weight decay", "temperature", "networks", "memorised, steps", "error",
            "generalised, steps", "error", "weight norm then", "error", "test accuracy at the end", "error",
        ),
        rows=[
            (scale, decay, 0.0, setting.networks, *numbers(*map(mean_time, times[scale, decay]), norms[scale, decay],
             mean_of(one.observables["test_accuracy"][:, -1])))
            for (scale, decay), one in decayed.items()
        ] + [
            (LARGE, 0.0, heat, setting.networks, *numbers(mean_time(reached(one, "train", LEARNED)),
             mean_time(reached(one, "test", KNOWN))), "", "", *numbers(ends[heat]))
            for heat, one in noisy.items()
        ],
        draw=lambda path: draw(path, times, decayed, noisy),
        settings={
            **setting._asdict(), "samples": SAMPLES, "batch": BATCH, "learning_rate": RATE, "memorised": LEARNED,
            "generalised": KNOWN,
        },
        comparisons=later,
    )  # fmt: skip


def network(scale):
    """The network and its images."""
    return digits.model(samples=SAMPLES, scale=scale)


def run(setting, model, seed, number, values):
    """The same networks for every value of a number of the law; all else at zero."""
    both = train(
        model, Law(RATE, batch=BATCH), steps=setting.steps, chains=setting.networks, seed=seed,
        protocol=Protocol(sweep={number: values}), recording=Recording(range(0, setting.steps + 1, setting.every)),
    )  # fmt: skip
    return dict(zip(values, split(both), strict=True))


def reached(one, part, level):
    """When each network reaches an accuracy, in steps."""
    found = accuracy_times(one, part, level=level)
    return found._replace(time=found.time / RATE, gap=found.gap / RATE)


def norm_when(one, late):
    """Weight norm of the networks when they generalise."""
    frames = np.argmax(one.observables["test_accuracy"] >= KNOWN, axis=1)
    norm = one.observables["weight_norm"][np.arange(len(frames)), frames]
    return (
        mean_of(norm[~late.censored])
        if not late.censored.any()
        else Measurement(math.nan, math.inf, 0, "norm", False)
    )


def mean_of(values, mixed=True):
    """Mean over networks with its standard error."""
    error = float(np.std(values, ddof=1) / len(values) ** 0.5)
    return Measurement(float(np.mean(values)), error, len(values), "mean over networks", mixed)


def numbers(*measured):
    """Values and errors in a row."""
    return tuple(number for m in measured for number in (m.value, m.error))


def time_for_the_norm(times):
    """How much later than from the scale before a network generalises, beside log(ratio of scales) / (lr wd).

    Pure decay shrinks the norm as exp(-lr wd step), so that twice the size takes log 2 / (lr wd) steps more. Networks
    of one number have the same initial weights up to the scale, and are compared in pairs.
    """
    found = []
    for decay in dict.fromkeys(decay for _, decay in times):
        scales = [scale for scale, other in times if other == decay and scale > 1]
        pairs = list(pairwise(scales))
        curve = Curve(
            f"decay of the norm, wd = {decay:g}",
            lambda scale, pairs=pairs, decay=decay: Prediction(
                math.log(scale / dict(map(reversed, pairs))[scale]) / (RATE * decay)
            ),
            "large weights",
            OMNIGROK,
        )
        waits = [(times[a, decay][1], times[b, decay][1]) for a, b in pairs]
        measured = [
            mean_of(late.time - soon.time, not (late.censored.any() or soon.censored.any()))
            for soon, late in waits
        ]
        found += compare_all([b for _, b in pairs], measured, [curve], LEVEL / 2)
    return found


def is_induced(times):
    """Under which decay do large weights generalise late, and those of the usual size not?"""
    usual, large = min(scale for scale, _ in times), max(scale for scale, _ in times)
    ratios = {
        key: mean_of(np.log(late.time / np.maximum(soon.time, 1)), not late.censored.any())
        for key, (soon, late) in times.items()
    }
    decays = list(dict.fromkeys(decay for _, decay in times))
    grok = [
        decay for decay in decays
        if ratios[large, decay].value - 3 * ratios[large, decay].error > math.log(LATE)
        and ratios[usual, decay].value < math.log(LATE)
    ]  # fmt: skip
    number = "time to generalise over time to memorise: " + ", ".join(
        f"{math.exp(m.value):.2f} (+- {m.error:.0%}) from {scale:g} times the weights with decay {decay:g}"
        for (scale, decay), m in ratios.items()
    )
    condition = (
        f"the decay is weak: of the strengths {decays} at {grok}; stronger decay comes before memorisation"
    )
    n = next(iter(ratios.values())).n
    return Finding(INDUCED, judge(len(grok) == len(decays), bool(grok), condition), f"{number}; n = {n} each")


def is_a_matter_of_norm(norms, later):
    """Large weights generalise at one norm, whatever they began with and however strong the decay."""
    large = {key: m for key, m in norms.items() if key[0] > 1}
    values = [m.value for m in large.values()]
    alike = all(m.mixed for m in large.values()) and max(values) <= ALIKE * min(values)
    verdicts = overall(later)
    norm = ", ".join(
        f"{m.value:.1f} +- {m.error:.1f} from {scale:g} times (decay {decay:g})"
        for (scale, decay), m in norms.items()
    )
    steps = ", ".join(
        f"{row.ratio:.2f} +- {row.measured.error / row.predicted.value:.2f} (to {row.point:g})"
        for row in later
    )
    number = (
        f"weight norm at which they generalise: {norm}; steps that the next larger scale takes more, over log(ratio) / "
        f"(lr wd): {steps}; " + ", ".join(f"{name}: {verdict}" for name, verdict in verdicts.items())
        + f"; n = {next(iter(norms.values())).n} each"
    )  # fmt: skip
    condition = "the time is meant, log(ratio of scales) / (lr wd): the norm at the end is not one number"
    return Finding(NORM, judge(alike, all(v == "agrees" for v in verdicts.values()), condition), number)


def diffuses_to_better(noisy, ends):
    """Noise alone brings the networks to the criterion; or surely nearer to it than no noise does."""
    still, *others = ends
    gains = {
        heat: mean_of(
            noisy[heat].observables["test_accuracy"][:, -1] - noisy[still].observables["test_accuracy"][:, -1]
        )
        for heat in others
    }
    arrives = any(not reached(noisy[heat], "test", KNOWN).censored.any() for heat in others)
    better = [heat for heat, m in gains.items() if m.value > 5 * m.error]
    number = (
        f"test accuracy after {noisy[still].steps[-1]} steps without decay: "
        + ", ".join(f"{m.value:.3f} +- {m.error:.3f} at theta = {heat:g}" for heat, m in ends.items())
        + f"; n = {ends[still].n}"
    )
    condition = (
        f"better is all that is asked: noise of theta in {better} raises the test accuracy, not to {KNOWN:g}"
    )
    return Finding(DIFFUSION, judge(arrives, bool(better), condition), number)


def draw(path, times, decayed, noisy):
    """Test accuracy over steps for all scales; times over the scale; test accuracy with noise alone."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas

    decays = list(dict.fromkeys(decay for _, decay in times))
    weak = min(decays)
    with canvas(path, f"Test accuracy under weight decay {weak:g}", width=10.5) as axes:
        grid = axes.figure.add_gridspec(1, 3)
        axes.set_subplotspec(grid[0])
        middle, right = (axes.figure.add_subplot(grid[i]) for i in (1, 2))
        for (scale, decay), colour, dash in zip([key for key in decayed if key[1] == weak], COLOURS, DASHES):
            curve(axes, decayed[scale, decay], colour, dash, f"{scale:g} times")
        axes.axhline(KNOWN, color="0.5", linestyle=":", linewidth=1)
        axes.set(xlabel="1000 steps", ylabel="test accuracy", ylim=(0, 1.02))
        axes.legend(title="initial weights", loc="lower right")
        for decay, colour in zip(decays, COLOURS):
            scales = [scale for scale, other in times if other == decay]
            for i, (name, fill) in enumerate((("memorised", "white"), ("generalised", colour))):
                found = [mean_time(times[scale, decay][i]) for scale in scales]
                middle.errorbar(
                    scales, [m.value for m in found], [1.96 * m.error for m in found], fmt="os"[i], capsize=3,
                    color=colour, markerfacecolor=fill, label=f"{name}, decay {decay:g}",
                )  # fmt: skip
            last = found[-1].value
            fine = np.linspace(2, scales[-1], 50)
            middle.plot(fine, last + np.log(fine / scales[-1]) / (RATE * decay), "--", color=colour, linewidth=1,
                        label=f"decay of the norm, {decay:g}")  # fmt: skip
        middle.set_title("Times, 95 % interval", loc="left")
        middle.set(xlabel="initial weights, times the usual", ylabel="steps", yscale="log")
        middle.legend(fontsize=7)
        for (heat, one), colour, dash in zip(noisy.items(), COLOURS, DASHES):
            curve(right, one, colour, dash, f"$\\theta$ = {heat:g}")
        right.axhline(KNOWN, color="0.5", linestyle=":", linewidth=1)
        right.set_title(f"Noise without decay, {LARGE:g} times", loc="left")
        right.set(xlabel="1000 steps", ylabel="test accuracy", ylim=(0, 1.02))
        right.legend()


def curve(axes, one, colour, dash, label):
    """Mean test accuracy over networks and its 95 % interval."""
    accuracy = one.observables["test_accuracy"]
    mean, error = accuracy.mean(axis=0), 1.96 * accuracy.std(axis=0, ddof=1) / len(accuracy) ** 0.5
    axes.plot(one.steps / 1000, mean, color=colour, linestyle=dash, label=label)
    axes.fill_between(one.steps / 1000, mean - error, mean + error, color=colour, alpha=0.2, linewidth=0)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
