"""Equations that define no surface are refused; steps without a result are counted, and states stay finite."""

import numpy as np
import pytest

import langevin
from langevin.ensemble.positions import check_surface_start
from langevin.errors import NumericalError, UsageError
from langevin.integrators import metropolis, projected
from langevin.landscapes.starts import all_at
from langevin.manifolds import cube, ellipsoid, project_to, quartic_torus, sphere
from langevin.types import Landscape
from tests.landscapes.walks import deviation, on

#: Some of the cases are singular on purpose, and steps are so long that some fail.
IGNORED = ("trial_kernels.SingularPointWarning", "checks.StepSizeWarning")
pytestmark = [pytest.mark.filterwarnings(f"ignore::langevin.ensemble.{name}") for name in IGNORED]
pytestmark += [pytest.mark.usefixtures("uncompiled")]
CROSS, LOGARITHM, HORN, CIRCLES, POINTS, CAP = 0.0, 1.0, 2.0, 3.0, 4.0, 5.0
#: One kernel for all cases, so that they share their compiled drivers, and their starts.
CASES = {CROSS: [1.0, 0.0], LOGARITHM: [1.0, 0.0], HORN: [2.0, 0.0, 0.0], CIRCLES: [2.5, 0.0], POINTS: [1.0],
         CAP: [1.0, 0.0, 0.0]}  # fmt: skip


def residual(x, out, parameters):
    (case,) = parameters
    for lane in range(x.shape[1]):
        if case == CROSS:
            out[0, lane] = x[0, lane] * x[1, lane]
        elif case == LOGARITHM:
            out[0, lane] = np.log(x[0, lane]) + x[1, lane] ** 2
        elif case == HORN:
            flat = x[0, lane] ** 2 + x[1, lane] ** 2
            out[0, lane] = (flat + x[2, lane] ** 2) ** 2 - 4.0 * flat
        elif case == CIRCLES:
            height = x[1, lane] ** 2 - 1.0
            out[0, lane] = ((x[0, lane] - 1.5) ** 2 + height) * ((x[0, lane] + 1.5) ** 2 + height)
        else:
            out[0, lane] = -1.0
            for i in range(x.shape[0]):
                out[0, lane] += x[i, lane] ** 2


def jacobian(x, out, parameters):
    (case,) = parameters
    for lane in range(x.shape[1]):
        if case == CROSS:
            out[0, 0, lane], out[0, 1, lane] = x[1, lane], x[0, lane]
        elif case == LOGARITHM:
            out[0, 0, lane], out[0, 1, lane] = 1.0 / x[0, lane], 2.0 * x[1, lane]
        elif case == HORN:
            square = x[0, lane] ** 2 + x[1, lane] ** 2 + x[2, lane] ** 2
            out[0, 0, lane] = 4.0 * (square - 2.0) * x[0, lane]
            out[0, 1, lane] = 4.0 * (square - 2.0) * x[1, lane]
            out[0, 2, lane] = 4.0 * square * x[2, lane]
        elif case == CIRCLES:
            height = x[1, lane] ** 2 - 1.0
            left, right = (x[0, lane] + 1.5) ** 2 + height, (x[0, lane] - 1.5) ** 2 + height
            out[0, 0, lane] = 2.0 * (x[0, lane] - 1.5) * left + 2.0 * (x[0, lane] + 1.5) * right
            out[0, 1, lane] = 2.0 * x[1, lane] * (left + right)
        else:
            for i in range(x.shape[0]):
                out[0, i, lane] = 2.0 * x[i, lane]


def walls(x, out, parameters):
    (case,) = parameters
    for lane in range(x.shape[1]):
        out[lane] = 0.2 - x[0, lane] if case == CAP else -1.0


def surface(equations, slopes, start, codim=1, **more):
    """A surface made without the checks of `constraint`."""
    return Landscape(
        name="trial", dim=len(start), codim=codim, start=all_at(start), stiffness=lambda temperature: 1.0,
        residual=equations, jacobian=slopes, **{"parameters": ()} | more,
    )  # fmt: skip


def walk(case, integrator, size, walkers=20, steps=40, every=1):
    """A run with steps of standard deviation `size`; it checks that no state is lost and all are on the set."""
    landscape = surface(residual, jacobian, CASES[case], parameters=(case,), walls=walls)
    problem = langevin.Problem(landscape, 1.0, "projected")
    run = langevin.simulate(
        problem, integrator, walkers=walkers, steps=steps, dt=size**2 / 2, seed=7, every=1
    )
    assert run.counts["diverged"] == 0
    assert np.isfinite(run.states).all()
    states = run.states.reshape(-1, landscape.dim)
    states = states[:: max(1, len(states) // 4000)]
    r, J = on(landscape, states)
    assert (np.abs(r[:, 0]) <= 1e-9 * np.linalg.norm(J[:, 0], axis=1) + 1e-12).all()
    return run


@pytest.mark.parametrize("size", [0.1, 1.0, 1e6])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("make", [metropolis, projected])
def test_states_stay_finite_and_on_the_set(make, case, size):
    assert walk(case, make(), size).counts["finished"] == 20


def test_a_crossing_is_crossed():
    for integrator in (metropolis(), projected()):
        run = walk(CROSS, integrator, 0.3)
        assert (np.sign(run.states[:, -1, 0]) < 0).any()
        assert np.abs(run.states[:, :, 1]).max() < 1e-12, "along the axis of the start"


def test_trial_points_without_a_logarithm_are_refused_and_counted():
    """Also if Newton's steps leave the region x_0 > 0."""
    for integrator in (metropolis(), projected()):
        assert walk(LOGARITHM, integrator, 1.5).tallies["not_projected"] > 200


def test_the_pinch_of_a_horn_torus_is_passed_and_counted():
    run = walk(HORN, metropolis(), 0.5, walkers=150)
    heights = run.states[:, :, 2]
    assert ((heights[:, 1:] * heights[:, :-1] < 0) & (np.linalg.norm(run.states[:, 1:], axis=2) < 0.5)).any()
    assert min(run.tallies[cause] for cause in ("rejected", "not_projected", "reverse_failed")) > 0


@pytest.mark.parametrize("make", [metropolis, projected])
def test_jumps_to_another_branch_are_counted(make):
    fine, coarse = walk(CIRCLES, make(), 0.05), walk(CIRCLES, make(), 1.0)
    assert (fine.states[:, :, 0] > 0).all()
    assert fine.tallies["wrong_branch"] == 0
    assert coarse.tallies["wrong_branch"] > 10


def test_a_set_of_points_keeps_its_walkers():
    for integrator in (metropolis(), projected()):
        run = walk(POINTS, integrator, 0.5)
        np.testing.assert_allclose(run.states, 1.0, rtol=0, atol=1e-12)


def test_a_huge_step_is_counted():
    run = walk(HORN, metropolis(), 1e6)
    assert run.tallies["not_projected"] > 0.99 * 20 * 40
    assert run.counts["finished"] == 20


@pytest.mark.statistical
def test_part_of_a_sphere():
    """Height is uniform between the wall and the pole (Archimedes), and steps beyond the wall are counted."""
    run = walk(CAP, metropolis(), 0.5, walkers=400, steps=20, every=None)
    heights = run.states[:, -1, 0]
    assert run.states[:, :, 0].min() >= 0.2
    assert run.tallies["beyond_walls"] > 0.1 * run.tallies["not_projected"] > 0
    assert deviation(heights, 0.6) < 4
    assert deviation(heights**2, (1.0 - 0.2**3) / (3 * 0.8)) < 4
    assert deviation(heights, 0.5) > 6


def test_plain_steps_beyond_the_walls_are_not_taken():
    run = walk(CAP, projected(), 0.15, walkers=50)
    assert run.states[:, :, 0].min() >= 0.2
    stays = (run.states[:, 1:] == run.states[:, :-1]).all(axis=2).sum(axis=1)
    np.testing.assert_array_equal(run.events["rejected"], stays)
    assert run.tallies["rejected"] > 10


def test_a_walker_that_cannot_be_projected_stays():
    run = walk(HORN, projected(), 0.7)
    stays = (run.states[:, 1:] == run.states[:, :-1]).all(axis=2).sum(axis=1)
    np.testing.assert_array_equal(run.events["not_projected"], stays)
    assert stays.sum() > 50


@pytest.mark.parametrize("power", [27, -27])
def test_no_tolerance_has_a_scale(power):
    """In units of 2^27 or 2^-27, about 1e8 and 1e-8, only the exponent of each number differs."""
    unit = 2.0**power
    plain, scaled = (
        langevin.simulate(
            langevin.Problem(ellipsoid(2, stiffness=64.0, radius=radius), 1.0, "projected"),
            metropolis("gibbs"), walkers=30, steps=40, dt=0.18 * radius**2, seed=3,
        )
        for radius in (1.0, unit)
    )  # fmt: skip
    np.testing.assert_array_equal(scaled.states / unit, plain.states)
    assert scaled.tallies == plain.tallies
    assert min(plain.tallies["rejected"], plain.tallies["not_projected"]) > 0


def refused(landscape, *words, start=None, size=0.3):
    problem, start = langevin.Problem(landscape, 1.0, "projected"), langevin.Start(start, first_step=0)
    with pytest.raises(UsageError) as caught:
        langevin.simulate(problem, walkers=4, steps=1, dt=size**2 / 2, seed=1, start=start)
    assert "\n" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def rows(*vectors):
    """Planes n . x = n_0 through the point (1, 0, ...), for normals n."""
    normals = np.array(vectors, float)

    def equations(x, out, parameters):
        out[...] = normals @ x - normals[:, :1]

    def slopes(x, out, parameters):
        out[...] = normals[:, :, None]

    return surface(equations, slopes, np.eye(normals.shape[1])[0], len(normals))


def of_square(function, slope, start):
    """The surface g(|x|^2) = 0."""

    def equations(x, out, parameters):
        out[0] = function((x**2).sum(axis=0))

    def slopes(x, out, parameters):
        out[0] = 2.0 * x * slope((x**2).sum(axis=0))

    return surface(equations, slopes, start)


@pytest.mark.parametrize(
    ("normals", "rank"),
    [
        ([[1, 2, 3], [1, 2, 3]], 1),
        ([[1, 2, 3], [2, 4, 6 + 1e-9]], 1),
        ([[1, 0], [0, 1], [1, 1]], 2),
        ([[1, 0, 0], [0, 0, 0]], 1),
        ([[1e9, 0, 0], [2e-9, 0, 0]], 1),
    ],
)
def test_equations_that_follow_from_others_are_refused(normals, rank):
    refused(rows(*normals), "rank-deficient", f"{len(normals)} equations, rank {rank}", "leave out")


def test_equations_of_unlike_size_are_not():
    landscape = rows([1e9, 0, 0], [0, 1e-9, 0])
    check_surface_start(landscape, landscape.start(np.zeros((3, 3)), 0.0), 0.1)


@pytest.mark.parametrize("start", [[1.0, 0.0], [0.6, 0.8]])
@pytest.mark.parametrize("size", [1e-3, 0.3, 1e6])
def test_a_squared_equation_is_refused(start, size):
    """Its gradient vanishes on the set, up to round-off."""
    squared = of_square(lambda s: (s - 1) ** 2, lambda s: 2 * (s - 1), start)
    refused(squared, "rank-deficient", "gradient vanishes", size=size)


def test_a_start_at_a_singular_point_is_refused():
    refused(surface(residual, jacobian, [0.0, 0.0], parameters=(CROSS,)), "rank-deficient")


@pytest.mark.parametrize("unit", [1e-8, 1.0, 1e8])
def test_a_start_off_the_surface_is_refused_with_a_way_onto_it(unit):
    ball, start = sphere(radius=unit), np.array([1.2, 0.3, 0.0]) * unit
    refused(ball, "off the surface", "project_to", start=start, size=0.1 * unit)
    several = np.tile(project_to(ball, start), (4, 1))
    several[3] *= 1.1
    refused(ball, "off the surface", start=several, size=0.1 * unit)
    projected_start = project_to(ball, start)
    assert np.linalg.norm(projected_start) == pytest.approx(unit, rel=1e-14)
    np.testing.assert_allclose(projected_start, start / np.linalg.norm(start / unit), rtol=1e-12)


def test_no_real_root():
    empty = of_square(lambda s: s + 1, lambda s: np.ones_like(s), [1.0, 0.0])
    refused(empty, "off the surface")
    with pytest.raises(NumericalError, match="a real solution"):
        project_to(empty, [1.0, 0.3])


def test_a_start_where_the_equations_are_not_defined():
    refused(surface(residual, jacobian, [-1.0, 0.0], parameters=(LOGARITHM,)), "no finite value at the start")
    refused(sphere(), "no finite value", start=[1e200, 0.0, 0.0])


def test_a_start_beyond_the_walls():
    cap = surface(residual, jacobian, [-1.0, 0.0, 0.0], parameters=(CAP,), walls=walls)
    refused(cap, "beyond the walls")


def test_points_are_brought_onto_a_surface():
    points = np.array([[2.4, 0.5, 0.8], [-1.0, 2.0, 0.1]])
    torus = quartic_torus()
    r, J = on(torus, project_to(torus, points))
    assert np.abs(r).max() < 1e-13 * np.abs(J).max()
    for bad in ([1.0, 2.0], 3.0, [np.nan, 0.0, 0.0]):
        with pytest.raises(UsageError, match="finite points of shape"):
            project_to(torus, bad)
    with pytest.raises(UsageError, match="no surface"):
        project_to(cube(dim=3), [0.5, 0.5, 0.5])
