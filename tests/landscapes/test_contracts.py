"""Trials of kernels before a run: a message names a wrong kernel, and a correct kernel is never refused."""

from dataclasses import replace

import numpy as np
import pytest

from langevin import Problem, manifolds, potentials, registry
from langevin.dynamics import dynamics_of
from langevin.ensemble import trial_kernels
from langevin.ensemble.trial_kernels import check_kernels
from langevin.errors import UsageError
from langevin.experiment.conformance import conformance
from langevin.landscapes.contracts import check_shapes

BUILT_IN = [
    registry.factory(package, name)()
    for package in ("manifolds", "potentials")
    for name in registry.names(package)
]


def value(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 0.5 * (x[0, lane] ** 2 + x[1, lane] ** 2)


def gradient(x, out, parameters):
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[i, lane] = x[i, lane]


def half(x, out, parameters):
    gradient(x, out, parameters)
    out *= 0.5


def first_row(x, out, parameters):
    out[0] = x[0]


def first_lane(x, out, parameters):
    out[:, 0] = x[:, 0]


def one_row_more(x, out, parameters):
    gradient(x, out, parameters)
    for lane in range(x.shape[1]):
        out[2, lane] = 0.0


def rare_row(x, out, parameters):
    gradient(x, out, parameters)
    for lane in range(x.shape[1]):
        if x[0, lane] > 1.9:
            out[2, lane] = 0.0


def rarely_unset(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = x[0, lane]
        if x[0, lane] < 1.9:
            out[1, lane] = x[1, lane]


def added(x, out, parameters):
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[i, lane] += x[i, lane]


def other_lane(x, out, parameters):
    gradient(x, out, parameters)
    out[0] = x[0, 0]


def into_x(x, out, parameters):
    gradient(x, out, parameters)
    x *= 0.5


def eight_lanes(x, out, parameters):
    for lane in range(8):
        out[0, lane], out[1, lane] = x[0, lane], x[1, lane]


def two_arguments(x, out):
    """A kernel with another signature."""


FAULTS = {
    half: ("gradient of the value", "component ("),
    first_row: ("asked to fill out of shape (2, ", "fills the shape (1, ", "out[1, 0] is never set"),
    first_lane: ("asked to fill out of shape (2, ", "fills the shape (2, 1)"),
    one_row_more: ("asked to fill out of shape (2, ", "fills the shape (3, ", "index 2 is out of bounds"),
    rare_row: ("fills the shape (3, ", "index 2 is out of bounds"),
    rarely_unset: ("is never set",),
    added: ("adds to what out holds",),
    other_lane: ("for the same walker",),
    into_x: ("writes into x",),
    eight_lanes: ("fills the shape (2, 8)",),
    two_arguments: ("TypeError",),
}


def tried(landscape, law="soft", temperature=1.0, dt=1e-3, steps=100):
    heat = 0.0 if law == "projected" else temperature
    starts = landscape.start(np.random.default_rng(0).uniform(size=(20, landscape.dim)), heat)
    check_kernels(Problem(landscape, temperature, law), dt, steps, starts)


def refusal(landscape, **settings):
    with pytest.raises(UsageError) as caught:
        tried(landscape, **settings)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("wrong", FAULTS, ids=lambda kernel: kernel.__name__)
def test_a_wrong_gradient_is_named(wrong):
    said = refusal(potentials.potential(value, wrong, 2, start=[0.3, 0.2], name="own well"))
    assert "own well" in said
    for words in FAULTS[wrong]:
        assert words in said


def test_kernels_that_do_not_fit_are_named_before_anything_calls_them():
    with pytest.raises(
        UsageError, match=r"kernel `gradient` of own potential is asked to fill out of shape \(2, 4\)"
    ):
        check_shapes(potentials.potential(value, first_row, 2, start=[0.3, 0.2]))


def test_a_target_that_knows_one_lane_only_is_named():
    def target(x, out, parameters):
        out[0] = 1.0 - x[0, 0]

    assert "kernel `target`" in refusal(potentials.potential(value, gradient, 2, target=target))


def ellipse(x, out, parameters):
    out[0] = x[0] ** 2 + 0.25 * x[1] ** 2 - 1.0


def slopes(x, out, parameters):
    out[0, 0], out[0, 1] = 2.0 * x[0], 0.5 * x[1]


def forgotten_factor(x, out, parameters):
    out[0, 0], out[0, 1] = 2.0 * x[0], 0.25 * x[1]


@pytest.mark.parametrize("law", ["projected", "soft", "label-noise"])
def test_a_forgotten_factor_of_a_jacobian_is_named(law):
    made = [manifolds.constraint(ellipse, J, 2, 1, start=[1.0, 0.0]) for J in (slopes, forgotten_factor)]
    tried(made[0], law)
    assert "component (0, 1)" in refusal(made[1], law=law)


def test_a_jacobian_of_more_rows_is_named_where_the_surface_is_made():
    def two_rows(x, out, parameters):
        slopes(x, out, parameters)
        out[1, 0] = 0.0

    with pytest.raises(UsageError, match="kernel `jacobian` of own manifold"):
        manifolds.constraint(ellipse, two_rows, 2, 1, start=[1.0, 0.0])


def clip(x, parameters):
    np.clip(x, 0.0, 1.0, out=x)


def periodic(x, parameters):
    x -= np.floor(x)


def shifted(x, parameters):
    x[:] = np.where(x > 1.0, 2.1 - x, np.abs(x))


@pytest.mark.parametrize("fold", [clip, periodic, shifted])
def test_a_fold_that_is_no_mirror_is_named(fold):
    assert "'walls'" in refusal(replace(manifolds.cube(2), fold=fold), law="reflected")


@pytest.mark.parametrize("landscape", BUILT_IN, ids=lambda made: made.name)
def test_the_landscapes_of_the_package_pass(landscape, nothing_passed):
    for law in ("soft", "projected", "reflected"):
        if dynamics_of(law).refusal(landscape) is None:
            for temperature in (1e-6, 1.0):
                nothing_passed()
                tried(landscape, law, temperature, dt=1e-4 / temperature)
    assert [finding for finding in conformance(landscape) if not finding.passed] == []


def in_units(function, slope, unit, height, wrong=1.0):
    """A potential height x function(x / unit); `wrong` times its gradient."""

    def scaled(x, out, parameters):
        for lane in range(x.shape[1]):
            out[lane] = height * function(x[:, lane] / unit)

    def of_scaled(x, out, parameters):
        for lane in range(x.shape[1]):
            out[:, lane] = wrong * height / unit * slope(x[:, lane] / unit)

    return scaled, of_scaled


W = np.random.default_rng(5).normal(size=(3, 2))
ROUGH = {
    "kinks": (lambda y: np.abs(W @ y).sum(), lambda y: W.T @ np.sign(W @ y)),
    "largest": (lambda y: np.abs(y).max(), lambda y: np.where(np.abs(y) == np.abs(y).max(), np.sign(y), 0.0)),
    "softplus": (
        lambda y: np.logaddexp(0.0, 1e4 * (W @ y)).sum() / 1e4 + y @ y,
        lambda y: W.T @ (0.5 + 0.5 * np.tanh(5e3 * (W @ y))) + 2.0 * y,
    ),
    "tanh network": (
        lambda y: 0.5 * ((np.tanh(W @ y) - 0.3) ** 2).sum() + 0.1 * y @ y,
        lambda y: W.T @ ((np.tanh(W @ y) - 0.3) * (1.0 - np.tanh(W @ y) ** 2)) + 0.2 * y,
    ),
    "polynomial": (lambda y: ((W @ y) ** 4).sum() + y[0], lambda y: 4.0 * W.T @ (W @ y) ** 3 + [1.0, 0.0]),
    "condition": (lambda y: 0.5 * (1e6 * y[0] ** 2 + y[1] ** 2), lambda y: np.array([1e6 * y[0], y[1]])),
    "logarithm": (
        lambda y: -np.log(1.0 - y * y).sum() if (np.abs(y) < 1.0).all() else np.nan,
        lambda y: 2.0 * y / (1.0 - y * y) if (np.abs(y) < 1.0).all() else np.full(2, np.nan),
    ),
    "root": (lambda y: (np.abs(y) ** 1.5).sum(), lambda y: 1.5 * np.sign(y) * np.abs(y) ** 0.5),
}


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("name", ROUGH)
def test_kinks_and_scales_are_no_faults_and_hide_none(name, unit):
    """Control: an error of one percent of the gradient is found on each of them."""
    for height in (1e-6, 1e6):
        for start in (np.zeros(2), unit * np.array([0.3, -0.2])):
            settings = {"temperature": 0.1 * height, "dt": 1e-4 * unit**2 / height}
            tried(potentials.potential(*in_units(*ROUGH[name], unit, height), 2, start=start), **settings)
            wrong = potentials.potential(*in_units(*ROUGH[name], unit, height, 1.01), 2, start=start)
            assert "gradient of the value" in refusal(wrong, **settings)


def test_a_flat_loss_passes_and_one_that_is_flat_between_steps_does_not():
    flat, steps = (
        potentials.potential(*in_units(loss, lambda y: 0.0 * y, 1.0, 1.0), 2, start=[0.1, 0.2])
        for loss in (lambda y: 0.0, lambda y: np.floor(y).sum())
    )
    tried(flat)
    assert "the value jumps by" in refusal(steps)


def test_kernels_that_have_passed_are_not_tried_again(monkeypatch, nothing_passed):
    tried(manifolds.sphere(3), "projected")
    monkeypatch.setattr(trial_kernels, "findings", None)
    tried(manifolds.sphere(3), "projected")
    with pytest.raises(TypeError):
        tried(manifolds.sphere(3, radius=2.0), "projected")
    with pytest.raises(TypeError):
        tried(manifolds.sphere(3), "projected", temperature=100.0)
