"""The declared weak order of every integrator, found from the registry, is compared with a measured order."""

import inspect
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from scipy.integrate import quad

from langevin import Start, integrators, manifolds, potentials, registry, simulate
from langevin.experiment.step_check import kept_in_well
from langevin.landscapes.smallest import growing_line
from langevin.types import Problem
from tests.integrators.worked import half_line, slide, wedge, well

#: The errors of coarse steps are measured here, so their warning is ignored.
pytestmark = [
    pytest.mark.statistical,
    pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning"),
    # the axis of the wedge crosses another branch of r = 0 far from the walkers
    pytest.mark.filterwarnings("ignore::langevin.ensemble.trial_kernels.SingularPointWarning"),
]

THETA = 0.05
#: Largest distance of the slope at these steps from its limit, computed from exact recursions: for E x^2 under linear
#: drift 0.03 (Euler-Maruyama, Leimkuhler-Matthews, momentum 0.9) and 0.19 (Heun); 0.04 for clipping. Measured values
#: are 0.12 for rejections, and below 0.15 for the others.
CURVATURE = 0.3


class Case(NamedTuple):
    """An expectation at the time T that is known exactly, and step counts at which its error shows."""

    problem: Problem
    function: Callable
    exact: float
    time: float
    counts: tuple[int, ...]
    start: list[float]
    walkers: int = 500_000


def square(states):
    return states[:, 0] ** 2


def first(states):
    return states[:, 0]


def logarithm(states):
    return np.log(states[:, 0])


def relaxing(problem, counts, time=1.0, start=1.5):
    """E x(T)^2 in the well x^2 / 2, for any law whose limit is the Ornstein-Uhlenbeck process."""
    decay = math.exp(-2.0 * time)
    return Case(problem, square, decay * start**2 + THETA * (1.0 - decay), time, counts, [start])


def soft(integrator):
    problem = Problem(potentials.quadratic(), THETA)
    if integrator.law and integrator.law.inertia:  # with inertia the velocity changes slowly
        kept = kept_in_well(integrator.law.inertia, 2.0) ** 2
        exact = kept * 1.5**2 + THETA * (1.0 - kept)
        return Case(problem, square, exact, 2.0, (3, 4, 6, 8), [1.5], 1_000_000)
    case = relaxing(problem, (4, 8, 16))
    return case._replace(counts=(3, 4, 6, 8), walkers=2_000_000) if integrator.weak_order > 1 else case


def noisy_residual(integrator):
    problem = Problem(well(), THETA, integrator.dynamics)
    momentum = (
        integrator.name == "heavy_ball (momentum 0.9)"
    )  # the velocity needs ten steps to become stationary
    return relaxing(problem, (80, 160, 320), time=2.0) if momentum else relaxing(problem, (4, 8, 16))


def mean_maximum(drift, time):
    """E x(T) from the wall of a half line, with a drift towards it and theta = 1 / 2: E max of the free path."""
    root = math.sqrt(2.0 * time)

    def chance(
        m,
    ):  # P(the path passes m) (Harrison, Brownian Motion and Stochastic Flow Systems, 1985, section 1.8)
        upward = math.exp(-2.0 * drift * m) * math.erfc((m - drift * time) / root)
        return 0.5 * (math.erfc((m + drift * time) / root) + upward)

    return quad(chance, 0.0, 20.0 * root)[0]


def body(integrator):
    """A half line: with drift for the mirror, stationary to 1e-6; without it for others, which have an error there."""
    if integrator.name == "reflected":
        problem = Problem(half_line(2.0), 0.5, "reflected")
        return Case(problem, first, 0.25, 6.0, (24, 48, 96), [0.25], 100_000)
    if (
        integrator.name == "mala_in_body"
    ):  # its stationary law is exact, so the time is short, from a start at the wall
        problem = Problem(half_line(2.0), 0.5, "reflected")
        return Case(problem, first, mean_maximum(2.0, 0.25), 0.25, (32, 64, 128), [0.0], 2_000_000)
    problem = Problem(half_line(), 0.5, "reflected")
    return Case(problem, first, math.sqrt(2.0 / math.pi), 1.0, (8, 32, 128), [0.0])


def surface(integrator):
    """E x_1 on the sphere, that of a constant drift, or E x or E log x of a geometric Brownian motion."""
    measure = integrator.measure
    if integrator.name.startswith("tangential"):
        function, exact, counts = {  # a kick with the Ito convention must not pass the tip; its E x is exact
            "1/D": (logarithm, -0.5, (16, 32, 64)),
            "1/sqrt(D)": (first, math.exp(0.5), (4, 8, 16)),
            "surface": (first, math.exp(1.0), (8, 16, 32)),
        }[measure]
        problem = Problem(wedge(), 0.5, "projected")
        return Case(problem, function, exact, 1.0, counts, [1.0, 0.0], 300_000)
    if measure == "gibbs":
        return Case(Problem(slide(), 1.0, "projected"), first, -1.0, 1.0, (4, 16, 64), [0.0, 0.0], 100_000)
    problem = Problem(manifolds.sphere(dim=10, stiffness=1.0), 1.0 / 9.0, "projected")
    return Case(problem, first, math.exp(-0.5), 0.5, (5, 10, 20), [1.0] + 9 * [0.0], 100_000)


def growing(integrator):
    """E x(T)^2 on a line without a force, D = 1 + x^2: an exponential, with a larger rate for the mobility."""
    rate = THETA * (6.0 if integrator.dynamics == "mobility" else 2.0)
    grown = math.exp(4.0 * rate)
    exact = grown + 2.0 * THETA * (grown - 1.0) / rate
    problem = Problem(growing_line(), THETA, integrator.dynamics)
    return Case(problem, square, exact, 4.0, (2, 4, 8), [1.0], 1_000_000)


def swung(integrator):
    """E x(T) from 1.5 in the well x^2 / 2 under the force cos 2 t."""
    exact = 1.5 * math.exp(-1.0) + (math.cos(2.0) + 2.0 * math.sin(2.0) - math.exp(-1.0)) / 5.0
    problem = Problem(potentials.driven_well(frequency=2.0), THETA, "driven")
    return Case(problem, first, exact, 1.0, (3, 4, 6, 8), [1.5], 1_000_000)


CASES = {
    "mobility": growing,
    "ito-noise": growing,
    "driven": swung,
    "soft": soft,
    "label-noise": noisy_residual,
    "power-law": noisy_residual,
    "reflected": body,
    "projected": surface,
}


#: Integrators whose declared order cannot be measured in a case above, with the reason.
ELSEWHERE = {
    "variable_step": "exact between mirrors; its watching of the target is in test_first_passage_law",
    "metropolis (surface)": "rejections give its order, and on a sphere there are none; as metropolis (gibbs) below",
}


def all_integrators():
    """Every integrator of the folder, made without arguments: a new file needs no line here."""
    made = (registry.factory("integrators", name) for name in registry.names("integrators"))
    return [make() for make in made if not takes_arguments(make)]


def takes_arguments(make):
    needed = (one.default is inspect.Parameter.empty for one in inspect.signature(make).parameters.values())
    return any(needed)


VARIANTS = [
    integrators.euler_maruyama(noise="two-point"),
    integrators.heavy_ball(momentum=0.0),
    integrators.power_law(exponent=2.5),
    integrators.tangential("stratonovich"),
    integrators.tangential("klimontovich"),
    integrators.projected("gauss-newton", "isotropic"),
    integrators.metropolis("gibbs"),
]
MEASURED = [one for one in all_integrators() if one.name not in ELSEWHERE] + VARIANTS


def weak_errors(integrator, case):
    """Errors of the expectation at dt = T / count, and their standard errors."""
    errors, spreads = [], []
    for seed, count in enumerate(case.counts):
        run = simulate(
            case.problem, integrator, walkers=case.walkers, steps=count, dt=case.time / count, seed=100 + seed,
            start=Start(case.start, first_step=0),
        )  # fmt: skip
        assert run.counts["finished"] == case.walkers
        values = case.function(run.states[:, -1])
        errors.append(values.mean() - case.exact)
        spreads.append(values.std() / np.sqrt(case.walkers))
    return np.array(errors), np.array(spreads)


def slope(errors, spreads, counts):
    """Slope of log |error| against log dt, and its standard error, each point weighted by its precision."""
    x, y, weights = -np.log(counts), np.log(np.abs(errors)), (errors / spreads) ** 2
    centred = x - np.average(x, weights=weights)
    total = (weights * centred**2).sum()
    return float((weights * centred * y).sum() / total), float(total**-0.5)


def measured_slope(integrator):
    case = CASES[integrator.dynamics](integrator)
    return slope(*weak_errors(integrator, case), case.counts)


@pytest.mark.parametrize("integrator", MEASURED, ids=lambda one: one.name)
def test_the_measured_order_is_the_declared_one(integrator):
    """Within three standard errors and the distance of the slope at these steps from its limit."""
    measured, error = measured_slope(integrator)
    assert error < 0.15
    assert abs(measured - integrator.weak_order) < min(CURVATURE, 0.5 * integrator.weak_order) + 3.0 * error


def test_orders_one_and_two_are_told_apart():
    """Control: Euler-Maruyama's slope is more than 0.3 + 3 standard errors from 2."""
    measured, error = measured_slope(integrators.euler_maruyama())
    assert abs(measured - 2.0) > CURVATURE + 3.0 * error


def test_orders_one_half_and_one_are_told_apart():
    """Control: clipping instead of a mirror, and a mirror instead of clipping."""
    measured, error = measured_slope(integrators.clipped())
    assert abs(measured - 1.0) > CURVATURE + 3.0 * error
    measured, error = measured_slope(integrators.reflected())
    assert abs(measured - 0.5) > CURVATURE + 3.0 * error


def test_only_what_there_is_is_left_out():
    assert ELSEWHERE.keys() <= {one.name for one in all_integrators()}


def test_leimkuhler_matthews_has_the_exact_variance_of_a_quadratic_well():
    problem = Problem(potentials.quadratic(stiffness=2.0), THETA)
    run = simulate(problem, integrators.leimkuhler_matthews(), walkers=200_000, steps=120, dt=0.2, seed=5)
    variance = run.states[:, -1, 0].var()
    error = THETA / 2.0 * np.sqrt(2.0 / 200_000)
    assert abs(variance - THETA / 2.0) < 4.0 * error
    # Euler-Maruyama's variance at this step, theta / (k (1 - k dt / 2)), is far outside
    assert abs(variance - THETA / (2.0 * (1.0 - 0.2))) > 20.0 * error


def test_leimkuhler_matthews_keeps_its_noise_over_chunks_and_frames():
    problem = Problem(potentials.quadratic(dim=3), THETA)
    whole, framed = (
        simulate(
            problem, integrators.leimkuhler_matthews(), walkers=40, steps=37, dt=0.1, seed=5, every=every
        )
        for every in (None, 1)
    )
    assert np.array_equal(whole.states[:, -1], framed.states[:, -1])
