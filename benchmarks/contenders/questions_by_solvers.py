"""The questions that general SDE solvers can express, by their best step for additive noise, in double precision.

diffrax: ShARK (Foster, dos Reis and Strange 2024) and Euler with `UnsafeBrownianPath`, one batched state, compiled.
torchsde: SRK for additive noise (Rossler 2010) and Euler. A mean over time is a coordinate without noise; an arrival is
an `Event` of diffrax at the widened target of `questions_by_hand`. Neither has walls or surfaces.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.contenders import need
from benchmarks.contenders.questions_by_hand import OVERSHOOT


@dataclass(frozen=True)
class Equation:
    """dx = drift dt + sqrt(2 theta) dW in the noisy coordinates, on states (walkers, coordinates).

    `start(walkers, generator)` are the states at time 0, `times` those at which the state is read, and `read(states)`
    makes one number a walker of the states (times, walkers, coordinates). `drift(x, lib)` uses the functions of a
    library: `stack`, `exp`, `sin`, `cos`, `where`. `arrival(x)` is above 0 until a walker arrives; its number is then
    the time.
    """

    drift: Callable[[Any, Any], Any]
    noisy: tuple[float, ...]
    theta: float
    start: Callable[[int, np.random.Generator], np.ndarray]
    times: tuple[float, ...]
    read: Callable[[np.ndarray], np.ndarray] | None = None
    arrival: Callable[[Any, float], Any] | None = None


def moment(theta, burn_in, average):
    """Mean of x^2 over time in the double well."""

    def drift(x, lib):
        return lib.stack([-4.0 * x[..., 0] * (x[..., 0] ** 2 - 1.0), x[..., 0] ** 2], -1)

    return Equation(
        drift, (1.0, 0.0), theta, _at(-1.0, 0.0), (burn_in, burn_in + average), _mean_over(average)
    )


def share(theta, left, right, burn_in, average):
    """Share of the time beyond 0 in unequal wells."""

    def drift(x, lib):
        inverse = lib.where(x[..., 0] < 0.0, 1.0 / left, 1.0 / right)
        u = x[..., 0] * inverse
        beyond = lib.where(x[..., 0] > 0.0, 1.0, 0.0)
        return lib.stack([-4.0 * inverse * u * (u * u - 1.0), beyond * (1.0 + 0.0 * u)], -1)

    return Equation(
        drift, (1.0, 0.0), theta, _at(-left, 0.0), (burn_in, burn_in + average), _mean_over(average)
    )


def canal(theta, time, stiffness, m):
    """Drift along the canal in a time; coordinate 0 lies along it, the others across."""

    def drift(x, lib):
        a = stiffness * lib.exp(lib.cos(x[..., 0]))
        along = 0.5 * a * lib.sin(x[..., 0]) * (x[..., 1:] ** 2).sum(-1)
        return lib.stack([along, *(-a * x[..., j] for j in range(1, m + 1))], -1)

    def start(walkers, generator):
        across = math.sqrt(theta / stiffness) * generator.standard_normal((walkers, m))
        return np.column_stack([np.full(walkers, 0.5 * math.pi), across])

    return Equation(
        drift, (1.0,) * (m + 1), theta, start, (time,), lambda states: states[-1, :, 0] - 0.5 * math.pi
    )


def escape(theta):
    """Time to the other minimum of the double well."""

    def drift(x, lib):
        return -4.0 * x * (x * x - 1.0)

    def arrival(x, h):
        return 1.0 - OVERSHOOT * (2.0 * theta * h) ** 0.5 - x[..., 0]

    return Equation(drift, (1.0,), theta, _at(-1.0), (math.inf,), arrival=arrival)


def _at(*place):
    return lambda walkers, generator: np.tile(np.array(place), (walkers, 1))


def _mean_over(average):
    return lambda states: (states[-1, :, 1] - states[0, :, 1]) / average


EQUATIONS = {"moment": moment, "share": share, "canal": canal, "escape": escape}


def diffrax_run(equation: Equation, solver: str):
    """`run(walkers, h, seed) -> values (walkers,)` by diffrax."""
    jax, jnp, diffrax, lineax = need("jax", "jax.numpy", "diffrax", "lineax")
    kick = np.array(equation.noisy) * math.sqrt(2.0 * equation.theta)
    area = diffrax.SpaceTimeLevyArea if solver == "ShARK" else diffrax.BrownianIncrement

    def solve(y, key, h):
        spread = jnp.broadcast_to(jnp.asarray(kick, y.dtype), y.shape)
        path = diffrax.UnsafeBrownianPath(jax.ShapeDtypeStruct(y.shape, y.dtype), key, levy_area=area)
        noise = diffrax.ControlTerm(lambda t, y, args: lineax.DiagonalLinearOperator(spread), path)
        terms = diffrax.MultiTerm(diffrax.ODETerm(lambda t, y, args: equation.drift(y, jnp)), noise)
        event = None
        if equation.arrival is not None:
            event = diffrax.Event(lambda t, y, args, **_: equation.arrival(y, args) <= 0.0)
        last = equation.times[-1] if event is None else 1e6
        kept = diffrax.SaveAt(ts=jnp.array(equation.times)) if event is None else diffrax.SaveAt(t1=True)
        return diffrax.diffeqsolve(
            terms, getattr(diffrax, solver)(), 0.0, last, h, y, args=h, saveat=kept, event=event,
            adjoint=diffrax.ForwardMode(), max_steps=None, throw=False,
        )  # fmt: skip

    batched = jax.jit(solve)
    alone = jax.jit(jax.vmap(solve, (0, 0, None)))

    def run(walkers, h, seed):
        with jax.enable_x64(True):
            start = jnp.asarray(equation.start(walkers, np.random.default_rng(seed)))
            key = jax.random.key(seed)
            if equation.read is None:
                return np.asarray(alone(start, jax.random.split(key, walkers), h).ts[:, 0])
            return equation.read(np.asarray(batched(start, key, h).ys))

    return run


def torchsde_run(equation: Equation, method: str):
    """`run(walkers, h, seed) -> values (walkers,)` by torchsde."""
    torch, torchsde = need("torch", "torchsde")
    torch.set_num_threads(1)
    kick = torch.tensor(equation.noisy, dtype=torch.float64) * math.sqrt(2.0 * equation.theta)

    class System(torch.nn.Module):
        sde_type, noise_type = "ito", "additive" if len(equation.noisy) == 1 else "diagonal"

        def f(self, t, y):
            return equation.drift(y, torch)

        def g(self, t, y):
            wide = kick.expand_as(y)
            return wide[..., None] if self.noise_type == "additive" else wide

    def run(walkers, h, seed):
        start = torch.as_tensor(equation.start(walkers, np.random.default_rng(seed)))
        times = torch.tensor([0.0, *equation.times], dtype=torch.float64)
        torch.manual_seed(seed)
        motion = torchsde.BrownianInterval(
            0.0, equation.times[-1], size=tuple(start.shape), dtype=torch.float64, entropy=seed,
            levy_area_approximation="space-time" if method == "srk" else "none", dt=h,
        )  # fmt: skip
        with torch.no_grad():
            found = torchsde.sdeint(System(), start, times, bm=motion, dt=h, method=method)
        return equation.read(found[1:].numpy())

    return run


#: Name, maker of a run, its solver, and the weak order of it for additive noise.
SOLVERS = (
    ("diffrax, Euler", diffrax_run, "Euler", 1),
    ("diffrax, ShARK", diffrax_run, "ShARK", 2),
    ("torchsde, Euler", torchsde_run, "euler", 1),
    ("torchsde, SRK", torchsde_run, "srk", 2),
)


def runs(kind, *numbers):
    """`(name, run, weak order)` of each solver that can express the question; none where the question is no equation.

    Raises:
        Absent: a library is not installed.
    """
    if kind not in EQUATIONS:
        return
    equation = EQUATIONS[kind](*numbers)
    for name, make, solver, order in SOLVERS:
        if equation.read is not None or make is diffrax_run:
            yield name, make(equation, solver), order
