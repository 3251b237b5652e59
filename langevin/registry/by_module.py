"""User-defined objects, given as module:name."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

from langevin.errors import UsageError, foreign
from langevin.registry.content import reach
from langevin.registry.installed import Offer, naming_offer
from langevin.registry.kinds import check_record


def dials(make: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The dials of a factory: the parameters of its signature, by name."""
    return dict(inspect.signature(make, eval_str=True).parameters)


def own(name: str) -> Any:
    """The user-defined object `module:name`; `folder/file.py:name` is the same as `folder.file:name`.

    Raises:
        UsageError: the text has another form, there is no such module or name, or the module fails.
    """
    module_name, _, attribute = name.partition(":")
    if module_name.endswith(".py"):
        module_name = ".".join(Path(module_name).with_suffix("").parts)
    if not all(part.isidentifier() for part in [*module_name.split("."), attribute]):
        raise UsageError(
            f"{name!r} is not the name of a function or object in a file",
            "it must have the form module:name",
            "write module:name, or file.py:name, below the working directory",
        )
    module = module_here(module_name, "name a file in this folder, as mine:NAME or mine.py:NAME")
    if not hasattr(module, attribute):
        raise UsageError(
            f"module {module_name!r} has no {attribute!r}",
            "the name must be defined in the file",
            "check the spelling",
        )
    return getattr(module, attribute)


def guarded(kind: str, name: str, found: Any, offer: Offer | None = None) -> Callable[..., Any]:
    """A user-defined factory, or a factory that returns the found record; its errors are reported in one sentence.

    The sentence names the distribution that offers it, if one does. A landscape without a name gets the name of the
    factory.

    Args:
        kind: kind of the entry, such as `manifolds`.
        name: of the factory, which begins the sentence of its errors.
        found: a factory, or a ready record.
        offer: the distribution that offers it, if one does.
    """
    make = found if callable(found) else lambda: found

    @wraps(make)
    def build(*arguments: Any, **dials: Any) -> Any:
        with foreign(name):
            made = make(*arguments, **dials)
        with naming_offer(offer):
            check_record(kind, f"{name} does not make", made)
        return _called(made, name.rpartition(":")[2])

    return build


def _called(made: Any, name: str) -> Any:
    from langevin.types import UNNAMED, Landscape  # these need NumPy, the names do not

    return replace(made, name=name) if isinstance(made, Landscape) and made.name in UNNAMED else made


def module_here(name: str, hint: str) -> ModuleType:
    """A user-defined module by its dotted name; the working directory is first on `sys.path`, as in web servers.

    `models.NAME` and `sims.NAME` are also found among those that come with langevin (`langevin.registry.content`).
    Importing a module runs its code: name only files that you trust.

    Args:
        name: dotted name of the module.
        hint: remedy in the error.

    Raises:
        UsageError: there is no such module (with the hint), it needs another module, or it fails.
    """
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    with foreign(f"the import of {name}"):
        try:
            reach(name)
            return importlib.import_module(name)
        except ModuleNotFoundError as missing:
            if missing.name and f"{name}.".startswith(f"{missing.name}."):
                raise UsageError(
                    f"no module {name} here", "it must be a file in this folder", f"{hint}"
                ) from missing
            raise UsageError(
                f"{name} needs the module {missing.name}, which is not installed",
                remedy="install it",
            ) from missing
