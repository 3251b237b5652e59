"""Two chambers: billiard reflection, the uniform law, and times through a narrow opening."""

import math

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.linalg import eigsh

import langevin
from langevin.errors import UsageError
from langevin.integrators import rejecting
from langevin.manifolds import chambers
from langevin.manifolds.chambers import mouth_resistance, shares_of
from langevin.types import Problem, Stop, Watch
from tests.landscapes.walks import beyond, compiled, conforms, crawl, deviation, scatter, uniform_in

GEOMETRIES = [
    {"dim": 2, "near": 1.0, "far": 1.5, "width": 0.4, "length": 0.3},
    {"dim": 3, "near": 1.0, "far": 0.8, "width": 0.5, "length": 0.0},
    {"dim": 5, "near": 0.9, "far": 1.0, "width": 0.9, "length": 0.2},
]


def uniform(made, points, seed=0):
    widest = 0.5 * max(made.dials["near"], made.dials["far"])
    low, high = np.full(made.dim, -widest), np.full(made.dim, widest)
    low[0], high[0] = made.parameters[0][[0, 3]]
    return uniform_in(made, low, high, points, seed)


def free_in(made):
    """Whether a small piece of a path ends inside, and crosses a thin wall only through the hole."""

    def free(places, moved):
        inside = beyond(made, moved) <= 0.0
        if made.dials["length"] > 0.0:
            return inside
        hole = (np.abs(moved[:, 1:]) <= 0.5 * made.dials["width"]).all(axis=1)
        return inside & (hole | (places[:, 0] * moved[:, 0] > 0.0))

    return free


def normals_in(made):
    """The axis along which a piece that crosses a wall must be reversed so that it crosses none."""

    def normals(places, pieces):
        answer = np.zeros_like(places)
        for axis in range(made.dim):
            turned = pieces.copy()
            turned[:, axis] *= -1.0
            answer[free_in(made)(places, places + turned) & ~answer.any(axis=1), axis] = 1.0
        return answer

    return normals


@pytest.mark.parametrize("dials", [*GEOMETRIES, {"dim": 2, "near": 2.0, "far": 0.5, "width": 0.1}])
def test_contracts_and_volumes(dials):
    made = chambers(**dials)
    assert conforms(made)
    facts = made.facts
    near, far, width, length = (made.dials[key] for key in ("near", "far", "width", "length"))
    volume = near**made.dim + far**made.dim + length * width ** (made.dim - 1)
    assert facts.volume == pytest.approx(volume, rel=1e-12)
    assert facts.log_volume == pytest.approx(math.log(volume))
    assert shares_of(made)[2] * volume == pytest.approx(far**made.dim)
    assert shares_of(made).sum() == pytest.approx(1.0)


@pytest.mark.parametrize("dials", GEOMETRIES)
def test_a_mirrored_way_is_that_of_a_billiard_ball(dials):
    """Brute force has an error of two of 4000 pieces for each turn; a path past the wrong side of a corner is rare."""
    made = chambers(**dials)
    places = uniform(made, 4000)[:300]
    ways = 0.6 * np.random.default_rng(1).standard_normal(places.shape)
    x = np.ascontiguousarray((places + ways).T)
    made.bounce(x, np.ascontiguousarray(places.T), made.parameters)
    turned = np.linalg.norm(x.T - places - ways, axis=1) > 1e-9
    assert turned.mean() > 0.3
    assert beyond(made, x.T).max() < 1e-15
    slow = crawl(free_in(made), normals_in(made), places, ways, 4000)
    apart = np.linalg.norm(x.T - slow, axis=1)
    assert (apart > 0.02).mean() < 0.02


def test_places_on_walls_and_corners_are_left_in_peace():
    """Paths along walls, into corners and exactly through the hole's edge end inside."""
    for length in (0.0, 0.5):
        made = chambers(2, 1.0, 1.0, 0.25, length)
        plane = -0.5 * length
        before = np.array([[plane, 0.125], [plane, 0.5], [plane - 1.0, -0.5], [plane - 0.5, 0.0]]).T
        for way in ([0.25, 0.0], [-0.25, 0.25], [0.5, 0.125], [1e9, 3.0], [0.5, 0.5], [0.0, 0.0]):
            x = before + np.array(way)[:, None]
            made.bounce(x, before.copy(), made.parameters)
            assert beyond(made, x.T).max() <= 0.0


def clipped(made):
    """Control with an error: a path that leaves the body ends at the wall, by bisection."""

    def bounce(x, before, parameters):
        out = beyond(made, x.T) > 0.0
        low, high = before[:, out], x[:, out]
        for _ in range(30):
            middle = 0.5 * (low + high)
            free = beyond(made, middle.T) <= 0.0
            low, high = np.where(free, middle, low), np.where(free, high, middle)
        x[:, out] = low

    return bounce


def scores(made, states):
    """Standard errors between occupancies of cells, or moments, and those of the uniform law."""
    planes, halves = made.parameters
    box = np.searchsorted(planes[1:3], states[:, 0])
    found = [
        (np.mean(box == k) - share) / math.sqrt(share * (1.0 - share) / len(states))
        for k, share in enumerate(shares_of(made))
        if share > 0.0
    ]
    scaled = (states[:, 1:] / halves[box][:, None]) ** 2
    found += list((scaled.mean(axis=0) - 1.0 / 3.0) / math.sqrt((1.0 / 5.0 - 1.0 / 9.0) / len(states)))
    middle = 0.5 * (planes[:-1] + planes[1:])[box]
    return np.array([*found, deviation(states[:, 0] - middle, 0.0)])


@pytest.mark.statistical
@pytest.mark.parametrize("dials", GEOMETRIES)
@pytest.mark.parametrize("spread", [0.03, 0.3, 3.0])
def test_the_uniform_law_is_kept(dials, spread):
    made = chambers(**dials)
    states = uniform(made, 60_000)
    after = scatter(compiled(made.bounce), made.parameters, states, spread, 20)
    assert beyond(made, after).max() <= 0.0
    assert np.abs(scores(made, after)).max() < 4.5
    assert np.linalg.norm(after - states, axis=1).mean() > 0.1


@pytest.mark.statistical
def test_clipping_at_the_walls_is_caught():
    made = chambers(**GEOMETRIES[0])
    after = scatter(clipped(made), made.parameters, uniform(made, 60_000), 0.1, 10)
    assert np.abs(scores(made, after)).max() > 8


@pytest.mark.statistical
def test_occupancy_is_the_ratio_of_volumes_after_a_start_on_one_side():
    """Walkers are independent: binomial errors. Six relaxation times leave 0.2 % of the start."""
    made = chambers(2, 1.0, 1.4, 0.5, 0.5)
    spread = 0.08
    steps = round(6.0 / made.facts.relaxation_rate / (0.5 * spread**2))
    states = made.start(np.random.default_rng(5).uniform(size=(3000, 2)), 1.0)
    after = scatter(compiled(made.bounce), made.parameters, states, spread, steps)
    share = shares_of(made)[2]
    far = np.mean(after[:, 0] > 0.25)
    error = math.sqrt(share * (1.0 - share) / len(after))
    assert abs(far - share) < 4 * error
    assert abs(far - 0.5) > 8 * error


def gap(near, far, width, length, cell):
    """Second eigenvalue of the Laplacian in the upper half, by finite volumes of square cells."""
    x = (np.arange(round((near + length + far) / cell)) + 0.5) * cell - 0.5 * length - near
    y = (np.arange(round(0.5 * max(near, far) / cell)) + 0.5) * cell
    half = 0.5 * np.where(x < -0.5 * length, near, np.where(x < 0.5 * length, width, far))
    body = y < half[:, None]
    number = np.where(body, np.cumsum(body).reshape(body.shape) - 1, -1)
    along, across = body[:-1] & body[1:], body[:, :-1] & body[:, 1:]
    if length == 0.0:
        along[round(near / cell) - 1] &= y < 0.5 * width
    one = np.concatenate([number[:-1][along], number[:, :-1][across]])
    other = np.concatenate([number[1:][along], number[:, 1:][across]])
    links = sparse.coo_matrix((np.ones(one.size), (one, other)), (body.sum(), body.sum()))
    links = links + links.T
    matrix = sparse.diags(np.asarray(links.sum(axis=1)).ravel()) - links
    start = np.cos(np.arange(body.sum()))
    return eigsh(matrix.tocsc() / cell**2, k=2, sigma=-0.01, v0=start, return_eigenvectors=False).max()


@pytest.mark.parametrize(
    ("far", "width", "length", "tolerance"),
    [(2.0, 0.2, 0.0, 0.012), (2.0, 0.4, 0.0, 0.012), (2.0, 0.4, 0.4, 0.006), (1.5, 0.2, 1.0, 0.006)],
)
def test_relaxation_rate_against_finite_volumes(far, width, length, tolerance):
    """Errors of the volumes are of order cell (edges of a slit) or cell^(4/3) (corners) and are extrapolated.

    Without the mouths the rate has an error of more than a tenth, and for a hole there is no rate.
    """
    coarse, fine = (gap(1.0, far, width, length, cell) for cell in (0.05, 0.025))
    ratio = 2.0 if length == 0.0 else 2.0 ** (4.0 / 3.0)
    exact = (ratio * fine - coarse) / (ratio - 1.0)
    assert chambers(2, 1.0, far, width, length).facts.relaxation_rate == pytest.approx(exact, rel=tolerance)
    bare = width / length * (1.0 + far**-2) if length else math.inf
    assert bare > 1.1 * exact


def test_mouths_of_the_width_of_the_chamber_have_no_resistance():
    assert mouth_resistance(1.0, 1.0, 2.0) == 0.0
    assert mouth_resistance(1.0, 1.0, 0.0) == 0.0
    assert mouth_resistance(1.0 - 1e-9, 1.0, 2.0) == pytest.approx(0.0, abs=1e-7)


def test_times_are_facts_only_where_they_hold():
    for dials in ({"dim": 3}, {"dim": 2, "width": 0.4, "length": 0.3}):
        facts = chambers(**dials).facts
        assert facts.arrival_time is None
        assert facts.relaxation_rate is None
    # a straight channel of constant width is an interval with mirror and target: L^2 / 2 from its far end
    straight = chambers(2, 1.0, 1.0, 1.0, 1.0).facts.arrival_time
    assert straight == pytest.approx(
        np.mean([0.5 * (4.0 - s * s) for s in np.linspace(0.0, 1.0, 100_001)]), rel=1e-4
    )


def arrivals(walkers, spread, **dials):
    made = chambers(**dials)
    dt = 0.5 * spread**2
    run = langevin.simulate(
        Problem(made, 1.0, "reflected"),
        walkers=walkers,
        steps=10**7,
        dt=dt,
        seed=3,
        stop=Stop(),
        watch=Watch(threads=2),
    )
    assert run.counts["hit"] == walkers
    return run.events["time"]


@pytest.mark.statistical
@pytest.mark.parametrize(("width", "length", "spread"), [(0.3, 0.3, 0.03), (0.2, 0.0, 0.015)])
def test_arrival_time_in_the_plane(width, length, spread):
    """Without the resistance of the mouth the theory is excluded: 0.33 against 0.71 for the hole."""
    times = arrivals(1200, spread, dim=2, width=width, length=length)
    assert deviation(times, chambers(2, width=width, length=length).facts.arrival_time) < 4
    assert deviation(times, 1.0 / 3.0 + length / width + 0.5 * length**2) > 4


@pytest.mark.statistical
def test_first_passage_goes_as_the_section_of_the_channel():
    """T - 1/3 - l^2/2 = l / w^(d-1) + mouth: the mouth is at most 0.5 / w in d = 3, and from 0 to log(1/w) in d = 2."""
    length = 0.5
    slopes = {}
    for dim in (2, 3):
        means = []
        for width, spread in ((0.5, 0.06), (0.25, 0.035)):
            times = arrivals(800, spread, dim=dim, near=1.0, far=0.6, width=width, length=length)
            error = times.std() / math.sqrt(times.size)
            mean, bare = times.mean() - 1.0 / 3.0 - 0.5 * length**2, length / width ** (dim - 1)
            assert bare - 4 * error < mean < bare + 0.5 / width + 4 * error
            means.append((mean, error / mean))
        slopes[dim] = math.log2(means[1][0] / means[0][0])
        error = math.hypot(means[0][1], means[1][1]) / math.log(2.0)
        assert dim - 1.6 - 4 * error < slopes[dim] < dim - 1 + 4 * error
    assert slopes[3] - slopes[2] > 0.4


@pytest.mark.statistical
@pytest.mark.slow
def test_rejected_steps_keep_the_law_too():
    made = chambers(**GEOMETRIES[0])
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
    assert np.abs(scores(made, run.states[:, -1])).max() < 4.5
    assert run.events["rejected"].sum() > 0


@pytest.mark.parametrize(
    "bad", [{"dim": 1}, {"near": 0.0}, {"far": math.inf}, {"width": 1.5}, {"width": 0.0}, {"length": -0.1}]
)
def test_dials_out_of_range_are_refused(bad):
    with pytest.raises(UsageError, match="chambers needs"):
        chambers(**bad)
