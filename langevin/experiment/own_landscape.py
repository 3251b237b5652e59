"""User-defined landscapes: their records in run files, and the test whether a later landscape is the same.

A file cannot hold a landscape's functions, and nothing in a file is ever run. So it holds the name of the factory, its
arguments and a hash of its content; for a comparison with theory the user gives the factory again.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import shlex
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

import langevin
from langevin.errors import UsageError
from langevin.landscapes.in_field import field_of, split_dials, split_name
from langevin.potentials import with_weight_decay
from langevin.registry import KINDS, PLUGINS, file_names, plugin_packages
from langevin.types import UNNAMED, Landscape, Trajectory

#: Entry of a run's meta: `option` and `factory` (what to type), `arguments`, `sha256`.
OWN = "own_landscape"
#: Largest whole number and longest list in a file: no file makes a large landscape.
MOST = 256
#: `__module__` of a factory that is made of a formula.
FORMULA = "expr"
BUILT_IN = ("langevin.manifolds.", "langevin.potentials.")
#: Networks of a wheel count like the same files in a checkout: their text, not the version, decides.
COPIES = Path(langevin.__file__).parent / "_content"
#: Functions in files below these are not the user's.
LIBRARIES = (
    Path(langevin.__file__).parent,
    *(Path(sysconfig.get_path(place)) for place in ("stdlib", "purelib", "platlib")),
)


def origin_of(make: Callable[..., Any], arguments: Mapping[str, Any], landscape: Landscape) -> dict[str, Any]:
    """Entries of the meta of a run on `landscape`, made by make(**arguments): none if langevin has the factory.

    Args:
        make: the factory.
        arguments: of the factory.
        landscape: made by the factory.
    """
    module, name = getattr(make, "__module__", ""), getattr(make, "__qualname__", "")
    of_field, field = field_of(make), ""
    if of_field is not None and not of_field.__module__.startswith(BUILT_IN):
        field = _named(of_field.__module__, of_field.__qualname__)
    if module.startswith(BUILT_IN) and not field:
        return {}
    option, factory = _option_and_name(module, name, landscape)
    origin = {
        "option": option,
        "factory": factory,
        "arguments": dict(arguments),
        "sha256": content_hash(landscape),
        **({"field": field} if field else {}),
    }
    return {OWN: origin}


def given_again(
    make: Callable[..., Any], arguments: Mapping[str, Any], trajectory: Trajectory
) -> tuple[Landscape, list[str]]:
    """The landscape of a run, made by make(**arguments) with the arguments in its file, and the missing checks.

    Args:
        make: the factory.
        arguments: of the factory.
        trajectory: the run.

    Raises:
        UsageError: it is another one: other coordinates, name, dials or content.
    """
    origin, meta = _origin(trajectory), trajectory.meta
    arguments_of_run = {
        name: value for name, value in origin.get("arguments", {}).items() if name not in arguments
    }
    large = [f"-p {name}={value}" for name, value in arguments_of_run.items() if not _is_modest(value)]
    if large:
        raise UsageError(
            f"numbers above {MOST} and texts are not taken from a file, which may have any content: add "
            f"{' '.join(large)[:MOST]!r}, if that is what the run had"
        )
    try:
        landscape = make(**arguments_of_run, **arguments)
    except TypeError as error:
        raise UsageError(
            f"the landscape cannot be made with the dials of this run: {error}",
            "the dials of the run",
            "give the factory as it was",
        ) from error
    landscape = _called_alike(landscape, meta.get("landscape"))
    if origin and content_hash(landscape) != origin.get("sha256"):
        raise UsageError(
            "the landscape given is not the one of this run: its functions, the text of their file or its numbers have "
            "changed since (SHA-256 differs)",
            "functions and numbers must be the same",
            "give it as it was, or run again",
        )
    dials = meta.get("dials")
    if isinstance(dials, Mapping) and "weight_decay" in dials and "weight_decay" not in landscape.dials:
        landscape = with_weight_decay(landscape, dials["weight_decay"])
    of_run = {"landscape": meta.get("landscape"), "dials": dials, "coordinates": trajectory.states.shape[2]}
    given = {"landscape": landscape.name, "dials": plain(landscape.dials), "coordinates": landscape.dim}
    for entry, value in of_run.items():
        if value != given[entry]:
            raise UsageError(
                f"the landscape given is not the one of this run: its {entry} {given[entry]!r} differ from {value!r}",
                "the dials must be the same",
                "give it with the dials of the run by -p, and its field by --field and -f",
            )
    if origin or getattr(make, "__module__", "").startswith(BUILT_IN):
        return landscape, []
    return landscape, [
        "the file holds no hash of its landscape: whether it is the given one cannot be checked"
    ]


def _called_alike(landscape: Landscape, name: Any) -> Landscape:
    """The landscape with its name in the file, if one of them was made without a name, as a script may do."""
    unnamed = landscape.name in UNNAMED or name in UNNAMED
    return replace(landscape, name=name) if unnamed and isinstance(name, str) else landscape


def _is_modest(value: Any) -> bool:
    """Whether an argument in a file may be used: a number, or a few numbers, without large whole numbers."""
    if isinstance(value, list):
        return len(value) <= MOST and all(not isinstance(one, list) and _is_modest(one) for one in value)
    return value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) <= MOST)


def wanted(trajectory: Trajectory) -> str | None:
    """The option and the name to type for a run on a user-defined landscape; None for any other run."""
    origin = _origin(trajectory)
    if not origin:
        return None
    typed, field = f"{origin['option']} {shlex.quote(origin['factory'])}", origin.get("field")
    if isinstance(field, str):
        typed += f" --field {shlex.quote(field)}{_field_dials(trajectory.meta.get('dials'))}"
    elif (name := split_name(str(trajectory.meta.get("landscape")))[1]) in file_names("potentials"):
        typed += f" --field {name.replace('_', '-')}"
    package = origin["factory"].partition(":")[0].partition(".")[0]
    if f"{FORMULA}:" in typed or package in plugin_packages():
        return typed
    where = "from the folder of its file" if ":" in typed else "with the FOLDER of its file"
    return f"{typed}, {where}"


def _field_dials(dials: object) -> str:
    """The options that set the dials of a field, which are among the dials of the whole; numbers only."""
    inner = split_dials(dials)[1] if isinstance(dials, Mapping) else {}
    numbers = {name: value for name, value in inner.items() if type(value) in (int, float)}
    return "".join(f" -f {shlex.quote(f'{name}={value!r}')}" for name, value in numbers.items())


def content_hash(landscape: Landscape) -> str:
    """SHA-256 of a landscape's name, dials and numbers and of every file of the user that contains its functions.

    Functions are followed into closures and into the globals that they name. A function without a file, such as one
    typed at a prompt, counts by its bytecode.
    """
    content = hashlib.sha256(repr((landscape.name, landscape.dim)).encode())
    content.update(json.dumps(plain(landscape.dials), sort_keys=True).encode())
    for number in _numbers(landscape.parameters):
        content.update(f"{number:.10e} ".encode())
    whole = [landscape, *landscape.parts]
    parts = [getattr(one, field.name) for one in whole for field in fields(one) if field.name != "parameters"]
    for text in _texts(parts):
        content.update(text)
    return content.hexdigest()


def text_hash(*functions: Any) -> str:
    """SHA-256 of the text of every user file that contains the functions or code that they use."""
    content = hashlib.sha256()
    for text in _texts(functions):
        content.update(text)
    return content.hexdigest()


def plain(values: Mapping[str, Any]) -> Any:
    """Dials as they are read from a file."""
    return json.loads(json.dumps(dict(values)))


def _option_and_name(module: str, name: str, landscape: Landscape) -> tuple[str, str]:
    """The option and the name that select a landscape; the folder of a plugin is not named."""
    option = "--manifold" if landscape.is_surface or landscape.is_body else "--potential"
    if module == FORMULA:
        return option, f"{FORMULA}:{name}"
    package, *inner = module.split(".")
    if package == PLUGINS:
        return f"--plugins FOLDER --{KINDS[inner[0]]}", name.replace("_", "-")
    return option, name.replace("_", "-") if module.startswith(BUILT_IN) else _named(module, name)


def _named(module: str, name: str) -> str:
    """The name that selects a factory of the user."""
    if module == FORMULA:
        return f"{FORMULA}:{name}"
    return f"{module}:{name}" if name.isidentifier() and module != "__main__" else "module:name"


def _origin(trajectory: Trajectory) -> Mapping[str, Any]:
    """The origin in a file; empty if there is no valid one: a file may have any content."""
    origin = trajectory.meta.get(OWN)
    kinds = {"option": str, "factory": str, "arguments": Mapping, "sha256": str}
    if not isinstance(origin, Mapping):
        return {}
    return origin if all(isinstance(origin.get(name), kind) for name, kind in kinds.items()) else {}


def _numbers(item: Any) -> Iterator[float]:
    if isinstance(item, tuple | list):
        for part in item:
            yield from _numbers(part)
    else:
        yield from np.asarray(item, float).ravel().tolist()


def _texts(items: Iterable[Any]) -> list[bytes]:
    """The texts of the user's files that contain functions among the items, in a fixed order."""
    return sorted({_text(source) for source in _sources(items)})


def _sources(items: Iterable[Any]) -> list[FunctionType | ModuleType]:
    """The user's functions and modules that functions use."""
    todo = list(items)
    seen: dict[int, FunctionType | ModuleType] = {}
    while todo:
        item = todo.pop()
        item = getattr(item, "py_func", item)
        if isinstance(item, tuple | list):
            todo.extend(item)
        elif isinstance(item, FunctionType | ModuleType) and id(item) not in seen:
            seen[id(item)] = item
            if isinstance(item, FunctionType):
                todo.extend(cell.cell_contents for cell in item.__closure__ or ())
                used = () if _is_library(item) else _names(item.__code__)
                todo.extend(item.__globals__[name] for name in used if name in item.__globals__)
    return [item for item in seen.values() if not _is_library(item)]


def _names(code: CodeType) -> list[str]:
    """Names that code uses, including nested functions."""
    nested = [name for part in code.co_consts if isinstance(part, CodeType) for name in _names(part)]
    return [*code.co_names, *nested]


def _is_library(item: FunctionType | ModuleType) -> bool:
    file = item.__code__.co_filename if isinstance(item, FunctionType) else getattr(item, "__file__", None)
    if file is None or COPIES in Path(file).parents:
        return file is None
    module = item.__module__ if isinstance(item, FunctionType) else item.__name__
    if (module or "").partition(".")[0] in plugin_packages() - {"langevin"}:
        return False
    return any(root in Path(file).parents for root in LIBRARIES)


def _text(item: FunctionType | ModuleType) -> bytes:
    try:
        return "".join(inspect.findsource(item)[0]).encode()
    except (OSError, TypeError):
        return item.__code__.co_code if isinstance(item, FunctionType) else b""
