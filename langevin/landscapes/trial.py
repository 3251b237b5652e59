"""Test of one kernel in plain Python: whether it fills all of `out`, and nothing else.

Compiled code does not check bounds: a kernel that writes outside an array overwrites other memory. It also uses all
that `out` contains. Here arrays lie between guards, and a kernel is called twice: `out` contains nan before the first
call and a number before the second, which has the walkers in another order. If the results differ, something other than
x decides them.
"""

from __future__ import annotations

import math
import traceback
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from langevin.errors import UsageError
from langevin.types import FloatArray, Kernel

#: What `out` contains before the second call; before the first it contains nan.
HELD = 1.0
#: Allowed difference of two results for one walker over the largest result: round-off of other orders of summation.
ROUND_OFF = 1e-9
#: How many guard values are before and after each array, and their value.
GUARD, MARK = 64, -(2.0**100)


def result_of(
    owner: str,
    name: str,
    kernel: Kernel,
    x: FloatArray,
    shape: tuple[int, ...],
    parameters: tuple[Any, ...],
    again: bool = True,
) -> FloatArray:
    """The result of a kernel at x (dim, lanes), with the shape (*shape, lanes); nan if it is not defined.

    The kernel must be defined at the first point. If `again` is False, the second call is made only if the first result
    contains a nan.

    Args:
        owner: of the kernel, for the error.
        name: of the kernel, for the error.
        kernel: of a landscape.
        x: points, (dim, lanes).
        shape: of the result for one walker.
        parameters: arguments of the kernel.
        again: whether a second call is always made.

    Raises:
        UsageError: the kernel fails at the first point, uses an index outside an array at any point, leaves a part of
            `out` unwritten, writes into x or outside an array, or its result for a walker depends on the old contents
            of `out` or on the other walkers. The sentence names the kernel and what it must fill.
    """
    required = (*shape, x.shape[1])
    beginning = (
        f"the kernel `{name}` of {owner} is asked to fill out of shape {required} for x of shape {x.shape}"
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
    """The same for a kernel that is known to fill `out` correctly: nan if it fails or is not defined.

    Args:
        kernel: of a landscape.
        x: points, (dim, lanes).
        shape: of the result for one walker.
        parameters: arguments of the kernel.
    """
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
    """`out` after a call; if the call for all walkers fails, the kernel is called for each walker separately."""
    try:
        return _called(kernel, x, shape, parameters, held, beginning)
    except LookupError as error:
        got = _got(kernel, x, shape, parameters)
        raise UsageError(
            f"{beginning}, {got}and reaches beyond an array",
            f"{_failure_text(error, kernel)}",
            "stay within the shapes",
        ) from error
    except UsageError:
        raise
    except Exception as error:
        if x.shape[1] == 1:
            raise UsageError(
                f"{beginning}, and fails", f"{_failure_text(error, kernel)}", "correct the kernel"
            ) from error
    # the logarithm of a negative number raises in Python, and is nan in compiled code
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
                f"{_failure_text(error, kernel)}",
                "stay within the shapes",
            ) from error
        except UsageError:
            raise
        except Exception as error:
            if lane == first:
                raise UsageError(
                    f"{beginning}, and fails", f"{_failure_text(error, kernel)}", "correct the kernel"
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
    """`out` after one call; before, it is filled with `held` and has guard values around it."""
    required = (*shape, x.shape[1])
    places, whole = guarded(x), guarded(np.full(required, held))
    with np.errstate(all="ignore"):
        kernel(inside(places, x.shape), inside(whole, required), parameters)
    if not (untouched(places) and untouched(whole)):
        raise UsageError(f"{beginning}, and writes outside it", "the required shape", "write within out")
    if not np.array_equal(inside(places, x.shape), x, equal_nan=True):
        raise UsageError(
            f"{beginning}, and writes into x, which it has to leave alone",
            "x as it is",
            "write into out only",
        )
    return inside(whole, required)


def _got(kernel: Kernel, x: FloatArray, shape: tuple[int, ...], parameters: tuple[Any, ...]) -> str:
    """What the kernel fills if `out` is larger than needed; an empty text if that cannot be determined."""
    roomy = np.full((*(2 * size + 8 for size in shape), 2 * x.shape[1] + 8), np.nan)
    try:
        with np.errstate(all="ignore"):
            kernel(x.copy(), roomy, parameters)
    except Exception:
        return ""
    return f"fills {_extent(~np.isnan(roomy))} "


def _extent(written: np.ndarray[Any, Any]) -> str:
    """The shape of the written part: for each axis, the number of indices at which something was written."""
    return f"the shape {tuple(len(set(axis.tolist())) for axis in written.nonzero())}"


def _failure_text(error: Exception, kernel: Kernel) -> str:
    """The file and line of the kernel at which the error occurred, and the error."""
    own = kernel.__code__.co_filename
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == own]
    place = f"{Path(own).name}, line {lines[-1]}: " if lines else ""
    return f"{place}{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"


class Strict(np.ndarray):
    """An array that refuses a slice of rows past its end, which NumPy would shorten without an error."""

    def __getitem__(self, index: Any) -> Any:
        """Rows or numbers, as in a plain array; an IndexError if rows are past the end."""
        rows = index[0] if isinstance(index, tuple) and index else index
        if isinstance(rows, slice):
            wanted = max(rows.start or 0, rows.stop or 0)
            if wanted > self.shape[0]:
                raise IndexError(f"rows up to {wanted} of {self.shape[0]} are requested")
        return np.asarray(self)[index]


def guarded(content: NDArray[Any], kind: DTypeLike = np.float64) -> NDArray[Any]:
    """A copy of an array in one row, with guard values before and after it.

    Args:
        content: the array.
        kind: type of its numbers.
    """
    guard = np.full(GUARD, MARK, kind)
    return np.concatenate([guard, np.ascontiguousarray(content, kind).reshape(-1), guard])


def inside(whole: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """The array between the guards.

    Args:
        whole: the row with its guards.
        shape: of the array between them.
    """
    return whole[GUARD : GUARD + math.prod(shape)].reshape(shape)


def untouched(whole: NDArray[Any]) -> bool:
    """Whether the guard values are unchanged."""
    return bool((whole[:GUARD] == MARK).all() and (whole[-GUARD:] == MARK).all())
