"""Does the walk settle in the Gibbs law? Moments of the last frame beside quadrature."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial

import numpy as np

from langevin import theory
from langevin.comparison import compare_all, format_table, format_value, measurement_record
from langevin.errors import NumericalError, UsageError
from langevin.experiment.laws import integrator_of
from langevin.experiment.report import Report, endings, record_of, verdict_table
from langevin.experiment.settings import Settings
from langevin.experiment.walk import walk
from langevin.landscapes.evaluate import evaluate, scalar_value
from langevin.measure import ensemble_mean
from langevin.types import Curve, FloatArray, Landscape, Measurement, Prediction, Problem, Trajectory

WALKERS = 4000
#: Default dt x largest curvature met: Euler-Maruyama widens a quadratic well by half of it, 0.25 %.
STEP = 0.005
#: Default duration in relaxation times of the stiffest direction; a potential may be slower elsewhere.
DURATION = 20.0
#: Correlation between half time and the end, beside four of its errors, above which a run is too short to settle.
MEMORY = 0.1


def stationary(potential: Landscape, settings: Settings) -> Report:
    """Measure E |x|^2 and the mean loss over independent walkers at the end of the run.

    Gibbs values come from quadrature on a line and from sampling in more dimensions, where the loss confines; elsewhere
    the moments are shown alone. Whether the walk had settled is judged by the frame at half time.

    Raises:
        UsageError: a setting that the landscape refuses.
    """
    theta = settings.temperature or 1.0
    curvature = potential.stiffness(theta)
    dt = settings.dt or STEP / curvature
    steps = max(2, round((settings.horizon or DURATION / curvature) / dt))
    trajectory = walk(
        Problem(potential, theta, settings.dynamics or "soft"),
        integrator_of(settings),
        "stationary law",
        settings,
        walkers=settings.walkers or WALKERS,
        steps=steps,
        dt=dt,
        every=steps // 2,
    )
    return stationary_answer(potential, trajectory)


def stationary_answer(potential: Landscape, trajectory: Trajectory) -> Report:
    """E |x|^2 and the mean loss at the end of a run, beside those of the Gibbs law where they are known."""
    theta, dt = trajectory.meta["temperature"], trajectory.meta["dt"]
    measured = _as_one(
        {
            "E |x|^2": _settled(trajectory, lambda states: (states**2).sum(axis=1)),
            "E f": _settled(trajectory, lambda states: losses(potential, states)),
        }
    )
    curves = _gibbs(potential, theta)
    comparisons = [
        row
        for curve, moment in zip(curves, measured.values())
        for row in compare_all([theta], [moment], [curve], 0.025)
    ]
    end = float(trajectory.times[-1])
    title = f"Stationary law of {potential.name}, theta = {theta:g}, dt = {dt:.3g}, t = {end:.3g}"
    predicted = [f"{curve.predict(theta).value:.5g}" for curve in curves] or ["-"] * len(measured)
    rows: list[list[str | float | None]] = [
        [name, format_value(m.value, m.error), m.n, gibbs]
        for (name, m), gibbs in zip(measured.items(), predicted)
    ]
    lines = [title, format_table(["moment", "measured", "walkers", "Gibbs"], rows)]
    lines += [verdict_table(comparisons, curves)] if curves else []
    lines += [endings(trajectory), *sorted({m.note for m in measured.values() if m.note})]
    moments = {name: measurement_record(m) for name, m in measured.items()}
    record = record_of(title, trajectory, comparisons, moments=moments)

    def draw(path: str) -> None:
        from langevin.figures.stationary import stationary as figure

        known = potential.dim == 1 and bool(curves)
        density = theory.gibbs_density(scalar_value(potential), theta) if known else None
        figure(path, trajectory.states[:, -1, 0], density, title)

    return Report(title, trajectory, tuple(comparisons), "\n\n".join(lines), record, draw, measured)


def losses(potential: Landscape, states: FloatArray) -> FloatArray:
    """f of every state (walkers, dim), by the landscape's own kernel."""
    return evaluate(potential, "value", states)


def _settled(trajectory: Trajectory, function: Callable[[FloatArray], FloatArray]) -> Measurement:
    middle = int(np.abs(trajectory.times - trajectory.times[-1] / 2).argmin())
    half, end = (ensemble_mean(trajectory, function, frame) for frame in (middle, -1))
    if not 0 < middle < len(trajectory.times) - 1:
        return replace(
            end, mixed=False, note="no frame shows whether the moments had settled: record more of them"
        )
    apart = abs(end.value - half.value)
    if apart > 4.0 * (half.error**2 + end.error**2) ** 0.5:
        return replace(
            end, mixed=False, note="the moments still change between half time and the end; raise --horizon"
        )
    memory = _correlation(*(function(trajectory.states[:, frame]) for frame in (middle, -1)))
    if memory > MEMORY + 4.0 / end.n**0.5:
        return replace(
            end,
            mixed=False,
            note=f"walkers remember half time at the end (correlation {memory:.2f}); raise --horizon",
        )
    return end


def _as_one(moments: Mapping[str, Measurement]) -> dict[str, Measurement]:
    """Moments of one run: where one shows that it had not settled, none counts as settled."""
    note = next((moment.note for moment in moments.values() if not moment.mixed), None)
    if note is None:
        return dict(moments)
    return {name: replace(moment, mixed=False, note=note) for name, moment in moments.items()}


def _correlation(first: FloatArray, second: FloatArray) -> float:
    """Of two numbers of the same walkers, those that are not finite left out."""
    known = np.isfinite(first) & np.isfinite(second)
    if known.sum() < 3 or not (first[known].std() > 0 and second[known].std() > 0):
        return 0.0
    return float(np.corrcoef(first[known], second[known])[0, 1])


def _gibbs(potential: Landscape, theta: float) -> list[Curve]:
    """E |x|^2 and E f of the Gibbs law, if there is one: in closed form for a quadratic, by quadrature or sampling."""
    covariance = potential.facts.covariance
    if covariance is not None:
        return [
            _closed_form("Gibbs E |x|^2", lambda temperature: float(np.trace(covariance(temperature)))),
            _closed_form("Gibbs E f", lambda temperature: potential.dim * temperature / 2),
        ]
    if potential.dim > 1:
        return _sampled(potential, theta)
    value = scalar_value(potential)
    if not _confines(value, theta):
        return []
    functions = {"Gibbs E |x|^2": lambda x: x * x, "Gibbs E f": value}
    return [_moment_curve(name, value, function) for name, function in functions.items()]


def _confines(value: Callable[[float], float], theta: float) -> bool:
    try:
        theory.log_partition_function(value, theta)
    except UsageError:
        return False
    return True


def _sampled(potential: Landscape, theta: float) -> list[Curve]:
    try:
        low, high = theory.confining_box(potential, theta)
    except (UsageError, NumericalError):
        return []
    functions = (lambda x: (x**2).sum(axis=0), lambda x: losses(potential, x.T))
    moments = cache(
        lambda temperature: theory.sampled_moments(
            potential, temperature, functions, low.tolist(), high.tolist()
        )
    )
    return [
        Curve(
            name,
            partial(_nth, moments, place),
            "confining potential; dt x curvature small",
            "exp(-f / theta) by annealed populations: Del Moral, Doucet and Jasra, J. R. Stat. Soc. B 68 (2006) 411",
        )
        for place, name in enumerate(("Gibbs E |x|^2", "Gibbs E f"))
    ]


def _nth(moments: Callable[[float], Sequence[Prediction]], place: int, temperature: float) -> Prediction:
    return moments(temperature)[place]


def _closed_form(name: str, law: Callable[[float], float]) -> Curve:
    return Curve(name, lambda theta: Prediction(law(theta)), "dt x curvature small", "covariance theta K^-1")


def _moment_curve(name: str, value: Callable[[float], float], function: Callable[[float], float]) -> Curve:
    return Curve(
        name,
        lambda temperature: theory.stationary_moment(value, temperature, function),
        "confining potential; dt x curvature small",
        "quadrature of exp(-f / theta)",
    )
