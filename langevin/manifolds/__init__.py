"""Zero-loss sets, one file each; every factory's arguments are its dials."""

from langevin.manifolds.canal import canal
from langevin.manifolds.cube import cube
from langevin.manifolds.door import constraint
from langevin.manifolds.ring import ring

__all__ = ["canal", "constraint", "cube", "ring"]
