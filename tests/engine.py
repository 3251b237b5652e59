"""Helpers for tests of simulations: bits of a run, compiled noise, other interpreters."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import fields, replace
from functools import cache
from pathlib import Path

import numba
import numpy as np

import langevin
from langevin.integrators import euler_maruyama, mala, underdamped, variable_step
from langevin.kernels.compile import OPTIONS
from langevin.kernels.normals import MAX_LANES, fill_normals
from langevin.kernels.streams import LOW, SHIFT, philox, split_key
from tests.circle import circle

ROOT = Path(__file__).resolve().parent.parent
#: The command in another interpreter, with a record after every chunk instead of every five seconds.
EAGER = """import langevin.store.journal
from langevin.__main__ import command
langevin.store.journal.SECONDS = 0
command()
"""
#: A small problem for each law, and the arguments of `simulate` for it.
LAWS = {
    "soft": lambda: (langevin.Problem(langevin.potentials.double_well(), 0.3), {"dt": 5e-3}),
    "two-point noise": lambda: (
        langevin.Problem(langevin.manifolds.ring(dim=3), 0.1),
        {"dt": 2e-3, "integrator": euler_maruyama(noise="two-point")},
    ),
    "adjusted": lambda: (
        langevin.Problem(langevin.potentials.quartic(), 0.3),
        {"dt": 0.1, "integrator": mala()},
    ),
    "inertia": lambda: (
        langevin.Problem(langevin.potentials.quartic(), 0.3),
        {"dt": 0.1, "integrator": underdamped()},
    ),
    "bridge": lambda: (
        langevin.Problem(two_targets(), 0.5),
        {"dt": 5e-3, "stop": langevin.Stop(correction="bridge")},
    ),
    "soft ring": lambda: (langevin.Problem(langevin.manifolds.ring(dim=3), 0.1), {"dt": 2e-3}),
    "reflected": lambda: (langevin.Problem(cube(), 1.0, "reflected"), {"dt": 1e-2}),
    "first passage": lambda: (
        langevin.Problem(cube(), 1.0, "reflected"),
        {"dt": 5e-3, "stop": langevin.Stop()},
    ),
    "variable step": lambda: (
        langevin.Problem(cube(), 1.0, "reflected"),
        {"dt": 5e-3, "stop": langevin.Stop(horizon=0.5), "integrator": variable_step()},
    ),
    "surface": lambda: (langevin.Problem(circle(), 1.0, "projected", "surface"), {"dt": 2e-3}),
    "gibbs": lambda: (langevin.Problem(circle(), 1.0, "projected", "gibbs"), {"dt": 2e-3}),
}


def cube():
    return langevin.manifolds.cube(dim=3, samples=1)


def two_targets():
    """A well at x = -1 with the targets x = 0 and x = -1.6."""
    return replace(langevin.potentials.double_well(), target=(beyond, before))


def beyond(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = -x[0, lane]


def before(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = x[0, lane] + 1.6


def run(law, **changes):
    """Simulate the problem of a law; `changes` are arguments of `simulate`."""
    problem, arguments = LAWS[law]()
    if law == "variable step":
        changes = {name: value for name, value in changes.items() if name != "every"}
    if "start" in changes and not isinstance(changes["start"], langevin.Start | langevin.Trajectory):
        changes["start"] = langevin.Start(changes["start"], first_step=0)
    return langevin.simulate(
        problem,
        **{"walkers": 20, "steps": 50, "seed": 5, "watch": langevin.Watch(threads=1)} | arguments | changes,
    )


def split(problem, integrator=None, **changes):
    """Rates by splitting; `changes` are its arguments, or fields of the records among its arguments."""
    for name, record in {"sets": langevin.Sets, "effort": langevin.Effort, "watch": langevin.Watch}.items():
        own = {field.name for field in fields(record)} & set(changes)
        changes[name] = record(**{field: changes.pop(field) for field in own})
    return langevin.splitting(problem, integrator, **changes)


def digest(run):
    """SHA-256 of all results of a run: the bits of states, times and events."""
    hashed = hashlib.sha256(run.states.tobytes() + run.times.tobytes() + run.steps.tobytes())
    for name in sorted(run.events):
        hashed.update(run.events[name].tobytes())
    return hashed.hexdigest()


def plain_fill(out, first_group, walkers, stream, key_0, key_1):
    """The generator as plain Python."""
    fill_normals(out, first_group, walkers, stream, key_0, key_1)


@cache
def compiled_fill():
    """The generator, compiled with the options of a driver."""
    return numba.njit(plain_fill, **OPTIONS)


def normals(walkers, numbers, *, seed=1, stream=0, first=0, lanes=MAX_LANES, fill=None):
    """Normals number first ... first + numbers (multiples of 4) of each walker, (numbers, walkers) float32."""
    fill = fill or compiled_fill()
    walkers = np.asarray(walkers, np.uint64)
    out = np.empty((numbers, walkers.size), np.float32)
    for begin in range(0, walkers.size, lanes):
        part = walkers[begin : begin + lanes]
        block = np.empty((numbers, part.size), np.float32)
        fill(block, first // 4, part, np.uint64(stream), *split_key(seed))
        out[:, begin : begin + lanes] = block
    return out


def words(walkers, groups, *, seed=1, stream=0):
    """The four Philox words of each group of each walker, four arrays (groups, walkers)."""
    group, walker = np.meshgrid(np.asarray(groups, np.uint64), np.asarray(walkers, np.uint64), indexing="ij")
    return philox(group & LOW, group >> SHIFT, walker, np.uint64(stream), *split_key(seed))


def python(code, folder, environment=None):
    """Start `code` in another interpreter in `folder`; the code prints one line of JSON, which `answer` reads."""
    env = {name: text for name, text in os.environ.items() if not name.startswith("NUMBA_")}
    # without this, a source edited within a second, with the same length, would be read from its old .pyc file
    env |= {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code],
        cwd=folder, env=env | (environment or {}), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def answer(process):
    """The JSON that an interpreter started by `python` has printed, after it has ended without an error."""
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return json.loads(out.splitlines()[-1])
