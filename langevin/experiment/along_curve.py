"""Where does a walk settle along a curve? The shares of its quarters, flattest to stiffest, beside the rival laws.

The curve is any surface of one dimension that is closed or ends at walls, a reader's own too: its length and its
Hessian are found from residual and Jacobian. Which law holds depends on the dynamics, not on the curve.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from langevin import theory
from langevin.errors import NumericalError, UsageError
from langevin.experiment.curve_shares import shares_report
from langevin.experiment.laws import integrator_of
from langevin.experiment.report import Report
from langevin.experiment.settings import Settings
from langevin.experiment.walk import walk
from langevin.types import FloatArray, Integrator, Landscape, Problem, Trajectory

QUESTION = "law along the curve"
#: Few walkers for a long time: whether they have mixed is seen in each of them.
WALKERS = 50
#: Default temperature of projected motion, where it only sets the clock.
TEMPERATURE = 0.1
#: Default looseness (`theory.looseness`), dt x stiffness of soft motion, duration in (length / 2 pi)^2 / theta.
LOOSENESS, STABLE_STEP, RELAXATIONS = 0.03, 0.4, 80.0
#: Default number of steps at most, and frames, evenly spaced.
MOST_STEPS, FRAMES = 4_000_000, 80


def curve_of(manifold: Landscape) -> theory.SurfaceCurve | None:
    """The surface as a curve; None if it has another dimension, is open or has no residual map."""
    if manifold.residual is None or manifold.dim - manifold.codim != 1 or manifold.facts.profile is not None:
        return None
    try:
        return theory.trace_curve(manifold)
    except (UsageError, NumericalError):
        return None


def along_curve(manifold: Landscape, curve: theory.SurfaceCurve, settings: Settings) -> Report:
    """Let walkers go round until they have forgotten their start, and compare where they are with every law.

    Raises:
        UsageError: dynamics, measure, projection and noise that do not go together.
    """
    dynamics = settings.dynamics or "soft"
    integrator = integrator_of(settings)
    theta, dt, duration = _defaults(manifold, curve, integrator, settings)
    every = max(1, math.ceil(duration / dt / FRAMES))
    trajectory = walk(
        Problem(manifold, theta, dynamics, settings.measure),
        integrator,
        QUESTION,
        settings,
        walkers=settings.walkers or WALKERS,
        steps=FRAMES * every,
        dt=dt,
        every=every,
    )
    return along_curve_answer(manifold, curve, trajectory)


def _defaults(
    manifold: Landscape, curve: theory.SurfaceCurve, integrator: Integrator, settings: Settings
) -> tuple[float, float, float]:
    """Temperature, step and duration: as loose as the laws allow, and long enough to go round several times."""
    if integrator.dynamics == "projected":
        theta = settings.temperature or TEMPERATURE
        dt = settings.dt or LOOSENESS / (2 * theta * theory.looseness(curve, 1.0))
    else:
        theta = settings.temperature or rounded(
            LOOSENESS / theory.looseness(curve, 1 / curve.curvatures[:, 0])
        )
        dt = settings.dt or STABLE_STEP / max(manifold.stiffness(theta), curve.curvatures.max())
    turn = (curve.length / (2 * math.pi if curve.closed else math.pi)) ** 2 / theta
    return theta, dt, settings.horizon or min(RELAXATIONS * turn, MOST_STEPS * dt)


def rounded(number: float) -> float:
    """To two digits, for a default that people read."""
    return float(f"{number:.2g}")


def along_curve_answer(manifold: Landscape, curve: theory.SurfaceCurve, trajectory: Trajectory) -> Report:
    """The shares in the second half of a run, beside those of the laws.

    Raises:
        UsageError: fewer than 8 evenly spaced frames, or a law of motion for which no law is known.
    """
    curves = theory.share_curves(curve, _laws(trajectory), _looseness(curve, trajectory))
    kind = "closed" if curve.closed else "between walls"
    line = f"a curve of length {curve.length:.6g}, {kind}; {_law_line(curve, trajectory.meta)}"
    title = f"Law along the {manifold.name}, {trajectory.meta['dynamics']} motion"
    return shares_report(title, line, curve, curves, trajectory, trajectory)


def _laws(trajectory: Trajectory) -> list[theory.SurfaceLaw]:
    """The rivals; soft Euler-Maruyama steps are laid beside the law of their own step."""
    meta = trajectory.meta
    euler = meta["integrator"] == "euler_maruyama"
    if meta["dynamics"] not in ("soft", "projected"):
        raise UsageError(f"no law in the long run is known for {meta['dynamics']} motion along a curve")
    return [
        theory.projection_law(0.0, "surface"),
        theory.noise_law(0.0, 1.0, meta["dt"], "gibbs") if euler else theory.projection_law(1.0, "gibbs"),
        theory.projection_law(2.0, "det^-1"),
        theory.noise_law(1.0, 0.0, 0.0, "trace"),
    ]


def _looseness(curve: theory.SurfaceCurve, trajectory: Trajectory) -> float:
    """That of the kicks or of the motion across; a Metropolis step has no bias from its kicks."""
    meta = trajectory.meta
    theta, dt = meta["temperature"], meta["dt"]
    if meta["dynamics"] == "projected":
        exact = str(meta["integrator"]).startswith("metropolis")
        return 0.0 if exact else theory.looseness(curve, 2 * theta * dt)
    softest: FloatArray = curve.curvatures[:, 0]
    return theory.looseness(curve, theta / softest)


def _law_line(curve: theory.SurfaceCurve, meta: Mapping[str, Any]) -> str:
    """What the law of motion samples, and what tells the laws apart."""
    expected = "gibbs" if meta["measure"] is None else meta["measure"]
    line = f"{meta['integrator']} should settle in the law {expected!r}"
    return f"{line}; det J J^T is the same all along, so the laws are one" if theory.is_even(curve) else line
