"""Compile a driver once and load it in later processes, but never load an outdated one.

Numba's on-disk cache checks the file that defines a function, but not the functions that it calls
(numba issues 1833, 9483), and two processes that compile at the same time can damage its index. So a
driver is a closure over its pieces, and its *name* contains a hash of all that is compiled in (see
fingerprint), with the argument types, options, versions and processor: other content has
another cache file. Each driver also writes this hash, its stamp, into its output. One process compiles,
and the others wait for the result.
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
    """Let LLVM use AVX-512 at its full width for code that is compiled inside the block.

    By default LLVM uses half of the width on processors on which wide vectors once lowered the clock rate; noise then
    takes 1.5 times as long. This changes no bit of any result, and does not affect other code of the user. It does
    nothing if the user has set Numba's processor or features.
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
    """Make the linker names of compiled functions unique across processes.

    Numba numbers functions from 1 in every process, and only the number distinguishes closures of one
    name. So two drivers cached by two processes can hold different steps of the same name and number, and a
    process that loads both runs one instead of the other (observed: a simulation of a double well ran on a canal).
    """
    FunctionIdentity._unique_ids = itertools.count(int.from_bytes(os.urandom(7)))


number_functions_apart()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=number_functions_apart)

#: Part of every driver's name; raise it when drivers compiled before must not be found again.
GENERATION = 4
#: Options of every driver. Without fastmath, whose contractions, and so bits, differ between processors.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}

#: Compiled drivers of this process, by the hash of their content.
_drivers: dict[str, Any] = {}
#: Lock during a compilation: several threads may need the same driver, and settings of LLVM are changed for it.
_compiling = threading.RLock()


@cache
def jitable(function: Callable[..., Any]) -> Callable[..., Any]:
    """Allow compiled code to call a plain function, which stays plain Python, so tests can use it as a reference."""
    return function if hasattr(function, "py_func") else register_jitable(function)


@cache
def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Do the same as `jitable`, but compile the function into its caller, so its arguments can stay in registers."""
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
            with alone(digest):  # one process compiles for all others
                _drivers[digest] = _verified(build, pieces, arguments, stamp, name, cache=importable)
        return _drivers[digest]


def kind_of(argument: Any) -> Any:
    """The property of an argument on which compilation depends: Numba's type, computed ten times faster for arrays."""
    if not isinstance(argument, np.ndarray):
        return str(numba.typeof(argument))
    flags = argument.flags
    layout = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "A"
    return argument.dtype.str, argument.ndim, layout, flags.writeable, flags.aligned


@cache
def _host() -> str:
    """Name of this machine's processor, kept because LLVM needs some time to find it."""
    return str(llvm.get_host_cpu_name())


@cache
def _instructions() -> str:
    """Text of the functions that write instructions; overloads call them, so the code of no function names them."""
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
    """Allow only one process of this machine at a time in a block of this name.

    The lock is one of the operating system, which releases it when a process ends. If a folder does not support locks,
    both processes compile, with the same result.
    """
    if sys.platform == "win32":  # each process then compiles separately
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
