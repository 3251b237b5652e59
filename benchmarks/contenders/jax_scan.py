"""JAX: one `lax.scan` over the steps of all walkers, (dim, walkers) in double precision, Threefry noise."""

from __future__ import annotations

from benchmarks.contenders import Contender, need


def update(workload, jnp):
    """One step of a state (dim, walkers) with standard normals of the same shape."""
    h, s, k = workload.dt, workload.kick, workload.stiffness

    def well(x, z):
        return x - 4.0 * h * x * (x * x - 1.0) + s * z

    def ring(x, z):
        return x * (1.0 - h * k * (1.0 - 1.0 / jnp.sqrt((x * x).sum(0)))) + s * z

    def cube(x, z):
        y = jnp.abs(x + s * z)
        return jnp.minimum(y, 2.0 - y)

    def sphere(x, z):
        y = x + s * z - (x * s * z).sum(0) * x
        return y / jnp.sqrt((y * y).sum(0))

    return {"well": well, "ring": ring, "cube": cube, "sphere": sphere}[workload.kind]


def make(workload):
    jax, jnp = need("jax", "jax.numpy")
    step = update(workload, jnp)

    @jax.jit
    def scan(x, key):
        def body(x, now):
            return step(x, jax.random.normal(jax.random.fold_in(key, now), x.shape, x.dtype)), None

        return jax.lax.scan(body, x, jnp.arange(workload.steps))[0]

    def run(seed):
        with jax.enable_x64(True):
            x = jnp.asarray(workload.start(workload.walkers).T)
            return scan(x, jax.random.key(seed)).block_until_ready().T

    return run


CONTENDERS = (Contender("jax scan, f64", make, (1.0, 0.1)),)
