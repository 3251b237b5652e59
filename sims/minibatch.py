"""Does the noise of minibatches reduce overfitting as Langevin noise does?

The task is addition modulo a prime (`sims.modular_addition`), where full-batch gradient descent stops at memorisation.
Networks that have memorised in this way are trained further from there, on the zero-loss set, for the same number of
steps: without noise, with Langevin noise of several temperatures, or with minibatches of several sizes.

The measured effect is the fall of the test loss below that of the same network without noise. Langevin noise and
minibatches are compared at equal displacement, the squared distance at the end from the same network without noise, and
at equal variance of the noise per step. The temperature at which both are equal, and the effect of Langevin noise
there, are interpolated. Batch sizes divide the sample, so that all batches are full. The full run takes two minutes of
one processor.
"""

from typing import NamedTuple

import numpy as np

from langevin.comparison import format_measurement as told
from langevin.experiment.claims import Answer, Claim, Finding, verdict_of
from langevin.experiment.statements import above, every
from langevin.measure import bootstrap_walkers
from langevin.measure.seeds import mean_over
from langevin.sgld import Callbacks, Law, Protocol, Recording, Start, split, train
from models import modular


class Setting(NamedTuple):
    """Modulus, width, initial weights, fraction of the table, temperatures; batches; networks, steps, frames."""

    p: int
    width: int
    scale: float
    fraction: float
    heats: tuple[float, ...]
    batches: tuple[int, ...]
    networks: int
    before: int
    steps: int
    frames: int


FULL = Setting(23, 128, 0.15, 0.68, (3e-8, 3e-7, 3e-6, 1e-5), (8, 5, 4), 8, 4000, 4000, 50)
QUICK = Setting(17, 96, 0.17, 0.75, (1e-7, 1e-6, 5e-6, 2e-5), (7,), 8, 2000, 2500, 20)
RATE, SKETCH = 1.0, 256
#: "The same effect" means at least this fraction of the fall of the test loss under Langevin noise.
AS_MUCH = 0.5
STILL = "full batch, no noise"
BATCHES = Claim(
    "This explains the effect of reducing of overfitting for SGLD. We believe the same effect will work for other "
    "forms of stochastic gradient descent (such as mini-batch procedure)",
    "S. V. Kozyrev, How to explain grokking (2024), section 1.2",
)


def answer(quick=False, seed=1):
    """Train to memorisation, then with every kind of noise; compare the falls of the test loss at equal noise."""
    setting = QUICK if quick else FULL
    model = network(setting)
    runs, samples = trained(setting, model, seed), len(model.train.inputs)
    heats = {batch: temperatures(runs[batch], batch, samples) for batch in setting.batches}
    moved, falls = (
        {kind: change(one, runs[STILL]) for kind, one in runs.items() if kind != STILL}
        for change in (displacement, fall)
    )
    strength = {heat: np.full(setting.networks, heat) for heat in setting.heats}
    strength |= {batch: found.mean(axis=1) for batch, found in heats.items()}
    return Answer(
        question="Does the noise of minibatches reduce overfitting as Langevin noise does?",
        findings=(reduces_overfitting(moved, strength, falls, setting.batches),),
        header=(
            "noise", "networks", *(text for name in LAST.values() for text in (name, "error")),
            "fall of the test loss", "error", "squared displacement by the noise", "error",
        ),
        rows=[
            (label(kind), setting.networks,
             *(number for m in (*(mean_over(last(one, name)) for name in LAST),
                                *(mean_over(part[kind]) for part in (falls, moved) if kind in part))
               for number in (m.value, m.error)))
            for kind, one in runs.items()
        ],
        draw=lambda path: draw(path, runs, moved, falls, heats),
        settings={**setting._asdict(), "learning_rate": RATE, "samples": samples},
    )  # fmt: skip


#: Observables at the end, and what the table calls them.
LAST = {"test_accuracy": "test accuracy", "test_loss": "test loss", "train_loss": "train loss"}


def network(setting):
    """The network and its training pairs."""
    return modular.model(p=setting.p, width=setting.width, scale=setting.scale, fraction=setting.fraction)


def trained(setting, model, seed):
    """Runs of the same networks by kind of noise: none, a temperature (float) or a batch size (int)."""
    kept = {}
    train(model, Law(RATE), steps=setting.before, chains=setting.networks, seed=seed, recording=Recording(2),
          callbacks=Callbacks(visit=lambda _, weights: kept.update(last=weights)))  # fmt: skip
    on_set = {"steps": setting.steps, "chains": setting.networks, "seed": seed + 1}
    start = Start(tuple(kept["last"]), "memorised by descent")
    sweep = Protocol(sweep={"temperature": [0.0, *setting.heats]}, start=start)
    swept = train(model, Law(RATE), protocol=sweep, recording=Recording(setting.frames, {}, SKETCH), **on_set)
    runs = dict(zip((STILL, *setting.heats), split(swept), strict=True))
    observed = Recording(setting.frames, {"spread": spread_of(model)}, SKETCH)
    for batch in setting.batches:
        law, protocol = Law(RATE, batch=batch), Protocol(start=start)
        runs[batch] = train(model, law, protocol=protocol, recording=observed, **on_set)
    return runs


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


def fall(one, still, frame=-1):
    """Test loss of the same networks without the noise, minus that with it (networks,)."""
    return still.observables["test_loss"][:, frame] - one.observables["test_loss"][:, frame]


def displacement(one, still):
    """Squared distance at the end of the same networks with and without the noise (networks,), by a sketch."""
    return ((one.states[:, -1] - still.states[:, -1]) ** 2).sum(axis=-1)


def at_equal(sizes, falls, batch, what):
    """Temperature of Langevin noise of the same size as minibatch noise, its fall, and the excess of that of the batch.

    Interpolation of the mean fall and of log(temperature) against the logarithm of the mean size. Below the lowest
    temperature all are proportional to each other. Above the highest they are unknown (NaN).
    """
    heats = np.array(sorted(kind for kind in sizes if isinstance(kind, float)))
    columns = [*heats.tolist(), batch]
    values = np.stack([[part[kind] for kind in columns] for part in (sizes, falls)]).transpose(2, 0, 1)

    def read(means, place):
        found = []
        for reached, fell in means:
            size, own = np.maximum.accumulate(reached[:-1]), reached[-1]
            share, at = min(own / size[0], 1.0), np.log(max(own, size[0]))
            heat = share * np.exp(np.interp(at, np.log(size), np.log(heats), right=np.nan))
            usual = share * np.interp(at, np.log(size), fell[:-1], right=np.nan)
            found.append((heat, usual, fell[-1] - AS_MUCH * usual)[place])
        return np.array(found)

    names = (
        "temperature",
        "fall under Langevin noise",
        f"fall beyond {AS_MUCH:g} of that under Langevin noise",
    )
    return [
        bootstrap_walkers(
            values, lambda means, place=i: read(means, place), f"{name} at equal {what}, {label(batch)}"
        )
        for i, name in enumerate(names)
    ]


def reduces_overfitting(moved, strength, falls, batches):
    """Every batch size reduces the test loss, at least by `AS_MUCH` of what Langevin noise of the same size does."""
    parts, texts = [], []
    for batch in batches:
        own = mean_over(falls[batch], f"fall of the test loss, {label(batch)}")
        parts.append(above(own, 0.0))
        texts.append(f"{label(batch)} {told(own)}")
        for sizes, what in ((moved, "displacement"), (strength, "variance per step")):
            heat, usual, excess = at_equal(sizes, falls, batch, what)
            parts.append(above(excess, 0.0))
            texts[-1] += f", Langevin noise of equal {what} {told(usual)} (theta = {told(heat)})"
    number = "fall of the test loss below that of full batches without noise: " + "; ".join(texts)
    number += f"; tested: at least {AS_MUCH:.0%} of the fall under Langevin noise; n = {own.n} networks"
    words = (
        f"at least {AS_MUCH:g} of the fall under Langevin noise, at equal displacement and at equal variance"
    )
    return Finding(BATCHES, verdict_of(every(words, parts)), number)


def label(kind):
    """Label of a kind of noise."""
    if isinstance(kind, float):
        return f"Langevin noise, theta = {kind:g}"
    return f"batches of {kind}" if isinstance(kind, int) else kind


def draw(path, runs, moved, falls, heats):
    """Fall of the test loss against displacement, and over time; temperature of minibatch noise over time."""
    from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
    from langevin.figures.panels import MARKS, band, bars, panels

    batches, steps = list(heats), runs[STILL].steps
    langevin = [kind for kind in moved if isinstance(kind, float)]
    with canvas(path, "Test loss without noise minus that with it, at the end", 13.0, 4.4) as place:
        axes, middle, right = panels(place, 1, 3)
        groups = [("Langevin noise", langevin, "s", MEASURED)]
        groups += [(label(batch), [batch], MARKS[2 + i], COLOURS[i]) for i, batch in enumerate(batches)]
        for name, kinds, mark, colour in groups:
            at = [mean_over(moved[kind]) for kind in kinds]
            bars(axes, [m.value for m in at], [mean_over(falls[kind]) for kind in kinds], colour, mark,
                 f"{name}, 95 % interval", xerr=[1.96 * m.error for m in at])  # fmt: skip
        axes.plot([mean_over(moved[kind]).value for kind in langevin], [falls[kind].mean() for kind in langevin], ":",
                  color=MEASURED, linewidth=1, label="interpolation")  # fmt: skip
        axes.set(xlabel="squared displacement by the noise", ylabel="fall of the test loss", xscale="log")
        for i, kind in enumerate((langevin[-1], *batches)):
            colour = MEASURED if i == 0 else COLOURS[i - 1]
            band(
                middle,
                steps,
                fall(runs[kind], runs[STILL], slice(None)),
                colour,
                DASHES[i % 4],
                in_symbols(kind),
            )
        middle.set(xlabel="step after memorising", ylabel="fall of the test loss")
        middle.set_title("The same over time, with 95 % intervals", loc="left")
        for i, batch in enumerate(batches):
            band(
                right,
                steps[1:],
                heats[batch][:, 1:],
                COLOURS[i],
                DASHES[(i + 1) % 4],
                label(batch),
                geometric=True,
            )
        right.set(
            xlabel="step after memorising", ylabel="temperature $\\theta$ of equal variance", yscale="log"
        )
        right.set_title("Noise of minibatches per step, 95 % intervals", loc="left")
        middle.margins(y=0.15)
        axes.legend(loc="upper left")
        middle.legend(loc="upper left", ncols=2)
        right.legend(loc="upper right")


def in_symbols(kind):
    """Label with symbols."""
    if not isinstance(kind, float):
        return label(kind)
    size, power = f"{kind:.0e}".split("e")
    return f"Langevin noise, $\\theta = {size} \\times 10^{{{int(power)}}}$"


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
