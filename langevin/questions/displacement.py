"""How far does a walk get on a surface? E |x(t) - x(0)|^2 at some times, if a theory of it is known."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from langevin import theory
from langevin.comparison import compare_all, format_prediction, format_table, format_value, measurement_record
from langevin.experiment.kicks import kicks_of, pushes, squares, steadied
from langevin.experiment.question import Answer, Question, Settings
from langevin.experiment.question_walk import kick_variance, steps_in, walk
from langevin.experiment.step_error import error_along
from langevin.landscapes.starts import usual_point
from langevin.measure import mean_squared_displacement
from langevin.measure.combined import with_step_error
from langevin.measure.walkers import Sound, sound
from langevin.types import Case, Curve, FloatArray, Integrator, Measurement, Setting, Trajectory

WALKERS = 4000
TEMPERATURE = 0.1
#: Default variance of a kick over the variance in other questions; on the torus the error is .4 % (measured).
LARGER = 5.0
#: Default duration in units of 1 / theta, dt x stiffness of motion down the loss, number of frames, times compared.
DURATION, STABLE_STEP, FRAMES, POINTS = 0.05, 0.1, 5, 5


def _applies(case: Case) -> bool:
    return case.landscape.is_surface and not case.watched


def _walk(case: Case, integrator: Integrator, settings: Settings) -> Trajectory:
    speed = _speed(case)
    theta = settings.temperature or TEMPERATURE / speed
    descends = case.dynamics.descends(case.landscape)
    stable, kick = (
        STABLE_STEP / case.landscape.stiffness(theta),
        LARGER * kick_variance(integrator, case.landscape) / (2 * theta * speed),
    )
    dt = settings.dt or (stable if descends else kick)
    steps = steps_in(settings.horizon or DURATION / (theta * speed), dt)
    return walk(
        case, integrator, settings, theta, dt, steps=steps, every=max(1, steps // FRAMES), walkers=WALKERS
    )


def _speed(case: Case) -> float:
    """Diffusion along the surface at the start, over theta."""
    if case.law is None or not case.law.uneven_power:
        return 1.0
    start = usual_point(case.landscape)[None]
    return float(theory.surfaces.normal_curvatures(case.landscape, start).mean() ** case.law.uneven_power)


def _measure(setting: Setting, trajectory: Trajectory, curves: Sequence[Curve]) -> Answer:
    """The mean squared displacement at about five times, compared with theories."""
    lags, squared = mean_squared_displacement(trajectory)
    chosen = np.unique(np.linspace(0, len(lags), POINTS + 1).astype(int))[1:] - 1
    fair = sound(trajectory)
    controls = _controls(setting, trajectory, (chosen + 1).tolist())
    times = lags[chosen].tolist()
    steps = error_along(setting)
    means = [_mean(squared[:, lag].copy(), fair, columns) for lag, columns in zip(chosen, controls)]
    measured = [with_step_error(mean, steps.share) for mean in means]
    comparisons = compare_all(times, measured, list(curves))
    title = f"Displacement on the {setting.case.landscape.name}, theta = {setting.temperature:g}, dt = {setting.dt:.3g}"
    rows: list[list[str | float | None]] = [
        [f"{time:.4g}", format_value(moved.value, moved.error), moved.n,
         *(format_prediction(curve.predict(time)) for curve in curves)]
        for time, moved in zip(times, measured)
    ]  # fmt: skip

    def draw(path: str) -> None:
        from langevin.figures.canvas import canvas, error_bars, looks

        with canvas(path, title) as axes:
            grid = np.linspace(0.0, times[-1], 100)
            for curve, (colour, _) in zip(curves, looks()):
                values = [curve.predict(time).value for time in grid]
                axes.plot(grid, values, "--", color=colour, label=curve.name)
            error_bars(axes, times, [m.value for m in measured], [1.96 * m.error for m in measured],
                       f"simulation, 95 % interval, n = {measured[-1].n}")  # fmt: skip
            axes.set(xlabel="time $t$", ylabel="$E\\,|x - x_0|^2$")
            axes.legend()

    return Answer(
        title=title,
        table=format_table(["time", "E |x - x_0|^2", "walkers", *(curve.name for curve in curves)], rows),
        measured={f"E |x - x_0|^2 at t = {time:.4g}": moved for time, moved in zip(times, measured)},
        comparisons=comparisons,
        curves=curves,
        draw=draw,
        notes=[steps.note, *sorted({moved.note for moved in measured})],
        record={"displacement": [measurement_record(moved) for moved in measured]},
    )


def _controls(setting: Setting, trajectory: Trajectory, frames: Sequence[int]) -> list[FloatArray | None]:
    """Control variates (walkers, 1 + 2 codim) at each of the frames, from the sums of kicks; None if not known.

    They are q, N and N q. q is the square of the sum along the surface at the start, less its mean. N are the parts of
    the sum along the normals there. Noise along these normals moves a walker as soon as it is where the surface has
    another direction.
    """
    case, start = setting.case, setting.start
    if start is None or case.law is None or not case.law.heat or case.law.uneven_power:
        return [None] * len(frames)
    kicks = kicks_of(trajectory)
    if kicks is None or kicks.shape[2] < case.landscape.dim:
        return [None] * len(frames)
    point = theory.surfaces.on_surface(case.landscape, start[None])
    tangents = theory.surfaces.tangents(case.landscape, point)[0].T
    directions, _ = np.linalg.qr(tangents, mode="complete")
    steps = np.asarray(trajectory.steps) - int(trajectory.steps[0])
    return [
        _columns(pushes(kicks[:, frame], int(steps[frame]), directions), tangents.shape[1])
        for frame in frames
    ]


def _columns(sums: FloatArray, along: int) -> FloatArray:
    """q, N and N q from sums (walkers, dim) of variance 1, whose first `along` columns are along the surface."""
    square, across = squares(sums[:, :along]), sums[:, along:]
    return np.hstack([square, across, across * square])


def _mean(values: FloatArray, walkers: Sound, controls: FloatArray | None = None) -> Measurement:
    known = np.isfinite(values)
    if not known.all():
        values, controls = values[known], None if controls is None else controls[known]
    error = float(values.std(ddof=1) / math.sqrt(values.size)) if values.size > 1 else math.inf
    mixed = walkers.fair and values.size > 1
    mean = Measurement(float(values.mean()), error, values.size, "ensemble mean", mixed, walkers.note)
    return mean if controls is None else steadied(mean, values, controls)


displacement = Question(
    name="displacement",
    summary="Mean squared displacement on a surface over time.",
    applies_to="a surface without a target",
    rank=40,
    applies=_applies,
    walk=_walk,
    measure=_measure,
    without_theory=lambda case: f"no theory of the displacement on {case.landscape.name} is known",
    needs_theory=True,
)
