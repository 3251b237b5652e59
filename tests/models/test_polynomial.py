"""Lazy to rich: the kernel at the start, and a clock that does not depend on alpha."""

from functools import cache

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.sgld import Computation, Law, Recording, train
from models import polynomial


@cache
def kernel_errors(width):
    """Relative root mean square difference of the initial tangent kernel from K_0, and from K_0 with eps for eps^2."""
    import jax
    from jax.flatten_util import ravel_pytree

    model = polynomial.model(dim=8, samples=12, width=width, alpha=3.0, eps=0.5)
    weights = jax.jit(model.init)(jax.random.key(0))
    flat, unravel = ravel_pytree(weights)
    inputs = np.asarray(model.train.inputs, np.float32)
    rows = np.asarray(jax.jit(jax.jacrev(lambda flat: model.apply(unravel(flat), inputs)[:, 0]))(flat))
    dot = inputs @ inputs.T
    kernels = [dot + 0.5**power * dot**2 for power in (2, 1)]
    return [np.linalg.norm(rows @ rows.T - expected) / np.linalg.norm(expected) for expected in kernels]


def test_the_initial_kernel_is_that_of_kumar_et_al_up_to_the_width():
    errors = [kernel_errors(width)[0] for width in (100, 10_000)]
    assert errors[1] < 0.02
    assert 3 < errors[0] / errors[1] < 30  # 1 / sqrt(N): a factor 10, of one draw each


def test_a_kernel_with_eps_in_place_of_its_square_is_caught():
    assert kernel_errors(10_000)[1] > 0.1


@pytest.mark.slow
def test_the_start_of_the_lazy_motion_does_not_depend_on_alpha():
    losses = []
    for alpha in (8.0, 16.0):
        model = polynomial.model(dim=8, samples=12, test_samples=20, width=400, alpha=alpha)
        trajectory = train(
            model, Law(1.0, name="gradient-descent"), steps=20, chains=1, recording=Recording([20]),
            computation=Computation("float64"),
        )  # fmt: skip
        loss = trajectory.observables["train_loss"][0]
        losses.append(loss[-1] / loss[0])
    assert losses[0] < 0.9
    # Initial outputs alpha / sqrt(N) differ, so the residuals do: the clock agrees to a fifth, not to a factor four.
    assert 0.8 < losses[0] / losses[1] < 1.25


def test_targets_are_the_quadratic_form_and_right_means_near():
    model = polynomial.model()
    assert (model.train.targets >= 0).all()
    size = (model.train.targets**2).mean() ** 0.5
    assert bool(model.correct(model.train.targets + 0.29 * size, model.train.targets).all())
    assert not bool(model.correct(model.train.targets + 0.31 * size, model.train.targets).any())


@pytest.mark.parametrize("part", [0.0, 0.4, 1.0])
def test_the_linear_part_of_the_target_does_not_change_its_mean_square(part):
    inputs, targets = polynomial.model(samples=20_000, linear=part).train
    # for a standard normal z the variance of (z^2 / 2)^2 is 105/16 - 9/16 = 6: the error is 0.017
    assert (targets**2).mean() == pytest.approx(0.75, abs=0.07)
    line, *_ = np.linalg.lstsq(inputs, targets, rcond=None)
    # by chance the samples correlate both parts by about 0.016, which changes the linear one by up to 0.016
    assert ((inputs @ line) ** 2).mean() / (targets**2).mean() == pytest.approx(part, abs=0.03)


def slope(model, hidden):
    """Gradient of the training loss at these weights."""
    import jax
    import jax.numpy as jnp

    def loss(hidden):
        outputs = model.apply({"hidden": hidden}, model.train.inputs)
        return jnp.sum((outputs - model.train.targets) ** 2) / 2 / len(model.train.targets)

    return np.asarray(jax.jit(jax.grad(loss))(hidden))


CASES = (
    {"dim": 6, "samples": 20, "test_samples": 30, "width": 10, "alpha": 0.5, "eps": 0.3},
    {"dim": 4, "samples": 12, "test_samples": 30, "width": 10, "alpha": 2.0, "data_seed": 3},
)


def family_and_alone():
    """A family, its weights, and the gradient that each of its networks has alone, as the family holds it."""
    hidden = np.random.default_rng(0).normal(size=(2, 6, 10)).astype(np.float32)
    alone = [slope(polynomial.model(**case), hidden[i, : case["dim"]]) for i, case in enumerate(CASES)]
    return polynomial.family(CASES), hidden, [np.pad(one, ((0, 6 - len(one)), (0, 0))) for one in alone]


def test_each_network_of_a_family_descends_as_it_does_alone():
    family, hidden, alone = family_and_alone()
    np.testing.assert_allclose(slope(family, hidden), alone, rtol=1e-4, atol=1e-5)
    for part in ("train", "test"):
        seen = [family.observe[f"{part}_loss {i}"]({"hidden": hidden}) for i in range(2)]
        for i, case in enumerate(CASES):
            model = polynomial.model(**case)
            inputs, targets = getattr(model, part)
            outputs = model.apply({"hidden": hidden[i, : case["dim"]]}, inputs)
            assert seen[i] == pytest.approx(float(((outputs - targets) ** 2).mean() / 2), rel=1e-4)


def test_a_family_whose_filling_counts_as_samples_is_caught():
    family, hidden, alone = family_and_alone()
    family.train.inputs[..., -1] = family.train.inputs[..., -1] > 0
    wrong = slope(family, hidden)
    assert not np.allclose(wrong[1], alone[1], rtol=0.1)


def test_a_family_of_unlike_widths_is_refused():
    with pytest.raises(UsageError, match="one width"):
        polynomial.family([{"width": 10}, {"width": 11}])


@pytest.mark.parametrize(
    "dials",
    [
        {"alpha": 0.0},
        {"eps": -1.0},
        {"linear": -0.1},
        {"linear": 1.1},
        {"dim": 0},
        {"samples": 0},
        {"width": 0},
    ],
)
def test_impossible_dials_are_refused(dials):
    with pytest.raises(UsageError, match=f"{next(iter(dials))} is"):
        polynomial.model(**dials)
