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
from pathlib import Path
from typing import Any

from langevin.errors import UsageError


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
        return _own(name)
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


def _own(name: str) -> Callable[..., Any]:
    module_name, _, attribute = name.partition(":")
    if not all(part.isidentifier() for part in [*module_name.split("."), attribute]):
        raise UsageError(f"{name!r} names no factory; write module:name, dots between packages, without .py")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found = getattr(importlib.import_module(module_name), attribute)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"no module {error.name!r} from here; name a file in this folder, without .py"
        ) from error
    except AttributeError as error:
        raise UsageError(
            f"module {module_name!r} has no {attribute!r}; give module:name of a factory"
        ) from error
    return found if callable(found) else (lambda: found)
