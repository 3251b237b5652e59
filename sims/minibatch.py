"""Does the noise of minibatches reduce overfitting as Langevin noise does?

Addition modulo a prime (`sims.modular_addition`), where gradient descent of the whole sample stalls after memorising:
the same networks, from the same weights and for the same number of steps, with Langevin noise, or with batches of
several sizes and no other noise. Batch sizes divide the sample, so that no short batch is among them.
The full run takes a minute of one processor.
"""

import math
from typing import NamedTuple

import numpy as np

from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, judge
from langevin.measure import critical_value
from langevin.sgld import Law, Protocol, Recording, split, train
from langevin.types import Measurement
from models import modular


class Setting(NamedTuple):
    """Modulus, hidden units, initial weights, part of the table, temperature; batch sizes, networks, steps, frames."""

    p: int
    width: int
    scale: float
    fraction: float
    heat: float
    batches: tuple[int, ...]
    networks: int
    steps: int
    frames: int


FULL = Setting(23, 128, 0.15, 0.68, 1e-5, (180, 90, 40, 20, 8, 4), 8, 4000, 50)
QUICK = Setting(17, 96, 0.17, 0.75, 2e-5, (31, 7), 8, 2500, 20)
RATE, SKETCH = 1.0, 256
#: As Langevin noise does: at least this part of its gain.
AS_MUCH = 0.5
STILL, LANGEVIN = "whole sample", "Langevin"
BATCHES = Claim(
    "This explains the effect of reducing of overfitting for SGLD. We believe the same effect will work for other "
    "forms of stochastic gradient descent (such as mini-batch procedure)",
    "S. V. Kozyrev, How to explain grokking (2024), section 1.2",
)


def answer(quick=False, seed=1):
    """Train with every kind of noise; final test accuracy beside that of the same network without noise."""
    setting = QUICK if quick else FULL
    model = network(setting)
    runs, samples = trained(setting, model, seed), len(model.train.inputs)
    final = {kind: {name: last(one, name) for name in LAST} for kind, one in runs.items()}
    gains = {kind: paired(final[kind]["test_accuracy"], final[STILL]["test_accuracy"]) for kind in runs}
    return Answer(
        question="Does the noise of minibatches reduce overfitting as Langevin noise does?",
        findings=(reduces_overfitting(gains, samples),),
        header=(
            "noise", "networks", *(text for name in LAST.values() for text in (name, "error")),
            "gain of test accuracy", "error", "moved in the second half", "error",
        ),
        rows=[
            (label(kind), setting.networks,
             *(number for m in (*(mean_of(final[kind][name]) for name in LAST), gains[kind], mean_of(moved(runs[kind])))
               for number in (m.value, m.error)))
            for kind in runs
        ],
        draw=lambda path: draw(path, runs, final, samples),
        settings={**setting._asdict(), "learning_rate": RATE, "samples": samples},
    )  # fmt: skip


#: Observables at the end, and what the table calls them.
LAST = {"test_accuracy": "test accuracy", "test_loss": "test loss", "train_loss": "train loss"}


def network(setting):
    """The network, and which pairs it learns."""
    return modular.model(p=setting.p, width=setting.width, scale=setting.scale, fraction=setting.fraction)


def trained(setting, model, seed):
    """Runs of the same networks by kind of noise: none, Langevin, or a batch size."""
    shared = {
        "steps": setting.steps, "chains": setting.networks, "seed": seed,
        "recording": Recording(setting.frames, sketch=SKETCH),
    }  # fmt: skip
    both = train(model, Law(RATE), protocol=Protocol(sweep={"temperature": [0.0, setting.heat]}), **shared)
    runs = dict(zip((STILL, LANGEVIN), split(both), strict=True))
    return runs | {batch: train(model, Law(RATE, batch=batch), **shared) for batch in setting.batches}


def last(one, name):
    """An observable of each network at the end."""
    return one.observables[name][:, -1]


def moved(one):
    """Distance of each network between the frame nearest to half the steps and the end."""
    half = int(np.argmin(np.abs(one.steps - one.steps[-1] / 2)))
    return np.linalg.norm(one.states[:, -1] - one.states[:, half], axis=1)


def paired(values, control):
    """Mean difference of the same networks with and without the noise."""
    return mean_of(values - control)


def mean_of(values):
    """Mean over networks with its standard error."""
    error = float(np.std(values, ddof=1) / len(values) ** 0.5)
    return Measurement(float(np.mean(values)), error, len(values), "mean over networks")


def reduces_overfitting(gains, samples):
    """A batch size does so if its gain is surely above 0, and at least `AS_MUCH` of Langevin's."""
    level = LEVEL / (len(gains) - 1)
    sure = {kind: m.value > critical_value(level, m.n) * m.error > 0 for kind, m in gains.items()}
    batches = [kind for kind in gains if kind not in (STILL, LANGEVIN)]
    able = [
        batch for batch in batches if sure[batch] and gains[batch].value >= AS_MUCH * gains[LANGEVIN].value
    ]
    number = (
        "gain of test accuracy over the whole sample without noise: "
        + ", ".join(f"{m.value:.3f} +- {m.error:.3f} ({label(kind)})" for kind, m in gains.items() if kind != STILL)
        + f"; n = {gains[LANGEVIN].n} pairs"
    )  # fmt: skip
    condition = f"batches are small: of the sizes {batches} only {able} of {samples} samples do as much"
    holds = sure[LANGEVIN] and able == batches
    return Finding(BATCHES, judge(holds, sure[LANGEVIN] and bool(able), condition), number)


def label(kind):
    """What a kind of noise is called."""
    return f"batches of {kind}" if isinstance(kind, int) else kind


def draw(path, runs, final, samples):
    """Left the test accuracy over steps, right that of the end over the batch size, beside the two controls."""
    from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas, error_bars

    batches = [kind for kind in runs if isinstance(kind, int)]
    styles = {STILL: (MEASURED, "-"), LANGEVIN: (MEASURED, "--")}
    styles |= {batch: (COLOURS[i], DASHES[i]) for i, batch in enumerate(batches)}
    with canvas(path, "Test accuracy, mean over networks", width=10.0) as axes:
        grid = axes.figure.add_gridspec(1, 2)
        axes.set_subplotspec(grid[0])
        right = axes.figure.add_subplot(grid[1])
        for kind, (colour, dash) in styles.items():
            mean, error = spread(runs[kind].observables["test_accuracy"])
            steps = runs[kind].steps
            axes.plot(steps, mean, linestyle=dash, color=colour, label=label(kind))
            axes.fill_between(
                steps, mean - 1.96 * error, mean + 1.96 * error, color=colour, alpha=0.15, linewidth=0
            )
        axes.set(xlabel="step", ylabel="test accuracy", ylim=(-0.03, 1.03))
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        for kind in (STILL, LANGEVIN):
            (mean, error), (colour, dash) = spread(final[kind]["test_accuracy"]), styles[kind]
            right.axhline(mean, color=colour, linestyle=dash, label=label(kind))
            right.axhspan(mean - 1.96 * error, mean + 1.96 * error, color=colour, alpha=0.1, linewidth=0)
        found = [spread(final[batch]["test_accuracy"]) for batch in batches]
        error_bars(
            right, batches, [m for m, _ in found], [1.96 * e for _, e in found], "batches, 95 % interval"
        )
        right.set_title(f"At the end, {samples} samples", loc="left")
        right.set(xlabel="batch size", ylabel="test accuracy", xscale="log", ylim=(-0.03, 1.03),
                  xticks=batches, xticklabels=batches)  # fmt: skip
        right.xaxis.set_minor_formatter("")
        right.legend(loc="lower left")


def spread(values):
    """Mean over networks and its standard error, at every frame."""
    return values.mean(axis=0), values.std(axis=0, ddof=1) / math.sqrt(len(values))


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
