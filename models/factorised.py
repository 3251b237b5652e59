"""Linear networks of two layers whose zero-loss sets are toy landscapes of `langevin.manifolds`, to the last digit.

`dense` is f(x) = W_2 W_1 x with the loss k |W_2 W_1 - A|^2 / 2 of `langevin.manifolds.factorised`; `diagonal` is
f_j(x) = u_j v_j x_j with the loss sum_j k (u_j v_j - y)^2 / 2, a product of `langevin.manifolds.hyperbola`.
The samples are the unit vectors, scaled so that the mean loss over them is that of the landscape. All networks
start where its walkers do, on the set, so an SGLD run here and a soft run there are one experiment.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import numpy as np

from langevin import manifolds
from langevin.errors import UsageError
from langevin.manifolds.factorised import target_of
from langevin.sgld import Computation, Data, Law, Model, Plan, Preset
from langevin.sgld.losses import within

DEFAULTS = Plan(Law(0.001, temperature=0.01), steps=5000, chains=20, computation=Computation(lanes=20))

PRESETS = {
    "quick": Preset(
        "thermometer: in equilibrium four constraints hold theta / 2 = 0.005 each, a little more at this step",
        replace(DEFAULTS, steps=2000, chains=100, computation=Computation(lanes=100)),
        bands={"late train_loss": (0.017, 0.033), "displacement": (0.44, 0.68)},
    ),
    "label-noise": Preset(
        "label noise makes the pairs of a diagonal network equal: displacement from the unbalanced start",
        Plan(Law(0.01, label_noise=3.0, name="label-noise"), steps=20_000),
        {"network": "diagonal", "inputs": 10, "stiffness": 1.0, "largest": 1.0},
        # Loss at small steps: lr sigma^2 tr(H) / 4 B = lr sigma^2 |w|^2 / 4 B.
        bands={"weight_norm": (4.4, 4.7), "late train_loss": (0.034, 0.066)},
    ),
    "full": Preset(
        "diffusion along the set of the dense network, where gradient flow would conserve the balance",
        Plan(Law(0.0005, temperature=0.01), steps=20_000, chains=400, computation=Computation(lanes=400)),
        bands={"late train_loss": (0.015, 0.029)},
    ),
}


def model(
    network: str = "dense",
    outputs: int = 2,
    hidden: int = 3,
    inputs: int = 2,
    stiffness: float = 100.0,
    largest: float = 2.0,
    tilt: float = 0.5,
    tolerance: float = 0.1,
) -> Model:
    """A two-layer linear network, at zero loss from the start.

    Args:
        network: dense, or diagonal.
        outputs: Rows of A (dense).
        hidden: Width (dense).
        inputs: Columns of A (dense); number of pairs of weights (diagonal).
        stiffness: k.
        largest: Largest singular value of A (dense); the product y (diagonal).
        tilt: s of the start sqrt(y) (e^s, e^-s) of every pair (diagonal).
        tolerance: A sample counts as right if every output is within this of its target, both over sqrt(k).

    Raises:
        UsageError: another network, or dials that the landscape refuses.
    """
    dials = {"network": network, "outputs": outputs, "hidden": hidden, "inputs": inputs}
    dials |= {"stiffness": stiffness, "largest": largest, "tilt": tilt, "tolerance": tolerance}
    if network not in ("dense", "diagonal"):
        raise UsageError(f"network is {network!r}: it must be dense or diagonal")
    if inputs < 1 or not tolerance > 0:
        raise UsageError(f"inputs is {inputs} and tolerance is {tolerance}: at least 1, and above 0")
    scale = (stiffness * inputs) ** 0.5  # the mean over `inputs` samples divides by it again
    if network == "dense":
        landscape = manifolds.factorised(outputs, hidden, inputs, stiffness, largest)
        target = target_of(landscape)
        start = place(landscape)
        weights = {
            "second": start[: outputs * hidden].reshape(outputs, hidden),
            "first": start[outputs * hidden :].reshape(hidden, inputs),
        }
    else:
        landscape = manifolds.hyperbola(stiffness, largest, tilt)
        target = largest * np.eye(inputs)
        u, v = place(landscape)
        weights = {"u": np.full(inputs, u), "v": np.full(inputs, v)}
    data = Data(np.eye(inputs), scale * target.T)

    def apply(weights: Any, x: Any) -> Any:
        if network == "dense":
            return scale * x @ weights["first"].T @ weights["second"].T
        return scale * x * (weights["u"] * weights["v"])

    return Model(
        name="factorised",
        init=lambda _: {name: jnp.asarray(value, float) for name, value in weights.items()},
        apply=apply,
        loss="half-mse",
        train=data,
        test=data,
        dials=dials,
        correct=within(tolerance * scale),
    )


def place(landscape: Any) -> Any:
    """The one state (dim,) at which all walkers of a landscape start."""
    return landscape.start(np.full((1, landscape.dim), 0.5), 1.0)[0]
