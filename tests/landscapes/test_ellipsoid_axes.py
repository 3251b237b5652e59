"""An ellipsoid with given axes: its facts, its dial on the command line, and its unchanged defaults."""

import json
import math

import numpy as np
import pytest
from scipy.special import ellipeinc, ellipkinc

from langevin.cli.given import parse_dials
from langevin.errors import UsageError
from langevin.landscapes.evaluate import evaluate
from langevin.manifolds import ellipsoid
from langevin.manifolds.ellipsoid import axes_of
from tests.landscapes.walks import conforms


def test_area_and_moments_of_axes_in_any_order():
    """The area against Legendre's elliptic integrals, and E x^2 against a sum over angles; both to round-off."""
    made = ellipsoid(axes=(1.0, 3.0, 2.0), stiffness=30.0)
    assert conforms(made)
    a, b, c = 3.0, 2.0, 1.0
    angle, m = math.acos(c / a), a**2 * (b**2 - c**2) / (b**2 * (a**2 - c**2))
    bracket = ellipeinc(angle, m) * math.sin(angle) ** 2 + ellipkinc(angle, m) * math.cos(angle) ** 2
    area = 2 * math.pi * (c**2 + a * b / math.sin(angle) * bracket)
    assert made.facts.volume == pytest.approx(area, rel=1e-12)
    heights, weights = np.polynomial.legendre.leggauss(100)
    azimuth = np.linspace(0.0, 2.0 * np.pi, 200, endpoint=False)
    rim = np.sqrt(1 - heights**2)[:, None]
    u = np.stack(
        [rim * np.cos(azimuth), rim * np.sin(azimuth), np.broadcast_to(heights[:, None], (100, 200))]
    )
    axes = axes_of(made)[:, None, None]
    weights = weights[:, None] * np.sqrt(((u / axes) ** 2).sum(axis=0))
    expected = [np.average((x * a_i) ** 2, weights=weights) for x, a_i in zip(u, axes_of(made))]
    np.testing.assert_allclose([m.surface for m in made.facts.moments], expected, rtol=1e-12)
    np.testing.assert_allclose(
        [m.gibbs for m in made.facts.moments], np.array([1.0, 9.0, 4.0]) / 3, rtol=1e-15
    )


def test_stiffness_and_start():
    """J J^T is k (R / a)^2 at the end of an axis a, with R the geometric mean; the start is on the longest axis."""
    made = ellipsoid(axes=[1.0, 3.0, 2.0], stiffness=30.0)
    np.testing.assert_array_equal(made.start(np.full((1, 3), 0.5), 1.0), [[0.0, 3.0, 0.0]])
    normals = evaluate(made, "jacobian", np.diag(axes_of(made)))[:, 0]
    curvatures = 30.0 * 6.0 ** (2 / 3) / axes_of(made) ** 2
    np.testing.assert_allclose((normals**2).sum(axis=1), curvatures, rtol=1e-14)
    assert made.stiffness(0.0) == pytest.approx(curvatures.max(), rel=1e-14)


def test_geometric_axes_are_the_same_ellipsoid():
    usual = ellipsoid(4, radius=2.0, aspect=5.0)
    same = ellipsoid(axes=axes_of(usual))
    np.testing.assert_array_equal(same.parameters[1], usual.parameters[1])
    assert same.parameters[0] == pytest.approx(usual.parameters[0], rel=1e-15)
    assert same.facts.log_volume == pytest.approx(usual.facts.log_volume, rel=1e-14)
    assert dict(usual.dials) == {
        "dim": 4,
        "stiffness": 100.0,
        "radius": 2.0,
        "aspect": 5.0,
    }  # as in older files
    again = ellipsoid(**json.loads(json.dumps(same.dials)))
    np.testing.assert_array_equal(axes_of(again), axes_of(usual))


def test_a_dial_that_is_a_list():
    def factory(
        axes: tuple[float, ...] = (),
        counts: list[int] | None = None,
        size: float | None = None,
        text: str = "",
    ):
        raise NotImplementedError

    assert parse_dials(("axes=3, 2,1",), ellipsoid) == {"axes": (3.0, 2.0, 1.0)}
    pairs = ("axes=1e1", "counts=3,4", "size=2", "text=a,b")
    assert parse_dials(pairs, factory) == {"axes": (10.0,), "counts": [3, 4], "size": 2.0, "text": "a,b"}
    for text in ("axes=3,,1", "axes=3,x", "axes="):
        with pytest.raises(UsageError, match="dial axes takes a finite number"):
            parse_dials((text,), factory)


@pytest.mark.parametrize(
    ("dials", "said"),
    [
        ({"axes": (3.0,)}, "at least two axes"),
        ({"axes": ()}, "at least two axes"),
        ({"axes": (3.0, -1.0)}, "axes > 0"),
        ({"axes": (3.0, math.inf)}, "axes > 0"),
        ({"axes": (3.0, 1.0), "stiffness": 0.0}, "stiffness > 0"),
        ({"axes": (3.0, 1.0), "radius": 1.0}, "leave these out"),
        ({"axes": (3.0, 1.0), "aspect": 3.0}, "leave these out"),
        ({"axes": (3.0, 2.0, 1.0), "dim": 2}, "leave these out"),
    ],
)
def test_axes_that_make_no_ellipsoid_are_refused(dials, said):
    with pytest.raises(UsageError, match=said):
        ellipsoid(**dials)
