"""Hashes of everything that decides the bits of a training, except its settings; a run that continues must have them.

A hash of the text of a network's file would miss the functions that the file calls, and would change with a comment,
which changes no bit. So the hash covers the operations that JAX computes in a step and in a recorded frame, with their
constants. Names of functions, modules, files and folders do not count.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from enum import Enum
from functools import partial
from types import CodeType
from typing import Any

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

from langevin.provenance import versions
from langevin.sgld.law import advance_block, no_order
from langevin.sgld.laws import is_optimiser
from langevin.sgld.observation import look, memory_in
from langevin.sgld.plan import factors, observers
from langevin.sgld.progress import Progress, Setup, scales_of
from langevin.sgld.records import Computation

#: Parameters of an operation that decide no bit: names, and rules of derivatives, which JAX has already applied.
SILENT = ("name", "jvp_jaxpr_fun", "jvp_jaxpr_thunk", "fwd_jaxpr_thunk", "bwd")
#: Types of values that are hashed by their text.
PLAIN = Enum | np.dtype | bool | int | float | complex | str | bytes | None
#: Switches of JAX that decide bits, in addition to the precision.
SWITCHES = ("jax_threefry_partitionable", "jax_default_matmul_precision", "jax_numpy_dtype_promotion")


def content(setup: Setup, fresh: Progress) -> dict[str, str]:
    """SHA-256 of each part that decides the bits of a run, by the name of the part, and the software as text.

    `fresh` is the progress at the first step. JAX traces the same operations here as at the first step and frame.
    """
    model, plan = setup.model, setup.plan
    block, state = setup.blocks[0], fresh.states[0]
    # The number of steps of a call is part of the compiled step but changes no bit: the default is used here.
    last, scales = np.full(len(block.chains), 1), scales_of(plan, 0, 0, Computation().chunk)
    orders = jax.eval_shape(partial(no_order, model=model), state, setup.data[0])
    step = advance_block.trace(state, orders, last, block.keys, setup.data[0], scales, 0, model=model)
    frame = look.trace(
        state.weights,
        block.initial,
        memory_in(fresh.memory[np.asarray(block.chains)]),
        *setup.data,
        model=model,
        extra=observers(model, plan),
    )
    # The settings of a sweep share the weights of the first setting.
    own = [(max(plan.chains - block.chains.start, 0), block.initial) for block in setup.blocks]
    starts = [leaf[:count] for count, initial in own if count for leaf in jax.tree.leaves(initial)]
    schedule = factors(plan, 0, plan.steps) if plan.protocol.schedule else None
    return {
        "functions of the network": digest((step.jaxpr, frame.jaxpr)),
        "data": digest(tuple(setup.data)),
        "initial weights": digest(starts),
        "schedule": digest(schedule),
        "software": software(setup),
    }


def software(setup: Setup) -> str:
    """Versions, device and switches of JAX that decide bits, as text."""
    packages = ["jax", "jaxlib", *(["optax"] if is_optimiser(setup.plan.law) else [])]
    found = versions(*packages)
    found.pop("python")
    device = jax.config.jax_default_device or jax.devices()[0]
    switches = {name.removeprefix("jax_"): getattr(jax.config, name) for name in SWITCHES}
    settings = found | {"device": f"{device.platform} {device.device_kind}"} | switches
    settings["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "")
    return ", ".join(f"{name} {value}" for name, value in settings.items())


def digest(item: Any) -> str:
    """SHA-256 of numbers, arrays, operations, and containers of these."""
    whole = hashlib.sha256()
    for part in pieces(item):
        whole.update(part)
    return whole.hexdigest()


def pieces(item: Any) -> Iterator[bytes | memoryview]:
    """The content of an item as a sequence of bytes; an item of another kind gives only its type."""
    if isinstance(
        item, ClosedJaxpr
    ):  # since JAX 0.12 every jaxpr is a ClosedJaxpr, and its `jaxpr` is itself
        yield from (b"2 of ", *pieces(list(item.consts)), *operations(item.jaxpr))
    elif isinstance(item, Jaxpr):
        yield from operations(item)
    elif hasattr(item, "dtype") and hasattr(item, "shape"):
        is_key = jax.dtypes.issubdtype(item.dtype, jax.dtypes.prng_key)
        numbers = np.asarray(jax.random.key_data(item) if is_key else item)
        yield f"{numbers.dtype.str} {numbers.shape} ".encode()
        yield np.ascontiguousarray(numbers).reshape(-1).view(np.uint8).data
    elif isinstance(item, dict):
        yield from pieces(sorted(item.items()))
    elif isinstance(item, list | tuple):
        yield f"{len(item)} of ".encode()
        for part in item:
            yield from pieces(part)
    elif isinstance(item, PLAIN):
        yield f"{item!r} ".encode()
    elif isinstance(getattr(item, "__code__", None), CodeType):
        constants = [one for one in item.__code__.co_consts if not isinstance(one, CodeType)]
        yield from pieces([item.__code__.co_code, repr(constants)])
    else:
        yield f"{type(item).__qualname__} ".encode()


def operations(jaxpr: Jaxpr) -> Iterator[bytes | memoryview]:
    """The operations of a function that JAX has traced; a variable is identified by its place in their order."""
    order: dict[Any, int] = {}

    def values(variables: Any) -> Iterator[bytes | memoryview]:
        for variable in variables:
            if isinstance(variable, Literal):
                yield from pieces(np.asarray(variable.val, getattr(variable.aval, "dtype", None)))
            else:
                yield f"{order.setdefault(variable, len(order))} {variable.aval.str_short()} ".encode()

    yield from values([*jaxpr.constvars, *jaxpr.invars])
    for operation in jaxpr.eqns:
        yield operation.primitive.name.encode()
        yield from pieces({name: value for name, value in operation.params.items() if name not in SILENT})
        yield from values([*operation.invars, *operation.outvars])
    yield from values(jaxpr.outvars)
