"""Every start is checked, for any number of starts, and a start that is refused is named."""

from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import manifolds
from langevin.ensemble import positions
from langevin.errors import UsageError
from langevin.types import Problem

SPHERE, CUBE = manifolds.sphere(), manifolds.cube(dim=3, samples=1)
pytestmark = pytest.mark.usefixtures("uncompiled")
COUNT = 60


def on_sphere(count=COUNT):
    points = np.random.default_rng(0).standard_normal((count, 3))
    return points / np.linalg.norm(points, axis=1)[:, None]


def refused(problem, start, **changes):
    settings = {"walkers": len(start), "steps": 1, "dt": 1e-3, "seed": 1} | changes
    with pytest.raises(UsageError) as caught:
        langevin.simulate(problem, start=langevin.Start(start, first_step=0), **settings)
    return str(caught.value)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("walker", [3, 41])
def test_one_start_off_the_surface_among_many_is_named(walker, compiled, monkeypatch):
    monkeypatch.setattr(positions, "PLAIN", 0 if compiled else positions.PLAIN)
    projected = Problem(SPHERE, 1.0, "projected")
    for factor in (30.0, 1.001):
        start = on_sphere()
        start[walker] *= factor
        said = refused(projected, start)
        assert f"walker {walker} lies about" in said
        assert "project_to" in said
    start[walker] = 1e200
    assert f"no finite value at the start of walker {walker}" in refused(projected, start)
    start[walker] = 0.0
    assert "rank" in refused(projected, start)


@pytest.mark.parametrize("compiled", [False, True])
def test_one_start_outside_a_body_among_many_is_named(compiled, monkeypatch):
    monkeypatch.setattr(positions, "PLAIN", 0 if compiled else positions.PLAIN)
    start = CUBE.start(np.random.default_rng(0).uniform(size=(3000, 3)), 1.0)
    start[1501] = 9.0, 0.1, 0.1
    assert "[9.0, 0.1, 0.1] lies outside the body" in refused(Problem(CUBE, 1.0, "reflected"), start)


def test_kernels_say_the_same_compiled_and_plain(monkeypatch):
    points = on_sphere() * 1.1
    plain = [positions.values_at(SPHERE, name, points) for name in ("residual", "jacobian")]
    beyond = positions.folded(CUBE, points)
    monkeypatch.setattr(positions, "PLAIN", 0)
    for name, values in zip(("residual", "jacobian"), plain, strict=True):
        np.testing.assert_allclose(positions.values_at(SPHERE, name, points), values, rtol=1e-14, atol=1e-15)
    np.testing.assert_array_equal(positions.folded(CUBE, points), beyond)


def test_starts_are_looked_at_in_pieces_that_fit(monkeypatch):
    monkeypatch.setattr(positions, "AT_ONCE", 60)
    start = on_sphere()
    start[58] *= 2.0
    assert "walker 58" in refused(Problem(SPHERE, 1.0, "projected"), start)


@pytest.mark.parametrize("bad", [[[10**400] * 3], [[1j, 0.0, 0.0]], [[1e400, 0.0, 0.0]]])
def test_numbers_that_no_double_holds_are_refused(bad):
    assert "start must be" in refused(Problem(SPHERE, 1.0, "projected"), bad)


@pytest.mark.parametrize("start", [lambda u, heat: u / 0.0, lambda u, heat: u[:, :2]])
def test_a_landscape_that_starts_walkers_nowhere_is_refused(start):
    own = replace(manifolds.ring(dim=3), start=start)
    with np.errstate(all="ignore"), pytest.raises(UsageError, match="must give finite states"):
        langevin.simulate(Problem(own, 1.0), walkers=4, steps=1, dt=1e-5, seed=1)


def test_splitting_starts_projected_motion_on_its_surface():
    """On a canal, soft motion starts with thermal noise across the floor, and projected motion without."""
    place = replace(manifolds.canal(), target=far)
    seen = []

    def start(uniforms, temperature):
        seen.append(temperature)
        return manifolds.canal().start(uniforms, temperature)

    with pytest.raises(UsageError, match="starts inside the target"):
        langevin.splitting(Problem(replace(place, start=start), 1e-3, "projected"), dt=1e-4, seed=1)
    assert set(seen) == {0.0}


def far(x, out, parameters):
    for w in range(x.shape[1]):
        out[w] = -1.0
