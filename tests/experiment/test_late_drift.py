"""A step with memory has a delayed drift: the remainders of theories include it, and the default run is long enough."""

from dataclasses import replace

import numpy as np
import pytest

from langevin import integrators, manifolds
from langevin.comparison import overall
from langevin.dynamics import dynamics_of
from langevin.experiment.live_question import run
from langevin.experiment.question import Settings
from langevin.theory.surfaces.displacement_curves import late_drift
from langevin.types import Case, Curve, Prediction, Setting

SETTINGS = Settings(seed=2, threads=1, walkers=4000, dynamics="label-noise", integrator="heavy-ball")
#: Default step of label noise without memory on the hyperbola; the default time has 100 of these steps.
SHORT = 3.16e-4


def settings(momentum, **changes):
    return replace(SETTINGS, integrator_dials={"momentum": momentum}, **changes)


@pytest.mark.parametrize("momentum", [0.9, 0.97])
def test_a_run_that_is_short_beside_its_memory_excludes_no_right_law(momentum, monkeypatch):
    """The drift lacks 18, or 65, of 100 steps; without the lag in the remainder the correct law is excluded."""
    short = settings(momentum, dt=SHORT)
    assert overall(run(manifolds.hyperbola, {}, short).comparisons)["trace"] == "inconclusive"
    monkeypatch.setattr("langevin.theories.effective_drift.late_drift", lambda curve, setting: curve)
    assert overall(run(manifolds.hyperbola, {}, short).comparisons)["trace"] == "excluded"


def test_a_default_run_tells_the_laws_apart_whatever_the_momentum():
    for momentum in (0.0, 0.9):
        report = run(manifolds.hyperbola, {}, settings(momentum))
        verdicts = overall(report.comparisons)
        assert verdicts["trace"] != "excluded"
        assert verdicts["gibbs"] == "excluded"
        predicted = next(row.predicted for row in report.comparisons if row.theory == "trace")
        assert predicted.remainder < 0.07 * abs(predicted.value)


def test_the_drift_along_a_canal_is_as_late_as_theory_says():
    """The memory lasts 49 of 5435 steps: the drift lacks 1.8 %, and the remainder is as large."""
    report = run(manifolds.canal, {}, settings(0.98))
    row = next(row for row in report.comparisons if row.theory == "trace")
    missing = row.predicted.value - row.measured.value
    assert missing / row.predicted.value == pytest.approx(
        2 * 49 / 5435, rel=0.1
    )  # the error of the run is 0.05 %
    assert missing < row.predicted.remainder < 1.3 * missing
    assert row.verdict != "excluded"


@pytest.mark.parametrize(("momentum", "curvature"), [(0.5, 0.1), (0.9, 0.01), (0.95, 0.2)])
def test_the_lag_is_that_of_a_second_order_autoregression(momentum, curvature):
    """From the normal variance after n kicks, averaged by the velocity: the missing drift, in steps."""
    count = 4000
    place, speed, response = 0.0, 1.0, np.empty(count)
    for n in range(count):
        place += speed
        response[n] = place
        speed = momentum * speed - (1.0 - momentum) * curvature * place
    variance = np.cumsum(response**2)
    law = integrators.heavy_ball(momentum).law
    late = float((1.0 - variance / variance[-1]).sum()) + law.lag
    assert late == pytest.approx(2.0 * law.lag + 0.5 / curvature, abs=1.0)  # half a step at either end


def test_without_memory_a_curve_is_left_as_it_is():
    case = Case(manifolds.hyperbola(), dynamics_of("label-noise"), integrators.label_noise().law)
    curve = Curve("one", lambda time: Prediction(3.0 * time, 0.1), "anywhere", "")
    assert late_drift(curve, Setting(case, 0.1, 0.01)) is curve
    slow = replace(case, law=integrators.heavy_ball(0.9).law)
    late = late_drift(curve, Setting(slow, 0.1, 0.01))
    assert late.predict(1.0).remainder == pytest.approx(0.1 + 3.0 * 2 * 9 * 0.01)
    assert late.predict(0.1).remainder == pytest.approx(0.1 + 0.3)
