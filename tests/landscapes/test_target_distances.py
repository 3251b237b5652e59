"""Targets that are not signed distances are refused before a run, and every distance passes, also with corners."""

import math
from dataclasses import replace

import numpy as np
import pytest

from langevin import Problem, manifolds, potentials, registry
from langevin.ensemble.trial_kernels import check_kernels
from langevin.errors import UsageError
from langevin.experiment import Settings, run
from langevin.experiment.conformance import conformance
from langevin.landscapes.target_contract import FACTOR

WITH_TARGET = [
    made
    for package in ("manifolds", "potentials")
    for name in registry.names(package)
    if (made := registry.factory(package, name)()).target is not None
]


def value(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 0.5 * (x[:, lane] ** 2).sum()


def gradient(x, out, parameters):
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[i, lane] = x[i, lane]


def kernel(function):
    def target(x, out, parameters):
        for lane in range(x.shape[1]):
            out[lane] = function(x[:, lane])

    return target


def bowl(function, dim=1):
    return potentials.potential(value, gradient, dim, target=kernel(function), stiffness=1.0)


def tried(landscape, temperature=0.5, law="soft"):
    starts = landscape.start(np.full((3, landscape.dim), 0.5), 0.0)
    check_kernels(Problem(landscape, temperature, law), 1e-3, 10**5, starts)


def refusal(landscape, **settings):
    with pytest.raises(UsageError) as caught:
        tried(landscape, **settings)
    return str(caught.value)


NO_DISTANCES = {
    "square": (1, lambda x: 4.0 - x[0] ** 2, "slope near the border is 4", "divide it by its slope"),
    "too flat": (1, lambda x: 0.01 * (2.0 - x[0]), "slope near the border is 0.01", "divide it by its slope"),
    "too steep": (1, lambda x: 3.0 * (2.0 - x[0]), "slope near the border is 3", "divide it by its slope"),
    "sign": (1, lambda x: 1.0 if x[0] < 2.0 else -1.0, "slope near the border is 0", "give the signed"),
    "root": (1, lambda x: math.sqrt(2.0 - x[0]), "it is nan at x = (", "finite everywhere"),
    "infinite": (1, lambda x: 2.0 - x[0] if x[0] > -0.4 else math.inf, "it is inf at x = (", "finite"),
    "disc": (2, lambda x: 2.25 - x[0] ** 2 - x[1] ** 2, "slope near the border is 3", "divide it by"),
}
DISTANCES = {
    "half line": (1, lambda x: 2.0 - x[0]),
    "both sides": (1, lambda x: 2.0 - abs(x[0])),
    "exact near the border alone": (1, lambda x: min(2.0 - x[0], 0.5)),
    "outside of a disc": (2, lambda x: 1.5 - math.hypot(x[0], x[1])),
    "corner": (2, lambda x: max(1.5 - x[0], 1.0 - x[1])),
    "box": (2, lambda x: max(abs(x[0] - 1.5), abs(x[1] - 1.5)) - 0.5),
    "union": (2, lambda x: min(1.5 - x[0], 1.2 - x[1])),
    "small disc": (2, lambda x: math.hypot(x[0] - 3.0, x[1] - 1.0) - 0.05),
    "never": (1, lambda x: 5.0 + abs(x[0])),
}


@pytest.mark.parametrize("temperature", [0.01, 0.5])
@pytest.mark.parametrize("name", NO_DISTANCES)
def test_what_is_no_distance_is_refused(name, temperature, nothing_passed):
    dim, function, *words = NO_DISTANCES[name]
    said = refusal(bowl(function, dim), temperature=temperature)
    assert "own potential breaks the contract 'target'" in said
    for part in words:
        assert part in said


@pytest.mark.parametrize("temperature", [0.01, 0.5])
@pytest.mark.parametrize("name", DISTANCES)
def test_distances_pass(name, temperature, nothing_passed):
    dim, function = DISTANCES[name]
    tried(bowl(function, dim), temperature)


@pytest.mark.parametrize("made", WITH_TARGET, ids=lambda made: made.name)
def test_built_in_targets_pass_and_their_multiples_do_not(made, nothing_passed):
    """Control: half the distance and twice the distance to each target."""
    assert {found.detail for found in conformance(made) if found.name == "target"} == {"is a distance"}

    def times(factor):
        def scaled(x, out, parameters):
            made.target(x, out, parameters)
            out *= factor

        return replace(made, target=scaled)

    for factor in (0.5, 2.0):
        (found,) = [found for found in conformance(times(factor)) if found.name == "target"]
        assert not found.passed
        assert f"is {factor:g}," in found.detail


def test_each_of_several_targets_is_named():
    both = (kernel(lambda x: 2.0 - x[0]), kernel(lambda x: 2.0 * x[0] + 4.0))
    assert "'target 1'" in refusal(replace(bowl(lambda x: 0.0), target=both))


def around(function):
    """The unit sphere, from its equator."""
    return replace(
        manifolds.sphere(3), target=kernel(function), start=lambda u, heat: np.eye(3)[[0] * len(u)].copy()
    )


def test_on_a_surface_the_slope_in_space_or_along_it_counts():
    """A plane cuts a sphere at a slope of 0.3 along it; half that distance has no slope of 1 anywhere."""
    for right in (
        lambda x: math.cos(0.3) - x[2],
        lambda x: (math.cos(0.3) - x[2]) / math.sin(0.3),
        lambda x: math.atan2(math.hypot(x[0], x[1]), x[2]) - 0.3,
    ):
        tried(around(right), 1.0, "projected")
    for wrong in (lambda x: 0.6 * (math.cos(0.3) - x[2]), lambda x: 1.0 if x[2] < 0.5 else -1.0):
        assert "slope near the border" in refusal(around(wrong), temperature=1.0, law="projected")


def test_the_slope_may_differ_by_the_stated_factor():
    tried(bowl(lambda x: 0.99 * FACTOR * (2.0 - x[0])))
    assert "slope" in refusal(bowl(lambda x: 1.01 * FACTOR * (2.0 - x[0])))


def test_a_target_too_steep_is_no_target_too_far():
    """Theories, which are computed first, follow the distance to a point that no walker reaches in time."""
    with pytest.raises(UsageError, match="slope near the border is 3"):
        run(lambda: bowl(NO_DISTANCES["too steep"][1]), {}, settings=Settings(temperature=0.5, seed=1))


def small(inside, outside):
    """A disc of radius 0.1 around (0.73, 0.41), which no search finds: one number inside, and another outside."""

    def target(x, out, parameters):
        for lane in range(x.shape[1]):
            near = (x[0, lane] - 0.73) ** 2 + (x[1, lane] - 0.41) ** 2 < 0.01
            out[lane] = inside if near else outside

    return lambda: potentials.potential(value, gradient, 2, target=target, stiffness=1.0)


def disc():
    def target(x, out, parameters):
        for lane in range(x.shape[1]):
            out[lane] = np.hypot(x[0, lane] - 0.73, x[1, lane] - 0.41) - 0.1

    return potentials.potential(value, gradient, 2, target=target, stiffness=1.0)


def test_a_target_that_is_not_met_is_looked_at_where_walkers_hit_it():
    flat = small(-1.0, 1.0)
    (found,) = [found for found in conformance(flat()) if found.name == "target"]
    assert found.passed
    assert "was not checked" in found.detail
    asked = Settings(seed=1, threads=1, temperature=0.5, walkers=100, dt=0.005, horizon=50.0)
    for make, mixed in ((flat, False), (disc, True)):
        time = run(make, {}, asked).measured["mean escape time"]
        assert ("no signed distance at the points of arrival" not in time.note) == mixed
        assert time.mixed or not mixed
