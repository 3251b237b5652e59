"""Ellipsoid: its loss is stiffer where it is flatter in space, so Gibbs and surface distribution differ."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from langevin.errors import UsageError, unfit
from langevin.landscapes.closed_forms import log_area, power_of
from langevin.landscapes.composed import gradient_of, value_of
from langevin.landscapes.starts import all_at
from langevin.types import Facts, FloatArray, Landscape, Moment


def ellipsoid(
    dim: int | None = None,
    stiffness: float = 100.0,
    radius: float | None = None,
    aspect: float | None = None,
    axes: Sequence[float] | None = None,
) -> Landscape:
    """Zero set of r = sqrt(k) R (sum x_i^2 / a_i^2 - 1) / 2; every walker starts at the end of the longest axis.

    The semi-axes a_1 > ... > a_n are a geometric sequence with geometric mean R and a_1 / a_n = `aspect`. Or `axes`
    gives any semi-axes; R is then their geometric mean. J J^T = k R^2 sum x_i^2 / a_i^4 on the set. The Gibbs
    distribution is uniform in the direction of x_i / a_i, because the co-area density delta(r) dx is invariant under
    linear maps; so E x_i^2 = a_i^2 / n. Soft motion has the same property at every temperature, because its loss
    depends only on the length of x_i / a_i. On an ellipse both are uniform in `eccentric_angle`. Quadrature gives the
    area and E x_i^2 under the surface distribution (`moments`).

    Args:
        dim: number n of axes, at least 2; 2 is an ellipse. 2 if absent, or as many as `axes`.
        stiffness: k; the normal curvature runs from k (R / a_1)^2 to k (R / a_n)^2.
        radius: R, geometric mean of the semi-axes; 1 if absent.
        aspect: longest over shortest axis, at least 1; 3 if absent.
        axes: the semi-axes themselves, one for each coordinate in any order, instead of `radius` and `aspect`.
    """
    if axes is not None:
        lengths = _checked_axes(dim, stiffness, radius, aspect, axes)
        dials = {"dim": lengths.size, "stiffness": stiffness, "axes": tuple(lengths.tolist())}
        return _with_axes(lengths, math.exp(float(np.log(lengths).mean())), stiffness, dials)
    dim, radius, aspect = (
        2 if dim is None else dim,
        1.0 if radius is None else radius,
        3.0 if aspect is None else aspect,
    )
    _check_geometric(dim, stiffness, radius, aspect)
    dials = {"dim": dim, "stiffness": stiffness, "radius": radius, "aspect": aspect}
    return _with_axes(semi_axes(dim, radius, aspect), radius, stiffness, dials)


def _check_geometric(dim: int, stiffness: float, radius: float, aspect: float) -> None:
    if (
        dim < 2
        or not 0.0 < stiffness < math.inf
        or not 0.0 < radius < math.inf
        or not 1.0 <= aspect < math.inf
    ):
        raise unfit(
            "ellipsoid",
            "needs dim >= 2, stiffness > 0, radius > 0, aspect >= 1",
            f"dim={dim}, stiffness={stiffness}, radius={radius}, aspect={aspect}",
        )


def _checked_axes(
    dim: int | None, stiffness: float, radius: float | None, aspect: float | None, axes: Sequence[float]
) -> FloatArray:
    """The semi-axes (dim,) that the dials give."""
    lengths = np.array(axes, np.float64)
    if radius is not None or aspect is not None or dim not in (None, lengths.size):
        raise UsageError(
            f"axes={axes} say the dim, radius and aspect of an ellipsoid, got dim={dim}, radius={radius}, "
            f"aspect={aspect}",
            "axes, or the other three",
            "leave these out",
        )
    positive = np.isfinite(lengths) & (lengths > 0.0)
    if lengths.ndim != 1 or lengths.size < 2 or not positive.all() or not 0.0 < stiffness < math.inf:
        raise unfit(
            "ellipsoid",
            "needs stiffness > 0 and at least two axes > 0",
            f"stiffness={stiffness}, axes={axes}",
        )
    return lengths


def _with_axes(axes: FloatArray, radius: float, stiffness: float, dials: Mapping[str, Any]) -> Landscape:
    """The ellipsoid with these semi-axes (dim,), `radius` their geometric mean."""
    dim = axes.size
    mean, squares = moments(axes)
    return Landscape(
        name="ellipsoid",
        dim=dim,
        codim=1,
        parameters=(0.5 * math.sqrt(stiffness) * radius, axes**-2),
        start=all_at(axes * np.eye(dim)[axes.argmax()]),
        stiffness=lambda temperature: _curvature_met(stiffness, radius, float(axes.min()), temperature),
        residual=residual,
        jacobian=jacobian,
        value=value_of(residual, 1),
        gradient=gradient_of(residual, jacobian, 1),
        samples=1,
        dials=dials,
        facts=Facts(
            moments=tuple(
                Moment(f"x_{i + 1}^2", power_of(i, 2), surface=float(surface), gibbs=float(gibbs))
                for i, (surface, gibbs) in enumerate(zip(axes**2 * squares / mean, axes**2 / dim))
            ),
            log_volume=log_area(dim) + dim * math.log(radius) + math.log(mean),
        ),
    )


def semi_axes(dim: int, radius: float, aspect: float) -> FloatArray:
    """Semi-axes (dim,) of an ellipsoid with these dials, the longest first."""
    axes: FloatArray = radius * float(aspect) ** np.linspace(0.5, -0.5, dim)
    return axes


def axes_of(ellipsoid: Landscape) -> FloatArray:
    """The semi-axes (dim,) of an ellipsoid, one for each coordinate."""
    dials = ellipsoid.dials
    if "axes" in dials:
        return np.array(dials["axes"], np.float64)
    return semi_axes(*(dials[name] for name in ("dim", "radius", "aspect")))


def eccentric_angle(ellipse: Landscape, states: FloatArray) -> FloatArray:
    """The angle t of x = (a_1 cos t, a_2 sin t), in (-pi, pi], of states (walkers, 2)."""
    axes = axes_of(ellipse)
    angles: FloatArray = np.arctan2(states[:, 1] / axes[1], states[:, 0] / axes[0])
    return angles


def moments(axes: FloatArray) -> tuple[float, FloatArray]:
    """E w and E u_i^2 w for u uniform on the unit sphere and w = |(u_i / a_i)|, the area element of x_i = a_i u_i.

    With Gaussian g, Q = sum g_i^2 / a_i^2 and sqrt(Q) = (4 pi)^(-1/2) int (1 - e^(-tQ)) t^(-3/2) dt, both are one
    integral over t of products of (1 + 2 t / a_i^2)^(-1/2); the trapezoidal rule in log t is exact to round-off.
    """
    dim, step = axes.size, 0.1
    logs = np.arange(-80.0, 80.0, step) + 2.0 * math.log(float(axes.mean()))
    shrunk = np.log1p(2.0 * np.exp(logs)[:, None] / axes**2)
    product = -0.5 * shrunk.sum(axis=1)
    weights = step * np.exp(-0.5 * logs) / math.sqrt(4.0 * math.pi)
    mean_root = -(weights * np.expm1(product)).sum()
    mean_square_root = -(weights[:, None] * np.expm1(product[:, None] - shrunk)).sum(axis=0)
    norm = math.sqrt(2.0) * math.exp(math.lgamma(0.5 * (dim + 1)) - math.lgamma(0.5 * dim))  # E |g|
    return float(mean_root / norm), mean_square_root / (norm * (dim + 1))  # E |g|^3 = (n + 1) E |g|


def _curvature_met(stiffness: float, radius: float, shortest: float, temperature: float) -> float:
    """f'' = (4 c^2 + 6 c r) / a^2 on the shortest axis, outside, where f = 10 theta."""
    scale = 0.5 * math.sqrt(stiffness) * radius
    rise = math.sqrt(20.0 * temperature)
    return (4.0 * scale**2 + 6.0 * scale * rise) / shortest**2


def residual(x, out, parameters):
    """r = c (sum x_i^2 / a_i^2 - 1)."""
    scale, inverse_squares = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = -scale
    for i in range(x.shape[0]):
        factor = scale * inverse_squares[i]
        for lane in range(x.shape[1]):
            out[0, lane] += factor * x[i, lane] * x[i, lane]


def jacobian(x, out, parameters):
    """dr/dx_i = 2 c x_i / a_i^2."""
    scale, inverse_squares = parameters
    for i in range(x.shape[0]):
        factor = 2.0 * scale * inverse_squares[i]
        for lane in range(x.shape[1]):
            out[0, i, lane] = factor * x[i, lane]
