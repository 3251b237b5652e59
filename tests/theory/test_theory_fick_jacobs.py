"""Entropic barriers, compared with Galerkin solutions of the whole problem, which are exact in the slope."""

import math

import numpy as np
import pytest
from scipy.special import eval_jacobi

from langevin.errors import NumericalError, UsageError
from langevin.manifolds import channel
from langevin.manifolds.channel import steepest
from langevin.theory.escape.one_dimension import exact_escape_time
from langevin.theory.passage.bodies import body_passage_curve
from langevin.theory.passage.channels import (
    LAWS,
    _refine,
    channel_curves,
    channel_passage_time,
    effective_diffusion,
    local_diffusion,
)

PERIOD = 2 * math.pi


def wavy(amplitude):
    """Half width 1 + amplitude cos x, and its slope."""
    return (lambda x: 1 + amplitude * np.cos(x)), (lambda x: -amplitude * np.sin(x))


def squeezed(half_width, slope, factor):
    return (lambda x: factor * half_width(x)), (lambda x: factor * slope(x))


def galerkin_diffusion(half_width, slope, m, waves=24, degree=10):
    """Effective diffusion at theta = 1 by the cell problem min_chi <|e_x + grad chi|^2>.

    In s = |y| / w(x): d/dx becomes d/dx - s (w'/w) d/ds, d/dr becomes (1/w) d/ds, the volume is w^m s^(m-1) ds dx.
    Basis: sines in x, as the channel is even, times even polynomials in s. Nothing is expanded in the slope.
    """
    x = PERIOD * np.arange(6 * waves) / (6 * waves)
    nodes, weights = np.polynomial.legendre.leggauss(3 * degree)
    s, ds = (nodes + 1) / 2, weights / 2
    w, tilt = half_width(x)[:, None], (slope(x) / half_width(x))[:, None] * s
    volume = (w**m * s ** (m - 1) * ds).ravel()
    columns_x, columns_s = [], []
    for k in range(1, waves + 1):
        wave, derivative = np.sin(k * x), k * np.cos(k * x)
        for j in range(degree):
            profile = eval_jacobi(j, 0, m / 2 - 1, 2 * s**2 - 1)
            grown = 2 * s * (j + m / 2) * eval_jacobi(j - 1, 1, m / 2, 2 * s**2 - 1) if j else 0 * s
            columns_x.append((derivative[:, None] * profile - wave[:, None] * tilt * grown).ravel())
            columns_s.append((wave[:, None] * grown / w).ravel())
    gradient = np.sqrt(np.tile(volume, 2)) * np.hstack([np.array(columns_x), np.array(columns_s)])
    field = np.sqrt(np.tile(volume, 2)) * np.repeat([1.0, 0.0], volume.size)
    chi = np.linalg.lstsq(gradient.T, -field, rcond=None)[0]
    return ((field + gradient.T @ chi) ** 2).sum() / volume.sum()


def finite_element_time(half_width, start, target, wall, cells):
    """Mean passage time in the plane at theta = 1, in (x, s = y / w(x)), s in [0, 1], by bilinear finite elements."""
    xs, ss = np.linspace(wall, target, cells + 1), np.linspace(0, 1, cells // 4 + 1)
    rows, columns = len(xs), len(ss)
    gauss = np.array([-1, 1]) / math.sqrt(3)
    load = np.zeros(rows * columns)
    hx, hs = xs[1] - xs[0], ss[1] - ss[0]
    from scipy.sparse import coo_array
    from scipy.sparse.linalg import spsolve

    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns - 1), indexing="ij")
    corners = [(i + a) * columns + j + b for a in (0, 1) for b in (0, 1)]
    local = np.zeros((4, 4, *i.shape))
    for u in gauss:
        for v in gauss:
            x, s = xs[i] + hx * (1 + u) / 2, ss[j] + hs * (1 + v) / 2
            w = half_width(x)
            tilt = s * (half_width(x + 1e-6) - half_width(x - 1e-6)) / 2e-6 / w
            shapes, gx, gs = [], [], []
            for a in (-1, 1):
                for b in (-1, 1):
                    shapes.append((1 + a * u) * (1 + b * v) / 4)
                    dx, dv = a * (1 + b * v) / 4 * 2 / hx, b * (1 + a * u) / 4 * 2 / hs
                    gx.append(dx - tilt * dv)
                    gs.append(dv / w)
            mass = w * hx * hs / 4
            for p in range(4):
                np.add.at(load, corners[p].ravel(), (shapes[p] * mass).ravel())
                for q in range(4):
                    local[p, q] += (gx[p] * gx[q] + gs[p] * gs[q]) * mass
    matrix = coo_array(
        (
            np.concatenate([local[p, q].ravel() for p in range(4) for q in range(4)]),
            (
                np.concatenate([corners[p].ravel() for p in range(4) for q in range(4)]),
                np.concatenate([corners[q].ravel() for p in range(4) for q in range(4)]),
            ),
        ),
        shape=(rows * columns,) * 2,
    ).tocsr()
    live = np.arange((rows - 1) * columns)  # the last column is absorbing
    times = spsolve(matrix[live][:, live].tocsc(), load[live]).reshape(rows - 1, columns)
    at = round((start - wall) / hx)
    return np.trapezoid(times[at], ss)


@pytest.mark.parametrize("m", [1, 2, 3])
def test_orders_in_the_slope_of_the_diffusion_along_a_channel(m):
    shape = wavy(0.5)
    steep = (0.2, 0.4)
    exact = [galerkin_diffusion(*squeezed(*shape, factor), m) for factor in steep]
    assert exact[0] == pytest.approx(
        galerkin_diffusion(*squeezed(*shape, steep[0]), m, 16, 6), rel=1e-7
    )  # converged

    def order(law, m_of_law=m):
        answers = []
        for factor, truth in zip(steep, exact):
            w, slope = squeezed(*shape, factor)
            if m_of_law == m:
                law_value = effective_diffusion(w, slope, m, 1.0, PERIOD, law).value
            else:  # the exponent of another dimension
                x = PERIOD * np.arange(400) / 400
                exponent = m_of_law / (m_of_law + 2)
                law_value = 1 / (np.mean(w(x) ** m) * np.mean((1 + slope(x) ** 2) ** exponent / w(x) ** m))
            answers.append(abs(law_value / truth - 1))
        return math.log2(answers[1] / answers[0])

    assert order("fick-jacobs") == pytest.approx(2, abs=0.15)
    assert order("reguera-rubi") > 3.5
    if m == 1:
        assert order("kalinay-percus") > 3.5
    assert order("reguera-rubi", m_of_law=m % 2 + 1) < 2.5


def test_up_to_slope_one_the_laws_err_by_less_than_a_per_cent_and_the_first_is_a_bound():
    w, slope = wavy(0.9)
    exact = galerkin_diffusion(w, slope, 1, 20, 8)
    errors = {law: effective_diffusion(w, slope, 1, 1.0, PERIOD, law).value / exact - 1 for law in LAWS}
    assert errors["fick-jacobs"] > 0.05  # measured 7 %, the others 0.1 and 0.3 %
    assert abs(errors["reguera-rubi"]) < 0.01
    assert abs(errors["kalinay-percus"]) < 0.01
    assert effective_diffusion(w, slope, 1, 1.0, PERIOD).in_range
    assert not effective_diffusion(*squeezed(w, slope, 1.2), 1, 1.0, PERIOD).in_range


def test_passage_through_a_narrow_in_the_plane():
    landscape = channel(transverse=1, length=2.0, half_width=0.2, amplitude=0.8)
    way = landscape.facts.channel
    w, slope, place = way.half_width, way.slope, way.target_place
    exact = finite_element_time(w, 0.0, place, 0.0, 480)
    rough = finite_element_time(w, 0.0, place, 0.0, 240)
    assert abs(exact - rough) < 1e-3 * exact
    times = {law: channel_passage_time(w, slope, 1, 1.0, 0.0, place, 0.0, law) for law in LAWS}
    errors = {law: times[law].value / exact - 1 for law in LAWS}
    assert errors["fick-jacobs"] < -0.015  # a walker is slower than if it spread at once
    assert abs(errors["reguera-rubi"]) < 0.005
    assert abs(errors["kalinay-percus"]) < 0.005
    assert times["reguera-rubi"].in_range == (steepest(landscape) <= 1)


def test_the_time_is_the_escape_in_the_entropic_potential():
    w, slope = wavy(0.6)
    for m in (1, 2, 5):
        law = channel_passage_time(w, slope, m, 0.3, 0.5, 4.0, -1.0, "fick-jacobs")
        potential = exact_escape_time(lambda x, m=m: -m * 0.3 * math.log(w(x)), 0.5, 4.0, 0.3, lower=-1.0)
        assert law.value == pytest.approx(potential.value, rel=1e-8)
        mirrored = channel_passage_time(lambda x: w(-x), lambda x: -slope(-x), m, 0.3, -0.5, -4.0, 1.0)
        assert mirrored.value == pytest.approx(
            channel_passage_time(w, slope, m, 0.3, 0.5, 4.0, -1.0).value, rel=1e-12
        )


def test_a_barrier_of_entropy_has_no_temperature_and_cones_have_closed_forms():
    w, slope = wavy(0.9)
    times = [channel_passage_time(w, slope, 2, theta, 0.0, PERIOD, 0.0).value * theta for theta in (0.1, 1.0)]
    assert times[0] == pytest.approx(times[1], rel=1e-12)
    # Plane cone w = c x from 1 to 2, constant slope: int (x^2 - 1) / (2 x) dx = 3/4 - log(2) / 2, over D.
    closed = 3 / 4 - math.log(2) / 2
    for law in LAWS:
        rate = {
            "fick-jacobs": 1,
            "reguera-rubi": (1 + 0.25) ** (-1 / 3),
            "kalinay-percus": math.atan(0.5) / 0.5,
        }
        time = channel_passage_time(
            lambda x: 0.5 * x, lambda x: 0.5 + 0 * x, 1, 2.0, 1.0, 2.0, 1.0, law
        ).value
        assert time == pytest.approx(closed / 2 / rate[law], rel=1e-9)
    # A true wedge sends a walker from arc to arc radially, with the same flux law and D = theta along the radius:
    # sections of equal x are longer than arcs by tan(a) / a, which is the factor of Kalinay and Percus.
    angle = math.atan(0.5)
    assert local_diffusion(np.array([0.5]), 1, 1.0, "kalinay-percus")[0] == pytest.approx(
        angle / math.tan(angle)
    )


@pytest.mark.parametrize("law", LAWS)
def test_where_the_wall_is_flat_diffusion_is_that_of_free_space(law):
    found = local_diffusion(np.array([0.0, 0.5, -0.5, 0.0]), 1, 0.7, law)
    assert found[0] == found[3] == 0.7
    assert found[1] == found[2]
    assert (found[1] < 0.7) == (law != "fick-jacobs")


def tent_diffusion(top, kink):
    """By quadrature, and exact, for a width from 1 to `top` at `kink` and back; its means do not depend on the kink."""

    def tent(x):
        return 1 + (top - 1) * np.where(x < kink, x / kink, (1 - x) / (1 - kink))

    def sides(x):
        return (top - 1) * np.where(x < kink, 1 / kink, -1 / (1 - kink))

    exact = 2 * (top - 1) / ((1 + top) * math.log(top))
    return effective_diffusion(tent, sides, 1, 1.0, 1.0, "fick-jacobs"), exact


@pytest.mark.parametrize("kink", [0.1, 0.25 - 2e-4, 0.416380489, 0.7071067811865476, 0.875 - 3e-4])
def test_a_kink_between_panels_or_close_to_a_border_of_all_is_in_the_remainder(kink):
    found, exact = tent_diffusion(2.0, kink)
    assert (
        abs(found.value - exact) <= found.remainder + 1e-9 * exact
    )  # its goal, where changes are small by chance
    assert found.remainder < 1e-6 * exact


@pytest.mark.parametrize("kink", [0.215317031, 0.455357974, 0.536617581, 0.743372584])
def test_of_a_sharp_kink_the_larger_of_two_changes_is_the_remainder(kink):
    """Changes do not fall steadily there: the last one alone is below the error."""
    found, exact = tent_diffusion(5.0, kink)
    assert abs(found.value - exact) <= found.remainder < 1e-6 * exact


@pytest.mark.parametrize(
    ("before", "change", "remainder"),
    [(1e-5, 1e-6, 1e-5), (1e-6, 1e-5, 1e-5), (1e-3, 1e-6, None), (1e-6, 1e-3, None)],
)
def test_both_of_the_last_changes_decide(before, change, remainder):
    """The results on 256, 512 and 1024 panels decide; if one of their changes is too large there is no result."""
    answers = {256: 1.0 + before, 512: 1.0, 1024: 1.0 + change}

    def answer(panels):
        return answers.get(panels, 1.0 + 1.0 / panels)

    if remainder is None:
        with pytest.raises(NumericalError, match="smooth the width"):
            _refine(answer, True)
    else:
        assert _refine(answer, True).remainder == pytest.approx(remainder, rel=1e-9)


def test_bad_input_is_refused():
    w, slope = wavy(0.5)
    for call in (
        lambda: local_diffusion(np.zeros(1), 2, 1.0, "kalinay-percus"),
        lambda: local_diffusion(np.zeros(1), 1, 1.0, "zwanzig"),
        lambda: local_diffusion(np.zeros(1), 1, 0.0, "fick-jacobs"),
        lambda: channel_passage_time(w, slope, 1, 1.0, 0.0, 1.0, 0.5),
        lambda: channel_passage_time(w, slope, 1, 1.0, 0.0, 0.0, 0.0),
        lambda: effective_diffusion(w, slope, 1, 1.0, -1.0),
        lambda: effective_diffusion(*wavy(1.5), 1, 1.0, PERIOD),
    ):
        with pytest.raises(UsageError):
            call()
    with pytest.raises(NumericalError, match="smooth"):
        effective_diffusion(lambda x: 1 + (x > 1.1), lambda x: 0 * x, 1, 1.0, PERIOD)


def test_the_laws_of_a_channel_beside_finite_volumes_of_it():
    """The body itself, on meshes that do not use its axis: within the remainder and the errors of the laws."""
    body = channel()
    way, box = body.facts.channel, body.facts.box
    laws = channel_curves(way.half_width, way.slope, 1, way.target_place)
    mesh = body_passage_curve(body, box.lower, box.upper).predict(2.0)
    assert [curve.name for curve in laws] == ["Fick-Jacobs", "Reguera-Rubi", "Kalinay-Percus"]
    for curve, error in zip(laws, (0.07, 0.01, 0.01)):
        found = curve.predict(2.0)
        assert found.in_range
        assert abs(found.value - mesh.value) < mesh.remainder + error * mesh.value
        assert abs(curve.predict(1.8).value - mesh.value) > mesh.remainder + error * mesh.value


def test_in_space_there_are_two_laws_and_steep_walls_are_out_of_range():
    steep = channel(transverse=2, amplitude=2.0).facts.channel
    laws = channel_curves(steep.half_width, steep.slope, 2, steep.target_place)
    assert [curve.name for curve in laws] == ["Fick-Jacobs", "Reguera-Rubi"]
    assert not any(curve.predict(1.0).in_range for curve in laws)
