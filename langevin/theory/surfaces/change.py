"""The early change of the mean of a function of the state, on any surface r(x) = 0, for a law of motion along it.

With heat along the surface, from one start and with L of `surface_generator`,

    E g(x(t)) - g(x(0)) = t L g + (t^2 / 2) L L g + ...,

where L L g is L applied to the function L g; the series goes to the third order. Without heat the motion is, to leading
order, the deterministic dx/dt = -theta grad Phi, which is integrated for any time.

Motion with a width across the surface follows its law under two conditions. The width must be small compared with the
length on which the surface bends and its curvatures change (looseness, as in `surface_stationary`), and the curvatures
must change slowly for a walker. If the motion starts on the surface, its width in the direction of curvature a develops
in the time 1 / (2 a), the burn-in. The mean then has an error, a displacement of theta phi'(a) grad a / (2 a); its sign
depends on how the state is projected. With `on_surface` this error is absent.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import NumericalError, UsageError, unfit
from langevin.theory.surfaces.displacement_curves import STIFFNESS_RATIO
from langevin.theory.surfaces.drift import normal_curvatures, tangents
from langevin.theory.surfaces.expansion import (
    INNER,
    Expansion,
    Motion,
    expansion_of,
    later_orders,
    motion_from,
)
from langevin.theory.surfaces.generator import Observable, mean_rate, values_of
from langevin.theory.surfaces.geometry import SurfaceShape, on_surface, surface_shape
from langevin.theory.surfaces.laws import SurfaceLaw, projection_law
from langevin.theory.surfaces.stationary import TIGHT
from langevin.types import Curve, FloatArray, Landscape, Prediction

#: Largest second order over the first; at the usual time it is half of this.
LARGEST_SHARE = 0.2
#: At the usual time, motion without heat has moved by this fraction of the length on which the surface changes.
USUAL_WAY = 0.1
#: Factor and largest number of reductions of the usual time, while later orders are above a tenth of the first.
USUAL_CUT, MOST_CUTS = 0.8, 12
#: Smallest distance of walls, in standard deviations of the motion by heat.
CLEAR = 4.0
#: Largest dt a / 2 of a stable step.
STEP_SHARE = 0.1
TOLERANCES = (1e-5, 1e-8)


def mean_change(
    manifold: Landscape,
    start: ArrayLike,
    law: SurfaceLaw,
    temperature: float,
    function: Observable,
    settles: bool = False,
) -> Curve:
    """E g(x(t)) - g(x(0)) over time t, for walkers that start at one point of a surface.

    The remainder contains the numerical error, the third order in t, the burn-in, and looseness times the first order.
    A prediction is out of range if the second or third order is above a fifth of the first, if motion that settles is
    not tight and stiff, or if the walkers may meet walls.

    Args:
        manifold: a surface, with a residual and a Jacobian.
        start: a point of the surface, (dim,).
        law: `projection_law` or `noise_law`.
        temperature: theta; D of power-law noise, eta sigma^2 / 2 of label noise.
        function: g, smooth, from states (points, dim) of the surface to values (points,). Use `on_surface` to bring
            measured states onto the surface.
        settles: whether the motion has a width across the surface (soft, label noise, power law), so that a walker that
            starts on the surface settles first. Projected motion has no width.

    Raises:
        UsageError: as `mean_rate`.
        NumericalError: as `mean_rate`; on evaluation without heat, the integration of the motion fails.
    """
    motion = motion_from(manifold, start, law, temperature, function, settles)
    loose = looseness_at(motion.shape, law, temperature) if settles else 0.0
    expansion = expansion_of(motion)
    limits = [f"looseness {loose:.2g} <= {TIGHT:g}"] if settles else ["time step small"]
    if law.heat:
        limits.append(f"second and third order in time <= {LARGEST_SHARE:.0%} of the first")
    predict = partial(_by_expansion if law.heat else _by_flow, motion, expansion, loose)
    return Curve(law.name, predict, ", ".join(limits), law.reference)


def usual_time(
    manifold: Landscape, start: ArrayLike, law: SurfaceLaw, temperature: float, function: Observable
) -> float:
    """A time at which the mean has changed and the prediction of `mean_change` is still in range.

    With heat the second order is then at most a tenth of the first, and the third a twentieth. Without heat the walker
    has moved by a tenth of the length on which the surface changes. If g does not change in first order, or if there is
    no drift at the start, the time is the one in which heat spreads over a part of that length, or in which a drift
    that changes log a_k over that length covers it.

    Args:
        manifold: a surface, with a residual and a Jacobian.
        start: a point of the surface, (dim,).
        law: `projection_law` or `noise_law`.
        temperature: theta.
        function: g, from states (points, dim) to values (points,).

    Raises:
        UsageError: as `mean_rate`, or the law has neither potential nor heat.
        NumericalError: as `mean_rate`.
    """
    motion = motion_from(manifold, start, law, temperature, function, False)
    shape = motion.shape
    if not law.heat:
        typical = np.abs(shape.potential_slopes(law) * shape.curvatures).sum() / shape.length
        speed = max(float(np.linalg.norm(shape.gradient(law))), USUAL_WAY * float(typical))
        if speed == 0:
            raise UsageError(
                f"by the law {law.name!r} nothing moves", "a law with a potential or heat", "take another law"
            )
        return USUAL_WAY * shape.length / (temperature * speed)
    spread = shape.length**2 / (2 * temperature * law.heat * len(shape.tangents))
    found = expansion_of(motion)
    if found.first_size <= found.noise:
        return USUAL_WAY * spread
    time = float(min(spread, LARGEST_SHARE * found.first_size / max(found.second_size, 1e-300)))
    if found.third:
        time = min(time, math.sqrt(1.5 * LARGEST_SHARE * found.first_size / abs(found.third)))
    for _ in range(MOST_CUTS):
        if later_orders(motion, found, time) <= LARGEST_SHARE / 2 * time * found.first_size:
            break
        time *= USUAL_CUT
    return time


def looseness_at(shape: SurfaceShape, law: SurfaceLaw, temperature: float) -> float:
    """Looseness of motion with a width across the surface at a point; 0 is the limit of the law, `TIGHT` the largest.

    The largest variance across x (bend^2 + slope of log a^2) of a normal direction, or, if larger, the rate at which
    the drift changes log a over a.

    Args:
        shape: shape of the surface at the point.
        law: of the step.
        temperature: theta.
    """
    potential = np.abs(shape.potential_slopes(law))
    widths = 2 * temperature * potential * (shape.bends**2 + shape.changes**2)
    speed = temperature * np.linalg.norm(shape.gradient(law))
    rates = speed * shape.changes / shape.curvatures * (TIGHT * STIFFNESS_RATIO)
    return float(max(widths.max(), rates.max()))


def _by_expansion(motion: Motion, found: Expansion, loose: float, time: float) -> Prediction:
    """t L g + t^2 / 2 L L g + t^3 / 6 L L L g.

    The remainder contains the third order. It also contains an estimate of the third order from the first two, as in a
    geometric series of rates; this estimate is at most the second order, and at least that of a g that changes on the
    same length as the surface. If the third order was not computed, the remainder contains the estimate twice. The
    change of L L g near the start that these orders do not describe is in the remainder twice.
    """
    _check_time(time)
    first, second = time * found.first_size, time**2 / 2 * max(abs(found.second), found.second_size)
    known = np.isfinite(found.third)
    third = time**3 / 6 * found.third if known else 0.0
    later = later_orders(motion, found, time)
    if not np.isfinite(later):
        return Prediction(time * found.first + time**2 / 2 * found.second + third, first + second, False)
    spread = time * motion.temperature * motion.law.heat / motion.shape.length**2
    geometric = min(second, 2 / 3 * second**2 / max(abs(time * found.first), 1e-300))
    remainder = abs(third) + 2 * later + (1 if known else 2) * max(geometric, first * spread**2 / 6)
    remainder += time * found.first_error + time**2 / 2 * found.second_error
    remainder += _burn_in(motion, found, time) + motion.law.loose * loose * first
    allowed = LARGEST_SHARE * (first + time * found.noise) + time**2 / 2 * found.second_error
    reach = CLEAR * np.sqrt(2 * motion.temperature * motion.law.heat * time * len(motion.shape.tangents))
    reach += time * motion.temperature * np.linalg.norm(motion.shape.gradient(motion.law))
    ways = reach * np.concatenate([motion.shape.tangents, -motion.shape.tangents])
    fits = (
        loose <= TIGHT
        and max(second, abs(third), later) <= allowed
        and _between_walls(motion.manifold, motion.start + ways)
    )
    value = time * found.first + time**2 / 2 * found.second + third
    return Prediction(value, float(remainder), bool(fits))


def _by_flow(motion: Motion, found: Expansion, loose: float, time: float) -> Prediction:
    """The function at the end of the deterministic motion; the remainder includes the change with finer steps."""
    _check_time(time)
    if time == 0:
        return Prediction(0.0)
    before = values_of(motion.function, motion.start[None])[0]
    ends = np.array([_flowed(motion, time, tolerance) for tolerance in TOLERANCES])
    rough, fine = values_of(motion.function, ends) - before
    if motion.settles:
        loose = max(
            loose, looseness_at(surface_shape(motion.manifold, ends[1]), motion.law, motion.temperature)
        )
    remainder = abs(fine - rough) + _burn_in(motion, found, time)
    remainder += (loose + TOLERANCES[1]) * max(abs(fine), time * found.first_size) + 1e-12 * abs(before)
    if motion.settles:
        remainder += time * second_diffusion(motion) * abs(_laplacian(motion))
    fits = loose <= TIGHT and _between_walls(motion.manifold, ends)
    return Prediction(float(fine), float(remainder), bool(fits))


def second_diffusion(motion: Motion) -> float:
    """Diffusion coefficient along a surface, in second order in theta, of motion without heat.

    A normal displacement n of variance v = 2 theta phi'(a) pulls along the surface by grad a n^2 / 2. n^2 decorrelates
    at the rate 2 a, so the pull causes the diffusion |grad a|^2 v^2 / (4 a) (R. Kubo, J. Phys. Soc. Japan 12 (1957)
    570). The result is the sum over the normals.
    """
    shape = motion.shape
    variances = 2 * motion.temperature * np.abs(shape.potential_slopes(motion.law))
    return float((shape.changes**2 * shape.curvatures * variances**2).sum() / 4)


def _laplacian(motion: Motion) -> float:
    """The Laplacian of the function along the surface, at the start."""
    still = projection_law(0.0)
    return float(mean_rate(motion.manifold, motion.start[None], still, 1.0, motion.function)[0][0])


def _flowed(motion: Motion, time: float, tolerance: float) -> FloatArray:
    """End (dim,) of dx/dt = -theta grad Phi on the surface."""
    from scipy.integrate import solve_ivp

    manifold, law, h = motion.manifold, motion.law, INNER * motion.shape.length

    def velocity(_: float, place: FloatArray) -> FloatArray:
        directions = tangents(manifold, place[None])[0]
        moves = np.multiply.outer([h, -h, h / 2, -h / 2], directions)
        neighbours = (place + moves).reshape(-1, manifold.dim)
        levels = law.potential(normal_curvatures(manifold, neighbours)).reshape(4, -1)
        slopes = (8 * (levels[2] - levels[3]) - (levels[0] - levels[1])) / (6 * h)
        return np.asarray(-motion.temperature * slopes @ directions)

    absolute = tolerance * 1e-3 * motion.shape.length
    end = solve_ivp(velocity, (0.0, time), motion.start, rtol=tolerance, atol=absolute, method="DOP853")
    if not end.success:
        raise NumericalError(
            f"the motion along {manifold.name} could not be followed to time {time}",
            remedy="take a shorter time",
        )
    found: FloatArray = on_surface(manifold, end.y[:, -1][None])[0]
    return found


def _burn_in(motion: Motion, found: Expansion, time: float) -> float:
    """Possible error of g, read by `on_surface`, from the slides of each normal direction while it settles.

    `on_surface` ends at the end of the gradient flow. The limit of steps dt differs from it by the fraction dt a / 2 of
    the slide.
    """
    if not motion.settles:
        return 0.0
    shape = motion.shape
    along = np.abs(shape.slopes @ shape.tangents @ found.gradient)
    rates = motion.temperature * np.abs(shape.potential_slopes(motion.law)) * along
    return STEP_SHARE * float(
        (rates * -np.expm1(-2 * shape.curvatures * time) / (2 * shape.curvatures)).sum()
    )


def _between_walls(manifold: Landscape, places: FloatArray) -> bool:
    """Whether all points (points, dim) are between the walls."""
    if manifold.walls is None:
        return True
    out = np.empty(len(places))
    manifold.walls(np.ascontiguousarray(places.T), out, manifold.parameters)
    return bool((out <= 0).all())


def _check_time(time: float) -> None:
    if not 0 <= time < np.inf:
        raise unfit("the time", "must be at least 0 and finite", f"{time}")
