"""Zero-loss sets, one file each; every factory's arguments are its dials."""

from langevin.manifolds.canal import canal
from langevin.manifolds.cube import cube
from langevin.manifolds.door import constraint
from langevin.manifolds.ellipsoid import ellipsoid
from langevin.manifolds.quartic_torus import quartic_torus
from langevin.manifolds.ring import ring
from langevin.manifolds.sphere import sphere
from langevin.manifolds.torus import torus
from langevin.manifolds.valley import valley

__all__ = ["canal", "constraint", "cube", "ellipsoid", "quartic_torus", "ring", "sphere", "torus", "valley"]
