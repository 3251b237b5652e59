"""Six questions by hand in Numba: Euler-Maruyama for one problem each, one number a walker, whose mean is the answer.

What a careful author knows is in it: the fastest generator of NumPy, free coordinates only, a target that is widened by
the mean overshoot (Broadie, Glasserman and Kou 1997), means over time behind a burn-in, tangent noise and the closed
nearest point on the torus. Numbers of a problem are those of `benchmarks.cost`.
"""

from __future__ import annotations

import math

import numpy as np

#: Mean overshoot of a wall that is watched at step ends, in standard deviations of a step.
OVERSHOOT = 0.5826

SOURCES = {
    "cube": """
def walk(out, h, rng, theta, eps, n):
    kick = math.sqrt(2.0 * theta * h)
    edge = eps + OVERSHOOT * kick
    x = np.empty(n)
    for w in range(out.size):
        inside = True
        for i in range(n):
            x[i] = rng.random()
            inside = inside and x[i] <= eps
        steps = 0
        while not inside:
            inside = True
            for i in range(n):
                y = abs(x[i] + kick * rng.standard_normal())
                y = y if y <= 1.0 else abs(2.0 - y)
                x[i] = y
                inside = inside and y <= edge
            steps += 1
        out[w] = steps * h
""",
    "escape": """
def walk(out, h, rng, theta):
    kick = math.sqrt(2.0 * theta * h)
    edge = 1.0 - OVERSHOOT * kick
    for w in range(out.size):
        x, steps = -1.0, 0
        while x < edge:
            x += -4.0 * h * x * (x * x - 1.0) + kick * rng.standard_normal()
            steps += 1
        out[w] = steps * h
""",
    "moment": """
def walk(out, h, rng, theta, burn_in, average):
    kick = math.sqrt(2.0 * theta * h)
    first, steps = int(round(burn_in / h)), int(round(average / h))
    for w in range(out.size):
        x, total = -1.0, 0.0
        for _ in range(first):
            x += -4.0 * h * x * (x * x - 1.0) + kick * rng.standard_normal()
        for _ in range(steps):
            x += -4.0 * h * x * (x * x - 1.0) + kick * rng.standard_normal()
            total += x * x
        out[w] = total / steps
""",
    "share": """
def walk(out, h, rng, theta, left, right, burn_in, average):
    kick = math.sqrt(2.0 * theta * h)
    first, steps = int(round(burn_in / h)), int(round(average / h))
    one_left, one_right = 1.0 / left, 1.0 / right
    for w in range(out.size):
        x, count = -left, 0
        for step in range(first + steps):
            inverse = one_left if x < 0.0 else one_right
            u = x * inverse
            x += -4.0 * h * inverse * u * (u * u - 1.0) + kick * rng.standard_normal()
            count += step >= first and x > 0.0
        out[w] = count / steps
""",
    "canal": """
def walk(out, h, rng, theta, time, stiffness, m):
    kick = math.sqrt(2.0 * theta * h)
    steps = int(round(time / h))
    y = np.empty(m)
    for w in range(out.size):
        x = 0.5 * math.pi
        for j in range(m):
            y[j] = math.sqrt(theta / stiffness) * rng.standard_normal()
        for _ in range(steps):
            a, square = stiffness * math.exp(math.cos(x)), 0.0
            for j in range(m):
                square += y[j] * y[j]
                y[j] += -h * a * y[j] + kick * rng.standard_normal()
            x += 0.5 * h * a * math.sin(x) * square + kick * rng.standard_normal()
        out[w] = x - 0.5 * math.pi
""",
    "torus": """
def walk(out, h, rng, theta, time, major, minor):
    kick = math.sqrt(2.0 * theta * h)
    steps = int(round(time / h))
    for w in range(out.size):
        x, y, z = major + minor, 0.0, 0.0
        for _ in range(steps):
            axial = math.sqrt(x * x + y * y)
            flat = (1.0 - major / axial) / minor
            a, b, c = kick * rng.standard_normal(), kick * rng.standard_normal(), kick * rng.standard_normal()
            along = flat * (x * a + y * b) + z / minor * c
            x, y, z = x + a - along * flat * x, y + b - along * flat * y, z + c - along * z / minor
            axial = math.sqrt(x * x + y * y)
            away = minor / math.sqrt((axial - major) * (axial - major) + z * z)
            factor = (major + away * (axial - major)) / axial
            x, y, z = factor * x, factor * y, away * z
        out[w] = (x - major - minor) ** 2 + y * y + z * z
""",
}


def make(kind, *numbers):
    """`run(walkers, h, seed) -> values (walkers,)` of the question, compiled at the first call."""
    from numba import njit

    names = {"np": np, "math": math, "OVERSHOOT": OVERSHOOT}
    exec(SOURCES[kind], names)
    walk = njit(names["walk"], fastmath=True)

    def run(walkers, h, seed):
        out = np.empty(walkers)
        walk(out, h, np.random.Generator(np.random.SFC64(seed)), *numbers)
        return out

    return run
