"""Two chambers and canals, compared with lattice sums, conformal maps, backward equations and Fourier matrices."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gamma

from langevin.errors import UsageError
from langevin.manifolds import canal
from langevin.manifolds.chambers import arrival_time, mouth_resistance
from langevin.manifolds.chambers import relaxation_rate as rate_of_rods
from langevin.theory.fokker_planck.cells import box_mesh, region, richardson
from langevin.theory.fokker_planck.generators import spectral_gap
from langevin.theory.fokker_planck.landscape_cells import energies_on
from langevin.theory.fokker_planck.passage import mean_passage_time
from langevin.theory.passage.chambers import (
    canal_gap,
    canal_gap_curve,
    chamber_resistance,
    channel_resistance,
    disc_conductance,
    torus_constant,
    two_chambers_rate,
)


def test_disc_is_the_flat_limit_of_an_ellipsoid():
    # Capacity of an ellipsoid 2 S / int_0^inf ds / prod sqrt(a_i^2 + s), half of it for one side, s = tan^2.
    for dim in (3, 4, 5, 8):
        sphere = 2 * math.pi ** (dim / 2) / gamma(dim / 2)
        integral = quad(lambda t, d=dim: 2 * math.cos(t) ** (d - 3), 0, math.pi / 2)[0]
        assert disc_conductance(dim, 1.0, 1.0) == pytest.approx(sphere / integral, rel=1e-10)
        assert disc_conductance(dim, 0.3, 2.0) == pytest.approx(2 * 0.3 ** (dim - 2) * sphere / integral)
    assert disc_conductance(3, 0.1, 2.0) == pytest.approx(
        4 * 2.0 * 0.1, rel=1e-14
    )  # and not 2 theta a, the hole


def lattice_sum(periods, spread):
    """Ewald: Gaussians of variance 2 x spread in Fourier space, the rest of every image but the source's in space."""
    sides = np.array(periods)
    modes = np.stack(np.meshgrid(*[np.arange(-12, 13)] * 3), axis=-1).reshape(-1, 3)
    modes = modes[(modes != 0).any(axis=1)]
    k2 = ((2 * np.pi * modes / sides) ** 2).sum(axis=1)
    far = (np.exp(-k2 * spread) / k2).sum() / sides.prod()
    r = np.sqrt(((modes * sides) ** 2).sum(axis=1))
    from scipy.special import erfc

    near = (erfc(r / (2 * math.sqrt(spread))) / (4 * np.pi * r)).sum()
    return far + near - 1 / (4 * np.pi * math.sqrt(np.pi * spread)) - spread / sides.prod()


def test_torus_constants():
    assert torus_constant([1, 1, 1]) == pytest.approx(-0.225785, abs=5e-7)  # Hasimoto
    for periods in ((1, 1, 1), (2, 1, 1), (1, 0.7, 1.6)):
        assert torus_constant(periods) == pytest.approx(lattice_sum(periods, 0.05), rel=1e-8)
    eta = gamma(1 / 4) / (2 * math.pi**0.75)  # Dedekind's at i; in the plane -log(2 pi eta^2) / (2 pi)
    assert torus_constant([1, 1]) == pytest.approx(-math.log(2 * math.pi * eta**2) / (2 * math.pi), abs=1e-12)
    assert torus_constant([3, 1]) == pytest.approx(torus_constant([1, 3]), abs=1e-12)
    assert torus_constant([2, 2, 2]) == pytest.approx(torus_constant([1, 1, 1]) / 2, rel=1e-10)
    assert torus_constant([2] * 5) == pytest.approx(torus_constant([1] * 5) / 8, rel=1e-10)


def test_slit_in_the_plane_against_conformal_maps():
    errors = []
    for width in (0.1, 0.05):
        exact = 1 / 3 + mouth_resistance(width, 1.0, 0.0)  # of a half strip; a square errs by e^(-4 pi)
        errors.append(chamber_resistance([1, 1], width / 2, 1.0) / exact - 1)
        assert arrival_time(1.0, width, 0.0) == pytest.approx(exact)  # volume 1: the mean time to the slit
        # Errors: half the slit instead of the whole, or the mouth without its chamber.
        assert abs(chamber_resistance([1, 1], width, 1.0) / exact - 1) > 0.15
        assert abs((math.log(2 / (width / 2)) / math.pi) / exact - 1) > 0.02
    assert errors[0] / errors[1] == pytest.approx(4 * 1.1435 / 0.9238, rel=0.05)  # (a / L)^2
    assert abs(errors[0]) < 2e-3
    assert chamber_resistance([1, 1], 0.01, 4.0) == pytest.approx(chamber_resistance([1, 1], 0.01, 1.0) / 4)


def test_round_hole_in_a_cube_against_the_backward_equation():
    radius, side = 0.125, 1.0

    def time(cells):
        """Mean time from a uniform start to the disc, in a quarter of the cube."""
        h = side / 2 / cells

        def body(x):
            return (x[0] > 0) | (x[1] ** 2 + x[2] ** 2 < radius**2)

        mesh = box_mesh((-h, 0, 0), (side, side / 2, side / 2), (2 * cells + 1, cells, cells), body=body)
        target = region(mesh, lambda x: x[0] < 0)
        # The staircase has another area than the disc: corrected to the disc's radius in the leading term.
        staircase = math.sqrt(target.sum() * h**2 / (math.pi * radius**2 / 4)) - 1
        return mean_passage_time(mesh, np.zeros(mesh.size), 1.0, target)[~target].mean() + staircase / (
            4 * radius
        )

    exact = richardson(time, 12, order=1.0)  # order 1 by the edge of the disc
    law = chamber_resistance([side] * 3, radius, 1.0)
    assert law == pytest.approx(exact.value, rel=0.01)  # measured 0.5 %; 4 % at twice the radius
    assert 1 / disc_conductance(3, radius, 1.0) > 1.1 * exact.value  # as if the chamber had no walls
    assert (
        law - 1 / disc_conductance(3, radius, 1.0) / 2 < 0.5 * exact.value
    )  # the conductance of a hole, both sides


@pytest.mark.parametrize("width", [0.1, 0.04])
def test_a_channel_lies_between_the_bounds_of_its_mouths(width):
    mouths = mouth_resistance(width, 1.0, 0.5) - mouth_resistance(width, 1.0, 0.0)
    exact = 0.5 / width + 2 * mouths  # of the channel over that of two slits
    law = channel_resistance(2, width / 2, 0.5, 1.0)
    assert abs(law.value - exact) < law.remainder
    assert law.remainder < 0.02 * law.value
    assert channel_resistance(2, width / 2, 0.0, 1.0).value == 0


def test_end_corrections_in_space_are_rayleighs():
    # A tube of radius 1 has at each end between pi / 4 and 8 / (3 pi) of extra length; the true one is 0.8217.
    law = channel_resistance(3, 1.0, 10.0, 1.0)
    whole = math.pi * (law.value + 2 / disc_conductance(3, 1.0, 1.0))
    assert whole + math.pi * law.remainder == pytest.approx(10 + 2 * 8 / (3 * math.pi))
    assert whole - math.pi * law.remainder == pytest.approx(10 + 2 * math.pi / 4)
    assert abs(whole - 10 - 2 * 0.8217) < math.pi * law.remainder


@pytest.mark.parametrize("length", [0.0, 0.5])
def test_relaxation_of_two_squares_against_rods(length):
    law = two_chambers_rate([1, 1], [2, 2], 0.025, length, 1.0)
    exact = rate_of_rods(1.0, 2.0, 0.05, length)
    # The far chamber's own slowest rate is pi^2 / 4: the error is about the rate over that.
    assert law.remainder / law.value < abs(law.value / exact - 1) < 0.15 * law.value
    assert law.in_range == (length > 0)


def test_relaxation_of_two_squares_against_a_mesh():
    law = two_chambers_rate([1, 1], [2, 2], 0.1, 0.5, 1.0)

    def body(x):
        return (x[0] < 0) & (abs(x[1]) < 0.5) | (x[0] > 0.5) | ((abs(x[1]) < 0.1) & (0 < x[0]) & (x[0] < 0.5))

    mesh = box_mesh((-1, -1), (2.5, 1), (140, 80), body=body)
    measured = spectral_gap(mesh, np.zeros(mesh.size), 1.0)
    assert law.value == pytest.approx(measured, rel=0.06)  # rate / 2.5 of the value is 0.12
    assert not law.in_range
    assert 1.25 / (0.5 / 0.2) > 1.5 * measured  # the channel without mouths and chambers
    assert law.value / 1.25 < 0.9 * measured  # one volume for the sum of both inverses


def test_dimension_makes_chambers_decisive_and_holes_slow():
    rates = [two_chambers_rate([1.0] * d, [1.5] * d, 0.05, 0.2, 1.0).value for d in (2, 3, 4, 5)]
    assert (np.diff(np.log(rates)) < -1).all()


def fourier_gap(amplitude, wells, transverse, waves=60):
    """Gap of theta = 1 diffusion in F = (m/2) A cos(n x) from the matrix of d^2/dx^2 - F' d/dx on e^(i k x)."""
    k = np.arange(-waves, waves + 1)
    # -F' = (m A n / 2) sin(n x), and sin shifts k by +-n: (e^(inx) - e^(-inx)) / 2i times i k.
    drift = transverse * amplitude * wells / 4
    matrix = np.diag(-(k**2).astype(float))
    for column, wave in enumerate(k):
        for shift, sign in ((wells, 1), (-wells, -1)):
            if 0 <= column + shift < len(k):
                matrix[column + shift, column] += sign * drift * wave
    return np.sort(-np.linalg.eigvals(matrix).real)[1]


@pytest.mark.parametrize("wells", [1, 2])
@pytest.mark.parametrize("transverse", [0, 1, 4, 12])
def test_gap_of_a_canal_against_a_fourier_matrix(wells, transverse):
    law = canal_gap(lambda x: 0.8 * np.cos(wells * x), transverse, 0.3)
    exact = 0.3 * fourier_gap(0.8, wells, transverse)
    assert abs(law.value - exact) < max(law.remainder, 1e-8 * exact)
    assert law.remainder < 0.01 * exact


def test_gap_grows_without_a_narrow_and_collapses_with_one():
    one, two = (canal_gap_curve(lambda x, n=n: np.cos(n * x), 1.0) for n in (1, 2))
    grow, fall = ([curve.predict(m).value for m in (2, 8, 30)] for curve in (one, two))
    assert grow == sorted(grow)
    assert grow[2] == pytest.approx(30 / 2, rel=0.05)  # m theta (log a)'' / 2
    assert fall == sorted(fall, reverse=True)
    # Two narrows in parallel, and both ways: four times |F''| / (2 pi) e^(-m), F'' = 2 m on top and bottom.
    kramers = 4 * (2 * 30) / (2 * math.pi) * math.exp(-30)
    assert fall[2] == pytest.approx(kramers, rel=0.02)
    assert abs(fall[2] / (kramers / 2) - 1) > 0.9  # lambda_1 = k for 2 k


def test_soft_canal_approaches_the_floor_as_it_stiffens():
    errors = []
    for stiffness in (20.0, 40.0):
        landscape = canal(transverse=1, stiffness=stiffness, amplitude=1.0)

        def gap(cells, landscape=landscape, stiffness=stiffness):
            reach = 8 / math.sqrt(stiffness * math.exp(-1.0))
            mesh = box_mesh((0, -reach), (2 * math.pi, reach), (cells, cells), periodic=(True, False))
            return spectral_gap(mesh, energies_on(mesh, landscape), 1.0)

        measured = richardson(gap, 60)
        errors.append(measured.value / canal_gap(np.cos, 1, 1.0).value - 1)
    assert errors[0] / errors[1] == pytest.approx(2, abs=0.3)
    assert abs(errors[1]) < 0.03


@pytest.mark.parametrize("sides", [(1.0, 1.0), (1.0, 2.0), (3.0, 1.0), (0.2, 7.0)])
def test_the_constant_of_a_torus_in_the_plane_is_that_of_dedekinds_eta(sides):
    """-log(2 pi eta(i b / a)^2 / a) / (2 pi), by Kronecker's second limit formula; however long and narrow."""
    short, long = sides
    nome = math.exp(-2 * math.pi * long / short)
    eta = math.exp(-math.pi * long / short / 12) * np.prod([1 - nome**k for k in range(1, 200)])
    exact = -math.log(2 * math.pi * eta**2 / short) / (2 * math.pi)
    assert torus_constant(sides) == pytest.approx(exact, abs=1e-10)


def test_bad_input_is_refused():
    for call in (
        lambda: disc_conductance(2, 0.1, 1.0),
        lambda: disc_conductance(3, 0.0, 1.0),
        lambda: torus_constant([1.0]),
        lambda: torus_constant([1.0, -1.0]),
        lambda: chamber_resistance([1.0], 0.1, 1.0),
        lambda: channel_resistance(1, 0.1, 1.0, 1.0),
        lambda: channel_resistance(3, 0.1, -1.0, 1.0),
        lambda: two_chambers_rate([1, 1], [1, 1, 1], 0.1, 0.0, 1.0),
        lambda: canal_gap(np.cos, -1, 1.0),
        lambda: canal_gap(np.cos, 1, 0.0),
    ):
        with pytest.raises(UsageError):
            call()
