"""How fast motion in a confining loss on a line forgets its start: the slowest rate, over all barriers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from langevin.theory.fokker_planck_spectrum import spectral_gap
from langevin.theory.mesh import box_mesh
from langevin.theory.quadrature import cut_off

#: Cells of the mesh.
CELLS = 600


def slowest_rate_on_line(value: Callable[[float], float], temperature: float) -> float:
    """Slowest rate of the relaxation to the Gibbs law, on a mesh where that is not negligible.

    Args:
        value: f at a place, confining.
        temperature: theta.

    Raises:
        UsageError: a loss that confines no walker.
        NumericalError: barriers so high that the rate is lost in round-off.
    """
    lower, upper = (cut_off(value, 0.0, side, temperature) for side in (-1, 1))
    mesh = box_mesh([lower], [upper], [CELLS])
    energies = np.array([value(float(place)) for place in mesh.centres[0]])
    return spectral_gap(mesh, energies, temperature)
