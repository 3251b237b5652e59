"""The records that the floors hand to one another: values, not hierarchies.

Units throughout: `temperature` is theta in dX = -grad f dt + sqrt(2 theta) dW,
and time is t = dt x steps. A *walker* (a *chain* in files) is one trajectory.
"""

from langevin.types.landscape import FloatArray, Kernel, Landscape, Parameters, Start
from langevin.types.motion import Integrator, Noise, Problem, StepLaw, Stop, Widening
from langevin.types.rows import Rows
from langevin.types.run import Comparison, Curve, Measurement, Prediction, Status, Trajectory
from langevin.types.step_meta import step_law_of, step_meta

__all__ = [
    "Comparison",
    "Curve",
    "FloatArray",
    "Integrator",
    "Kernel",
    "Landscape",
    "Measurement",
    "Noise",
    "Parameters",
    "Prediction",
    "Problem",
    "Rows",
    "Start",
    "Status",
    "StepLaw",
    "Stop",
    "Trajectory",
    "Widening",
    "step_law_of",
    "step_meta",
]
