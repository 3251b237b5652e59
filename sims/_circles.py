"""Do the embeddings of residues in a one-layer transformer lie on a circle?

The transformer is that of Power et al. and Nanda et al. in a small size, under weight decay. Its embedding is projected
onto two planes: of the two largest principal components, and of the strongest frequency. A plane shows a circle if one
frequency has nearly all of the variance and the radius varies little. A random cloud is projected onto the same planes
as a control: the plane of its strongest frequency is chosen after the fact, so this frequency has a large share too.
"""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from langevin.experiment.statements import above, below, every
from langevin.measure.networks import fourier_power, frequency_plane, principal_components
from langevin.measure.seeds import mean_over
from langevin.sgld import Callbacks, Protocol, Recording, train
from langevin.types import FloatArray
from models import modular

#: The network and its task; learning rate; batch; longest run; steps between frames.
DIALS = {"p": 23, "width": 48, "fraction": 0.85}
RATE, BATCH, STEPS, EVERY = 2e-3, 128, 5000, 50
#: Steps for which all test samples have been right when a network stops.
HELD = 100
#: A circle: the top frequency has more than the first number of the variance in the plane, and the relative spread of
#: the radius is below the second number times that of random clouds. If the rest of the variance is random, the first
#: number gives a spread of 0.16, about the second number times that of random clouds.
PURE, ROUND = 0.95, 0.5
#: Random clouds.
CLOUDS = 300
PRINCIPAL, STRONGEST = "principal plane", "plane of the strongest frequency"
PLANES = {
    PRINCIPAL: lambda table: principal_components(table)[0],
    STRONGEST: lambda table: frequency_plane(table)[0],
}


class Seen(NamedTuple):
    """Embeddings in one plane: points (networks, p, 2), roundness (networks, 2), whether each is a circle (networks,).

    `clouds` is the roundness (clouds, 2) of random clouds, `false` the number of them that count as circles, and
    `cloud` the points (p, 2) of one.
    """

    points: FloatArray
    roundness: FloatArray
    circle: FloatArray
    clouds: FloatArray
    false: int
    cloud: FloatArray


def transformers(networks, seed, law=modular.ADAM, level=0.95, steps=None, **dials):
    """Embeddings (networks, p, width) of the transformers whose test accuracy at the end is `level` or more.

    A network stops when all test samples have been right for `HELD` steps, at the latest after `steps` (STEPS). All
    networks share one split of the table, which depends on the seed. `dials` replace those of DIALS.
    """
    last, steps = {}, steps or STEPS
    run = train(
        modular.model(network="transformer", data_seed=seed, **DIALS | dials),
        replace(law, learning_rate=RATE, batch=BATCH), steps=steps, chains=networks, seed=seed,
        protocol=Protocol(stop={"generalised": HELD}), recording=Recording(range(0, steps + 1, EVERY), sketch=1),
        callbacks=Callbacks(visit=lambda _, weights: last.update({"weights": weights})),
    )  # fmt: skip
    right = run.observables["test_accuracy"][:, -1] >= level
    return np.array([one["embedding"] for one, known in zip(last["weights"], right) if known], dtype=float)


def roundness(plane):
    """Share of the variance in the top frequency, and spread of the radius over its mean, of points (p, 2)."""
    radius = np.linalg.norm(plane, axis=1)
    return fourier_power(plane).max(), radius.std() / radius.mean()


def seen(tables):
    """The embeddings (networks, p, width) in each of PLANES, with random clouds of the same shape."""
    noise = np.random.default_rng(0).standard_normal((CLOUDS, *tables[0].shape))
    found = {}
    for name, project in PLANES.items():
        points, random = (np.array([project(table) for table in group]) for group in (tables, noise))
        shapes, clouds = (np.array([roundness(plane) for plane in group]) for group in (points, random))
        circle, false = (
            (rows[:, 0] > PURE) & (rows[:, 1] < ROUND * clouds[:, 1].mean()) for rows in (shapes, clouds)
        )
        found[name] = Seen(points, shapes, circle, clouds, int(false.sum()), random[0])
    return found


def is_a_circle(one, name):
    """The statement that, in the mean over networks, a plane shows a circle."""
    top = mean_over(one.roundness[:, 0], f"share of the top frequency, {name}")
    spread, random = (mean_over(rows[:, 1]) for rows in (one.roundness, one.clouds))
    value = spread.value / random.value
    error = value * math.hypot(spread.error / spread.value, random.error / random.value)
    ratio = replace(spread, value=value, error=error, estimator=f"spread over that of random clouds, {name}")
    return every(f"a circle in the {name}", (above(top, PURE), below(ratio, ROUND)))


def told_of(one, name, told):
    """The numbers of one plane in words; `told` writes a measurement."""
    top, spread = (mean_over(column) for column in one.roundness.T)
    random_top, random_spread = (mean_over(column) for column in one.clouds.T)
    return (
        f"{name}: share of the top frequency {told(top)}, relative spread of the radius {told(spread)} (random clouds: "
        f"{told(random_top)} and {told(random_spread)}), {int(one.circle.sum())} of {len(one.circle)} networks and "
        f"{one.false} of {CLOUDS} random clouds show a circle"
    )


def draw_plane(axes, one, name):
    """Points of each network over their mean radius, those of one random cloud, and the unit circle."""
    from langevin.figures.canvas import COLOURS

    def drawn(groups, mark, colour, size, label):
        scaled = [plane / np.linalg.norm(plane, axis=1).mean() for plane in groups]
        axes.plot(*np.concatenate(scaled).T, mark, color=colour, markersize=size, alpha=0.6, label=label)

    drawn([one.cloud], "+", "0.4", 5, "one random cloud")
    kinds = (one.circle, "o", COLOURS[0], "circle"), (~one.circle, "^", COLOURS[1], "no circle")
    for chosen, mark, colour, word in kinds:
        if chosen.any():
            drawn(one.points[chosen], mark, colour, 2, f"{int(chosen.sum())} networks, {word}")
    angle = np.linspace(0, 2 * np.pi, 200)
    axes.plot(np.cos(angle), np.sin(angle), color="black", linewidth=0.8, label="unit circle")
    axes.set(
        xlabel="first coordinate / mean radius", ylabel="second coordinate / mean radius", aspect="equal"
    )
    axes.set_title(f"Residues of transformers that generalised,\n{name}", loc="left")
    axes.legend(loc="center left", bbox_to_anchor=(1.02, 0.5))
