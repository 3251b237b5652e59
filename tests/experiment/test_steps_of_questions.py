"""The default step of each question, and its default error of the step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from langevin import manifolds, potentials
from langevin.errors import UsageError
from langevin.experiment import Settings
from langevin.experiment.live_question import motion_of, run, walked
from langevin.experiment.recorded_question import answer_question
from langevin.types import step_law_of
from langevin.types.step_meta import step_meta

ONE = Settings(seed=1, threads=1, walkers=20, temperature=0.5)


def taken(landscape, **settings):
    return walked(landscape, replace(ONE, **settings)).meta["integrator"]


def test_heun_steps_lead_to_a_target_and_leimkuhler_matthews_steps_elsewhere():
    assert taken(potentials.double_well()) == "heun"
    assert taken(potentials.double_well(), question="stationary law", horizon=1.0) == "leimkuhler_matthews"
    assert taken(manifolds.canal(), horizon=0.01) == "leimkuhler_matthews"
    assert taken(potentials.double_well(), integrator="euler-maruyama") == "euler_maruyama"
    assert motion_of(potentials.double_well(), replace(ONE, temperature=0.0))[1].name == "euler_maruyama"
    assert motion_of(potentials.quadratic(), replace(ONE, schedule=np.ones_like))[1].name == "euler_maruyama"


def test_a_run_is_extended_by_the_steps_that_made_it():
    earlier = walked(potentials.quadratic(), replace(ONE, integrator="euler-maruyama", horizon=1.0))
    assert (
        taken(potentials.quadratic(), earlier=earlier, horizon=2.0, dt=earlier.meta["dt"]) == "euler_maruyama"
    )


def test_a_target_is_not_watched_by_a_question_of_walkers_that_go_on():
    report = run(potentials.double_well, {}, replace(ONE, question="stationary law", horizon=2.0))
    assert "target" not in report.trajectory.events
    assert answer_question(report.trajectory)[0].text == report.text
    with pytest.raises(UsageError, match="does not apply"):
        run(potentials.double_well, {}, replace(ONE, question="drift"))


def test_files_that_do_not_say_the_order_of_their_steps_are_of_first_order():
    said = step_meta(motion_of(potentials.double_well(), ONE, watched=True)[1])
    assert step_law_of(said).order == 2.0
    older = {**said, "law": {name: value for name, value in said["law"].items() if name != "order"}}
    assert step_law_of(older).order == 1.0
    with pytest.raises(UsageError, match="its law must have"):
        step_law_of({**said, "law": {name: value for name, value in said["law"].items() if name != "heat"}})


def test_kicks_are_taken_out_of_a_drift():
    """Displacements scatter by sqrt(2 theta t) = .32; without the kicks only the scatter of the drift remains."""
    report = run(manifolds.canal, {}, Settings(seed=1, threads=1, walkers=400))
    moved = report.measured["displacement along x"]
    plain = np.std(report.trajectory.states[:, -1, 0]) / 20.0
    assert moved.error < 0.05 * plain
    own = next(row for row in report.comparisons if row.theory == "log-det")
    assert abs(moved.value - own.predicted.value) < 4.0 * moved.error
    other = replace(report.trajectory, meta={**report.trajectory.meta, "seed": 2})  # kicks of other walkers
    assert answer_question(other)[0].measured["displacement along x"].error > 0.9 * plain
