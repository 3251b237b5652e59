"""The records that pass between the layers of the package.

Units throughout: `temperature` is theta in dX = -grad f dt + sqrt(2 theta) dW,
and time is t = dt x steps. A *walker* (a *chain* in files) is one trajectory.
"""

from langevin.types.arrays import FloatArray, blocks
from langevin.types.delay import Constant, DelayTheory, Forecast, Seen, WhetherTheory
from langevin.types.facts import (
    Along,
    Box,
    Chambers,
    Channel,
    Corner,
    Facts,
    Moment,
    Pass,
    Profile,
    Spread,
    Wells,
)
from langevin.types.landscape import UNNAMED, Kernel, Landscape, Parameters, Starter
from langevin.types.law import Law, Positive, Share, Waits, law_from, law_record
from langevin.types.motion import Factors, Integrator, Noise, Problem, StepLaw, StepSchedule, Stop, Widening
from langevin.types.observable import Observable
from langevin.types.rows import Rows
from langevin.types.run import Comparison, Curve, Measurement, Prediction, Status, Trajectory
from langevin.types.splitting import Effort, Sets
from langevin.types.start import Start
from langevin.types.step_meta import step_law_of, step_meta
from langevin.types.theory import Case, Dynamics, Setting, Theory
from langevin.types.watch import Identity, Journal, Watch

__all__ = [
    "UNNAMED",
    "Along",
    "Box",
    "Case",
    "Chambers",
    "Channel",
    "Comparison",
    "Constant",
    "Corner",
    "Curve",
    "DelayTheory",
    "Dynamics",
    "Effort",
    "Factors",
    "Facts",
    "FloatArray",
    "Forecast",
    "Identity",
    "Integrator",
    "Journal",
    "Kernel",
    "Landscape",
    "Law",
    "Measurement",
    "Moment",
    "Noise",
    "Observable",
    "Parameters",
    "Pass",
    "Positive",
    "Prediction",
    "Problem",
    "Profile",
    "Rows",
    "Seen",
    "Sets",
    "Setting",
    "Share",
    "Spread",
    "Start",
    "Starter",
    "Status",
    "StepLaw",
    "StepSchedule",
    "Stop",
    "Theory",
    "Trajectory",
    "Waits",
    "Watch",
    "Wells",
    "WhetherTheory",
    "Widening",
    "blocks",
    "law_from",
    "law_record",
    "step_law_of",
    "step_meta",
]
