"""Label noise with momentum: the heavy ball on a squared loss whose labels have new noise at every step.

v <- beta v - eta J^T (r - zeta), x <- x + v, with zeta ~ N(0, sigma^2) for each residual. Time and temperature are
defined by the effective learning rate eta / (1 - beta):

    dt = eta / (1 - beta),    theta = sigma^2 dt / 2,    so    eta = (1 - beta) dt,    sigma^2 = 2 theta / dt,

and with momentum 0 this is `label_noise`. As dt -> 0 the drift along the surface, -(theta / 2) grad tr(J J^T)
per unit of the time n dt, is that of label noise for every beta. At a finite step, a direction of stiffness a has the
normal variance theta / (1 - dt a (1 - beta) / (2 (1 + beta))) (a second-order autoregression), and the drift is
stronger by the same factor. Steps with eta a < 2 (1 + beta) are stable. The velocity v is the walker's memory, and is
0 at the start; without momentum there is no memory. The effect of a kick is delayed by beta / (1 - beta) steps on
average, so a run must be long compared with this delay to have the drift above.

At a given eta and sigma, the last entry into a flat region comes earliest near 1 - beta ~ eta^(2/3) (Cowsik, Can and
Glorioso 2022, arXiv 2210.16400); the first entry has no such optimum.
"""

from __future__ import annotations

from langevin.errors import unfit
from langevin.kernels.rounding import root
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import open_constraint_of
from langevin.types import Integrator, Kernel, Landscape, Rows, StepLaw, Widening


def heavy_ball(momentum: float = 0.9) -> Integrator:
    """Return the label-noise step with momentum, for manifolds with a residual; each momentum is compiled separately.

    Args:
        momentum: beta, 0 <= beta < 1.

    Raises:
        UsageError: a momentum out of range.
    """
    if not 0.0 <= momentum < 1.0:
        raise unfit("momentum", "must be at least 0 and below 1", f"{momentum!r}")
    return Integrator(
        name=f"heavy_ball (momentum {momentum:g})",
        dynamics="label-noise",
        weak_order=1.0,
        build=lambda landscape: _build(landscape, float(momentum)),
        rows=_rows,
        memory=lambda landscape: _memory(landscape, float(momentum)),
        gaussian_steps=False,
        stability=largest_stable_step(momentum),
        law=StepLaw(
            exponent=1.0,
            heat=0.0,
            widening=Widening((1.0,), (1.0, -1.0 / largest_stable_step(momentum))),
            lag=momentum / (1.0 - momentum),
        ),
        reference="Polyak 1964; Cowsik, Can and Glorioso 2022",
    )


def largest_stable_step(momentum: float) -> float:
    """The dt x curvature at which the motion becomes unstable, 2 (1 + beta) / (1 - beta)."""
    return 2.0 * (1.0 + momentum) / (1.0 - momentum)


def _rows(landscape: Landscape) -> Rows:
    return Rows(errors=landscape.codim, slopes=(landscape.codim, landscape.dim))


def _memory(landscape: Landscape, momentum: float) -> Rows:
    return Rows(velocity=landscape.dim if momentum > 0.0 else 0)


def _build(landscape: Landscape, momentum: float) -> Kernel:
    residual, jacobian = open_constraint_of(landscape)
    views, kept = views_of(_rows(landscape)), views_of(_memory(landscape, momentum))
    size, has_momentum = landscape.codim, momentum > 0.0

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        dim, lanes = x.shape
        (errors, slopes), (velocity,) = views(work), kept(memory)
        residual(x, errors, parameters)
        jacobian(x, slopes, parameters)
        spread = root(2.0 * temperature / dt)
        rate = (1.0 - momentum) * dt
        for a in range(size):
            for lane in range(lanes):
                errors[a, lane] -= spread * noise[a, lane]
        moved = velocity if has_momentum else x
        if has_momentum:
            for i in range(dim):
                for lane in range(lanes):
                    velocity[i, lane] *= momentum
        for a in range(size):
            for i in range(dim):
                for lane in range(lanes):
                    moved[i, lane] -= rate * slopes[a, i, lane] * errors[a, lane]
        if has_momentum:
            for i in range(dim):
                for lane in range(lanes):
                    x[i, lane] += velocity[i, lane]

    return step
