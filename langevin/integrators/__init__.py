"""Integrators: each file has one step of a law of motion, as a function that returns an Integrator."""

from langevin.arguments import check_calls_of
from langevin.integrators.clipped import clipped
from langevin.integrators.driven import driven
from langevin.integrators.euler_maruyama import euler_maruyama
from langevin.integrators.heavy_ball import heavy_ball
from langevin.integrators.heun import heun
from langevin.integrators.ito_noise import ito_noise
from langevin.integrators.label_noise import label_noise
from langevin.integrators.leimkuhler_matthews import leimkuhler_matthews
from langevin.integrators.mala import mala
from langevin.integrators.mala_in_body import mala_in_body
from langevin.integrators.metropolis import metropolis
from langevin.integrators.mobility import mobility
from langevin.integrators.power_law import power_law
from langevin.integrators.projected import implied_measure, projected, projected_to
from langevin.integrators.reflected import reflected
from langevin.integrators.rejecting import rejecting
from langevin.integrators.tangential import tangential
from langevin.integrators.underdamped import underdamped
from langevin.integrators.variable_step import variable_step

__all__ = [
    "clipped",
    "driven",
    "euler_maruyama",
    "heavy_ball",
    "heun",
    "implied_measure",
    "ito_noise",
    "label_noise",
    "leimkuhler_matthews",
    "mala",
    "mala_in_body",
    "metropolis",
    "mobility",
    "power_law",
    "projected",
    "projected_to",
    "reflected",
    "rejecting",
    "tangential",
    "underdamped",
    "variable_step",
]

check_calls_of(__name__)
