"""CPU seconds from nothing to the first step of a training, and the most memory until then.

The network has 159 010 weights and the size of MNIST: 60 000 x 784 inputs, ten classes, a test set of 10 000, and
minibatches of 64. Each start is a process of its own, which has its data. The clock runs from the import of JAX to the
first frame.
`first` finds no compiled programs, `later` finds those that `first` kept. The program by hand draws the weights,
computes the losses of both sets in batches, and compiles steps over shuffled minibatches. It keeps nothing.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

from benchmarks.timing import machine, table

HEADER = ("program", "CPU s (range)", "over that by hand", "GB")
DATA = """
import resource, time
import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(60_000, 784)).astype(np.float32), rng.integers(0, 10, 60_000)

def init(key):
    one, two = jax.random.split(key)
    return {
        "w": jax.random.normal(one, (784, 200)) / 28.0, "b": jnp.zeros(200),
        "v": jax.random.normal(two, (200, 10)) / 14.0, "c": jnp.zeros(10),
    }

def apply(weights, inputs):
    return jnp.tanh(inputs @ weights["w"] + weights["b"]) @ weights["v"] + weights["c"]

def tell(*_):
    print(time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
    raise SystemExit
"""
OURS = """
import langevin
from langevin.sgld import Callbacks, Data, Law, Model

began = time.process_time()
import jax, jax.numpy as jnp
model = Model("mnist-sized", init, apply, "cross-entropy", Data(x, y), Data(x[:10_000], y[:10_000]))
law = Law(0.1, name="sgd", batch=64)
langevin.train(model, law, steps=1, chains=1, callbacks=Callbacks(visit=tell))
"""
BY_HAND = """
began = time.process_time()
import jax, jax.numpy as jnp
from jax import lax


def losses(weights, x, y):
    outputs = jax.nn.log_softmax(apply(weights, x))
    return -jnp.take_along_axis(outputs, y[:, None], 1)[:, 0], jnp.argmax(outputs, 1) == y

@jax.jit
def look(weights, x, y):
    batches = x.reshape(-1, 2_500, 784), y.reshape(-1, 2_500)
    return jax.tree.map(jnp.mean, lax.map(lambda batch: losses(weights, *batch), batches))

@jax.jit
def walk(weights, key, x, y):
    order = jax.random.permutation(key, 60_000)
    def step(weights, place):
        batch = lax.dynamic_slice(order, (place,), (64,))
        slope = jax.grad(lambda weights: losses(weights, x[batch], y[batch])[0].mean())(weights)
        return jax.tree.map(lambda one, other: one - 0.1 * other, weights, slope), None
    return lax.scan(step, weights, jnp.arange(0, 59_968, 64))[0]

x, y = jnp.asarray(x), jnp.asarray(y)
weights = jax.jit(init)(jax.random.key(0))
walk.lower(weights, jax.random.key(1), x, y).compile()
jax.block_until_ready((look(weights, x, y), look(weights, x[:10_000], y[:10_000])))
tell()
"""


def measure(repeats=5):
    """The table: medians over starts of a process each, in turns."""
    found = {"by hand, JAX": [], "langevin, first": [], "langevin, later": []}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            found["by hand, JAX"].append(start(BY_HAND, folder, JAX_ENABLE_COMPILATION_CACHE="false"))
            found["langevin, first"].append(start(OURS, folder))
            found["langevin, later"].append(start(OURS, folder))
    hand = statistics.median(seconds for seconds, _ in found["by hand, JAX"])
    rows = []
    for name, starts in found.items():
        spent = sorted(seconds for seconds, _ in starts)
        middle = statistics.median(spent)
        memory = statistics.median(size for _, size in starts)
        rows.append(
            (
                name,
                f"{middle:.2f} ({spent[0]:.2f} to {spent[-1]:.2f})",
                f"{middle / hand:.2f}",
                f"{memory:.2f}",
            )
        )
    return f"{machine()}; {repeats} starts of each, in turns.\n\n{table(HEADER, rows)}"


def start(program, folder, **setting):
    """CPU seconds and GB of a process that goes to its first step."""
    done = subprocess.run(
        [sys.executable, "-c", DATA + program], env=os.environ | {"NUMBA_CACHE_DIR": folder} | setting,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds, memory = map(float, done.stdout.split()[-2:])
    return seconds, memory
