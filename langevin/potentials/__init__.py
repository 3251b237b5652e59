"""Losses f(x), one file each; every factory's arguments are its dials."""

from langevin.potentials.door import potential
from langevin.potentials.double_well import double_well
from langevin.potentials.quadratic import quadratic

__all__ = ["double_well", "potential", "quadratic"]
