"""Mean loss at the end, divided by its value in equipartition: theta / 2 for each equation."""

from dataclasses import replace

from langevin.comparison import format_table, format_value
from langevin.experiment.question import Answer, Question
from langevin.experiment.question_walk import walk
from langevin.landscapes.evaluate import evaluate
from langevin.measure import ensemble_mean


def _walk(case, integrator, settings):
    theta = settings.temperature or 0.01
    dt = settings.dt or 0.05 / case.landscape.stiffness(theta)
    steps = round((settings.horizon or 200 * dt) / dt)
    return walk(case, integrator, settings, theta, dt, steps=steps, every=steps, walkers=1000)


def _measure(setting, trajectory, curves):
    landscape = setting.case.landscape
    unit = setting.temperature * landscape.codim / 2
    loss = ensemble_mean(trajectory, lambda states: evaluate(landscape, "value", states))
    warmth = replace(loss, value=loss.value / unit, error=loss.error / unit)

    def draw(path):
        from langevin.figures.canvas import canvas, error_bars

        with canvas(path, "warmth") as axes:
            error_bars(axes, [0.0], [warmth.value], [1.96 * warmth.error], f"n = {warmth.n}")

    return Answer(
        title=f"Warmth across {landscape.name}",
        table=format_table(["warmth", "walkers"], [[format_value(warmth.value, warmth.error), warmth.n]]),
        measured={"warmth": warmth},
        comparisons=[],
        curves=curves,
        draw=draw,
    )


equipartition = Question(
    name="equipartition",
    summary="Mean loss across a zero-loss set, divided by that of equipartition.",
    rank=1000,
    applies=lambda case: case.landscape.is_surface and case.law is not None and case.law.across,
    walk=_walk,
    measure=_measure,
    without_theory=lambda case: "equipartition predicts 1; no theory is compared",
)
