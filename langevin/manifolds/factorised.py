"""Two-layer linear network W_2 W_1 = A: the set of balanced and unbalanced factorisations of one matrix."""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import unfit
from langevin.landscapes.composed import gradient_of, value_of
from langevin.landscapes.starts import all_at
from langevin.types import Facts, FloatArray, Landscape, Moment


def factorised(
    outputs: int = 2, hidden: int = 3, inputs: int = 2, stiffness: float = 100.0, largest: float = 2.0
) -> Landscape:
    """Zero set of sqrt(k) (W_2 W_1 - A), W_2 (outputs, hidden) and W_1 (hidden, inputs), outputs x inputs equations.

    A is diagonal with singular values from `largest` down to 1, evenly spaced. Coordinates are W_2 by rows, then W_1 by
    rows; walkers start at the balanced solution with factors sqrt(A). J J^T = k (W_2 W_2^T x 1 + 1 x W_1^T W_1)
    (Kronecker products), so half log det J J^T is a sum over pairs of squared singular values (`log_det`). The matrix
    B = W_2^T W_2 - W_1 W_1^T is conserved by gradient flow (Arora, Cohen and Hazan 2018). Under soft and Gibbs motion
    d(E B) / dt = 2 theta (outputs - inputs) x 1; the trace of B is a moment. The set is not compact: the largest
    curvature is the one near the start.

    Args:
        outputs: rows of A.
        hidden: width, at least the larger of outputs and inputs.
        inputs: columns of A.
        stiffness: k.
        largest: largest singular value of A, at least 1.
    """
    if (
        not 1 <= min(outputs, inputs) <= max(outputs, inputs) <= hidden
        or not 0.0 < stiffness < math.inf
        or not 1.0 <= largest < math.inf
    ):
        raise unfit(
            "factorised",
            "needs 1 <= outputs, inputs <= hidden, stiffness > 0, largest >= 1",
            f"outputs={outputs}, hidden={hidden}, inputs={inputs}, stiffness={stiffness}, largest={largest}",
        )
    rank = min(outputs, inputs)
    values = np.linspace(largest, 1.0, rank)
    second, first, target = (
        np.zeros((outputs, hidden)),
        np.zeros((hidden, inputs)),
        np.zeros((outputs, inputs)),
    )
    for i in range(rank):
        second[i, i] = first[i, i] = math.sqrt(values[i])
        target[i, i] = values[i]
    if outputs > rank:  # rows without a hidden unit get a spare one: independent equations
        second[rank:, rank:outputs] = np.eye(outputs - rank)
    if inputs > rank:
        first[rank:inputs, rank:] = np.eye(inputs - rank)
    codim = outputs * inputs
    place = np.concatenate([second.ravel(), first.ravel()])
    scale = math.sqrt(stiffness)
    return Landscape(
        name="factorised",
        dim=place.size,
        codim=codim,
        parameters=(scale, target),
        start=all_at(place),
        stiffness=lambda temperature: 2.0 * stiffness * largest + math.sqrt(20.0 * temperature * stiffness),
        residual=residual,
        jacobian=jacobian,
        value=value_of(residual, codim),
        gradient=gradient_of(residual, jacobian, codim),
        samples=codim,
        dials={
            "outputs": outputs,
            "hidden": hidden,
            "inputs": inputs,
            "stiffness": stiffness,
            "largest": largest,
        },
        facts=Facts(
            moments=(
                Moment(
                    "|W_2|^2 - |W_1|^2",
                    lambda states: balance(states, outputs * hidden),
                    gibbs_rate=2.0 * (outputs - inputs) * hidden,
                ),
            )
        ),
    )


def balance(states: FloatArray, cut: int) -> FloatArray:
    """tr B = |W_2|^2 - |W_1|^2 (walkers,) of states (walkers, dim) whose first `cut` coordinates are W_2."""
    difference: FloatArray = (states[:, :cut] ** 2).sum(axis=1) - (states[:, cut:] ** 2).sum(axis=1)
    return difference


def target_of(factorised: Landscape) -> FloatArray:
    """The matrix A (outputs, inputs) of which the weights are a factorisation."""
    target: FloatArray = factorised.parameters[1]
    return target


def log_det(second: FloatArray, first: FloatArray, stiffness: float) -> float:
    """Half log det J J^T = sum over i, j of log k (s_i^2 + t_j^2) / 2, from the singular values of W_2 and W_1."""
    rows = np.linalg.eigvalsh(second @ second.T)
    columns = np.linalg.eigvalsh(first.T @ first)
    return float(0.5 * np.log(stiffness * (rows[:, None] + columns)).sum())


def residual(x, out, parameters):
    """r = sqrt(k) (W_2 W_1 - A), by rows."""
    scale, target = parameters
    outputs, inputs = target.shape
    hidden = x.shape[0] // (outputs + inputs)
    for i in range(outputs):
        for j in range(inputs):
            for lane in range(x.shape[1]):
                out[i * inputs + j, lane] = -scale * target[i, j]
            for h in range(hidden):
                other = outputs * hidden + h * inputs + j
                for lane in range(x.shape[1]):
                    out[i * inputs + j, lane] += scale * x[i * hidden + h, lane] * x[other, lane]


def jacobian(x, out, parameters):
    """dr_ij / dW_2,ih = sqrt(k) W_1,hj and dr_ij / dW_1,hj = sqrt(k) W_2,ih."""
    scale, target = parameters
    outputs, inputs = target.shape
    hidden = x.shape[0] // (outputs + inputs)
    for a in range(out.shape[0]):
        for b in range(out.shape[1]):
            for lane in range(x.shape[1]):
                out[a, b, lane] = 0.0
    for i in range(outputs):
        for j in range(inputs):
            for h in range(hidden):
                other = outputs * hidden + h * inputs + j
                for lane in range(x.shape[1]):
                    out[i * inputs + j, i * hidden + h, lane] = scale * x[other, lane]
                    out[i * inputs + j, other, lane] = scale * x[i * hidden + h, lane]
