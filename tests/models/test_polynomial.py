"""Lazy to rich: the kernel at the start, and a clock that does not depend on alpha."""

from functools import cache

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.sgld import train
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
            model, law="gradient-descent", steps=20, learning_rate=1.0, chains=1, frames=[20], dtype="float64"
        )
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


@pytest.mark.parametrize("dials", [{"alpha": 0.0}, {"eps": -1.0}, {"dim": 0}, {"samples": 0}, {"width": 0}])
def test_impossible_dials_are_refused(dials):
    with pytest.raises(UsageError, match=f"{next(iter(dials))} is"):
        polynomial.model(**dials)
