"""Laws of the time to leave a ball or a cube: moments, another series, a partial differential equation."""

import math

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.theory.fokker_planck.cells import box_mesh
from langevin.theory.fokker_planck.generators import evolve
from langevin.theory.fokker_planck.passage import absorbing_generator
from langevin.theory.passage.distributions import (
    ball_quantile,
    ball_survival,
    cube_exit_quantile,
    cube_exit_survival,
)


@pytest.mark.parametrize("dim", [1, 2, 3, 8, 30])
def test_the_law_of_a_ball_has_its_mean_and_variance(dim):
    """R^2 / (2 d theta) and R^4 / (2 d^2 (d+2) theta^2); by the trapezoidal rule, whose error is below 1e-6 here."""
    times = np.linspace(0, 30 * 4.0 / (2 * dim * 0.5), 200_001)
    survival = ball_survival(times, 2.0, dim, 0.5)
    mean = np.trapezoid(survival, times)
    variance = 2 * np.trapezoid(times * survival, times) - mean**2
    assert mean == pytest.approx(4.0 / (2 * dim * 0.5), rel=1e-6)
    assert variance == pytest.approx(16.0 / (2 * dim**2 * (dim + 2) * 0.25), rel=1e-5)
    assert (np.diff(survival) <= 1e-6).all(), "round-off of cancelling modes"


def test_a_ball_in_space_by_images():
    """In R^3 r p solves the heat equation on a line: images add 2 R e^(-R^2 / 4 theta t) / sqrt(pi theta t) each."""
    times = np.array([0.01, 0.05, 0.1, 0.3])
    images = np.exp(-((2 * np.arange(9) + 1) ** 2) / (4 * times[:, None])).sum(axis=1)
    out = 2 * images / np.sqrt(math.pi * times)
    assert 1 - ball_survival(times, 1.0, 3, 1.0) == pytest.approx(out, rel=1e-7)


def test_a_ball_in_five_dimensions_by_finite_volumes():
    """The radius walks in -(d - 1) theta log r; the error of 400 cells goes as 1 / 400^2 and stays below 1e-4."""
    mesh = box_mesh([0.0], [1.0], [400])
    energies = -4.0 * np.log(mesh.centres[0])
    start = np.zeros(mesh.size)
    start[0] = 1.0
    absorbed, _ = absorbing_generator(mesh, energies, 1.0, walls=[(0, "upper")])
    for time in (0.03, 0.1):
        left = evolve(absorbed, start, time, 2000).sum()
        assert left == pytest.approx(ball_survival(np.array([time]), 1.0, 5, 1.0)[0], abs=1e-4)
        assert abs(left - ball_survival(np.array([1.05 * time]), 1.0, 5, 1.0)[0]) > 1e-3


def test_quantiles_invert_the_law():
    for share in (1e-3, 0.2, 0.5, 0.999):
        time = ball_quantile(share, 2.0, 6, 0.5)
        assert 1 - ball_survival(np.array([time.value]), 2.0, 6, 0.5)[0] == pytest.approx(share, rel=1e-8)
        time = cube_exit_quantile(share, 2.0, 6, 0.5)
        assert 1 - cube_exit_survival(np.array([time.value]), 2.0, 6, 0.5)[0] == pytest.approx(
            share, rel=1e-9
        )
        assert 0 < time.remainder < 1e-9


def test_what_has_no_law_is_refused():
    with pytest.raises(UsageError, match="dim"):
        ball_survival(np.array([1.0]), 1.0, 0, 1.0)
    with pytest.raises(UsageError, match="times"):
        ball_survival(np.array([-1.0]), 1.0, 2, 1.0)
    with pytest.raises(UsageError, match="probability"):
        ball_quantile(0.0, 1.0, 2, 1.0)
    with pytest.raises(UsageError, match="probability"):
        cube_exit_quantile(1.0, 1.0, 2, 1.0)
