"""A step that does not satisfy its declaration is refused by a message before it is compiled."""

import numpy as np
import pytest

import langevin
from langevin import Problem, potentials
from langevin.ensemble import trial_kernels
from langevin.ensemble.trial_kernels import check_trial
from langevin.errors import UsageError
from langevin.steps.landscape_kernels import gradient_of
from langevin.types import Integrator, Rows

PROBLEM = Problem(potentials.quadratic(dim=3), 0.1)
STARTS = np.zeros((5, 3))


def integrator(build, rows=4, **traits):
    return Integrator("own", "soft", 1.0, build, lambda landscape: Rows(all=rows), **traits)


def midpoint(landscape):
    """A step that uses six rows without `views_of`."""
    gradient = gradient_of(landscape)

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        dim, lanes = x.shape
        slopes, middle = work[0:dim], work[dim : 2 * dim]
        gradient(x, slopes, parameters)
        for i in range(dim):
            for lane in range(lanes):
                middle[i, lane] = x[i, lane] - 0.5 * dt * slopes[i, lane]
        gradient(middle, slopes, parameters)
        for i in range(dim):
            for lane in range(lanes):
                x[i, lane] -= dt * slopes[i, lane]

    return step


def plain(change):
    """An integrator whose step is one line."""

    def build(landscape):
        def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
            change(x, noise, work, memory)

        return step

    return integrator(build)


def beyond(x, noise, work, memory):
    x[3, 0] = 1.0


def beside(x, noise, work, memory):
    """The effect of an index out of bounds in compiled code."""
    np.lib.stride_tricks.as_strided(x, (4, 2))[3, 1] = 1.0


def another_noise(x, noise, work, memory):
    x[0, 0] = noise[3, 0]


def second_memory(x, noise, work, memory):
    memory[1, 0] += 1.0


def shortened(x, noise, work, memory):
    for row in work[3:6]:
        row[:] = 0.0


def unwritten(x, noise, work, memory):
    x += work[:3]


def raises(x, noise, work, memory):
    raise RuntimeError("no such thing\nin two lines")


FAULTS = {
    beyond: "IndexError: index 3 is out of bounds for axis 0 with size 3",
    beside: "it writes outside x",
    another_noise: "IndexError: index 3 is out of bounds",
    second_memory: "IndexError: index 1 is out of bounds",
    shortened: "IndexError: rows up to 6 of 4 are requested",
    unwritten: "it leaves x not finite, so it reads scratch that it has not written",
    raises: "RuntimeError: no such thing: it declares 4 rows of work, 1 of memory and 3 numbers of noise for 3",
}


@pytest.mark.parametrize("change", FAULTS, ids=lambda change: change.__name__)
def test_a_fault_is_named(change):
    with pytest.raises(UsageError) as caught:
        check_trial(PROBLEM, plain(change), 0.1, STARTS)
    assert str(caught.value).startswith("own fails its trial step: ")
    assert FAULTS[change] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_too_few_rows_do_not_reach_the_compiler():
    """If it were compiled, this step would write into other memory and end the process."""
    with pytest.raises(UsageError, match=r"rows up to 6 of 4 are requested: it declares 4 rows of work"):
        langevin.simulate(PROBLEM, integrator(midpoint), walkers=10, steps=5, dt=0.1)
    with pytest.raises(UsageError, match="fails its trial step"):
        langevin.splitting(
            Problem(potentials.double_well(), 0.1), integrator(midpoint, rows=1), dt=1e-3, correction="none"
        )


def test_the_same_step_with_its_rows_passes():
    check_trial(PROBLEM, integrator(midpoint, rows=6), 0.1, STARTS)


def test_one_walker_that_diverges_is_no_fault_of_the_step():
    starts = STARTS.copy()
    starts[-1] = np.inf
    check_trial(PROBLEM, langevin.integrators.euler_maruyama(), 0.1, starts)


def test_a_walker_that_has_failed_need_not_be_finite():
    def build(landscape):
        def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
            for lane in range(x.shape[1]):
                x[0, lane] = np.nan
                status[lane] = 4

        return step

    check_trial(PROBLEM, integrator(build, can_fail=True), 0.1, STARTS)


def test_a_step_that_has_passed_is_not_tried_again(monkeypatch, nothing_passed):
    tried = []
    first_fault = trial_kernels._first_fault
    monkeypatch.setattr(trial_kernels, "_first_fault", lambda *given: tried.append(1) or first_fault(*given))
    for rows in (6, 6, 7):
        check_trial(PROBLEM, integrator(midpoint, rows=rows), 0.1, STARTS)
    assert len(tried) == 2


def test_a_start_without_a_slope_is_named_and_not_the_step():
    """sqrt(x) has an infinite slope at the origin, where the search for a minimum leaves the walkers."""
    root = potentials.from_expression("sqrt(x)")
    with pytest.raises(UsageError, match=r"gradient of sqrt\(x\) is not finite at the start \(0\)") as caught:
        langevin.simulate(Problem(root, 0.1), walkers=10, steps=5, dt=1e-4)
    assert "trial step" not in str(caught.value)
