"""The force of a field in a step on a surface: what it adds to a kick, and to the rule of Metropolis."""

from __future__ import annotations

from langevin.errors import UsageError
from langevin.kernels.compile import jitable
from langevin.types import Kernel, Landscape


def push_of(landscape: Landscape) -> Kernel | None:
    """Kernel push(x, move, slopes, dt, parameters): move -= dt grad U; None without a field.

    `slopes` (dim, lanes) is scratch.
    """
    if landscape.field is None:
        return None
    assert landscape.field.gradient
    gradient = jitable(landscape.field.gradient)

    def push(x, move, slopes, dt, parameters):
        gradient(x, slopes, parameters)
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                move[i, lane] -= dt * slopes[i, lane]

    return push


def no_push(x, move, slopes, dt, parameters):
    """No field: a kick is noise alone."""


def rise_of(landscape: Landscape) -> Kernel | None:
    """Kernel weigh(x, ahead, again, here, there, dt, parameters) of a Metropolis step; None without a field.

    Its threshold (|v'|^2 - |v|^2) / (4 theta dt) grows by (U(ahead) - U(x)) / theta if `again`, |v'|^2, grows by
    4 dt (U(ahead) - U(x)); `here` and `there` (lanes,) are scratch.
    """
    if landscape.field is None:
        return None
    assert landscape.field.value
    height = jitable(landscape.field.value)

    def weigh(x, ahead, again, here, there, dt, parameters):
        height(x, here, parameters)
        height(ahead, there, parameters)
        for lane in range(again.size):
            again[lane] += 4.0 * dt * (there[lane] - here[lane])

    return weigh


def no_rise(x, ahead, again, here, there, dt, parameters):
    """No field: the threshold stays as it is."""


def refuse_field(landscape: Landscape, step: str) -> None:
    """Refuse a field in a step that does not see it.

    Raises:
        UsageError: there is one.
    """
    if landscape.field is not None:
        raise UsageError(
            f"{landscape.name} is in a field, which {step} does not see",
            "a surface without a field",
            "use projected or metropolis",
        )
