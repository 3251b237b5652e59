"""The records that the floors hand to one another: values, not hierarchies.

Units throughout: `temperature` is theta in dX = -grad f dt + sqrt(2 theta) dW,
and time is t = dt x steps. A *walker* (a *chain* in files) is one trajectory.
"""

from langevin.types.landscape import FloatArray, Kernel, Landscape, Parameters, Start
from langevin.types.motion import Factors, Integrator, Noise, Problem, StepLaw, StepSchedule, Stop, Widening
from langevin.types.run import Comparison, Curve, Measurement, Prediction, Status, Trajectory
from langevin.types.splitting import Effort, Sets
from langevin.types.theory import Case, Dynamics, Setting, Theory
from langevin.types.watch import Watch

__all__ = [
    "Case",
    "Comparison",
    "Curve",
    "Dynamics",
    "Effort",
    "Factors",
    "FloatArray",
    "Integrator",
    "Kernel",
    "Landscape",
    "Measurement",
    "Noise",
    "Parameters",
    "Prediction",
    "Problem",
    "Setting",
    "Sets",
    "Start",
    "Status",
    "StepLaw",
    "StepSchedule",
    "Stop",
    "Theory",
    "Trajectory",
    "Watch",
    "Widening",
]
