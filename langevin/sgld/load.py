"""Find a model by the dotted name of its module, from the working directory."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import ModuleType

from langevin.errors import UsageError
from langevin.registry import dotted, module_here, offered_network
from langevin.registry.installed import blamed
from langevin.sgld.model import Model
from langevin.sgld.plan import Plan
from langevin.sgld.presets import Preset


def load(name: str) -> tuple[Callable[..., Model], Plan | None]:
    """The factory of a module, and its plan of a training `DEFAULTS`, None if it has none.

    `package.module` names its function `model`, `package.module:function` another one; modules are found as in
    `langevin.registry.module_here`. A network that comes with langevin may be named without its folder, as `parity`;
    one of an installed distribution has the name of its entry point.

    Args:
        name: of the module, or module:function.

    Raises:
        UsageError: no such module here, it fails on import, it holds no factory, a dial has no default, or
            DEFAULTS is no plan.
    """
    offer = offered_network(name)
    with blamed(offer):
        return _loaded(name if offer is None else offer.point.value)


def _loaded(name: str) -> tuple[Callable[..., Model], Plan | None]:
    module = _module(name)
    attribute = name.partition(":")[2] or "model"
    factory, defaults = getattr(module, attribute, None), getattr(module, "DEFAULTS", None)
    if not callable(factory):
        raise UsageError(
            f"{name} holds no function {attribute}(**dials)",
            "a function that makes the model",
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


def preset(name: str, chosen: str) -> Preset:
    """The preset of a module with this name, one of its `PRESETS`.

    Args:
        name: of the module.
        chosen: of the preset.

    Raises:
        UsageError: as `load`, or there is none of this name.
    """
    offer = offered_network(name)
    with blamed(offer):
        module = _module(name if offer is None else offer.point.value)
    presets: Mapping[str, Preset] = getattr(module, "PRESETS", {})
    if chosen not in presets:
        raise UsageError(f"{name} has no preset {chosen!r}", allowed=f"it has {', '.join(presets) or 'none'}")
    return presets[chosen]


def _module(name: str) -> ModuleType:
    """The module of `package.module` or `package.module:function`."""
    name, colon, function = dotted("models", name).partition(":")
    if colon and not function.isidentifier():
        raise UsageError(f"{function!r} is no name of a function", "module:function", "write module:function")
    if name.endswith(".py") or not all(part.isidentifier() for part in name.split(".")):
        raise UsageError(
            f"{name!r} is not a dotted module name",
            "a dotted module name",
            "write models.parity for models/parity.py",
        )
    return module_here(
        name, "name a network of `langevin list models`, or your own module by its dotted name from here"
    )
