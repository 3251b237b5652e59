"""Train neural networks by stochastic gradient Langevin dynamics, with the same record as a run on a landscape.

Importing this package does not import JAX; training does.
"""

from langevin.arguments import check_calls_of
from langevin.sgld.extending import extend
from langevin.sgld.model import Data, Model
from langevin.sgld.network_modules import Preset, judge, load, preset
from langevin.sgld.observers import observable_parts
from langevin.sgld.plan import Plan, schedule, split
from langevin.sgld.records import Callbacks, Computation, Criterion, Law, Leaf, Protocol, Recording
from langevin.sgld.start_from import Start
from langevin.sgld.training import execute, train

__all__ = [
    "Callbacks",
    "Computation",
    "Criterion",
    "Data",
    "Law",
    "Leaf",
    "Model",
    "Plan",
    "Preset",
    "Protocol",
    "Recording",
    "Start",
    "execute",
    "extend",
    "judge",
    "load",
    "observable_parts",
    "preset",
    "schedule",
    "split",
    "train",
]

check_calls_of(__name__)
