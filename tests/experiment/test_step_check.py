"""An integrator is tested in a few seconds; each fault has a separate line."""

from dataclasses import replace

import pytest

from langevin import manifolds
from langevin.errors import UsageError
from langevin.experiment.step_check import case_of, check_integrator
from langevin.integrators import (
    euler_maruyama,
    mala,
    metropolis,
    reflected,
    underdamped,
    variable_step,
)
from langevin.types import Rows


def failures(findings):
    return {finding.name: finding.detail for finding in findings if not finding.passed}


def test_a_good_step_passes():
    findings = check_integrator(euler_maruyama())
    assert [finding.name for finding in findings] == [
        "trial step",
        "compiled as in plain Python",
        "weak order",
    ]
    assert not failures(findings)


@pytest.mark.slow
@pytest.mark.parametrize(
    "integrator", [reflected(), metropolis(), mala(), underdamped()], ids=lambda one: one.name
)
def test_steps_of_other_kinds_pass(integrator):
    assert not failures(check_integrator(integrator))


def test_an_order_that_is_not_there_is_noticed():
    assert "7 declared" in failures(check_integrator(replace(euler_maruyama(), weak_order=7.0)))["weak order"]
    assert "2 declared" in failures(check_integrator(replace(euler_maruyama(), weak_order=2.0)))["weak order"]


def test_nothing_is_compiled_after_a_trial_step_that_fails():
    findings = check_integrator(replace(euler_maruyama(), rows=lambda landscape: Rows()))
    assert [finding.name for finding in findings] == ["trial step"]
    assert "1 rows are declared, the array has 0" in failures(findings)["trial step"]


def test_a_step_that_does_not_compile_is_noticed():
    def build(landscape):
        def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
            work[0, 0] = [x[0, 0], object()][0]

        return step

    findings = check_integrator(replace(euler_maruyama(), name="own", build=build))
    assert [finding.passed for finding in findings] == [True, False]
    assert "it does not compile" in findings[-1].detail


def test_it_is_tried_on_the_landscape_that_is_given():
    findings = check_integrator(variable_step(), manifolds.cube(dim=3))
    assert not failures(findings)
    assert "no common time" in findings[-1].detail


def test_dynamics_that_there_are_not():
    with pytest.raises(UsageError, match="serves the dynamics 'other'"):
        case_of(replace(euler_maruyama(), dynamics="other"))
