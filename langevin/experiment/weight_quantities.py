"""The quantities of the weights of a network, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from langevin.errors import UsageError, unfit
from langevin.measure import networks
from langevin.sgld import Model
from langevin.sgld.model import trained
from langevin.sgld.weights import leaves_of, names_of
from langevin.types import FloatArray, Measurement

#: Weights up to which the trace is exact, and random signs above.
EXACT, PROBES = 5000, 200
#: By default the walks of a learning coefficient take this part of the largest stable step, 2 / (largest curvature),
#: and are held to their origin as by this part of the largest curvature. A flatter mode then counts for less than half,
#: and the note of the estimate reports that its localisation holds the weights if that matters.
STEP, LOCAL = 0.1, 0.01


@dataclass(frozen=True)
class Network:
    """A network at a measurement: its model and weights, its initial weights, and options by name."""

    model: Model
    weights: Any
    first: Callable[[], Any]
    options: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def parameters(self) -> int:
        """Number of weights."""
        return sum(np.size(leaf) for leaf in leaves_of(self.weights))

    @cached_property
    def kernel(self) -> FloatArray:
        """The tangent kernel of the training set."""
        return networks.tangent_kernel(self.model, self.weights)

    @cached_property
    def first_kernel(self) -> FloatArray:
        """The kernel of the initial weights."""
        return networks.tangent_kernel(self.model, self.first())


def exact(value: Any, estimator: str) -> Measurement:
    """A number whose error is negligible.

    Args:
        value: the number.
        estimator: name of the estimator.
    """
    return Measurement(float(value), 0.0, 1, estimator)


def _trace(network: Network) -> Measurement:
    if network.parameters <= EXACT:
        return networks.hessian_trace(network.model, network.weights)
    return networks.hutchinson_trace(network.model, network.weights, probes=PROBES)


def _largest(network: Network) -> Measurement:
    values, errors = networks.top_eigenvalues(network.model, network.weights)
    return Measurement(float(values[0]), float(errors[0]), 1, "Lanczos")


def _norm(network: Network) -> Measurement:
    moved = trained(network.model, network.weights)
    squares = sum(np.sum(np.asarray(leaf, np.float64) ** 2) for leaf in moved)
    return exact(squares**0.5, "norm")


def _norms(network: Network) -> dict[str, Measurement]:
    leaves = zip(names_of(network.weights), leaves_of(network.weights), strict=True)
    return {
        name: exact(np.linalg.norm(np.asarray(leaf, np.float64).ravel()), "norm") for name, leaf in leaves
    }


def _spectral(network: Network) -> Measurement:
    moved = trained(network.model, network.weights)
    return exact(np.prod([*networks.spectral_norms(moved).values()]), "product of singular values")


def _fourier(network: Network) -> Measurement:
    if network.model.embedding is None:
        raise UsageError(
            f"{network.model.name} names no table of tokens",
            "a Model with `embedding`",
            "leave `fourier` out",
        )
    return exact(networks.top_share(network.model.embedding(network.weights)), "discrete Fourier transform")


def _coefficient(network: Network) -> Measurement:
    """The estimate with the shorter step; step and localisation fit the curvature, unless they are given."""
    known = set(network.options)
    counts = {"draws", "every", "burn_in", "chains", "batch", "seed"} & known
    broken = [name for name in counts if not float(network.options[name]).is_integer()]
    if broken:
        raise unfit(broken[0], "must be a whole number", f"{network.options[broken[0]]:g}")
    steepest = float(networks.top_eigenvalues(network.model, network.weights)[0][0])
    if not steepest > 0 and not {"learning_rate", "localisation"} <= known:
        raise UsageError(
            f"the Hessian of {network.model.name} has no positive eigenvalue at these weights, so no step fits",
            "both numbers given, if a loss is flat",
            "pass --option learning_rate=A --option localisation=B",
        )
    samples = len(network.model.train.targets)
    scale = network.options.get("inverse_temperature", samples / max(np.log(samples), 1e-12))
    given = {
        "learning_rate": STEP * 2 / max(steepest, float(np.finfo(float).tiny)),
        "localisation": LOCAL * scale * steepest,
        **network.options,
    }
    arguments: dict[str, Any] = {
        name: int(number) if name in counts else number for name, number in given.items()
    }
    return networks.local_learning_coefficient(network.model, network.weights, **arguments)[1]


Answer = Measurement | dict[str, Measurement]

#: Name on the command line, heading in a table, and function; several numbers have the names of their parts.
QUANTITIES: dict[str, tuple[str, Callable[[Network], Answer]]] = {
    "trace": ("trace of the Hessian", _trace),
    "lambda-max": ("largest eigenvalue of the Hessian", _largest),
    "gauss-newton": ("tr(J^T J) / samples", lambda one: networks.gauss_newton_trace(one.model, one.weights)),
    "log-det": ("log det of J J^T", lambda one: networks.log_det(one.model, one.weights)),
    "norm": ("norm of the weights", _norm),
    "norms": ("norm", _norms),
    "spectral": ("product of spectral norms", _spectral),
    "llc": ("local learning coefficient", _coefficient),
    "ntk": (
        "change of the tangent kernel",
        lambda one: exact(networks.kernel_change(one.kernel, one.first_kernel), "norm"),
    ),
    "cka": (
        "alignment of the tangent kernel with that of the start",
        lambda one: exact(
            networks.kernel_alignment(one.kernel, one.first_kernel, centred=True), "centred alignment"
        ),
    ),
    "fourier": ("share of the strongest frequency of the embedding", _fourier),
}
