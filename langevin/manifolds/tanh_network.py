"""A small real network: one hidden layer of tanh units, a few samples, more weights than samples."""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import unfit
from langevin.landscapes.composed import gradient_of, value_of
from langevin.landscapes.curvature import largest_curvature
from langevin.landscapes.starts import all_at
from langevin.types import FloatArray, Landscape


def tanh_network(hidden: int = 3, samples: int = 4, stiffness: float = 100.0, seed: int = 0) -> Landscape:
    """Zero-loss set of f(u) = sum_h v_h tanh(w_h u + b_h), r_i = sqrt(k) (f(u_i) - y_i) at evenly spaced u_i.

    Coordinates are (w, b, v), 3 x hidden of them; inputs lie on [-1, 1]. The targets y are the outputs of random
    Gaussian weights, at which walkers start. The set is not compact; the largest curvature is the one at the start.
    `copies` is the number of weight vectors of one function.

    Args:
        hidden: number of hidden units H.
        samples: number of training samples, at most 3 x hidden - 1.
        stiffness: k, the weight of the squared loss.
        seed: seed of the weights at the start.
    """
    if not 1 <= samples < 3 * hidden or not 0.0 < stiffness < math.inf or seed < 0:
        raise unfit(
            "tanh_network",
            "needs 1 <= samples < 3 hidden, stiffness > 0 and seed >= 0",
            f"hidden={hidden}, samples={samples}, stiffness={stiffness}, seed={seed}",
        )
    inputs = np.linspace(-1.0, 1.0, samples) if samples > 1 else np.array([0.5])
    place = np.random.default_rng(seed).standard_normal(3 * hidden)
    targets = output(place[None], inputs)[0]
    parameters = (math.sqrt(stiffness), inputs, targets)
    gradient = gradient_of(residual, jacobian, samples)
    return Landscape(
        name="tanh_network",
        dim=place.size,
        codim=samples,
        parameters=parameters,
        start=all_at(place),
        stiffness=lambda temperature: largest_curvature(gradient, place, parameters),
        residual=residual,
        jacobian=jacobian,
        value=value_of(residual, samples),
        gradient=gradient,
        samples=samples,
        dials={"hidden": hidden, "samples": samples, "stiffness": stiffness, "seed": seed},
    )


def samples_of(network: Landscape) -> tuple[FloatArray, FloatArray]:
    """Inputs and targets, each (samples,)."""
    _, inputs, targets = network.parameters
    return inputs, targets


def copies(hidden: int) -> int:
    """2^H H!: the number of weight vectors that give one function, by permutation and change of sign of hidden units.

    (Chen, Lu and Hecht-Nielsen 1993.)
    """
    return int(2**hidden) * math.factorial(hidden)


def output(states: FloatArray, inputs: FloatArray) -> FloatArray:
    """Outputs (walkers, inputs) of the networks with weights `states` (walkers, dim)."""
    w, b, v = np.split(np.asarray(states, np.float64)[..., None], 3, axis=1)
    answer: FloatArray = (v * np.tanh(w * inputs + b)).sum(axis=1)
    return answer


def residual(x, out, parameters):
    """r_i = sqrt(k) (f(u_i) - y_i)."""
    root, inputs, targets = parameters
    hidden = x.shape[0] // 3
    for sample in range(inputs.size):
        for lane in range(x.shape[1]):
            out[sample, lane] = -root * targets[sample]
        for h in range(hidden):
            for lane in range(x.shape[1]):
                unit = np.tanh(x[h, lane] * inputs[sample] + x[hidden + h, lane])
                out[sample, lane] += root * x[2 * hidden + h, lane] * unit


def jacobian(x, out, parameters):
    """df/dw = v u (1 - tanh^2), df/db = v (1 - tanh^2), df/dv = tanh, times sqrt(k)."""
    root, inputs, targets = parameters
    hidden = x.shape[0] // 3
    for sample in range(inputs.size):
        for h in range(hidden):
            for lane in range(x.shape[1]):
                unit = np.tanh(x[h, lane] * inputs[sample] + x[hidden + h, lane])
                slope = root * x[2 * hidden + h, lane] * (1.0 - unit * unit)
                out[sample, h, lane] = slope * inputs[sample]
                out[sample, hidden + h, lane] = slope
                out[sample, 2 * hidden + h, lane] = root * unit
