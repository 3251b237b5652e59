"""A channel of varying width: billiards at curved walls, the uniform law, the entropic barrier of Fick and Jacobs."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

import langevin
from langevin.errors import UsageError
from langevin.integrators import rejecting
from langevin.manifolds import channel
from langevin.manifolds.channel import entropy, steepest
from langevin.types import Problem, Stop, Watch
from tests.landscapes.walks import beyond, compiled, conforms, crawl, deviation, moment, scatter, uniform_in

SHAPES = [
    {"transverse": 1, "half_width": 0.25, "amplitude": 0.8},
    {"transverse": 2, "half_width": 0.3, "amplitude": 0.5, "narrows": 2},
    {"transverse": 4, "half_width": 0.4, "amplitude": 0.2, "length": 1.0},
]


def uniform(made, points, seed=0):
    widest = made.dials["half_width"] * math.exp(made.dials["amplitude"])
    low, high = np.full(made.dim, -widest), np.full(made.dim, widest)
    low[0], high[0] = 0.0, made.dials["length"]
    return uniform_in(made, low, high, points, seed)


@pytest.mark.parametrize("dials", [*SHAPES, {"amplitude": 0.0}, {"amplitude": 3.0, "narrows": 3}])
def test_contracts_and_facts_by_quadrature(dials):
    made = channel(**dials)
    assert conforms(made)
    facts, m, length = made.facts, made.dials["transverse"], made.dials["length"]
    s = np.linspace(0.0, length, 20_001)
    width = facts.channel.half_width(s)
    ball = math.pi ** (0.5 * m) / math.gamma(0.5 * m + 1.0)
    np.testing.assert_allclose(np.exp(entropy(made, s)), ball * width**m, rtol=1e-12)
    volume = quad(lambda place: ball * facts.channel.half_width(place) ** m, 0.0, length, limit=500)[0]
    assert facts.volume == pytest.approx(volume, rel=1e-9)
    assert facts.log_volume == pytest.approx(math.log(volume), abs=1e-9)
    slope = np.gradient(width, s)
    steep = facts.channel.slope(s)
    np.testing.assert_allclose(steep[1:-1], slope[1:-1], atol=1e-10 + 1e-5 * np.abs(steep).max())
    assert steepest(made) == pytest.approx(np.abs(steep).max(), rel=1e-5, abs=1e-12)
    cosines = np.cos(2.0 * math.pi * made.dials["narrows"] * s / length)
    mean = np.average(cosines[:-1], weights=width[:-1] ** m)
    assert moment(made, "cos(2 pi n s / L)").surface == pytest.approx(mean, abs=1e-6)
    assert facts.channel.half_width(facts.channel.target_place) == pytest.approx(made.dials["half_width"])


def test_walkers_start_uniform_over_the_section():
    made = channel(transverse=3)
    starts = made.start(np.random.default_rng(0).uniform(size=(20_000, 4)), 1.0)
    ratio = (starts[:, 1:] ** 2).sum(axis=1) / made.facts.channel.half_width(0.0) ** 2
    assert not starts[:, 0].any()
    assert ratio.max() <= 1.0
    assert deviation(ratio, 3.0 / 5.0) < 4
    assert deviation(starts[:, 1] * starts[:, 2], 0.0) < 4
    centre = made.start(np.full((1, 4), 0.5), 1.0)
    assert np.isfinite(centre).all()


def curved_normals(made):
    """Unit normals of the wall that a piece would cross: of an end, or grad (|y| - w(s))."""

    def normals(places, pieces):
        moved = places + pieces
        answer = np.empty_like(places)
        radius = np.linalg.norm(places[:, 1:], axis=1)
        answer[:, 0] = -made.facts.channel.slope(places[:, 0])
        answer[:, 1:] = places[:, 1:] / radius[:, None]
        ends = (moved[:, 0] < 0.0) | (moved[:, 0] > made.dials["length"])
        answer[ends] = np.eye(made.dim)[0]
        return answer / np.linalg.norm(answer, axis=1, keepdims=True)

    return normals


@pytest.mark.parametrize("dials", SHAPES)
def test_a_mirrored_way_is_that_of_a_billiard_ball(dials):
    """Brute force has an error of two of 4000 pieces at a turn, which curved walls amplify; grazing paths are rare."""
    made = channel(**dials)
    places = uniform(made, 4000)[:300]
    ways = 0.3 * np.random.default_rng(1).standard_normal(places.shape)
    x = np.ascontiguousarray((places + ways).T)
    made.bounce(x, np.ascontiguousarray(places.T), made.parameters)
    assert (np.linalg.norm(x.T - places - ways, axis=1) > 1e-9).mean() > 0.2
    assert beyond(made, x.T).max() < 1e-13
    slow = crawl(lambda at, moved: beyond(made, moved) <= 0.0, curved_normals(made), places, ways, 4000)
    assert (np.linalg.norm(x.T - slow, axis=1) > 0.01).mean() < 0.02


def test_ways_along_and_from_the_wall_stay_inside():
    made = channel(amplitude=1.0)
    s = np.linspace(0.0, 2.0, 41)
    wall = np.stack([s, made.facts.channel.half_width(s)])
    for way in ([0.0, 0.1], [0.3, 0.0], [0.0, -0.1], [0.02, 0.02], [0.0, 0.0], [50.0, 7.0], [1e-9, 1e-9]):
        x = wall + np.array(way)[:, None]
        made.bounce(x, wall.copy(), made.parameters)
        assert beyond(made, x.T).max() < 1e-12


def scores(made, states):
    """Standard errors between moments and those of the uniform law."""
    facts, m = made.facts, made.dials["transverse"]
    wave = 2.0 * math.pi * made.dials["narrows"] / made.dials["length"]
    ratio = (states[:, 1:] ** 2).sum(axis=1) / facts.channel.half_width(states[:, 0]) ** 2
    return np.array(
        [
            deviation(np.cos(wave * states[:, 0]), moment(made, "cos(2 pi n s / L)").surface),
            deviation(states[:, 0], 0.5 * made.dials["length"]),
            deviation(ratio, m / (m + 2.0)),
        ]
    )


@pytest.mark.statistical
@pytest.mark.parametrize("dials", SHAPES)
@pytest.mark.parametrize("spread", [0.03, 0.3])
def test_the_uniform_law_is_kept(dials, spread):
    made = channel(**dials)
    states = uniform(made, 60_000)
    after = scatter(compiled(made.bounce), made.parameters, states, spread, 20)
    assert beyond(made, after).max() < 1e-13
    assert scores(made, after).max() < 4
    assert np.linalg.norm(after - states, axis=1).mean() > 0.05


def radial(made):
    """Control with an error: points beyond the side walls are mirrored along the radius, as for straight walls."""

    def bounce(x, before, parameters):
        length = made.dials["length"]
        x[0] = np.abs(x[0] - 2.0 * length * np.rint(0.5 * x[0] / length))
        width = made.facts.channel.half_width(x[0])
        radius = np.linalg.norm(x[1:], axis=0)
        x[1:] *= np.where(radius > width, np.abs(2.0 * width - radius) / radius, 1.0)

    return bounce


@pytest.mark.statistical
def test_a_mirror_that_ignores_the_slope_of_the_wall_is_caught():
    made = channel(**SHAPES[0])
    after = scatter(radial(made), made.parameters, uniform(made, 60_000), 0.1, 20)
    assert scores(made, after).max() > 8


def fick_jacobs(made, diffusion):
    """Mean time from s = 0 to the target: int e^F / D int e^-F, with D(w') at temperature 1."""
    s = np.linspace(0.0, made.facts.channel.target_place, 20_001)
    weight = np.exp(entropy(made, s))
    behind = np.concatenate([[0.0], np.cumsum(0.5 * (weight[1:] + weight[:-1]) * np.diff(s))])
    return np.trapezoid(behind / weight / diffusion(made.facts.channel.slope(s)), s)


@pytest.mark.statistical
@pytest.mark.parametrize("transverse", [1, 2])
def test_passage_through_the_narrow_is_that_of_the_entropic_barrier(transverse):
    """Fick-Jacobs with D = atan(w')/w' (Kalinay and Percus 2006) or (1 + w'^2)^(-1/2) (Reguera and Rubi 2001).

    Steps are 0.4 of the narrow's half width; a channel without narrows is excluded.
    """
    made = channel(transverse=transverse, length=2.0, half_width=0.12, amplitude=0.6)
    assert steepest(made) < 0.4
    run = langevin.simulate(
        Problem(made, 1.0, "reflected"),
        walkers=500,
        steps=10**6,
        dt=4e-4,
        seed=1,
        stop=Stop(),
        watch=Watch(threads=2),
    )
    assert run.counts["hit"] == 500
    if transverse == 1:
        expected = fick_jacobs(made, lambda slope: np.arctan(slope + 1e-12) / (slope + 1e-12))
    else:
        expected = fick_jacobs(made, lambda slope: (1.0 + slope**2) ** -0.5)
    assert deviation(run.events["time"], expected) < 4
    assert deviation(run.events["time"], 0.5 * made.facts.channel.target_place**2) > 5


@pytest.mark.slow
@pytest.mark.statistical
def test_rejected_steps_keep_the_law_too():
    made = channel(**SHAPES[1])
    states = uniform(made, 60_000)
    run = langevin.simulate(
        Problem(made, 1.0, "reflected"),
        rejecting(),
        walkers=len(states),
        steps=20,
        dt=1e-3,
        seed=4,
        start=langevin.Start(states, first_step=0),
    )
    assert scores(made, run.states[:, -1]).max() < 4


@pytest.mark.parametrize(
    "bad", [{"transverse": 0}, {"length": 0.0}, {"half_width": math.inf}, {"amplitude": -0.1}, {"narrows": 0}]
)
def test_dials_out_of_range_are_refused(bad):
    with pytest.raises(UsageError, match="channel needs"):
        channel(**bad)
