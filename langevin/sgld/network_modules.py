"""Modules of networks, found by dotted name: the factory, the plan of a training, and presets with their bands."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from langevin.errors import UsageError
from langevin.registry import dotted, module_here, offered_network
from langevin.registry.installed import naming_offer
from langevin.sgld.model import Model
from langevin.sgld.plan import Plan
from langevin.types import FloatArray, Status, Trajectory

#: Separator of two quantities: the ratio of the first to the second, network by network.
OVER = " / "
#: Separators of the name of an observable and a level.
ABOVE, BELOW = " >= ", " <= "
#: Prefix of an observable: its mean over the recorded steps of the later half of a network's training.
LATE = "late "


@dataclass(frozen=True)
class Preset:
    """A named choice of dials of a model and a plan of its training.

    `figure` names the figure or claim that it reproduces. `bands` are the lowest and the highest expected median over
    networks, by quantity. A quantity is an event (in steps; infinite if it never happens), the last value of an
    observable, its mean over the later half of the steps ("late train_loss"), the first recorded step at which
    "test_accuracy >= 0.9" or "train_loss <= 0.01" holds, or a ratio "a / b" of two of these. Bands are narrow enough to
    detect a change, and wide enough for other seeds. They detect a factor two in the noise: times depend on a small
    power of the noise, so one band is for a quantity that is linear in it. In equilibrium this is the train loss: theta
    rank(J) / 2 for thermal noise, and lr sigma^2 tr(H) / 4 B for label noise of variance sigma^2 on B labels a step,
    at small lr x curvature.
    """

    figure: str
    plan: Plan
    dials: Mapping[str, Any] = field(default_factory=dict)
    bands: Mapping[str, tuple[float, float]] = field(default_factory=dict)


class Judged(NamedTuple):
    """Median over networks, and its band."""

    median: float
    lowest: float
    highest: float

    @property
    def inside(self) -> bool:
        """Whether the median is inside the band."""
        return self.lowest <= self.median <= self.highest


def load(name: str) -> tuple[Callable[..., Model], Plan | None]:
    """The factory of a module, and its plan of a training `DEFAULTS`, None if it has none.

    `package.module` names its function `model`, `package.module:function` another one; modules are found as in
    `langevin.registry.module_here`. A network that comes with langevin may be named without its folder, as `parity`;
    one of an installed distribution has the name of its entry point.

    Args:
        name: the name of the module, or module:function.

    Raises:
        UsageError: there is no such module, it fails on import, it has no factory, a dial has no default, or
            DEFAULTS is not a plan.
    """
    offer = offered_network(name)
    with naming_offer(offer):
        return _loaded(name if offer is None else offer.point.value)


def preset(name: str, chosen: str) -> Preset:
    """The preset of a module with this name, one of its `PRESETS`.

    Args:
        name: the name of the module.
        chosen: the name of the preset.

    Raises:
        UsageError: `load` refuses the module, or it has no preset of this name.
    """
    offer = offered_network(name)
    with naming_offer(offer):
        module = _module(name if offer is None else offer.point.value)
    presets: Mapping[str, Preset] = getattr(module, "PRESETS", {})
    if chosen not in presets:
        raise UsageError(f"{name} has no preset {chosen!r}", allowed=f"it has {', '.join(presets) or 'none'}")
    return presets[chosen]


def judge(preset: Preset, trajectory: Trajectory) -> dict[str, Judged]:
    """Compare a run of a preset with its bands: the median and the band of each quantity, by its name.

    Args:
        preset: the preset, with its bands.
        trajectory: a run of its plan.

    Raises:
        UsageError: a band names a quantity that the run does not have.
    """
    judged = {}
    for name, band in preset.bands.items():
        over, _, under = name.partition(OVER)
        values = quantity(trajectory, over)
        if under:
            values = values / quantity(trajectory, under)
        judged[name] = Judged(float(np.median(values)), *band)
    return judged


def quantity(trajectory: Trajectory, name: str) -> FloatArray:
    """A quantity (see `Preset`) of each network (chains,); infinite if it never happens or the network diverged.

    Raises:
        UsageError: the run has neither an event nor an observable of this name.
    """
    seen, sign, level = name.partition(ABOVE if ABOVE in name else BELOW)
    if sign and seen in trajectory.observables:
        values = np.asarray(trajectory.observables[seen], np.float64)
        reached = values >= float(level) if sign == ABOVE else values <= float(level)
        values = np.where(reached.any(axis=1), trajectory.steps[reached.argmax(axis=1)], math.inf)
    elif name in trajectory.events:
        values = np.asarray(trajectory.events[name], np.float64)
        values = np.where(values < 0, math.inf, values)
    elif name.startswith(LATE) and name.removeprefix(LATE) in trajectory.observables:
        values = _late(trajectory, name.removeprefix(LATE))
    elif name in trajectory.observables:
        values = np.asarray(trajectory.observables[name], np.float64)[:, -1]
    else:
        raise UsageError(
            f"the run has no {name!r}",
            allowed=f"there are {', '.join([*trajectory.events, *trajectory.observables])}",
        )
    return np.where(np.asarray(trajectory.events["status"]) == Status.DIVERGED, math.inf, values)


def _loaded(name: str) -> tuple[Callable[..., Model], Plan | None]:
    module = _module(name)
    attribute = name.partition(":")[2] or "model"
    factory, defaults = getattr(module, attribute, None), getattr(module, "DEFAULTS", None)
    if not callable(factory):
        raise UsageError(
            f"{name} holds no function {attribute}(**dials)",
            "the module must have it",
            "write one that returns a Model",
        )
    for dial in inspect.signature(factory).parameters.values():
        if dial.default is dial.empty:
            raise UsageError(
                f"the dial {dial.name} of {name} has no default", "a default for every dial", "give it one"
            )
    if not isinstance(defaults, Plan | None):
        raise UsageError(
            f"DEFAULTS of {name} is a {type(defaults).__name__}", "it must be a langevin.sgld.Plan"
        )
    return factory, defaults


def _module(name: str) -> ModuleType:
    """The module of `package.module` or `package.module:function`."""
    name, colon, function = dotted("models", name).partition(":")
    if colon and not function.isidentifier():
        raise UsageError(
            f"{function!r} is not the name of a function", "module:function", "write module:function"
        )
    if name.endswith(".py") or not all(part.isidentifier() for part in name.split(".")):
        raise UsageError(
            f"{name!r} is not a dotted module name",
            "a dotted module name",
            "write models.parity for models/parity.py",
        )
    return module_here(
        name, "name a network of `langevin list models`, or your own module by its dotted name from here"
    )


def _late(trajectory: Trajectory, observable: str) -> FloatArray:
    """Mean (chains,) of an observable over the frames from half of a network's last step to this step."""
    last = np.asarray(trajectory.events["step"])[:, None]
    frames = (2 * trajectory.steps >= last) & (trajectory.steps <= last)
    values = np.asarray(trajectory.observables[observable], np.float64)
    return np.asarray(np.mean(values, axis=1, where=frames))
