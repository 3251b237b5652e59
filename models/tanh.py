"""Networks of one hidden layer of tanh on their zero-loss sets: where flat regions are near and can be measured.

`teacher` learns tanh(x_0) + tanh(x_1 - x_2) / 2 of Gaussian inputs from few samples, without biases, and starts after
a long descent: on the set, with a spread of curvatures over seeds. `line` is the network of
`langevin.manifolds.tanh_network`, sum_h v_h tanh(w_h u + b_h), with its samples, loss and start.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, random

from langevin import manifolds
from langevin.errors import UsageError
from langevin.manifolds.tanh_network import samples_of
from langevin.sgld import Computation, Data, Law, Model, Plan, Preset, Recording
from langevin.sgld.losses import within

DEFAULTS = Plan(
    Law(0.1, label_noise=1.0, name="label-noise"), steps=20_000, recording=Recording(frames=100, sketch=256)
)
DESCENT_RATE = 0.5
#: lr sigma^2 / 4 B = 0.00125 under label noise, at small steps (`langevin.sgld.Preset`).
NOISE_OVER_TRACE = "late train_loss / late trace"

PRESETS = {
    "quick": Preset(
        "label noise slides along the zero-loss set to a smaller trace of the Hessian",
        DEFAULTS,
        bands={"trace": (3, 7), "displacement": (3.2, 4.5), NOISE_OVER_TRACE: (0.00095, 0.0018)},
    ),
    "still": Preset(
        "control of quick: without noise nothing moves",
        Plan(Law(0.1, name="gradient-descent"), steps=5000, recording=Recording(frames=50)),
        bands={"trace": (12, 19), "displacement": (0, 0.01)},
    ),
    "isotropic": Preset(
        "control of quick: isotropic noise moves as far, and on a set without bound the trace grows",
        Plan(Law(0.1, temperature=1e-5), steps=20_000, recording=Recording(frames=100)),
        bands={"trace": (16, 25), "displacement": (2.8, 4.2), "late train_loss": (7e-5, 1.4e-4)},
    ),
    "motion": Preset(
        "squared displacement before zero loss, ballistic for the first steps only, and after, diffusive",
        Plan(
            Law(0.02, temperature=1e-6),
            steps=50_000,
            chains=10,
            recording=Recording(sketch=256),
            computation=Computation(lanes=10),
        ),
        {"descent": 0},
        bands={"arrival_step": (2000, 15_000), "late train_loss": (7e-6, 1.4e-5), "displacement": (0.7, 2.0)},
    ),
    "full": Preset(
        "the fall of the trace to its floor",
        replace(DEFAULTS, steps=400_000, chains=10),
        bands={"trace": (2, 4), "displacement": (4, 8), NOISE_OVER_TRACE: (0.0009, 0.0018)},
    ),
}


def model(
    task: str = "teacher",
    inputs: int = 10,
    hidden: int = 30,
    samples: int = 20,
    descent: int = 20_000,
    stiffness: float = 1.0,
    tolerance: float = 0.1,
    data_seed: int = 0,
) -> Model:
    """A tanh network.

    Args:
        task: teacher, or line.
        inputs: Dimension of the inputs, at least 3 (teacher).
        hidden: Number of hidden units.
        samples: Number of training samples.
        descent: Steps of gradient descent, at 0.5, between the random weights and the start (teacher).
        stiffness: k, the weight of the summed squared loss (line).
        tolerance: A sample counts as right within this of its target (times sqrt(samples k) for line).
        data_seed: Seed of the samples (teacher), of targets and start (line).

    Raises:
        UsageError: another task, a number out of range, or dials that the landscape refuses.
    """
    dials = {"task": task, "inputs": inputs, "hidden": hidden, "samples": samples, "descent": descent}
    dials |= {"stiffness": stiffness, "tolerance": tolerance, "data_seed": data_seed}
    if task not in ("teacher", "line"):
        raise UsageError(f"task is {task!r}: it must be teacher or line")
    if inputs < 3 or min(hidden, samples) < 1 or descent < 0 or not tolerance > 0 or data_seed < 0:
        raise UsageError(
            f"inputs is {inputs}, hidden is {hidden}, samples is {samples}, descent is {descent}, tolerance is "
            f"{tolerance}, data_seed is {data_seed}: at least 3, 1, 1 and 0, above 0, at least 0"
        )
    build = teacher if task == "teacher" else line
    return build(dials)


def teacher(dials: dict[str, Any]) -> Model:
    """Learner of a smooth function of three of its inputs."""
    inputs, hidden, samples = dials["inputs"], dials["hidden"], dials["samples"]
    generator = np.random.default_rng(dials["data_seed"])
    x = generator.normal(size=(samples + 500, inputs))
    y = (np.tanh(x[:, 0]) + 0.5 * np.tanh(x[:, 1] - x[:, 2]))[:, None]
    train, test = Data(x[:samples], y[:samples]), Data(x[samples:], y[samples:])

    def apply(weights: Any, x: Any) -> Any:
        return jnp.tanh(x @ weights["hidden"]) @ weights["output"]

    def loss(weights: Any) -> Any:
        inputs, targets = (jnp.asarray(part, weights["output"].dtype) for part in train)
        return jnp.mean((apply(weights, inputs) - targets) ** 2) / 2

    def descend(_: Any, weights: Any) -> Any:
        return jax.tree.map(lambda w, g: w - DESCENT_RATE * g, weights, jax.grad(loss)(weights))

    def init(key: Any) -> dict[str, Any]:
        first, second = random.split(key)
        weights = {
            "hidden": random.normal(first, (inputs, hidden)) / inputs**0.5,
            "output": random.normal(second, (hidden, 1)) / hidden**0.5,
        }
        descended: dict[str, Any] = lax.fori_loop(0, dials["descent"], descend, weights)
        return descended

    def trace(weights: Any) -> Any:  # tr(J^T J) / samples, in closed form
        unit = jnp.tanh(train.inputs.astype(np.float32) @ weights["hidden"])
        size = jnp.sum(train.inputs.astype(np.float32) ** 2, axis=1, keepdims=True)
        return jnp.mean(jnp.sum(unit**2 + (weights["output"][:, 0] * (1 - unit**2)) ** 2 * size, axis=1))

    right = within(dials["tolerance"])
    return Model("tanh", init, apply, "half-mse", train, test, dials, right, {"trace": trace})


def line(dials: dict[str, Any]) -> Model:
    """The network of `langevin.manifolds.tanh_network`, at the point where its walkers start."""
    landscape = manifolds.tanh_network(
        dials["hidden"], dials["samples"], dials["stiffness"], dials["data_seed"]
    )
    scale = (dials["stiffness"] * dials["samples"]) ** 0.5  # the mean over the samples divides by it again
    w, b, v = np.split(landscape.start(np.full((1, landscape.dim), 0.5), 1.0)[0], 3)
    inputs, targets = samples_of(landscape)
    data = Data(inputs[:, None], scale * targets[:, None])

    def apply(weights: Any, x: Any) -> Any:
        return scale * jnp.tanh(x * weights["w"] + weights["b"]) @ weights["v"][:, None]

    def init(_: Any) -> dict[str, Any]:
        return {"w": jnp.asarray(w, float), "b": jnp.asarray(b, float), "v": jnp.asarray(v, float)}

    return Model("tanh", init, apply, "half-mse", data, data, dials, within(dials["tolerance"] * scale))
