"""What the first run of a user-defined landscape costs: its kernels are compiled, tested and kept.

`CPU seconds` are those of the first call of `simulate` in a new process whose cache is empty, without the imports of
libraries: median and range over processes. `later` is the same call in the next process, which finds the kernels.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.timing import load, machine, table

#: Name, script that makes `problem`, and the largest allowed CPU seconds of its first run.
CASES = (
    (
        "a loss of one coordinate, value and gradient",
        """
def value(x, out, parameters):
    for walker in range(x.shape[1]):
        out[walker] = x[0, walker] ** 4 / 4

def gradient(x, out, parameters):
    for walker in range(x.shape[1]):
        out[0, walker] = x[0, walker] ** 3

problem = langevin.Problem(langevin.potentials.potential(value, gradient, dim=1), 0.5)
""",
        2.5,
    ),
    (
        "a zero-loss set of two equations with branches, residual and Jacobian",
        """
def residual(x, out, parameters):
    for walker in range(x.shape[1]):
        square = x[0, walker] ** 2 + x[1, walker] ** 2
        out[0, walker] = np.sqrt(square) - 1.0 if square > 1.0 else (square - 1.0) / 2
        bend = 0.2 * x[0, walker] ** 2 if x[0, walker] > 0.0 else 0.0
        out[1, walker] = x[2, walker] - 0.1 * x[0, walker] - bend

def jacobian(x, out, parameters):
    for walker in range(x.shape[1]):
        square = x[0, walker] ** 2 + x[1, walker] ** 2
        slope = 1.0 / np.sqrt(square) if square > 1.0 else 1.0
        out[0, 0, walker], out[0, 1, walker], out[0, 2, walker] = slope * x[0, walker], slope * x[1, walker], 0.0
        out[1, 0, walker] = -0.1 - 0.4 * x[0, walker] if x[0, walker] > 0.0 else -0.1
        out[1, 1, walker], out[1, 2, walker] = 0.0, 1.0

bent = langevin.manifolds.constraint(residual, jacobian, 3, 2, start=[-1.0, 0.0, -0.1])
problem = langevin.Problem(bent, 0.1, "projected")
""",
        8.0,
    ),
)
HEAD = "import time\nimport numba\nimport numpy as np\nimport langevin\nimport langevin.ensemble\n"
RUN = """
began = time.process_time()
langevin.simulate(problem, walkers=8, steps=8, dt=1e-3, seed=1)
print(time.process_time() - began)
"""


def first_and_later(script, folder):
    """CPU seconds of the first run of a script of a landscape, and of the same run in a second process."""
    file = folder / "case.py"
    file.write_text(HEAD + script + RUN)
    settings = os.environ | {"XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPATH": os.getcwd()}

    def once():
        done = subprocess.run(
            [sys.executable, file], env=settings, capture_output=True, text=True, check=True
        )
        return float(done.stdout)

    return once(), once()


def measure(repeats=3):
    """The table, below a line about the machine."""
    rows = []
    for name, script, bound in CASES:
        pairs = []
        for _ in range(repeats):
            with TemporaryDirectory() as folder:
                pairs.append(first_and_later(script, Path(folder)))
        first, later = zip(*pairs, strict=True)
        shown = f"{statistics.median(first):.2f} ({min(first):.2f} to {max(first):.2f})"
        rows.append((name, shown, f"{statistics.median(later):.2f}", f"<= {bound:g}"))
    head = f"{machine()}; {repeats} processes each; {load()}."
    return head + "\n\n" + table(("user-defined landscape", "CPU seconds (range)", "later", "held to"), rows)
