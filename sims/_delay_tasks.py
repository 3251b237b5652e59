"""The tasks of the sim `grokking_times`: how the dials of a cell are drawn, and which training they define."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from langevin.scorecard.cells import Cell, Draw
from langevin.scorecard.rows import Row
from langevin.sgld import Computation, Law, Model, Protocol, Recording
from sims._known_delays import canal_rows, cube_rows, linear_delay
from sims._norm_flow import flow_time

#: Networks in each cell.
NETWORKS = 3
#: Ratio of successive recorded steps. A training ends when the test accuracy has been at least 0.95 for this share of
#: the steps before: slightly more than ten recorded steps.
RATIO, LASTING = 1.05, 0.65
#: Measurements that the table keeps with `COARSE_DIGITS` digits, because networks of one cell differ by more.
COARSE = (
    "start_alignment", "displacement", "trace", "sharpness", "rank", "alignment", "kernel_change", "logit_scale",
    "test_slope", "norm_slope", "trace_slope", "learning_coefficient", "norm_flow", "generalised_norm",
)  # fmt: skip
COARSE_DIGITS = 3
#: Longest training in units of 1 / (lr wd), with decay. Tasks without decay define their own.
DECAY_TIMES = 10


@dataclass(frozen=True)
class Case:
    """The training of a cell: model, law, steps, and the dials that a theory may see."""

    model: Model
    law: Law
    steps: float
    scale: float
    fraction: float = np.nan


@dataclass(frozen=True)
class Task:
    """How the dials of a cell are drawn, and which training they define."""

    dials: Callable[[Draw], Mapping[str, Any]]
    case: Callable[[Mapping[str, Any], int], Case]


def parity(dials, seed):
    """Parity of 2 of 40 signs: hinge loss, minibatches of 32, weight decay."""
    from models import parity

    lr, wd, scale = (dials[name] for name in ("learning_rate", "weight_decay", "scale"))
    model = parity.model(
        n=40, samples=dials["samples"], test_samples=400, width=dials["width"], scale=scale, data_seed=seed
    )
    return Case(model, Law(lr, weight_decay=wd, name="sgd", batch=32), DECAY_TIMES / (lr * wd), scale)


def parity_noise(dials, seed):
    """Parity of 2 of 40 signs: half-MSE, label noise and no decay, up to 60 / (lr sigma)^2 steps."""
    from models import parity

    lr, sigma, scale = (dials[name] for name in ("learning_rate", "label_noise", "scale"))
    model = parity.model(
        n=40, samples=dials["samples"], test_samples=400, width=dials["width"], scale=scale, loss="half-mse",
        data_seed=seed,
    )  # fmt: skip
    law = Law(lr, label_noise=sigma, name="label-noise", batch=32)
    return Case(model, law, 60 / (lr * sigma) ** 2, scale)


def modular(dials, seed, law):
    """Addition modulo 23 by a quadratic network, half-MSE."""
    from models import modular

    model = modular.model(
        p=23, fraction=dials["fraction"], width=dials["width"], gain=dials["scale"], data_seed=seed
    )
    lr, wd = dials["learning_rate"], dials["weight_decay"]
    return Case(model, law, DECAY_TIMES / (lr * wd), dials["scale"], dials["fraction"])


def modular_descent(dials, seed):
    """The quadratic network by gradient descent with decay."""
    return modular(
        dials, seed, Law(dials["learning_rate"], weight_decay=dials["weight_decay"], name="gradient-descent")
    )


def modular_adamw(dials, seed):
    """The quadratic network by AdamW."""
    return modular(dials, seed, adamw(dials))


def modular_noise(dials, seed):
    """The quadratic network with Langevin noise; the decay is a Gaussian prior, so that the distribution is proper."""
    law = Law(
        dials["learning_rate"],
        temperature=dials["temperature"],
        weight_decay=dials["weight_decay"],
        name="sgld",
    )
    return modular(dials, seed, law)


def polynomial(dials, seed):
    """A quadratic polynomial by gradient descent, from lazy to rich; no decay, up to 200 000 / lr steps."""
    from models import polynomial

    model = polynomial.model(
        alpha=dials["scale"], eps=dials["eps"], samples=dials["samples"], width=dials["width"], data_seed=seed
    )
    lr = dials["learning_rate"]
    return Case(model, Law(lr, name="gradient-descent"), 200_000 / lr, dials["scale"])


def digits(dials, seed):
    """Handwritten digits: half-MSE, minibatches of 50, weight decay."""
    from models import digits

    lr, wd, scale = (dials[name] for name in ("learning_rate", "weight_decay", "scale"))
    model = digits.model(samples=dials["samples"], width=dials["width"], scale=scale, data_seed=seed)
    return Case(model, Law(lr, weight_decay=wd, name="sgd", batch=50), DECAY_TIMES / (lr * wd), scale)


def linear(dials, seed):
    """A linear estimator of a linear teacher, by gradient descent."""
    from models import linear

    model = linear.model(samples=dials["samples"], scale=dials["scale"], data_seed=seed)
    return Case(model, Law(dials["learning_rate"], name="gradient-descent"), 2e4, dials["scale"])


def adamw(dials):
    """Adam with decoupled decay, as is usual for modular arithmetic."""
    return Law(
        dials["learning_rate"], weight_decay=dials["weight_decay"], name="optax.adamw", decay="decoupled",
        options={"b2": 0.98},
    )  # fmt: skip


TASKS = {
    "parity": Task(
        lambda draw: {
            "learning_rate": draw.number(0.05, 0.2), "weight_decay": draw.number(0.003, 0.03),
            "scale": draw.number(0.5, 4), "samples": draw.count(220, 600), "width": draw.count(50, 400),
        },
        parity,
    ),
    "parity-noise": Task(
        lambda draw: {
            "learning_rate": draw.number(0.05, 0.12), "label_noise": draw.number(0.7, 1.3),
            "scale": draw.number(0.5, 1.2), "samples": draw.count(250, 500), "width": draw.count(100, 300),
        },
        parity_noise,
    ),
    "modular-descent": Task(
        lambda draw: {
            "learning_rate": draw.number(0.4, 1.2), "weight_decay": draw.number(3e-4, 2e-3),
            "scale": draw.number(0.7, 1.8), "fraction": draw.share(0.55, 0.85), "width": draw.count(48, 128),
        },
        modular_descent,
    ),
    "modular-adamw": Task(
        lambda draw: {
            "learning_rate": draw.number(1e-3, 4e-3), "weight_decay": draw.number(0.3, 2),
            "scale": draw.number(0.5, 5), "fraction": draw.share(0.55, 0.85), "width": draw.count(48, 128),
        },
        modular_adamw,
    ),
    "modular-noise": Task(
        lambda draw: {
            "learning_rate": draw.number(0.4, 1.2), "temperature": draw.number(5e-6, 4e-5),
            "weight_decay": draw.number(3e-4, 1.5e-3), "scale": draw.number(0.7, 1.8),
            "fraction": draw.share(0.55, 0.85), "width": draw.count(48, 128),
        },
        modular_noise,
    ),
    "polynomial": Task(
        lambda draw: {
            "learning_rate": draw.number(2.5, 8), "scale": draw.number(0.25, 4), "eps": draw.number(0.05, 0.25),
            "samples": draw.count(80, 250), "width": draw.count(60, 200),
        },
        polynomial,
    ),
    "digits": Task(
        lambda draw: {
            "learning_rate": draw.number(0.05, 0.15), "weight_decay": draw.number(0.002, 0.008),
            "scale": draw.number(0.7, 5), "samples": draw.count(450, 1100), "width": draw.count(48, 128),
        },
        digits,
    ),
}  # fmt: skip


KNOWN = {
    "linear": Task(
        lambda draw: {
            "learning_rate": draw.number(0.02, 0.1), "scale": draw.number(0.3, 3), "samples": draw.count(110, 300),
        },
        linear,
    ),
    "cube": Task(lambda draw: {"samples": draw.count(4, 6), "fraction": draw.number(0.1, 0.3)}, None),
    "canal": Task(
        lambda draw: {
            "learning_rate": draw.number(2e-5, 5e-5), "temperature": draw.number(0.02, 0.2),
            "samples": draw.count(2, 32), "scale": draw.number(0.3, 2),
        },
        None,
    ),
}  # fmt: skip
#: Known tasks that are walks on a landscape instead of networks, and the functions that make the rows of a cell.
WALKS = {"cube": cube_rows, "canal": canal_rows}


def recorded(steps):
    """Recorded steps at a nearly constant ratio, rounded to whole numbers."""
    count = int(np.log(steps) / np.log(RATIO)) + 1
    return np.unique(np.round(RATIO ** np.arange(count + 1)).astype(int).clip(1, steps)).tolist()


def linear_added(run, case, network, row):
    """The known delay and its standard deviation."""
    from langevin.sgld.weights import weights

    start = weights(run, case.model, network, 0)["output"]
    known, spread = linear_delay(case.model, case.law.learning_rate, start, row["memorised_step"])
    return {"known": known, "known_sd": spread}


def parity_added(run, case, network, row):
    """The time of the norm flow from the weights at memorisation; empty if the network never memorises."""
    from langevin.sgld.weights import weights

    if not row["memorised_step"] > 0:
        return {}
    here = weights(run, case.model, network, int(row["memorised_step"]))
    return {"norm_flow": flow_time(here, case.model.train, case.model.test)}


#: Functions that add columns to the rows of a task.
ADDED = {"linear": linear_added, "parity": parity_added}


def train_cell(cell: Cell) -> list[Row]:
    """Train the networks of a cell and return their rows."""
    said = {"cell": cell.name, "split": cell.split}
    if cell.task in WALKS:
        rows = WALKS[cell.task](cell, NETWORKS)
        return [{**said, "network": walker, **row} for walker, row in enumerate(rows)]
    import jax

    from langevin.scorecard.rows import rows_of
    from langevin.sgld import train

    case = (TASKS | KNOWN)[cell.task].case(cell.dials, cell.seed)
    steps = int(case.steps)
    run = train(
        case.model, case.law, steps=steps, chains=NETWORKS, seed=cell.seed,
        protocol=Protocol(stop=[f"test_accuracy>=0.95 for {100 * LASTING:g}%"]),
        recording=Recording(frames=recorded(steps), weights="frames", sketch=1),
        computation=Computation(unstable=True),
    )  # fmt: skip
    rows = rows_of(run, case.model, case.law, cell.task, case.scale, case.fraction)
    if cell.task in ADDED:
        rows = [row | ADDED[cell.task](run, case, network, row) for network, row in enumerate(rows)]
    jax.clear_caches()  # each cell compiles its own programs, about 40 MB
    return [{**said, "network": network, "horizon": steps, **coarse(row)} for network, row in enumerate(rows)]


def coarse(row: Row) -> Row:
    """A row with `COARSE_DIGITS` digits in the columns `COARSE`."""
    return row | {name: float(f"{row[name]:.{COARSE_DIGITS}g}") for name in COARSE}
