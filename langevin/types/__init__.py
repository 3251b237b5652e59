"""The records that the floors hand to one another: values, not hierarchies.

Units throughout: `temperature` is theta in dX = -grad f dt + sqrt(2 theta) dW,
and time is t = dt x steps. A *walker* (a *chain* in files) is one trajectory.
"""

from langevin.types.arrays import FloatArray
from langevin.types.facts import Along, Box, Chambers, Channel, Corner, Facts, Moment, Pass, Profile, Wells
from langevin.types.landscape import Kernel, Landscape, Parameters, Start
from langevin.types.motion import Integrator, Noise, Problem, StepLaw, Stop, Widening
from langevin.types.run import Comparison, Curve, Measurement, Prediction, Status, Trajectory

__all__ = [
    "Along",
    "Box",
    "Chambers",
    "Channel",
    "Comparison",
    "Corner",
    "Curve",
    "Facts",
    "FloatArray",
    "Integrator",
    "Kernel",
    "Landscape",
    "Measurement",
    "Moment",
    "Noise",
    "Parameters",
    "Pass",
    "Prediction",
    "Problem",
    "Profile",
    "Start",
    "Status",
    "StepLaw",
    "Stop",
    "Trajectory",
    "Wells",
    "Widening",
]
