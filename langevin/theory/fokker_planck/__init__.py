"""The Fokker-Planck equation on meshes: evolution, passage times, committors, relaxation rates."""

from langevin.arguments import check_calls_of
from langevin.theory.fokker_planck.cells import Mesh, box_mesh, interpolate, region, richardson
from langevin.theory.fokker_planck.generators import (
    evolve,
    mesh_generator,
    relaxation_rates,
    slowest_rate_on_line,
    spectral_gap,
    steady_state,
)
from langevin.theory.fokker_planck.landscape_cells import energies_on, inside_walls, target_on, targets_on
from langevin.theory.fokker_planck.passage import (
    absorbing_generator,
    committor,
    mean_passage_time,
    passage_moments,
)

__all__ = [
    "Mesh",
    "absorbing_generator",
    "box_mesh",
    "committor",
    "energies_on",
    "evolve",
    "inside_walls",
    "interpolate",
    "mean_passage_time",
    "mesh_generator",
    "passage_moments",
    "region",
    "relaxation_rates",
    "richardson",
    "slowest_rate_on_line",
    "spectral_gap",
    "steady_state",
    "target_on",
    "targets_on",
]

check_calls_of(__name__)
