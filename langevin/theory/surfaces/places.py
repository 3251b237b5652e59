"""Points all over a surface, to find maxima on it: a walk of long steps from the start of walkers."""

from __future__ import annotations

import numpy as np

from langevin.errors import NumericalError
from langevin.landscapes.starts import usual_point
from langevin.theory.surfaces.drift import tangents
from langevin.theory.surfaces.retraction import on_surface
from langevin.types import FloatArray, Landscape

#: Steps of the walk, and their length over |x| at the start, each up to twice that.
STEPS, REACH = 40, 0.4


def places_about(landscape: Landscape) -> FloatArray:
    """The usual start and the points of a walk (points, dim), the same for the same surface.

    A step without a retraction to the surface is left out.
    """
    generator = np.random.default_rng(0)
    place = on_surface(landscape, usual_point(landscape)[None])[0]
    size, found = float(np.linalg.norm(place)) or 1.0, [place]
    for _ in range(STEPS):
        try:
            along = tangents(landscape, place[None])[0]
            way = generator.standard_normal(len(along)) @ along
            length = 2.0 * REACH * size * generator.uniform()
            place = on_surface(landscape, (place + length * way / np.linalg.norm(way))[None])[0]
            found.append(place)
        except NumericalError:
            continue
    return np.array(found)
