"""Four retractions to a zero-loss set: where one kick leads, and the distributions that many kicks lead to."""

import numpy as np

from docs.figures.ellipse import CURVE, SET, bars, walked
from docs.theory.figures.panels import two_panels
from langevin import integrators, theory
from langevin.figures.canvas import COLOURS
from langevin.landscapes.projection import equations_at, project_to
from langevin.manifolds import flow_to

WAYS = ("nearest", "shake", "flow", "gauss-newton")
#: Angle of the start on the ellipse, and a kick that is long enough to be seen.
ANGLE, MOVE = 0.6, (0.42, 0.28)


def draw(path):
    """Left one kick, right the shares of time."""
    runs = {way: walked(integrators.projected(way, "isotropic"), seed) for seed, way in enumerate(WAYS)}
    with two_panels(path, "One kick, four retractions", "Many kicks: the retraction decides") as (
        left,
        right,
    ):
        kicked(left)
        bars(right, runs, [theory.surfaces.projection_law(pull) for pull in (0, 0, 1, 2)])


def kicked(axes):
    """A start, a kick off the set, and the four ends."""
    long, short = np.abs(CURVE.points).max(axis=0)
    start = np.array([long * np.cos(ANGLE), short * np.sin(ANGLE)])
    away = start + MOVE
    axes.plot(*CURVE.points.T, color="0.6", linewidth=1)
    axes.annotate("", away, start, arrowprops={"arrowstyle": "->", "color": "0.3"})
    axes.plot(*start, "o", color="black", label="start")
    for place, (way, end) in enumerate(ends(start, away).items()):
        axes.plot(*end, "os^D"[place], color=COLOURS[place], label=way, zorder=10)
        axes.plot(*zip(away, end), ":", color=COLOURS[place], linewidth=1)
    axes.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal", xlim=(0.6, 1.8), ylim=(-0.2, 0.9))
    axes.legend(loc="lower left")


def ends(start, away):
    """The points of the set to which the ways lead."""
    nearest = CURVE.points[np.argmin(((CURVE.points - away) ** 2).sum(axis=1))]
    return dict(zip(WAYS, (nearest, along_normal(start, away), flow_to(SET, away), project_to(SET, away))))


def along_normal(start, away):
    """The point of the set on the line through `away` along the normal at the start, by Newton steps."""
    normal = equations_at(SET, start[None])[1][0, 0]
    at = away
    for _ in range(50):
        residual, jacobian = equations_at(SET, at[None])
        at = at - normal * residual[0, 0] / (jacobian[0, 0] @ normal)
    return at
