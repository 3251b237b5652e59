"""One kernel tried in plain Python: does it fill what it is asked to fill, and nothing else?

Compiled code looks at no bounds and takes whatever stands in `out` for an answer. Here a kernel answers twice, over nan
and over a number, with the walkers in another order: what differs between the two was not decided by x.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import numpy as np

from langevin.errors import UsageError
from langevin.kernels.guarded import guarded, inside, untouched
from langevin.types import FloatArray, Kernel

#: What `out` holds before the second answer; the first finds nan.
HELD = 1.0
#: Difference of two answers for one walker, over the largest answer: round-off of other orders of summation.
ROUND_OFF = 1e-9


def answers(
    owner: str,
    name: str,
    kernel: Kernel,
    x: FloatArray,
    shape: tuple[int, ...],
    parameters: tuple[Any, ...],
    again: bool = True,
) -> FloatArray:
    """What a kernel answers at x (dim, lanes), with the shape (*shape, lanes); nan where it is not defined.

    The first of the points has to be one at which the kernel is defined. Unless it is asked `again`, the second answer
    is given only where the first holds a nan.

    Raises:
        UsageError: the kernel fails at the first point, reaches beyond an array at any point, leaves a part of `out`
            unwritten, writes into x or beside an array, or its answer for a walker depends on what `out` held or on the
            other walkers. The sentence says what was asked of which kernel.
    """
    asked = (*shape, x.shape[1])
    beginning = (
        f"the kernel `{name}` of {owner} is asked to fill out of shape {asked} for x of shape {x.shape}"
    )
    kernel = getattr(kernel, "py_func", kernel)
    first = _filled(kernel, x, shape, parameters, np.nan, beginning)
    if not (again or np.isnan(first).any()):
        return first
    second = _filled(kernel, x[:, ::-1], shape, parameters, HELD, beginning)[..., ::-1]
    missing = np.isnan(first) & (second == HELD)
    if missing.any():
        place = ", ".join(str(int(index)) for index in np.argwhere(missing)[0])
        raise UsageError(
            f"{beginning}, and fills {_extent(~np.isnan(first))}",
            "every entry of out is to be set",
            f"out[{place}] is never set: set it, too",
        )
    with np.errstate(all="ignore"):
        apart = np.abs(first - second)
        unlike = apart > ROUND_OFF * float(np.max(np.abs(first), initial=0.0, where=np.isfinite(first)))
        unlike &= np.isfinite(first) & np.isfinite(second)
    if (np.isnan(first) & ~np.isnan(second)).any():
        raise UsageError(
            f"{beginning}, and adds to what out holds", "out holds anything at first", "set it before adding"
        )
    if unlike.any():
        raise UsageError(
            f"{beginning}, and answers {first[unlike][0]:.6g} or {second[unlike][0]:.6g} for the same walker among "
            "others",
            "one answer for one walker",
            "use the walker's own lane only",
        )
    return first


def values(kernel: Kernel, x: FloatArray, shape: tuple[int, ...], parameters: tuple[Any, ...]) -> FloatArray:
    """The same of a kernel that is known to fill what it is asked to fill: nan where it fails or is not defined."""
    kernel = getattr(kernel, "py_func", kernel)
    out = np.full((*shape, x.shape[1]), np.nan)
    with np.errstate(all="ignore"):
        try:
            kernel(np.ascontiguousarray(x), out, parameters)
        except Exception:
            if x.shape[1] == 1:
                return np.full_like(out, np.nan)
            return np.concatenate(
                [values(kernel, x[:, i : i + 1], shape, parameters) for i in range(x.shape[1])], -1
            )
    return out


def _filled(
    kernel: Kernel,
    x: FloatArray,
    shape: tuple[int, ...],
    parameters: tuple[Any, ...],
    held: float,
    beginning: str,
) -> FloatArray:
    """`out` after a call; where a call for all walkers fails, for each walker alone."""
    try:
        return _called(kernel, x, shape, parameters, held, beginning)
    except LookupError as error:
        got = _got(kernel, x, shape, parameters)
        raise UsageError(
            f"{beginning}, {got}and reaches beyond an array",
            f"{_said(error, kernel)}",
            "stay within the shapes",
        ) from error
    except UsageError:
        raise
    except Exception as error:
        if x.shape[1] == 1:
            raise UsageError(
                f"{beginning}, and fails", f"{_said(error, kernel)}", "mend the kernel"
            ) from error
    # a logarithm below 0 raises in Python, and is nan where it is compiled
    alone = np.full((*shape, x.shape[1]), np.nan)
    first = 0 if np.isnan(held) else x.shape[1] - 1
    for lane in range(x.shape[1]):
        try:
            alone[..., lane] = _called(kernel, x[:, lane : lane + 1], shape, parameters, held, beginning)[
                ..., 0
            ]
        except LookupError as error:
            raise UsageError(
                f"{beginning}, and reaches beyond an array",
                f"{_said(error, kernel)}",
                "stay within the shapes",
            ) from error
        except UsageError:
            raise
        except Exception as error:
            if lane == first:
                raise UsageError(
                    f"{beginning}, and fails", f"{_said(error, kernel)}", "mend the kernel"
                ) from error
    return alone


def _called(
    kernel: Kernel,
    x: FloatArray,
    shape: tuple[int, ...],
    parameters: tuple[Any, ...],
    held: float,
    beginning: str,
) -> FloatArray:
    """`out` after one call over `held`, between guards."""
    asked = (*shape, x.shape[1])
    places, whole = guarded(x), guarded(np.full(asked, held))
    with np.errstate(all="ignore"):
        kernel(inside(places, x.shape), inside(whole, asked), parameters)
    if not (untouched(places) and untouched(whole)):
        raise UsageError(f"{beginning}, and writes beside it", "what it is asked to fill", "write within out")
    if not np.array_equal(inside(places, x.shape), x, equal_nan=True):
        raise UsageError(
            f"{beginning}, and writes into x, which it has to leave alone",
            "x as it is",
            "write into out only",
        )
    return inside(whole, asked)


def _got(kernel: Kernel, x: FloatArray, shape: tuple[int, ...], parameters: tuple[Any, ...]) -> str:
    """What the kernel fills where it has more room than it is asked to fill, if that can be told."""
    roomy = np.full((*(2 * size + 8 for size in shape), 2 * x.shape[1] + 8), np.nan)
    try:
        with np.errstate(all="ignore"):
            kernel(x.copy(), roomy, parameters)
    except Exception:
        return ""
    return f"fills {_extent(~np.isnan(roomy))} "


def _extent(written: np.ndarray[Any, Any]) -> str:
    """The shape of what was written: along each axis, the number of places at which something was."""
    return f"the shape {tuple(len(set(axis.tolist())) for axis in written.nonzero())}"


def _said(error: Exception, kernel: Kernel) -> str:
    """The error, after file and line of the kernel where it came up."""
    own = kernel.__code__.co_filename
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == own]
    place = f"{Path(own).name}, line {lines[-1]}: " if lines else ""
    return f"{place}{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
