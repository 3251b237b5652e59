"""Models with a known learning coefficient, to test the settings of a measurement before it is used on a network.

Use them with the step, the localisation and the inverse temperature that are planned for the network. The difference
between the result and `expected` is the error of the walk; the difference between `expected` and `coefficient` is the
error of the finite temperature.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from langevin.errors import UsageError
from langevin.sgld.model import Data, Model, Weights


class Known(NamedTuple):
    """A model, its minimum w*, its learning coefficient, and expected(inverse_temperature, localisation).

    `expected` is the exact mean of n beta L for these arguments: the mean of the estimator without the error of the
    step.
    """

    model: Model
    weights: Weights
    coefficient: float
    expected: Callable[[float, float], float]


def separate_powers(exponent: int = 1, dim: int = 1) -> Known:
    """L = sum over j of w_j^(2 k) / 2, k = `exponent`: lambda = dim / (2 k), regular for k = 1.

    Without localisation the expected value is lambda at every temperature, because of the scaling of w.

    Args:
        exponent: k, at least 1.
        dim: number of weights.

    Raises:
        UsageError: the exponent or the dimension is below 1.
    """
    if exponent < 1 or dim < 1:
        raise UsageError(f"exponent is {exponent} and dim is {dim}", "both must be at least 1")

    def expected(inverse_temperature: float, localisation: float) -> float:
        from scipy.integrate import quad

        # With w = u (2 / n beta)^(1/2k) the loss is u^2k, and the localisation is multiplied by the square of this
        # scale.
        weak = localisation * (2 / inverse_temperature) ** (1 / exponent) / 2

        def density(u: float) -> float:
            return math.exp(-(u ** (2 * exponent)) - weak * u**2)

        above, below = (
            quad(lambda u, power=power: u**power * density(u), 0, np.inf)[0] for power in (2 * exponent, 0)
        )
        return float(dim * above / below)

    return Known(
        _model("separate powers", lambda w: w**exponent, dim, dim),
        np.zeros(dim),
        dim / (2 * exponent),
        expected,
    )


def crossing() -> Known:
    """L = x^2 y^2 / 2, two lines of zero loss that cross at w* = 0: lambda = 1/2, with multiplicity 2.

    The multiplicity makes the convergence slow. With localisation gamma the expected value is

        1/2 + z (1 - K_1(z) / K_0(z)),    z = gamma^2 / (4 n beta),

    with Bessel functions K (from the integral over x and y of the density); for small z it is about 1/2 -
    1 / log(1 / z).
    """

    def expected(inverse_temperature: float, localisation: float) -> float:
        from scipy.special import k0e, k1e

        if not localisation > 0:
            raise UsageError("the two lines have no end", allowed="the localisation must be above 0")
        z = localisation**2 / (4 * inverse_temperature)
        return float(0.5 + z * (1 - k1e(z) / k0e(z)))

    return Known(_model("crossing", lambda w: jnp.prod(w)[None], 2, 1), np.zeros(2), 0.5, expected)


def _model(name: str, function: Callable[[Any], Any], dim: int, outputs: int) -> Model:
    """The network without inputs whose output is function(w) (outputs,), with the target 0."""
    data = Data(np.zeros((1, 1)), np.zeros((1, outputs)))

    def apply(weights: Any, inputs: Any) -> Any:
        return jnp.broadcast_to(function(weights), (len(inputs), outputs))

    return Model(name, lambda _key: jnp.zeros(dim), apply, "half-mse", data, data)
