"""Does the noise of minibatches reduce overfitting as Langevin noise does?

The task is addition modulo a prime (`sims.modular_addition`), where full-batch gradient descent stops at memorisation.
Networks that have memorised in this way are trained further from there, on the zero-loss set, for the same number of
steps: with Langevin noise, with minibatches of several sizes and no other noise, or without noise. The noise of
minibatches is given as the temperature of Langevin noise with the same variance per step. The smallest minibatches are
also used from the initial weights on, during the descent. Batch sizes divide the sample, so that all batches are full.
The full run takes a minute of one processor.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from langevin.comparison import format_measurement as told
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, every
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Callbacks, Law, Protocol, Recording, Start, split, train
from models import modular


class Setting(NamedTuple):
    """Modulus, width, initial weights, fraction of the table, temperature; batches; networks, steps, frames."""

    p: int
    width: int
    scale: float
    fraction: float
    heat: float
    batches: tuple[int, ...]
    networks: int
    before: int
    steps: int
    frames: int


FULL = Setting(23, 128, 0.15, 0.68, 1e-5, (40, 8, 4), 8, 4000, 4000, 50)
QUICK = Setting(17, 96, 0.17, 0.75, 2e-5, (31, 7), 8, 2000, 2500, 20)
RATE, SKETCH = 1.0, 256
#: "As Langevin noise does" means at least this fraction of its gain.
AS_MUCH = 0.5
STILL, LANGEVIN, DOWN = "full batch", "Langevin", "smallest batches, during the descent"
BATCHES = Claim(
    "This explains the effect of reducing of overfitting for SGLD. We believe the same effect will work for other "
    "forms of stochastic gradient descent (such as mini-batch procedure)",
    "S. V. Kozyrev, How to explain grokking (2024), section 1.2",
)


def answer(quick=False, seed=1):
    """Train to memorisation, then with every kind of noise; compare the final test accuracy with that without noise."""
    setting = QUICK if quick else FULL
    model = network(setting)
    runs, samples = trained(setting, model, seed), len(model.train.inputs)
    gains = {kind: gain(one, runs[STILL]) for kind, one in runs.items() if kind != STILL}
    heats = {kind: temperatures(one, kind, samples) for kind, one in runs.items() if isinstance(kind, int)}
    return Answer(
        question="Does the noise of minibatches reduce overfitting as Langevin noise does?",
        findings=(reduces_overfitting(gains, heats, setting.heat),),
        header=(
            "noise", "networks", *(text for name in LAST.values() for text in (name, "error")),
            "gain of test accuracy", "error",
        ),
        rows=[
            (label(kind), setting.networks,
             *(number for m in (*(mean_over(last(one, name)) for name in LAST), gain(one, runs[STILL]))
               for number in (m.value, m.error)))
            for kind, one in runs.items()
        ],
        draw=lambda path: draw(path, runs, heats, setting.heat),
        settings={**setting._asdict(), "learning_rate": RATE, "samples": samples},
    )  # fmt: skip


#: Observables at the end, and what the table calls them.
LAST = {"test_accuracy": "test accuracy", "test_loss": "test loss", "train_loss": "train loss"}


def network(setting):
    """The network and its training pairs."""
    return modular.model(p=setting.p, width=setting.width, scale=setting.scale, fraction=setting.fraction)


def trained(setting, model, seed):
    """Runs of the same networks by kind of noise: none, Langevin, or a batch size; the last includes the descent."""
    shared = {
        "chains": setting.networks,
        "recording": Recording(setting.frames, {"spread": spread_of(model)}, SKETCH),
    }
    kept = {}
    train(model, Law(RATE), steps=setting.before, chains=setting.networks, seed=seed, recording=Recording(2),
          callbacks=Callbacks(visit=lambda _, weights: kept.update(last=weights)))  # fmt: skip
    on_set = shared | {"steps": setting.steps, "seed": seed + 1}
    start = Start(tuple(kept["last"]), "memorised by descent")
    heats = Protocol(sweep={"temperature": [0.0, setting.heat]}, start=start)
    runs = dict(zip((STILL, LANGEVIN), split(train(model, Law(RATE), protocol=heats, **on_set)), strict=True))
    for batch in setting.batches:
        runs[batch] = train(model, Law(RATE, batch=batch), protocol=Protocol(start=start), **on_set)
    smallest = Law(RATE, batch=min(setting.batches))
    return runs | {DOWN: train(model, smallest, steps=setting.before + setting.steps, seed=seed, **shared)}


def spread_of(model):
    """Observable: variance of the gradient over samples, averaged over all weights."""
    import jax
    import jax.numpy as jnp
    from jax.flatten_util import ravel_pytree

    inputs, targets = (jnp.asarray(part) for part in model.train)

    def loss(weights, one, target):
        return jnp.sum((model.apply(weights, one[None])[0] - target) ** 2) / 2

    def spread(weights):
        slopes = jax.lax.map(lambda pair: ravel_pytree(jax.grad(loss)(weights, *pair))[0], (inputs, targets))
        return slopes.var(axis=0).mean()

    return spread


def temperatures(one, batch, samples):
    """Temperature (networks, frames) of Langevin noise with the same variance per step as the minibatch noise.

    The covariance of the gradient of a batch without replacement is that of single-sample gradients times
    (samples - batch) / (batch (samples - 1)). Langevin noise has the variance 2 theta / lr per step, in units of a
    gradient.
    """
    return RATE / 2 * (samples - batch) / (batch * (samples - 1)) * one.observables["spread"]


def last(one, name):
    """An observable of each network at the end."""
    return one.observables[name][:, -1]


def gain(one, still):
    """Mean difference of the test accuracy of the same networks with and without the noise."""
    return mean_over(last(one, "test_accuracy") - last(still, "test_accuracy"), "gain of test accuracy")


def reduces_overfitting(gains, heats, heat):
    """On the set every batch size has at least `AS_MUCH` of the Langevin gain, or else small batches in the descent."""
    langevin = above(gains[LANGEVIN], 0.0, "Langevin noise reduces overfitting")

    def as_much(kind):
        excess = replace(
            gains[kind], value=gains[kind].value - AS_MUCH * gains[LANGEVIN].value,
            error=float(np.hypot(gains[kind].error, AS_MUCH * gains[LANGEVIN].error)),
        )  # fmt: skip
        return above(excess, 0.0, f"{label(kind)}: at least {AS_MUCH:g} of the gain of Langevin noise")

    number = (
        f"gain of test accuracy over full batches without noise: {', '.join(map(' '.join, gains_of(gains)))}; "
        + "temperature of the minibatch noise over that of the Langevin noise: "
        + "; ".join(
            f"{label(kind)} {told(factor_over(found[:, 0] / heat))} at the start on the set, "
            f"{told(factor_over(found.max(axis=1) / heat))} at its maximum, "
            f"{told(factor_over(found[:, -1] / heat))} at the end"
            for kind, found in heats.items()
        )
        + f"; n = {gains[LANGEVIN].n} pairs"
    )
    condition = (
        "the noise acts away from the set, as during the descent: on the set minibatch noise vanishes with the loss, "
        "unless the batches are so small that their noise drives the network off the set again"
    )
    on_set = every("minibatches do as much on the set", [langevin, *(as_much(kind) for kind in heats)])
    verdict = verdict_of(on_set, Narrowed(condition, every("during the descent", (langevin, as_much(DOWN)))))
    return Finding(BATCHES, verdict, number)


def gains_of(gains):
    """Each gain and its kind."""
    return [(told(m), f"({label(kind)})") for kind, m in gains.items()]


def label(kind):
    """Label of a kind of noise."""
    return f"batches of {kind}" if isinstance(kind, int) else kind


def draw(path, runs, heats, heat):
    """Left the test accuracy after memorising, right the temperature of minibatch noise."""
    from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
    from langevin.figures.panels import band, bars, panels

    batches = list(heats)
    styles = {STILL: (MEASURED, "-"), LANGEVIN: (MEASURED, "--")}
    styles |= {batch: (COLOURS[i], DASHES[i]) for i, batch in enumerate(batches)}
    with canvas(path, "Test accuracy on the set, mean over networks", width=10.0) as place:
        axes, right = panels(place, 1, 2)
        for kind, (colour, dash) in styles.items():
            band(axes, runs[kind].steps, runs[kind].observables["test_accuracy"], colour, dash, label(kind))
        end = mean_over(last(runs[DOWN], "test_accuracy"))
        bars(axes, [runs[STILL].steps[-1]], [end], COLOURS[-1], "s", f"end: {DOWN}")
        axes.set(xlabel="step after memorising", ylabel="test accuracy", ylim=(-0.03, 1.03))
        axes.legend()
        for batch in batches:
            band(right, runs[batch].steps, heats[batch], *styles[batch], label(batch))
        right.axhline(heat, color=MEASURED, linestyle="--", label=LANGEVIN)
        right.set(xlabel="step after memorising", ylabel="temperature $\\theta$ of the noise", yscale="log")
        means = np.array([found.mean(axis=0) for found in heats.values()])
        right.set_ylim(0.03 * means.min(), 3 * max(means.max(), heat))
        right.set_title("Noise on the set", loc="left")
        right.legend(loc="lower center", ncols=2)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
