"""A walker whose distance to a target is nan counts as lost, if the trial of the kernels did not find it."""

from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import Problem, Start, Stop, potentials
from langevin.ensemble import simulation, splitting_task
from langevin.errors import NumericalError
from langevin.types import Status

pytestmark = pytest.mark.usefixtures("uncompiled")


def holed(x, out, parameters):
    """1 - x, but nan for x above 0.3."""
    for lane in range(x.shape[1]):
        out[lane] = 1.0 - x[0, lane] if x[0, lane] < 0.3 else np.nan


def far(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 9.0 - x[0, lane]


@pytest.mark.parametrize("targets", [holed, (holed, far), (far, holed)])
def test_a_walker_without_a_distance_is_lost_and_not_on_its_way(targets, monkeypatch):
    """If the trial did not find it, walkers that pass 0.3 count as lost at this step."""
    monkeypatch.setattr(simulation, "check_kernels", lambda *arguments: None)
    run = langevin.simulate(
        Problem(replace(potentials.quadratic(), target=targets), 0.5),
        walkers=40, steps=2000, dt=1e-3, seed=1, start=Start([-0.2], 0), stop=Stop(),
    )  # fmt: skip
    lost = run.events["status"] == Status.DIVERGED
    assert 10 < lost.sum() == run.counts["diverged"]
    assert run.counts["hit"] == 0
    assert np.isnan(run.states[lost, -1]).all()
    assert (run.states[~lost, -1] < 0.3).all()
    assert (run.events["step"][lost] < 2000).any()


def test_a_split_walk_without_a_distance_is_named(monkeypatch):
    monkeypatch.setattr(splitting_task, "check_kernels", lambda *arguments: None)
    well = replace(potentials.double_well(), target=holed)
    with pytest.raises(NumericalError, match=r"at step \d+ a walk came to a state whose score or distance"):
        langevin.splitting(
            Problem(well, 0.5), dt=1e-3, seed=1, sets=langevin.Sets(origin=-0.8),
            effort=langevin.Effort(walkers=20, replicas=10),
        )  # fmt: skip
