"""Real networks: training by stochastic gradient Langevin dynamics, recorded like a toy run.

Importing this package does not import JAX; training does.
"""

from langevin.sgld.frames import schedule
from langevin.sgld.load import load
from langevin.sgld.model import Data, Model
from langevin.sgld.training import train

__all__ = ["Data", "Model", "load", "schedule", "train"]
