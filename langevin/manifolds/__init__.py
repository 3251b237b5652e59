"""Zero-loss sets, one file for each; the arguments of a factory are its dials."""

from langevin.arguments import check_calls_of
from langevin.formulas.surface import from_expression, from_jax
from langevin.landscapes.in_field import with_field
from langevin.landscapes.own import canal_with, constraint
from langevin.landscapes.projection import flow_to, project_to
from langevin.manifolds.canal import canal
from langevin.manifolds.chambers import chambers
from langevin.manifolds.channel import channel
from langevin.manifolds.cube import cube
from langevin.manifolds.ellipsoid import ellipsoid
from langevin.manifolds.factorised import factorised
from langevin.manifolds.hyperbola import hyperbola
from langevin.manifolds.perceptron import perceptron
from langevin.manifolds.quadrics import quadrics
from langevin.manifolds.quartic_torus import quartic_torus
from langevin.manifolds.ring import ring
from langevin.manifolds.special_orthogonal import special_orthogonal
from langevin.manifolds.sphere import sphere
from langevin.manifolds.stiefel import stiefel
from langevin.manifolds.tanh_network import tanh_network
from langevin.manifolds.torus import torus
from langevin.manifolds.valley import valley

__all__ = [
    "canal",
    "canal_with",
    "chambers",
    "channel",
    "constraint",
    "cube",
    "ellipsoid",
    "factorised",
    "flow_to",
    "from_expression",
    "from_jax",
    "hyperbola",
    "perceptron",
    "project_to",
    "quadrics",
    "quartic_torus",
    "ring",
    "special_orthogonal",
    "sphere",
    "stiefel",
    "tanh_network",
    "torus",
    "valley",
    "with_field",
]

check_calls_of(__name__)
