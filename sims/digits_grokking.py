"""Real data: do large initial weights cause grokking of handwritten digits, and does weight decay or noise end it?

A network with one hidden layer of tanh units (models/digits.py) learns scikit-learn's 8 x 8 digits from 250 images by
minibatch descent. Initial weights have several sizes, under weight decay of two strengths. From one large size networks
are also trained without decay, with Langevin noise of several temperatures. Last, weights are held at several norms:
the losses against the norm should look like an L and a U. Needs scikit-learn (pip install scikit-learn).
The full run takes 2 minutes of one processor.
"""

import math
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from langevin.comparison import compare_all
from langevin.comparison import format_measurement as told
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, every, some
from langevin.measure.networks import accuracy_times, mean_time
from langevin.measure.occupancy import share_of
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Law, Protocol, Recording, split, train
from langevin.types import Curve, Prediction
from models import digits


class Setting(NamedTuple):
    """Factors of the initial weights, strengths of decay, temperatures of the controls; networks, steps, frames."""

    scales: tuple[float, ...]
    decays: tuple[float, ...]
    heats: tuple[float, ...]
    networks: int
    steps: int
    every: int


FULL = Setting((1.0, 3.0, 5.0, 8.0), (0.02, 0.005), (0.0, 1e-4, 3e-4), 8, 12_000, 50)
QUICK = Setting((1.0, 3.0, 5.0), (0.02,), (0.0, 3e-4), 8, 2000, 50)
#: Training images, a multiple of the batch; batch; learning rate; scale of the runs without decay.
SAMPLES, BATCH, RATE, LARGE = 250, 50, 0.05, 5.0
#: Training accuracy at which a network has memorised; test accuracy at which it has generalised (it ends at 0.94).
LEARNED, KNOWN = 0.98, 0.9
#: Late generalisation: this factor times the time to memorise. "Most networks" means a share above MOST.
LATE, MOST = 2.5, 0.5
#: Norms at which weights of the size LARGE are held, in units of the norm at which they memorised; number of steps; the
#: middle norm, where the test loss should be least. U: at both ends the test loss is HIGH times that in the middle.
#: L: the train loss at the largest norm is less than FOOT times that at the smallest.
NORMS, HELD, MIDDLE, HIGH, FOOT = (0.02, 0.05, 0.1, 0.2, 0.4, 1.0), 5000, 0.1, 1.2, 0.5
OMNIGROK = "Z. Liu, E. J. Michaud and M. Tegmark, Omnigrok: Grokking Beyond Algorithmic Data (2022), abstract"
INDUCED = Claim(
    "we are able to induce grokking on tasks involving images [language and molecules are not tried here]", OMNIGROK,
)  # fmt: skip
NORM = Claim(
    "the mismatch between training and test losses as the cause for grokking: training and test losses (against model "
    "weight norm) typically resemble 'L' and 'U'", OMNIGROK,
)  # fmt: skip
DIFFUSION = Claim(
    "Grokking then occurs as the diffusion tends towards regions of better generalization than the random, possibly "
    "overfitted bit of the optimal loss manifold that the initial pretraining reached",
    "B. Millidge, Addendum to Grokking Grokking (beren.io)",
)


def answer(quick=False, seed=1):
    """Train from every scale under every decay, and from the large scale with noise alone."""
    setting = QUICK if quick else FULL
    models = {scale: digits.model(samples=SAMPLES, scale=scale) for scale in setting.scales}
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
    losses = losses_at(models[LARGE], setting.networks, seed)
    ends = {heat: mean_over(one.observables["test_accuracy"][:, -1]) for heat, one in noisy.items()}
    later = time_for_the_norm(times)
    return Answer(
        question="Do large initial weights cause grokking of digits, and does decay or noise end it?",
        findings=(is_induced(times), is_an_l_and_a_u(losses, norms, later), diffuses_to_better(noisy, ends)),
        header=(
            "initial weights", "weight decay", "temperature", "networks", "memorised, steps", "error",
            "generalised, steps", "error", "weight norm when generalised", "error", "test accuracy at the end", "error",
        ),
        rows=[
            (scale, decay, 0.0, setting.networks, *numbers(*map(mean_time, times[scale, decay]), norms[scale, decay],
             mean_over(one.observables["test_accuracy"][:, -1])))
            for (scale, decay), one in decayed.items()
        ] + [
            (LARGE, 0.0, heat, setting.networks, *numbers(mean_time(reached(one, "train", LEARNED)),
             mean_time(reached(one, "test", KNOWN))), "", "", *numbers(ends[heat]))
            for heat, one in noisy.items()
        ],
        draw=lambda path: draw(path, times, decayed, noisy, losses),
        settings={**setting._asdict(), "samples": SAMPLES, "learning_rate": RATE, "criteria": (LEARNED, KNOWN)},
        comparisons=later,
    )  # fmt: skip


def run(setting, model, seed, number, values):
    """Train the same networks for every value of one setting of the law; the other settings are zero."""
    both = train(
        model, Law(RATE, batch=BATCH), steps=setting.steps, chains=setting.networks, seed=seed,
        protocol=Protocol(sweep={number: values}), recording=Recording(range(0, setting.steps + 1, setting.every)),
    )  # fmt: skip
    return dict(zip(values, split(both), strict=True))


def reached(one, part, level):
    """Step at which each network reaches an accuracy."""
    found = accuracy_times(one, part, level=level)
    return found._replace(time=found.time / RATE, gap=found.gap / RATE)


def norm_when(one, late):
    """Weight norm of the networks when they generalise; unknown where some never do."""
    frames = np.argmax(one.observables["test_accuracy"] >= KNOWN, axis=1)
    norm = one.observables["weight_norm"][np.arange(len(frames)), frames]
    return replace(mean_over(norm, "weight norm"), mixed=not late.censored.any())


def losses_at(model, networks, seed):
    """Weight norm, train and test loss (norms, networks) of weights held at each of NORMS after they have memorised."""
    ends = []
    for norm in NORMS:
        one = train(
            model, Law(RATE, batch=BATCH), steps=HELD, chains=networks, seed=seed,
            protocol=Protocol(after_memorisation={"norm": norm}), recording=Recording(HELD // 50),
        )  # fmt: skip
        ends.append([one.observables[name][:, -1] for name in ("weight_norm", "train_loss", "test_loss")])
    return np.array(ends).swapaxes(0, 1)


def numbers(*measured):
    """Values and errors, one after the other."""
    return tuple(number for m in measured for number in (m.value, m.error))


def time_for_the_norm(times):
    """Additional steps to generalise from each scale to the next, compared with log(ratio of scales) / (lr wd).

    Pure decay shrinks the norm as exp(-lr wd step), so that twice the size takes log 2 / (lr wd) steps more. Networks
    with the same number have the same initial weights up to the scale, and are compared in pairs.
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
            replace(mean_over(late.time - soon.time), mixed=not (late.censored | soon.censored).any())
            for soon, late in waits
        ]
        found += compare_all([b for _, b in pairs], measured, [curve], LEVEL / 2)
    return found


def is_induced(times):
    """Under every decay networks with large initial weights generalise late, and those with usual weights do not."""
    usual, large = min(scale for scale, _ in times), max(scale for scale, _ in times)
    delays = {key: factor_over(late.time / np.maximum(soon.time, 1)) for key, (soon, late) in times.items()}
    ratios = {key: replace(m, mixed=not times[key][1].censored.any()) for key, m in delays.items()}
    decays = list(dict.fromkeys(decay for _, decay in times))
    number = "time to generalise over time to memorise: " + ", ".join(
        f"{told(m)} from {scale:g} times the usual weights with decay {decay:g}"
        for (scale, decay), m in ratios.items()
    )
    parts = [
        one for decay in decays
        for one in (above(ratios[large, decay], LATE), below(ratios[usual, decay], LATE))
    ]  # fmt: skip
    verdict = verdict_of(every("networks with large weights generalise late, those with usual do not", parts))
    return Finding(INDUCED, verdict, f"{number}; n = {ratios[large, decays[0]].n} networks each")


def is_an_l_and_a_u(losses, norms, later):
    """U: high test loss at the smallest and the largest norm. L: low train loss at the largest norm."""
    norm, fitted, test = (np.array(rows) for rows in losses)
    middle = NORMS.index(MIDDLE)
    arms = [
        factor_over(test[end] / test[middle], f"test loss at the {name} norm over that at the middle one")
        for end, name in ((0, "smallest"), (-1, "largest"))
    ]
    foot = factor_over(fitted[-1] / fitted[0], "train loss at the largest norm over that at the smallest")
    shown = "; ".join(
        f"norm {told(mean_over(norm[i]))}: train {told(mean_over(fitted[i]))}, test {told(mean_over(test[i]))}"
        for i in range(len(NORMS))
    )
    number = (
        f"losses of weights held at a norm: {shown}; test loss over that at the middle norm: {told(arms[0])} at the "
        f"smallest norm, {told(arms[1])} at the largest; train loss at the largest norm over that at the smallest "
        f"{told(foot)}, n = {foot.n} networks; networks with free weights generalise at a norm of "
        + ", ".join(f"{told(norms[key])} ({key[0]:g} times, decay {key[1]:g})" for key in norms if norms[key].mixed)
        + "; additional steps from each scale to the next, over log(ratio of scales) / (lr wd): "
        + ", ".join(f"{row.ratio:.2f} +- {row.measured.error / row.predicted.value:.2f} (to {row.point:g} times)"
                    for row in later)
        + " (1 if only the decay counts)"
    )  # fmt: skip
    shape = every("L and U", (*(above(arm, HIGH) for arm in arms), below(foot, FOOT)))
    return Finding(NORM, verdict_of(shape), number)


def diffuses_to_better(noisy, ends):
    """With noise alone most networks reach the criterion; or else their accuracy is higher than without noise."""
    still, *others = ends
    final = {heat: one.observables["test_accuracy"][:, -1] for heat, one in noisy.items()}
    gain = mean_over(final[others[-1]] - final[still], f"gain of test accuracy by theta = {others[-1]:g}")
    arrive = [
        share_of(~reached(noisy[heat], "test", KNOWN).censored, f"share that reaches {KNOWN:g}")
        for heat in others
    ]
    number = (
        f"test accuracy after {noisy[still].steps[-1]} steps without decay: "
        + ", ".join(f"{told(m)} at theta = {heat:g}" for heat, m in ends.items())
        + f"; networks that reach {KNOWN:g}: "
        + ", ".join(f"{m.law.count} at theta = {heat:g}" for heat, m in zip(others, arrive))
        + f" of {ends[still].n}; gain at theta = {others[-1]:g} {told(gain)}"
    )
    condition = (
        f"'better' means a higher accuracy: noise of theta = {others[-1]:g} raises it, but not to {KNOWN:g}"
    )
    some_heat = some("noise of one temperature is enough", [above(share, MOST) for share in arrive])
    return Finding(DIFFUSION, verdict_of(some_heat, Narrowed(condition, above(gain, 0.0))), number)


def draw(path, times, decayed, noisy, losses):
    """Test accuracy against steps; times against the scale; losses against the norm; accuracy with noise alone."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas
    from langevin.figures.panels import band, bars, panels

    decays = list(dict.fromkeys(decay for _, decay in times))
    weak = min(decays)
    with canvas(path, f"Test accuracy under weight decay {weak:g}", width=9.0, height=7.0) as place:
        axes, clock, shape, right = panels(place, 2, 2)
        for key, colour, dash in zip([key for key in decayed if key[1] == weak], COLOURS, DASHES):
            one = decayed[key]
            band(axes, one.steps / 1000, one.observables["test_accuracy"], colour, dash, f"{key[0]:g} times")
        for decay, colour in zip(decays, COLOURS):
            scales = [scale for scale, other in times if other == decay]
            for i, name in enumerate(("memorised", "generalised")):
                found = [mean_time(times[scale, decay][i]) for scale in scales]
                bars(clock, scales, found, colour, "os"[i], f"{name}, decay {decay:g}",
                     markerfacecolor=("white", colour)[i])  # fmt: skip
            fine = np.linspace(2, scales[-1], 50)
            clock.plot(fine, found[-1].value + np.log(fine / scales[-1]) / (RATE * decay), "--", color=colour,
                       linewidth=1, label=f"decay of the norm, {decay:g}")  # fmt: skip
        clock.set_title("Times, 95 % interval", loc="left")
        clock.set(xlabel="initial weights, times the usual", ylabel="steps", yscale="log")
        clock.legend(fontsize=7)
        for rows, colour, mark, name in (
            (losses[1], COLOURS[0], "o", "train"),
            (losses[2], COLOURS[1], "s", "test"),
        ):
            bars(
                shape,
                losses[0].mean(axis=1),
                [mean_over(row) for row in rows],
                colour,
                mark,
                name,
                linestyle="-",
            )
        shape.set_title(f"Losses after {HELD} steps with weights held at a norm", loc="left")
        shape.set(xlabel="weight norm", ylabel="half-MSE", xscale="log", yscale="log")
        shape.legend()
        for (heat, one), colour, dash in zip(noisy.items(), COLOURS, DASHES):
            band(
                right,
                one.steps / 1000,
                one.observables["test_accuracy"],
                colour,
                dash,
                f"$\\theta$ = {heat:g}",
            )
        right.set_title(f"Noise without decay, {LARGE:g} times", loc="left")
        for panel in (axes, right):
            panel.axhline(KNOWN, color="0.5", linestyle=":", linewidth=1, label="generalised")
            panel.set(xlabel="1000 steps", ylabel="test accuracy", ylim=(0, 1.02))
            panel.legend(title="initial weights" if panel is axes else None)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
