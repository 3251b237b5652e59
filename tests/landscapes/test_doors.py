"""User-defined surfaces, losses and functions of one walker."""

import math

import numpy as np
import pytest

import langevin
from langevin.errors import NumericalError, UsageError
from langevin.experiment.conformance import conformance
from langevin.landscapes.evaluate import evaluate
from langevin.manifolds import constraint
from langevin.potentials import potential
from tests.circle import circle, jacobian, residual
from tests.landscapes.walks import deviation, failures, walk


def line(x, out, parameters):
    """Two equations, the second of which follows from the first."""
    for lane in range(x.shape[1]):
        out[0, lane] = x[0, lane]
        out[1, lane] = 2.0 * x[0, lane]


def line_slopes(x, out, parameters):
    for lane in range(x.shape[1]):
        for i in range(x.shape[0]):
            out[0, i, lane] = 0.0
            out[1, i, lane] = 0.0
        out[0, 0, lane] = 1.0
        out[1, 0, lane] = 2.0


@langevin.lanewise
def bowl(x, out, lane, parameters):
    (k,) = parameters
    out[lane] = 0.5 * (x[0, lane] ** 2 + k * x[1, lane] ** 2)


@langevin.lanewise
def bowl_slope(x, out, lane, parameters):
    (k,) = parameters
    out[0, lane] = x[0, lane]
    out[1, lane] = k * x[1, lane]


def test_a_surface_of_ones_own_has_loss_gradient_and_stiffness():
    """Its gradient is J^T r, and its stiffness at low temperature the largest eigenvalue of J J^T, kappa^2."""
    own = circle(0.0)
    x = np.random.default_rng(0).normal(size=(6, 2))
    r, J, loss, slope = (evaluate(own, name, x) for name in ("residual", "jacobian", "value", "gradient"))
    np.testing.assert_allclose(loss, 0.5 * r[:, 0] ** 2, rtol=1e-14)
    np.testing.assert_allclose(slope, J[:, 0] * r, rtol=1e-14)
    assert own.stiffness(1e-9) == pytest.approx(1.8**2, rel=1e-3)
    assert (own.dim, own.codim, own.samples, own.name) == (2, 1, 1, "circle")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"codim": 0}, "1 <= codim <= dim"),
        ({"codim": 3}, "1 <= codim <= dim"),
        ({"start": [0.0]}, r"shape \(2,\), got \(1,\)"),
        ({"start": [0.0, math.nan]}, "finite start"),
        ({"start": [0.0, 1.1]}, "about 0.09.* off the surface"),
        (
            {"residual": line, "jacobian": line_slopes, "codim": 2, "start": [0.0, 1.0]},
            "2 equations have rank 1",
        ),
    ],
)
def test_a_surface_that_cannot_be_walked_on_is_refused(changes, words):
    arguments = {
        "residual": residual,
        "jacobian": jacobian,
        "dim": 2,
        "codim": 1,
        "start": [0.0, 1.0],
    } | changes
    with pytest.raises(UsageError, match=words):
        constraint(**arguments, parameters=(0.8,))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dim": 0}, "dim >= 1"),
        ({"start": [0.0]}, r"shape \(dim,\)"),
        ({"start": [0.0, math.inf]}, "finite start"),
        ({"stiffness": -1.0}, "stiffness must be finite and at least 0"),
        ({"stiffness": math.nan}, "stiffness must be finite and at least 0"),
    ],
)
def test_a_loss_that_makes_no_sense_is_refused(changes, words):
    with pytest.raises(UsageError, match=words):
        potential(**{"value": bowl, "gradient": bowl_slope, "dim": 2, "parameters": (9.0,)} | changes)


def test_functions_of_one_walker_make_kernels_of_many():
    own = potential(bowl, bowl_slope, 2, parameters=(9.0,), start=[1.0, -1.0])
    assert own.stiffness(1.0) == pytest.approx(9.0, rel=1e-3)
    x = [[1.0, 3.0], [2.0, 4.0]]
    np.testing.assert_array_equal(evaluate(own, "value", x), [0.5 + 40.5, 2.0 + 72.0])
    np.testing.assert_array_equal(evaluate(own, "gradient", x), [[1.0, 27.0], [2.0, 36.0]])


@pytest.mark.statistical
def test_functions_of_one_walker_are_compiled_and_walk():
    """Stationary variances theta / (k (1 - k dt / 2)), within 4 standard errors."""
    own = potential(bowl, bowl_slope, 2, parameters=(9.0,))
    run = langevin.simulate(langevin.Problem(own, 0.5), walkers=40_000, steps=300, dt=0.05, seed=4)
    for k, states in zip((1.0, 9.0), run.states[:, -1].T):
        exact = 0.5 / (k * (1 - k * 0.05 / 2))
        assert abs(states.var() / exact - 1) < 4 * math.sqrt(2 / 40_000)


def tilted_jacobian(x, out, parameters):
    """The circle's, one part in a thousand off in one component."""
    jacobian(x, out, parameters)
    for lane in range(x.shape[1]):
        out[0, 1, lane] *= 1.001


def test_a_wrong_jacobian_is_caught():
    arguments = {"dim": 2, "codim": 1, "start": [0.0, 1.0], "parameters": (0.8,)}
    assert failures(constraint(residual, jacobian, **arguments)) == set()
    assert "Jacobian of the residual" in failures(constraint(residual, tilted_jacobian, **arguments))


def right_half(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = -0.1 - x[0, lane]


def top(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 0.9 - x[1, lane]


def bottom(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 0.9 + x[1, lane]


def half_circle(**changes):
    arguments = {"dim": 2, "codim": 1, "start": [1.0, 0.0], "parameters": (0.8,), "walls": right_half}
    return constraint(residual, jacobian, **arguments | changes)


def test_walls_targets_and_stiffness_of_ones_own_surface():
    """A surface with walls has no loss, because soft motion would not check them; there may be several targets."""
    own = half_circle(target=(top, bottom), stiffness=7.0)
    assert own.value is None
    assert own.gradient is None
    assert own.stiffness(1.0) == 7.0
    assert own.target == (top, bottom)
    assert failures(own) == set()
    with pytest.raises(UsageError, match="no loss gradient"):
        walk(own, "soft", time=1.0, dt=0.01, walkers=2)
    for changes, words in [
        ({"start": [-1.0, 0.0]}, "beyond the walls by 0.9"),
        ({"stiffness": -1.0}, "stiffness must be finite and at least 0"),
        ({"stiffness": math.inf}, "stiffness must be finite and at least 0"),
    ]:
        with pytest.raises(UsageError, match=words):
            half_circle(**changes)


@pytest.mark.statistical
@pytest.mark.slow
def test_a_walk_between_walls_of_ones_own():
    """Uniform over the arc |phi| < acos(-0.1): E x_0 = sin / acos; over the whole circle it would be 0."""
    states = walk(half_circle(), "surface", time=10.0, dt=2e-3, walkers=4000)
    end = math.acos(-0.1)
    assert states[:, 0].min() >= -0.1
    assert deviation(states[:, 0], math.sin(end) / end) < 4


def circle_return(x, move, scratch, status, parameters):
    """Return to the unit circle along x: the larger root b of |b x + move|^2 = 1."""
    for lane in range(x.shape[1]):
        own = x[0, lane] ** 2 + x[1, lane] ** 2
        mixed = x[0, lane] * move[0, lane] + x[1, lane] * move[1, lane]
        root = mixed**2 - own * (move[0, lane] ** 2 + move[1, lane] ** 2 - 1.0)
        if root > 0.0:
            along = (math.sqrt(root) - mixed) / own
            x[0, lane], x[1, lane] = along * x[0, lane] + move[0, lane], along * x[1, lane] + move[1, lane]
        elif status[lane] == 0:
            status[lane] = 4


def scaled_return(x, move, scratch, status, parameters):
    """Return along the radius: to the circle, but not along the normals at the start."""
    for lane in range(x.shape[1]):
        first, second = x[0, lane] + move[0, lane], x[1, lane] + move[1, lane]
        size = math.sqrt(first**2 + second**2)
        x[0, lane], x[1, lane] = first / size, second / size


def with_return(retract):
    own = circle(0.0)
    return constraint(
        residual, jacobian, dim=2, codim=1, start=[1.0, 0.0], parameters=own.parameters, retract=retract
    )


def test_a_closed_return_of_ones_own_takes_the_walk_to_the_same_places():
    """Newton's iteration agrees with the closed form to round-off; errors at the start double in each step."""
    places = []
    for own in (with_return(circle_return), with_return(None)):
        problem = langevin.Problem(own, 0.1, "projected", "surface")
        run = langevin.simulate(problem, walkers=64, steps=20, dt=1e-3, seed=3)
        places.append(run.states[:, -1])
    np.testing.assert_allclose(*places, rtol=0.0, atol=1e-12)


@pytest.mark.parametrize(("retract", "passes"), [(circle_return, True), (scaled_return, False)])
def test_check_tries_the_closed_return(retract, passes):
    """A retraction that ends on the surface, but not along the normals at the start, is detected."""
    (found,) = [finding for finding in conformance(with_return(retract)) if finding.name == "return"]
    assert found.passed is passes, found.detail


def test_a_place_where_no_equation_has_a_slope_is_no_point_of_the_surface():
    """J = 0 at the centre of an ellipse: a Gauss-Newton step of length 0 is not convergence."""
    with pytest.raises(NumericalError, match="no point of r"):
        langevin.manifolds.project_to(langevin.manifolds.ellipsoid(2), [[0.0, 0.0]])
