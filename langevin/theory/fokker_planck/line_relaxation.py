"""The slowest relaxation rate of motion in a confining loss on a line, with all barriers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from langevin.theory.fokker_planck.cells import box_mesh
from langevin.theory.fokker_planck.spectrum import spectral_gap
from langevin.theory.quadrature import cut_off

#: Cells of the mesh.
CELLS = 600


def slowest_rate_on_line(value: Callable[[float], float], temperature: float) -> float:
    """Slowest rate of the relaxation to the Gibbs distribution, on a mesh where this distribution is not negligible.

    Args:
        value: f as a function of the position; it must confine.
        temperature: theta.

    Raises:
        UsageError: the loss does not confine walkers.
        NumericalError: the barriers are so high that the rate is lost in round-off.
    """
    lower, upper = (cut_off(value, 0.0, side, temperature) for side in (-1, 1))
    mesh = box_mesh([lower], [upper], [CELLS])
    energies = np.array([value(float(place)) for place in mesh.centres[0]])
    return spectral_gap(mesh, energies, temperature)
