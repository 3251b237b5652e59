"""The contracts of every landscape, found through the registry; the kernels run as plain Python.

A new file in `manifolds/` or `potentials/` is tested here without a line being added.
"""

import inspect
import re

import numba
import numpy as np
import pytest

import langevin
from langevin import registry
from langevin.integrators import projected
from langevin.kernels.compile import jitable
from langevin.landscapes.curvature import largest_curvature

FACTORIES = [(package, name) for package in ("manifolds", "potentials") for name in registry.names(package)]
LANDSCAPES = {name: registry.factory(package, name)() for package, name in FACTORIES}
SURFACES = [name for name, landscape in LANDSCAPES.items() if getattr(landscape, "residual", None)]
LOSSES = [name for name, landscape in LANDSCAPES.items() if landscape.gradient]
BODIES = [name for name, landscape in LANDSCAPES.items() if getattr(landscape, "fold", None)]
WALLED = [name for name, landscape in LANDSCAPES.items() if getattr(landscape, "walls", None)]
#: Landscapes that are compiled in a normal run; the others are compiled only in the nightly run, since it is slow.
COMPILED = {"canal"}
#: Kernels with a result, and the shape of the result for one walker.
SHAPES = {
    "value": lambda landscape: (),
    "gradient": lambda landscape: (landscape.dim,),
    "residual": lambda landscape: (landscape.codim,),
    "jacobian": lambda landscape: (landscape.codim, landscape.dim),
    "target": lambda landscape: (),
    "walls": lambda landscape: (),
}


def kernels(landscape):
    return {name: shape(landscape) for name, shape in SHAPES.items() if getattr(landscape, name, None)}


def starts(landscape, walkers, temperature=1.0, seed=0):
    uniforms = np.random.default_rng(seed).uniform(0.05, 0.95, (walkers, landscape.dim))
    return landscape.start(uniforms, temperature)


def points(landscape, lanes, seed=1):
    """(dim, lanes) points near the starts, moved so that nothing vanishes by symmetry."""
    states = starts(landscape, lanes)
    moves = np.random.default_rng(seed).uniform(-0.1, 0.1, states.shape)
    return np.ascontiguousarray((states + moves * (1 + np.abs(states).max())).T)


def call(landscape, kernel, x):
    out = np.full((*SHAPES[kernel](landscape), x.shape[1]), np.nan)
    assert getattr(landscape, kernel)(x, out, landscape.parameters) is None
    return out


def differences(landscape, kernel, x):
    """Derivatives (..., dim, lanes) of a kernel by differences of fourth order."""
    slopes = np.empty((*SHAPES[kernel](landscape), *x.shape))
    for i in range(x.shape[0]):
        h = 1e-3 * (1 + np.abs(x[i]))
        ahead = []
        for k in (-2, -1, 1, 2):
            moved = x.copy()
            moved[i] += k * h
            ahead.append(call(landscape, kernel, moved))
        slopes[..., i, :] = (ahead[0] - 8 * ahead[1] + 8 * ahead[2] - ahead[3]) / (12 * h)
    return slopes


def assert_close(given, expected, tolerance):
    """Entries agree within a fraction of the largest entry of the walker."""
    scale = np.abs(expected).reshape(-1, expected.shape[-1]).max(axis=0) + 1e-300
    assert np.abs((given - expected) / scale).max() < tolerance


@pytest.mark.parametrize(("package", "name"), FACTORIES)
def test_every_dial_has_a_default_and_a_line_of_help(package, name):
    make, landscape = registry.factory(package, name), LANDSCAPES[name]
    dials = registry.dials(make)
    listed = re.search(r"\nArgs:\n(.*)", inspect.getdoc(make), re.DOTALL).group(1) if dials else ""
    for dial, parameter in dials.items():
        assert parameter.default is not inspect.Parameter.empty
        assert re.search(rf"^    {dial}: \S", listed, re.MULTILINE)
    told = {dial: parameter.default for dial, parameter in dials.items() if parameter.default is not None}
    assert {dial: landscape.dials[dial] for dial in told} == told
    assert set(landscape.dials) <= set(dials)
    assert landscape.name == name.replace("-", "_")
    assert (landscape.is_surface or landscape.is_body) == (package == "manifolds")


def flat(parameters):
    """The parameters of a landscape, and those of its parts."""
    for parameter in parameters:
        yield from flat(parameter) if isinstance(parameter, tuple) else (parameter,)


@pytest.mark.parametrize("name", LANDSCAPES)
def test_parameters_are_floats_whole_numbers_and_arrays(name):
    """A value of another type would need another compiled driver. Two landscapes in one have a pair of tuples."""
    assert isinstance(LANDSCAPES[name].parameters, tuple)
    for parameter in flat(LANDSCAPES[name].parameters):
        if isinstance(parameter, np.ndarray):
            assert parameter.dtype in (np.float64, np.int64)
            assert parameter.flags.c_contiguous
        else:
            assert type(parameter) in {float, int}


@pytest.mark.parametrize("name", LANDSCAPES)
def test_kernels_answer_for_any_number_of_lanes_and_leave_x_alone(name):
    """All entries are written, finite, and independent of the walkers in other lanes."""
    landscape = LANDSCAPES[name]
    x = points(landscape, 17)
    for kernel in kernels(landscape):
        together = x.copy()
        answers = call(landscape, kernel, together)
        np.testing.assert_array_equal(together, x)
        assert np.isfinite(answers).all()
        for lanes in (1, 5, 16):
            some = call(landscape, kernel, np.ascontiguousarray(x[:, 1 : 1 + lanes]))
            np.testing.assert_array_equal(some, answers[..., 1 : 1 + lanes])


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_is_that_of_the_value(name):
    """Fourth-order differences of step 1e-3 have an error of 1e-12 times a fifth derivative, up to 1e4 of the scale."""
    landscape = LANDSCAPES[name]
    x = points(landscape, 4)
    assert_close(call(landscape, "gradient", x), differences(landscape, "value", x), 1e-7)


@pytest.mark.parametrize("name", SURFACES)
def test_jacobian_is_that_of_the_residual_and_the_loss_is_half_its_square(name):
    landscape = LANDSCAPES[name]
    x = points(landscape, 4)
    r, J = call(landscape, "residual", x), call(landscape, "jacobian", x)
    assert_close(J, differences(landscape, "residual", x), 1e-7)
    if landscape.value:
        assert_close(call(landscape, "value", x)[None], (0.5 * r**2).sum(axis=0)[None], 1e-11)
    if landscape.gradient:
        assert_close(call(landscape, "gradient", x), np.einsum("ail,al->il", J, r), 1e-11)


@pytest.mark.parametrize("name", LANDSCAPES)
def test_a_fault_in_a_derivative_is_seen(name):
    """Control: an error of one part in a thousand of any derivative is outside the tolerance."""
    landscape = LANDSCAPES[name]
    x = points(landscape, 4)
    for derivative, kernel in (("gradient", "value"), ("jacobian", "residual")):
        if derivative in kernels(landscape):
            exact = differences(landscape, kernel, x)
            with pytest.raises(AssertionError):
                assert_close(1.001 * call(landscape, derivative, x), exact, 1e-7)


@pytest.mark.parametrize("name", LANDSCAPES)
def test_starts_are_finite_functions_of_the_uniforms(name):
    """At the ends of (0, 1) too; row w of the uniforms gives row w of the states."""
    landscape = LANDSCAPES[name]
    for edge in (2.0**-53, 1 - 2.0**-53):
        assert np.isfinite(landscape.start(np.full((2, landscape.dim), edge), 1.0)).all()
    uniforms = np.random.default_rng(0).uniform(size=(6, landscape.dim))
    given = uniforms.copy()
    states = landscape.start(given, 0.5)
    np.testing.assert_array_equal(given, uniforms)
    assert states.shape == uniforms.shape
    assert states.dtype == np.float64
    np.testing.assert_array_equal(landscape.start(uniforms[3:4], 0.5)[0], states[3])


@pytest.mark.parametrize("name", SURFACES)
def test_walkers_start_on_the_surface_or_are_there_after_one_step(name):
    """The distance to the surface, |J^+ r|, is round-off of the coordinates."""
    landscape = LANDSCAPES[name]
    integrator = projected()
    x = np.ascontiguousarray(starts(landscape, 2).T)
    noise = np.random.default_rng(2).standard_normal(x.shape).astype(np.float32)
    work, status = np.empty((integrator.work_rows(landscape), 2)), np.zeros(2, np.int64)
    step = integrator.build(landscape)
    memory = np.zeros((integrator.memory_rows(landscape), 2))
    step(x, noise, noise, work, memory, status, 1e-6, 1.0, landscape.parameters)
    assert not status.any()
    r, J = call(landscape, "residual", x), call(landscape, "jacobian", x)
    for lane in range(2):
        distance = np.linalg.norm(np.linalg.pinv(J[:, :, lane]) @ r[:, lane])
        assert distance < 1e-13 * (1 + np.linalg.norm(x))
    cold = np.ascontiguousarray(starts(landscape, 2, temperature=1e-28).T)
    assert np.abs(call(landscape, "residual", cold)).max() < 1e-9 * np.abs(J).max()


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("temperature", [1e-3, 0.3])
def test_stiffness_is_no_less_than_the_curvature_at_the_start(name, temperature):
    """Power iteration finds the largest eigenvalue to 1e-3; the stiffness decides the largest stable step."""
    landscape = LANDSCAPES[name]
    stiffness = landscape.stiffness(temperature)
    assert 0 < stiffness < np.inf or (stiffness == 0 and landscape.facts.slope is not None)
    start = starts(landscape, 1, temperature=1e-28)[0]
    assert stiffness >= 0.99 * largest_curvature(landscape.gradient, start, landscape.parameters)


@pytest.mark.parametrize("name", BODIES)
def test_folding_brings_every_point_inside_and_twice_is_once(name):
    landscape = LANDSCAPES[name]
    inside = np.ascontiguousarray(starts(landscape, 50).T)
    same = inside.copy()
    landscape.fold(same, landscape.parameters)
    np.testing.assert_allclose(same, inside, rtol=0, atol=1e-15)
    far = inside + np.random.default_rng(3).uniform(-40, 40, inside.shape)
    landscape.fold(far, landscape.parameters)
    twice = far.copy()
    landscape.fold(twice, landscape.parameters)
    np.testing.assert_allclose(twice, far, rtol=0, atol=1e-13)
    corners = landscape.start(
        np.array([np.full(landscape.dim, 1e-12), np.full(landscape.dim, 1 - 1e-12)]), 1.0
    )
    assert (far >= corners.min(axis=0)[:, None] - 1e-9).all()
    assert (far <= corners.max(axis=0)[:, None] + 1e-9).all()


@pytest.mark.parametrize("name", BODIES)
def test_folding_is_a_mirror(name):
    """A small step past a wall is mirrored: distances to the start are kept or become shorter."""
    landscape = LANDSCAPES[name]
    inside = np.ascontiguousarray(starts(landscape, 50).T)
    moves = np.random.default_rng(4).uniform(-0.2, 0.2, inside.shape)
    moved = inside + moves
    landscape.fold(moved, landscape.parameters)
    assert (np.abs(moved - inside) <= np.abs(moves) + 1e-14).all()


def wrap(function):
    def call_it(x, out, parameters):
        function(x, out, parameters)

    return call_it


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in COMPILED else pytest.mark.slow) for name in LANDSCAPES]
)
def test_compiled_kernels_agree_with_plain_ones(name):
    """A few units in the last place: libm and NumPy may round a cosine or an exponential differently."""
    landscape = LANDSCAPES[name]
    x = points(landscape, 5)
    for kernel in kernels(landscape):
        function = jitable(getattr(landscape, kernel))
        compiled = numba.njit(wrap(function))
        plain, out = call(landscape, kernel, x), np.empty((*SHAPES[kernel](landscape), 5))
        compiled(x, out, landscape.parameters)
        scale = np.abs(plain).max() + 1e-300
        np.testing.assert_allclose(out / scale, plain / scale, rtol=0, atol=1e-13)


def laws(name):
    """The laws of motion that a landscape can have, with the integrator's arguments."""
    landscape = LANDSCAPES[name]
    return [
        law
        for law, served in [
            ("soft", landscape.gradient and landscape.diffusion is None and landscape.drive is None),
            ("projected", name in SURFACES),
            ("reflected", name in BODIES or (name in WALLED and name not in SURFACES)),
        ]
        if served
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "law"), [(name, law) for name in LANDSCAPES for law in laws(name)])
def test_every_landscape_walks_under_every_law_it_serves(name, law):
    landscape = LANDSCAPES[name]
    dt = 0.02 / max(landscape.stiffness(0.1), 1.0)
    run = langevin.simulate(langevin.Problem(landscape, 0.1, law), walkers=50, steps=200, dt=dt, seed=1)
    assert run.counts["finished"] == 50
    assert np.isfinite(run.states).all()
    assert (run.states[:, -1] != run.states[:, 0]).any()
