"""The records of facts: every built-in landscape's moments are functions with numbers, and agree with quadrature."""

import math
from dataclasses import replace

import numpy as np
import pytest

from langevin import manifolds, potentials, theory
from langevin.landscapes.evaluate import scalar_value
from langevin.potentials import with_weight_decay
from langevin.registry import factory, names
from langevin.types import Facts, Moment

BUILT_IN = [factory(kind, name)() for kind in ("manifolds", "potentials") for name in names(kind)]
MOMENTS = [(made, moment) for made in BUILT_IN for moment in made.facts.moments]


@pytest.mark.parametrize(("made", "moment"), MOMENTS, ids=[f"{made.name}: {m.name}" for made, m in MOMENTS])
def test_a_moment_is_a_function_of_states_with_finite_means(made, moment):
    starts = made.start(np.random.default_rng(0).uniform(size=(5, made.dim)), 1.0)
    values = moment.function(starts)
    assert values.shape == (5,)
    assert values.dtype == np.float64
    assert np.isfinite(values).all()
    known = [moment.surface, moment.gibbs, moment.surface_rate, moment.gibbs_rate]
    known += [moment.soft(theta) for theta in (0.1, 1.0)] if moment.soft else []
    assert all(value is None or math.isfinite(value) for value in known)


@pytest.mark.parametrize("made", BUILT_IN, ids=lambda made: made.name)
def test_names_of_moments_are_told_apart_and_bodies_fit_their_boxes(made):
    moments = [moment.name for moment in made.facts.moments]
    assert len(set(moments)) == len(moments)
    starts = made.start(np.random.default_rng(0).uniform(size=(50, made.dim)), 0.1)
    if made.facts.box is not None:
        assert (starts >= made.facts.box.lower).all()
        assert (starts <= made.facts.box.upper).all()


def test_most_landscapes_know_a_moment():
    """This ensures that the test of each moment has cases."""
    assert {made.name for made, _ in MOMENTS} >= {"torus", "sphere", "ellipsoid", "channel", "quadratic"}
    assert len(MOMENTS) >= 15


def along(curve, function, kappa):
    """Mean of a function along a closed curve: by length (0), or by length over root J J^T as in the Gibbs law (1)."""
    ends = np.append(curve.arcs, curve.length)
    lengths = 0.5 * (np.diff(ends) + np.roll(np.diff(ends), 1))
    weights = lengths * curve.curvatures.prod(axis=1) ** (-0.5 * kappa)
    return np.average(function(curve.points), weights=weights)


@pytest.mark.parametrize(
    "made", [manifolds.valley(), manifolds.ellipsoid(2, aspect=2.0)], ids=lambda made: made.name
)
def test_means_on_curves_are_those_by_quadrature_along_them(made):
    """The curve is followed by the residual map: steps turn by 0.04, so means have errors of 1e-4; laws differ more."""
    curve = theory.surfaces.trace_curve(made)
    apart = []
    for moment in made.facts.moments:
        surface, gibbs = (along(curve, moment.function, kappa) for kappa in (0.0, 1.0))
        assert moment.surface == pytest.approx(surface, abs=1e-3)
        assert moment.gibbs == pytest.approx(gibbs, abs=1e-3)
        apart.append(abs(moment.surface - gibbs))
    assert max(apart) > 0.05


@pytest.mark.parametrize("theta", [0.3, 2.0])
def test_means_of_soft_motion_on_a_line_are_those_by_quadrature(theta):
    made = potentials.quadratic(1, stiffness=3.0)
    (moment,) = made.facts.moments
    square = theory.gibbs.stationary_moment(scalar_value(made), theta, lambda x: x * x)
    assert moment.soft(theta) == pytest.approx(square.value, rel=1e-8)
    assert moment.soft(theta) == pytest.approx(np.trace(made.facts.covariance(theta)))


def test_a_volume_is_a_number_only_where_a_double_holds_it():
    assert Facts().volume is None
    assert Facts(log_volume=math.log(3.0)).volume == pytest.approx(3.0)
    assert Facts(log_volume=800.0).volume is None
    assert Facts(log_volume=-800.0).volume is None


def test_facts_are_values():
    facts = Facts(moments=(Moment("x", lambda states: states[:, 0]),), barrier=1.0)
    with pytest.raises(AttributeError):
        facts.barrier = 2.0
    assert replace(facts, barrier=2.0).moments is facts.moments


def test_what_is_known_without_weight_decay_is_not_known_with_it():
    facts = with_weight_decay(manifolds.sphere(), 0.1).facts
    assert replace(facts, slowest_rate=None) == Facts()
    assert facts.slowest_rate(1.0) == 0.1
