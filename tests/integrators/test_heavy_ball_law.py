"""Label noise with momentum: its variance at every step size, its drift, and the limit of its steps."""

import math

import numpy as np
import pytest

from langevin import Problem, manifolds, simulate, theory
from langevin.dynamics import dynamics_of
from langevin.ensemble.checks import StepSizeWarning, check_step
from langevin.errors import UsageError
from langevin.integrators import heavy_ball, label_noise
from langevin.integrators.heavy_ball import largest_stable_step
from tests.integrators.worked import well

WALKERS, THETA = 200_000, 0.3
#: The steps here are coarse on purpose.
pytestmark = pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning")


def test_without_momentum_it_is_label_noise_bit_by_bit():
    problem = Problem(manifolds.canal(transverse=4, stiffness=4.0), 1e-2, "label-noise")
    plain, ball = (
        simulate(problem, law, walkers=30, steps=200, dt=0.05, seed=4, every=20).states
        for law in (label_noise(), heavy_ball(0.0))
    )
    np.testing.assert_array_equal(ball, plain)


def widening(momentum, dt_curvature):
    """Variance of a stiff direction over theta, from the second-order autoregression."""
    return 1.0 / (1.0 - dt_curvature * (1.0 - momentum) / (2.0 * (1.0 + momentum)))


@pytest.mark.statistical
@pytest.mark.parametrize(("momentum", "dt"), [(0.0, 0.4), (0.9, 0.9)])
def test_the_variance_at_a_finite_step(momentum, dt):
    """k = 2, after many relaxation times: within 4 standard errors; the limit dt -> 0 and 5 % more are excluded."""
    steps = round(30 / (1 - momentum) + 20 / dt)
    run = simulate(
        Problem(well(2.0), THETA, "label-noise"), heavy_ball(momentum), walkers=WALKERS, steps=steps, dt=dt, seed=2
    )  # fmt: skip
    ratio = run.states[:, -1, 0].var() / THETA
    error, exact = ratio * math.sqrt(2.0 / WALKERS), widening(momentum, 2.0 * dt)
    assert abs(ratio - exact) < 4.0 * error
    assert abs(ratio - 1.05 * exact) > 10.0 * error
    assert abs(ratio - 1.0) > 6.0 * error


@pytest.fixture(scope="module")
def displacements():
    """Displacements down the canal from t = 2 to t = 12, at dt x stiffness = 0.4: (mean, error, start) by momentum."""
    landscape, theta, found = manifolds.canal(transverse=4, stiffness=4.0), 1e-3, {}
    for momentum in (0.0, 0.8):
        run = simulate(
            Problem(landscape, theta, "label-noise"), heavy_ball(momentum), walkers=4000, steps=120, dt=0.1, every=20,
            seed=6,
        )  # fmt: skip
        moved = run.states[:, -1, 0] - run.states[:, 1, 0]
        found[momentum] = moved.mean(), moved.std() / math.sqrt(moved.size), run.states[:, 1, 0].mean()
    return found


@pytest.mark.statistical
@pytest.mark.parametrize("momentum", [0.0, 0.8])
def test_the_drift_is_the_trace_law_and_grows_with_the_normal_variance(momentum, displacements):
    """Within 4 standard errors, about 1 %, and the neglected order theta; the other momentum is excluded.

    At leading order the drift depends on the effective learning rate eta / (1 - beta) = dt, and not on beta.
    """
    profile = manifolds.canal(transverse=4, stiffness=4.0).facts.profile
    moved, error, start = displacements[momentum]

    def expected(other):
        def drift(x):
            a = profile.stiffness(x)
            return -(4 * 1e-3 / 2) * profile.slope(x) * widening(other, 0.1 * a)

        return theory.drift.flow_displacement(drift, 10.0, start).value

    assert abs(moved - expected(momentum)) < 4.0 * error + 2e-3 * moved
    assert abs(moved - expected(0.8 - momentum)) > 10.0 * error


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize(("part", "grows"), [(0.99, False), (1.01, True)])
def test_the_largest_stable_step(momentum, part, grows):
    """The step without noise, in plain Python: 1 % below the limit the motion decays, 1 % above it grows."""
    landscape, law = well(1.0), heavy_ball(momentum)
    step, x, memory = law.build(landscape), np.ones((1, 1)), np.zeros((1, 1))
    work, still = np.empty((law.work_rows(landscape), 1)), np.zeros((1, 1))
    for _ in range(4000):
        step(
            x, still, still, work, memory, np.zeros(1), part * largest_stable_step(momentum), 1.0,
            landscape.parameters,
        )  # fmt: skip
        if not 1e-9 < abs(x[0, 0]) < 1e9:
            break
    assert (abs(x[0, 0]) > 1.0) == grows


def test_the_limit_of_the_step_check_is_that_of_the_law():
    limit = largest_stable_step(0.5)
    with pytest.raises(UsageError, match=r"unstable: .* must stay below 6; use dt <= 0.6"):
        check_step(well(1.0), 1.0, 6.0, dynamics_of("label-noise"), limit)
    with pytest.warns(StepSizeWarning, match=r"below 1.5"):
        check_step(well(1.0), 1.0, 2.0, dynamics_of("label-noise"), limit)
    check_step(well(1.0), 1.0, 1.5, dynamics_of("label-noise"), limit)
    assert heavy_ball(0.5).stability == limit
    simulate(Problem(well(1.0), 1.0, "label-noise"), heavy_ball(0.9), walkers=2, steps=2, dt=9.0, seed=1)
    with pytest.raises(UsageError, match="unstable"):
        simulate(Problem(well(1.0), 1.0, "label-noise"), label_noise(), walkers=2, steps=2, dt=9.0, seed=1)


@pytest.mark.parametrize("bad", [-0.1, 1.0, math.nan])
def test_a_momentum_out_of_range_is_refused(bad):
    with pytest.raises(UsageError, match="momentum must be at least 0 and below 1"):
        heavy_ball(bad)
