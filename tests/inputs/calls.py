"""Calls of every public function of the library, with one or two bad arguments."""

import importlib
import inspect
import math

import numpy as np
from hypothesis import strategies

import langevin
from langevin.manifolds import cube, ring
from langevin.potentials import double_well, mueller_brown
from langevin.types import Measurement, Prediction, Profile, StepLaw, Wells
from tests.synthetic import arrivals, brownian

ROOMS = ("manifolds", "potentials", "integrators", "measure", "theory", "comparison", "sgld", "store")
#: Functions without good values in the table, and functions that would write files.
LEFT_OUT = {"save", "append_segment", "merge", "discard", "check_writable"}
NAMES = (
    "simulate",
    "extend",
    "splitting",
    "train",
    "evaluate",
    "lanewise",
    "load",
    "load_sweep",
    "weights",
    "compare",
)
RECORDS = ("Problem", "Stop", "StepSchedule", "Start", "Watch", "Sets", "Effort")


def functions():
    """Every public function, by its name under `langevin`."""
    found = {f"langevin.{name}": getattr(langevin, name) for name in NAMES}
    for room in ROOMS:
        module = importlib.import_module(f"langevin.{room}")
        for name in sorted(module.__all__):
            if inspect.isfunction(getattr(module, name)) and name not in LEFT_OUT:
                found[f"langevin.{room}.{name}"] = getattr(module, name)
    return found


#: Values of another type, or out of every range.
BAD = (
    None, "", "x", "3", b"3", True, 1j, math.nan, math.inf, -math.inf, -1, 0, 0.5, -0.0, 1e308, -1e308, 1e-308,
    10**308, 2**64, -(2**70), [], (), {}, [1.0], ["a"], [[1.0, 2.0], [3.0]], object(), float, lambda: None,
    lambda x: x, lambda x: "no", np.zeros(0), np.zeros((0, 2)), np.ones((2, 3, 4)), np.full(3, np.nan),
    np.array(["a"]), np.array(1j), np.array([True]), range(3), 2, 3, 0.25, "soft", "nothing", "surface", double_well,
    langevin,
)  # fmt: skip

#: Numbers that a function may accept.
NEAR = (
    math.inf,
    -math.inf,
    -1,
    0,
    1,
    7,
    -0.5,
    0.5,
    2.5,
    1e308,
    -1e308,
    1e-308,
    1e15,
    2**53,
    2**31,
    1000,
    10**6,
)

_run, _waits, _ring, _well = brownian(8, 21), arrivals([1.0, 2.0, 3.0, 4.0]), ring(), double_well()
_plane = mueller_brown()


def _box():
    return langevin.theory.fokker_planck.box_mesh([-1.0, -1.0], [1.0, 1.0], [8, 8])


#: A value that may be accepted, by the beginning of an annotation or by a name.
GOOD = {
    "float": 0.5, "int": 2, "str": "surface", "bool": True, "Landscape": _ring, "Trajectory": _run,
    "Sequence[float]": [0.5, 1.0], "Sequence[int]": [2, 3], "FloatArray": np.linspace(0.1, 1.0, 6),
    "ArrayLike": [0.5, 0.5],
    "Profile": Profile(np.cosh, np.sinh), "Measurement": Measurement(1.0, 0.1, 10, "mean"), "StepLaw": StepLaw(),
    "Curve": Prediction(1.0), "Prediction": Prediction(1.0), "Callable": lambda x: x * x, "Scalar": lambda x: x * x,
    "Kernel": lambda x, out, parameters: None, "Wells": Wells(-1.0, 0.0, 1.0, 1.0, 8.0, -4.0), "Mesh": _box,
    "Observable": lambda states: states[..., 0], "StateFunction": lambda states: states[..., 0],
    "Region": lambda states: states[..., 0] > 0, "Function": lambda states: states[..., 0], "Weights": [np.eye(3)],
    "tuple[float": (0.1, 1.0), "Problem": lambda: langevin.Problem(_well, 0.5),
    "SurfaceLaw": lambda: langevin.theory.surfaces.EULER,
}  # fmt: skip
#: Annotations whose value is made at its first use.
MADE = ("Mesh", "Problem", "SurfaceLaw")
BY_NAME = {
    "walkers": 4, "steps": 4, "dt": 1e-3, "potential": _well, "landscape": _plane, "body": cube(), "temperature": 1.0,
    "waits": _waits, "run": langevin.simulate(langevin.Problem(_well, 0.5), walkers=4, steps=4, dt=1e-3, seed=1),
}  # fmt: skip


def good(parameter):
    """A value that may be accepted for a parameter."""
    if parameter.name in BY_NAME:
        return BY_NAME[parameter.name]
    kind = str(parameter.annotation)
    fitting = [name for name in GOOD if kind.startswith(name)]
    value = GOOD[max(fitting, key=len)] if fitting else None
    return value() if kind.startswith(MADE) else value


@strategies.composite
def calls(draw, table=None):
    """The name of a function, with positional and named arguments, one or two of which are bad."""
    table = functions() if table is None else table
    name = draw(strategies.sampled_from(sorted(table)))
    parameters = list(inspect.signature(table[name]).parameters.values())
    needed = [one for one in parameters if one.default is one.empty and one.kind not in (2, 4)]
    arguments = {one.name: good(one) for one in needed}
    open_to = [one.name for one in parameters if one.kind not in (2, 4)]
    odd = draw(strategies.integers(0, 9))
    if odd == 0:
        return name, draw(strategies.lists(strategies.sampled_from(BAD), max_size=9)), {}
    if odd == 1 and len(needed) > 1:
        return name, list(arguments.values())[::-1], {}
    kinds = {one.name: str(one.annotation) for one in parameters}
    spoilt = (
        draw(strategies.lists(strategies.sampled_from(open_to), min_size=1, max_size=2)) if open_to else ()
    )
    for one in spoilt:
        near = strategies.sampled_from(NEAR if kinds[one].startswith(("float", "int")) else BAD)
        arguments[one] = draw(near | strategies.sampled_from(BAD))
    if odd == 2:
        arguments["nothing"] = 1
    return name, [], arguments
