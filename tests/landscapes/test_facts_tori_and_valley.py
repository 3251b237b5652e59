"""Torus with two losses and the valley: area and moments by quadrature, and the laws that walks settle in."""

import math

import numpy as np
import pytest
from scipy.special import ive

from langevin.errors import UsageError
from langevin.manifolds import quartic_torus, torus, valley
from langevin.manifolds.valley import bessel_ratio
from tests.landscapes.walks import conforms, deviation, log_det, losses, moment, walk

ANGLES = np.linspace(0.0, 2.0 * np.pi, 1000, endpoint=False)
TORI = {"torus": torus, "quartic_torus": quartic_torus}


def on_torus(major, minor):
    """Points around the tube, and the distance from the axis, which is the area element."""
    axial = major + minor * np.cos(ANGLES)
    return np.stack([axial, np.zeros_like(axial), minor * np.sin(ANGLES)], axis=1), axial


@pytest.mark.parametrize("name", TORI)
def test_torus_facts_by_quadrature_around_the_tube(name):
    made = TORI[name](stiffness=30.0, major=3.0, minor=1.2)
    assert conforms(made)
    points, axial = on_torus(3.0, 1.2)
    assert losses(made, points).max() < 1e-20
    laws = {"surface": axial, "gibbs": axial * np.exp(-log_det(made, points))}
    for law, weights in laws.items():
        cosine = np.average(np.cos(ANGLES), weights=weights)
        assert getattr(moment(made, "cos phi"), law) == pytest.approx(cosine, abs=1e-12)
        square = np.average(axial**2, weights=weights)
        assert getattr(moment(made, "rho^2"), law) == pytest.approx(square, rel=1e-12)
    area = (2.0 * np.pi) ** 2 * 1.2 * axial.mean()
    assert made.facts.volume == pytest.approx(area, rel=1e-12)


def test_two_losses_of_one_torus_have_one_surface_law_and_two_gibbs_laws():
    one, other = torus(), quartic_torus()
    cosine, rival = moment(one, "cos phi"), moment(other, "cos phi")
    assert cosine.surface == rival.surface == 0.25
    assert cosine.gibbs - rival.gibbs == 0.25


def cosines(made, law):
    """cos phi of walkers after four relaxation times r^2 / theta of the tube."""
    x = walk(made, law, time=4.0, dt=4e-3, walkers=2000)
    return np.hypot(x[:, 0], x[:, 1]) - 2.0


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("name", "law", "rival"),
    [
        ("quartic_torus", "gibbs", 0.25),
        pytest.param("quartic_torus", "surface", 0.0, marks=pytest.mark.slow),
        pytest.param("torus", "gibbs", 0.0, marks=pytest.mark.slow),
    ],
)
def test_projected_walks_on_the_tori(name, law, rival):
    made = TORI[name]()
    found = cosines(made, law)
    assert deviation(found, getattr(moment(made, "cos phi"), law)) < 4
    assert deviation(found, rival) > 8


@pytest.mark.slow
@pytest.mark.statistical
def test_soft_walk_on_the_quartic_torus_is_uniform_in_the_angle():
    """Finite stiffness shifts the mean by order theta / k r^2, here 1 per mille."""
    made = quartic_torus(stiffness=400.0)
    x = walk(made, "soft", temperature=0.5, time=10.0, dt=0.05 / 400, walkers=2000)
    found = np.hypot(x[:, 0], x[:, 1]) - 2.0
    assert deviation(found, 0.0) < 4
    assert deviation(found, 0.25) > 8


@pytest.mark.parametrize("amplitude", [-3.0, 0.5, 40.0])
def test_valley_facts(amplitude):
    made = valley(stiffness=50.0, amplitude=amplitude, radius=1.5)
    assert conforms(made)
    points = 1.5 * np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)
    assert losses(made, points).max() < 1e-10 * math.exp(abs(amplitude))
    logs = -log_det(made, points)
    gibbs = np.average(np.cos(ANGLES), weights=np.exp(logs - logs.max()))
    assert moment(made, "cos phi").gibbs == pytest.approx(gibbs, abs=1e-12)


def test_bessel_ratio():
    for argument in (-2.0, 0.0, 1.0, 700.0):
        assert bessel_ratio(argument) == pytest.approx(ive(1, argument) / ive(0, argument), abs=1e-12)


@pytest.mark.slow
@pytest.mark.statistical
@pytest.mark.parametrize(("law", "rival"), [("soft", "surface"), ("gibbs", "surface"), ("surface", "gibbs")])
def test_walks_in_the_valley(law, rival):
    made = valley()
    dt = {"soft": 0.1 / made.stiffness(1.0)}.get(law, 1e-3)
    found = walk(made, law, time=6.0, dt=dt, walkers=2000)
    cosine = found[:, 0] / np.hypot(found[:, 0], found[:, 1])
    own = "gibbs" if law == "soft" else law
    assert deviation(cosine, getattr(moment(made, "cos phi"), own)) < 4
    assert deviation(cosine, getattr(moment(made, "cos phi"), rival)) > 8


@pytest.mark.parametrize("make", TORI.values())
def test_a_tube_wider_than_its_circle_is_refused(make):
    with pytest.raises(UsageError, match="minor < major"):
        make(major=1.0, minor=1.0)


def test_valley_dials_out_of_range_are_refused():
    with pytest.raises(UsageError, match="finite amplitude"):
        valley(amplitude=math.inf)
