"""Diffrax: Euler on one batched state with `UnsafeBrownianPath`, its fast path, in double precision."""

from __future__ import annotations

from benchmarks.contenders import Contender, NotExpressible, need


def drift(workload, jnp):
    """The drift of the flat state, in the signature that diffrax requires."""

    def well(t, y, args):
        return -4.0 * y * (y * y - 1.0)

    def ring(t, y, args):
        x = y.reshape(-1, workload.dim)
        radius = jnp.sqrt((x * x).sum(-1, keepdims=True))
        return (-workload.stiffness * x * (1.0 - 1.0 / radius)).reshape(y.shape)

    return {"well": well, "ring": ring}[workload.kind]


def make(workload):
    if workload.kind not in ("well", "ring"):
        raise NotExpressible("no walls, no projection")
    jax, jnp, diffrax, lineax = need("jax", "jax.numpy", "diffrax", "lineax")
    field, end = drift(workload, jnp), workload.dt * workload.steps

    @jax.jit
    def solve(y, key):
        path = diffrax.UnsafeBrownianPath(shape=jax.ShapeDtypeStruct(y.shape, y.dtype), key=key)
        spread = jnp.full(y.shape, (2.0 * workload.theta) ** 0.5, y.dtype)
        noise = diffrax.ControlTerm(lambda t, y, args: lineax.DiagonalLinearOperator(spread), path)
        solution = diffrax.diffeqsolve(
            diffrax.MultiTerm(diffrax.ODETerm(field), noise), diffrax.Euler(), 0.0, end, workload.dt, y,
            saveat=diffrax.SaveAt(t1=True), adjoint=diffrax.ForwardMode(), max_steps=workload.steps + 10,
            throw=False,
        )  # fmt: skip
        return solution.ys[0]

    def run(seed):
        with jax.enable_x64(True):
            y = jnp.asarray(workload.start(workload.walkers)).reshape(-1)
            return solve(y, jax.random.key(seed)).block_until_ready().reshape(-1, workload.dim)

    return run


CONTENDERS = (Contender("diffrax Euler, f64", make, (1.0, 0.05)),)
