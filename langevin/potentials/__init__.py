"""Losses f(x), one file for each; the arguments of a factory are its dials."""

from langevin.arguments import check_calls_of
from langevin.formulas.potential import from_expression, from_jax
from langevin.landscapes.own import potential
from langevin.landscapes.varying import with_diffusion, with_drive
from langevin.landscapes.weight_decay import with_weight_decay
from langevin.potentials.double_well import double_well
from langevin.potentials.driven_well import driven_well
from langevin.potentials.hot_barrier import hot_barrier
from langevin.potentials.linear import linear
from langevin.potentials.mueller_brown import mueller_brown
from langevin.potentials.periodic import periodic
from langevin.potentials.quadratic import quadratic, quadratic_form
from langevin.potentials.quartic import quartic
from langevin.potentials.saddle import saddle
from langevin.potentials.student_well import student_well
from langevin.potentials.unequal_wells import unequal_wells

__all__ = [
    "double_well",
    "driven_well",
    "from_expression",
    "from_jax",
    "hot_barrier",
    "linear",
    "mueller_brown",
    "periodic",
    "potential",
    "quadratic",
    "quadratic_form",
    "quartic",
    "saddle",
    "student_well",
    "unequal_wells",
    "with_diffusion",
    "with_drive",
    "with_weight_decay",
]

check_calls_of(__name__)
