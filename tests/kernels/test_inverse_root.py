"""The inverse square root is compared with the library's over its whole range."""

import numpy as np

from langevin.kernels.rounding import inverse_root


def test_it_is_the_inverse_root_to_three_units_in_the_last_place():
    q = np.exp(np.random.default_rng(1).uniform(np.log(1e-299), np.log(1e299), 100_000))
    exact = 1.0 / np.sqrt(q)
    assert np.abs(inverse_root(q) / exact - 1.0).max() < 3.0 * np.finfo(float).eps


def test_one_newton_step_less_would_be_seen():
    q = np.linspace(0.5, 2.0, 1001)
    rough = np.float64(np.float32(1.0) / np.sqrt(q.astype(np.float32)))
    assert np.abs(rough * np.sqrt(q) - 1.0).max() > 1e-8
