"""Compile a driver once, find it again in the next process, and never a stale one.

Numba's on-disk cache checks the file that defines a function, not at the functions it calls
(numba issues 1833, 9483), and two processes compiling at the same time can mix up its index. So a
driver is a closure over its pieces whose *name* carries a hash of all that is compiled in (see
fingerprint), with the argument types, options, versions and processor: other content is
another cache file. Each driver also writes that hash, its stamp, into its output. One process compiles,
and the others wait for what it has compiled.
"""

from __future__ import annotations

import inspect
import itertools
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

import numba
import numpy as np
from llvmlite import binding as llvm
from numba.core.bytecode import FunctionIdentity
from numba.core.registry import cpu_target
from numba.extending import register_jitable

from langevin.kernels import lanes
from langevin.kernels.fingerprint import Unhashable, fingerprint
from langevin.kernels.passed import cache_folder


@contextmanager
def whole_registers() -> Iterator[None]:
    """Let LLVM's passes use AVX-512 at its full width for what is compiled inside.

    They prefer half of it on processors where wide vectors once lowered the clock; here noise is then 1.5 times
    dearer. Changes no bit of any result, and nothing of what the reader compiles. Does nothing where the
    reader has set Numba's processor or features.
    """
    features = llvm.get_host_cpu_features()
    if numba.config.CPU_NAME or numba.config.CPU_FEATURES or not features.get("avx512f"):
        yield
        return
    codegen = cpu_target.target_context.codegen()
    machine = codegen._tm
    codegen._tm = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=f"{features.flatten()},-prefer-256-bit", opt=int(numba.config.OPT),
        reloc="default", codemodel="jitdefault", jit=True,
    )  # fmt: skip
    try:
        yield
    finally:
        codegen._tm = machine


def number_functions_apart() -> None:
    """Make the names that compiled functions have for the linker unique across processes.

    Numba numbers functions from 1 in every process, and only the number distinguishes closures of one
    name. So two drivers cached by two processes can hold different steps of the same name and number, and a
    process that loads both runs one of them for the other (measured: a double well walked on a canal).
    """
    FunctionIdentity._unique_ids = itertools.count(int.from_bytes(os.urandom(7)))


number_functions_apart()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=number_functions_apart)

#: Part of every driver's name; raise it when drivers compiled before must not be found again.
GENERATION = 4
#: Options of every driver. No fastmath: its contractions differ between processors, so bits would.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}

#: Compiled drivers of this process, by the hash of their content.
_drivers: dict[str, Any] = {}
#: Held while one is compiled: several threads may want the same one, and LLVM's machine is changed for it.
_compiling = threading.RLock()


@cache
def jitable(function: Callable[..., Any]) -> Callable[..., Any]:
    """Allow compiled code to call a plain function, which stays plain: the pure-Python run is the oracle."""
    return function if hasattr(function, "py_func") else register_jitable(function)


@cache
def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same, for one that is called at one place: its arguments can stay in registers."""
    return function if hasattr(function, "py_func") else register_jitable(forceinline=True)(function)


def compile_driver(build: Callable[..., Any], pieces: tuple[Any, ...], arguments: tuple[Any, ...]) -> Any:
    """Compile the closure `build(*pieces, stamp)` for the types of `arguments`.

    `pieces` are plain functions and constants. The driver's signature is (report, first, last, ...): with
    first == last it only writes `report[0] = stamp`. This function calls it so, and reads the stamp.
    """
    versions = (sys.version, numba.__version__, llvm.llvm_version_info, np.__version__)
    processor = (_host(), numba.config.CPU_NAME, numba.config.CPU_FEATURES)
    kinds = repr([kind_of(argument) for argument in arguments])
    try:
        digest, importable = fingerprint(
            GENERATION, _instructions(), versions, processor, kinds, OPTIONS, build(*pieces, 0)
        )
    except Unhashable:
        return _verified(build, pieces, arguments, stamp=0, name=build.__name__, cache=False)
    with _compiling:
        if digest not in _drivers:
            stamp, name = int(digest[:15], 16), f"{build.__name__}_{digest[:32]}"
            with alone(digest):  # one process compiles for all
                _drivers[digest] = _verified(build, pieces, arguments, stamp, name, cache=importable)
        return _drivers[digest]


def kind_of(argument: Any) -> Any:
    """What a driver's compilation depends on in an argument: Numba's type, said for arrays at a tenth of the cost."""
    if not isinstance(argument, np.ndarray):
        return str(numba.typeof(argument))
    flags = argument.flags
    layout = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "A"
    return argument.dtype.str, argument.ndim, layout, flags.writeable, flags.aligned


@cache
def _host() -> str:
    """Name of this machine's processor, which takes LLVM a while to find."""
    return str(llvm.get_host_cpu_name())


@cache
def _instructions() -> str:
    """Text of the functions that write instructions: overloads call them, which no function's code names."""
    return inspect.getsource(lanes)


def _verified(
    build: Callable[..., Any],
    pieces: tuple[Any, ...],
    arguments: tuple[Any, ...],
    stamp: int,
    name: str,
    cache: bool,
) -> Any:
    driver = _jit(build, pieces, stamp, name, cache)
    report, idle = np.full(1, -1), np.int64(0)
    with whole_registers():
        driver(report, idle, idle, *arguments)
    if report[0] == stamp:
        return driver
    return _jit(build, pieces, stamp, name, cache=False)


def _jit(build: Callable[..., Any], pieces: tuple[Any, ...], stamp: int, name: str, cache: bool) -> Any:
    driver = build(*pieces, stamp)
    driver.__name__ = driver.__qualname__ = name
    return numba.njit(driver, cache=cache, **OPTIONS)


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Let no other process of this machine be in a block of this name.

    The lock is the operating system's, which releases it when a process ends. Where a folder has none, both
    processes work, and come to the same.
    """
    if sys.platform == "win32":  # each process then compiles for itself
        yield
        return
    import fcntl

    file = cache_folder() / "langevin-locks" / name
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = file.open("w")
    except OSError:
        yield
        return
    with lock:
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        with suppress(OSError):
            file.unlink()
