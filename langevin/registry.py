"""Find a factory by name: a built-in one by its file, or anyone's own as module:name.

The folder is the registry: `manifolds/cube.py` holds the factory `cube`, whose signature gives
the dials' names, types and defaults, and whose docstring the help.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable
from difflib import get_close_matches
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

from langevin.errors import UsageError, foreign


def names(package: str) -> list[str]:
    """Names of the factories in `langevin.<package>`, as the command line spells them."""
    folder = importlib.import_module(f"langevin.{package}").__path__
    modules = [module.name for module in pkgutil.iter_modules(folder)]
    return sorted(name.replace("_", "-") for name in modules if hasattr(_module(package, name), name))


def factory(package: str, name: str) -> Callable[..., Any]:
    """The factory called `name` in `langevin.<package>`, or the reader's own given as `module:name`.

    Raises:
        UsageError: no such factory or module; the message lists the names there are.
    """
    if ":" in name:
        return _own_factory(package, name)
    known = names(package)
    if name.replace("_", "-") not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(
            f"there is no {package.removesuffix('s')} {name!r}; {hint}choose one of {', '.join(known)}, or "
            f"your own as module:name"
        )
    plain = name.replace("-", "_")
    found: Callable[..., Any] = getattr(_module(package, plain), plain)
    return found


def dials(make: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The dials of a factory: the parameters of its signature, by name."""
    return dict(inspect.signature(make, eval_str=True).parameters)


def _module(package: str, name: str) -> Any:
    return importlib.import_module(f"langevin.{package}.{name}")


def own(name: str) -> Any:
    """What the reader has given as `module:name`.

    Raises:
        UsageError: another form, no such module or name, or a module that fails.
    """
    module_name, _, attribute = name.partition(":")
    if not all(part.isidentifier() for part in [*module_name.split("."), attribute]):
        raise UsageError(f"{name!r} names no factory; write module:name, dots between packages, without .py")
    module = module_here(module_name, "name a file in this folder, without .py")
    if not hasattr(module, attribute):
        raise UsageError(f"module {module_name!r} has no {attribute!r}; give module:name of a factory")
    return getattr(module, attribute)


def _own_factory(package: str, name: str) -> Callable[..., Any]:
    """The reader's own factory, or one of the record that was named; what it raises is told in a sentence."""
    from langevin.types import Integrator, Landscape  # they need NumPy, the names do not

    found, landscape = own(name), package != "integrators"
    kind, words = (Landscape, "a landscape") if landscape else (Integrator, "an integrator")
    make = found if callable(found) else lambda: found

    @wraps(make)
    def build(*arguments: Any, **dials: Any) -> Any:
        with foreign(name):
            made = make(*arguments, **dials)
        if not isinstance(made, kind):
            raise UsageError(f"{name} does not make {words}, but something of type {type(made).__name__}")
        return made

    return build


def module_here(name: str, hint: str) -> ModuleType:
    """A reader's own module by its dotted name, the working directory first on `sys.path`, as web servers have it.

    Importing a module runs its code: name only files that you trust.

    Raises:
        UsageError: there is none, with the hint; it needs another module, or fails.
    """
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    with foreign(f"the import of {name}"):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as missing:
            if missing.name and f"{name}.".startswith(f"{missing.name}."):
                raise UsageError(f"no module {name} here: {hint}") from missing
            raise UsageError(f"{name} needs the module {missing.name}, which is not installed") from missing
