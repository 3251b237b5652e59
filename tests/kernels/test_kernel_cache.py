"""Across processes: what was compiled is found again, what has changed is never served stale.

A tiny driver keeps compilation short; `simulate` with a reader's own landscape goes the whole way.
"""

import os
import shutil

import pytest

from tests.engine import ROOT, answer, python

#: A driver of one kernel, and a report: [value, stamp is right, found in the cache, compiled].
TINY = """
from langevin.kernels.compile import jitable

def build_tiny(kernel, stamp):
    inner = jitable(kernel)
    def tiny(report, first, last, x, out):
        report[0] = stamp
        if first < last:
            inner(x, out, ())
    return tiny
"""
RUN_TINY = """
import json, numpy as np
import tiny, {module}
from langevin.kernels import compile
arguments = np.array([[7.0]]), np.zeros(1)
driver = compile.compile_driver(tiny.build_tiny, ({module}.kernel,), arguments)
report = np.zeros(1, np.int64)
driver(report, np.int64(0), np.int64(1), *arguments)
digest = next(iter(compile._drivers), "0")
print(json.dumps([arguments[1][0], int(report[0]) == int(digest[:15], 16),
                  sum(driver.stats.cache_hits.values()), sum(driver.stats.cache_misses.values())]))
"""
KERNEL = "def kernel(x, out, parameters):\n    out[0] = {} * x[0, 0]\n"
FOUND, COMPILED = [1, 0], [0, 1]


@pytest.fixture
def house(tmp_path):
    """A folder with its own Numba cache; `house(module, **files)` writes modules and runs one's kernel."""
    (tmp_path / "tiny.py").write_text(TINY)

    def run(module="mine", code=RUN_TINY, **files):
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text)
        environment = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
        value, stamped, *cache = answer(python(code.format(module=module), tmp_path, environment))
        assert stamped
        return value, cache

    run.folder = tmp_path
    return run


def kept(house):
    return {path.name for path in (house.folder / "cache").rglob("*.nb*")}


#: Kernels of one name from one factory, too long to be compiled into their caller.
TWINS = (
    """
import math
def make(k):
    def kernel(x, out, parameters):
        out[0] = k
"""
    + "".join(f"        out[0] += math.sin({i} * math.pi * x[0, 0])\n" for i in range(25))
    + """
    return kernel
one, two = make(1.0), make(2.0)
"""
)
RUN_TWINS = """
import itertools, json, os, numpy as np
from numba.core.bytecode import FunctionIdentity
from langevin.kernels import compile
import tiny, twins
def value(kernel):
    arguments = np.array([[1.0]]), np.zeros(1)
    driver = compile.compile_driver(tiny.build_tiny, (kernel,), arguments)
    driver(np.zeros(1, np.int64), np.int64(0), np.int64(1), *arguments)
    return round(arguments[1][0], 9)
"""
ALONE = "{numbers}\nprint(json.dumps(value(twins.{name})))"
TOGETHER = "print(json.dumps([value(twins.one), value(twins.two)]))"
FORKED = """
for name in ("one", "two"):
    if os.fork() == 0:
        value(getattr(twins, name))
        os._exit(0)
    assert os.wait()[1] == 0
"""


def twins(folder, code):
    (folder / "tiny.py").write_text(TINY)
    (folder / "twins.py").write_text(TWINS)
    return answer(python(RUN_TWINS + code, folder, {"NUMBA_CACHE_DIR": str(folder / "cache")}))


def alone(folder, numbers=""):
    for name in ("one", "two"):
        twins(folder, ALONE.format(numbers=numbers, name=name))


def test_kernels_of_one_name_cached_by_two_processes_are_kept_apart(tmp_path):
    alone(tmp_path)
    assert twins(tmp_path, TOGETHER) == [1.0, 2.0]


@pytest.mark.slow
def test_numba_by_itself_would_take_one_for_the_other(tmp_path):
    """It numbers functions from 1 in every process, and links by name and number."""
    alone(tmp_path, numbers="FunctionIdentity._unique_ids = itertools.count(1000)")
    assert twins(tmp_path, TOGETHER) == [1.0, 1.0]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes that fork")
def test_kernels_cached_by_forked_processes_are_kept_apart(tmp_path):
    assert twins(tmp_path, FORKED + TOGETHER) == [1.0, 2.0]


def test_the_next_process_compiles_nothing(house):
    assert house(mine=KERNEL.format(2.0)) == (14.0, COMPILED)
    files = kept(house)
    assert len(files) == 2, "an index and one kernel"
    assert house() == (14.0, FOUND)
    assert kept(house) == files


def test_a_changed_source_constant_helper_or_option_is_compiled_anew(house):
    """7 a b + (7 + 1e16 - 1e16), the last 8 in floating point and 7 when the compiler may reorder."""
    text = (
        "from numba.extending import register_jitable\nimport helping\nK = {constant}\n"
        "@{decorator}\ndef f(x):\n    return (x + 1e16) - 1e16\n"
        "def kernel(x, out, parameters):\n    out[0] = {body} * K * helping.f(x[0, 0]) + f(x[0, 0])\n"
    )
    helper = "from numba.extending import register_jitable\n@register_jitable\ndef f(x):\n    return {} * x\n"
    plain, fast = "register_jitable", "register_jitable(fastmath=True)"
    first = text.format(constant=1.0, body=1.0, decorator=plain)
    assert house(mine=first, helping=helper.format(1.0)) == (15.0, COMPILED)
    assert house(mine=text.format(constant=1.0, body=2.0, decorator=plain)) == (22.0, COMPILED)
    assert house(mine=text.format(constant=3.0, body=1.0, decorator=plain)) == (29.0, COMPILED)
    assert house(mine=first, helping=helper.format(4.0)) == (36.0, COMPILED)
    assert house(mine=text.format(constant=1.0, body=1.0, decorator=fast)) == (35.0, COMPILED)
    assert house(mine=first, helping=helper.format(1.0)) == (15.0, FOUND), "the first is still there"


def test_the_same_text_under_another_name_does_not_need_the_first(house):
    house(mine=KERNEL.format(2.0))
    (house.folder / "mine.py").unlink()
    assert house("yours", yours=KERNEL.format(2.0)) == (14.0, COMPILED)


UNHASHABLE = """
from numba import vectorize
@vectorize
def f(x):
    return {} * x
def kernel(x, out, parameters):
    out[0] = f(x[0, 0])
"""
BY_PATH = """
import importlib.util, pathlib
spec = importlib.util.spec_from_file_location("hidden", pathlib.Path("hidden.txt.py"))
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
kernel = module.kernel
"""


def test_what_cannot_be_cached_works_and_leaves_nothing(house):
    """A ufunc among the globals, and a module loaded by path, which no later process could import."""
    (house.folder / "hidden.txt.py").write_text(KERNEL.format(3.0))
    assert house("dial", dial=UNHASHABLE.format(2.0)) == (14.0, COMPILED)
    assert house("path", path=BY_PATH) == (21.0, COMPILED)
    assert kept(house) == set()
    assert house(mine=KERNEL.format(3.0)) == (21.0, COMPILED)


OWN = """
import numpy as np
from langevin.potentials import potential
from helping import push

def value(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 0.5 * x[0, lane] ** 2

def gradient(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = push(x[0, lane])

landscape = potential(value, gradient, 1, start=[1.0], stiffness=1.0)
"""
PUSH = "from numba.extending import register_jitable\n@register_jitable\ndef push(x):\n    return {} * x\n"
SIMULATE = """
import json, langevin, {module}
from langevin.kernels import compile
run = langevin.simulate(langevin.Problem({module}.landscape, 1e-40), walkers=1, steps=1, dt=0.25, seed=1, threads=1)
(driver,) = compile._drivers.values()
print(json.dumps([float(run.states[0, -1, 0]), True,
                  sum(driver.stats.cache_hits.values()), sum(driver.stats.cache_misses.values())]))
"""


def test_a_readers_own_landscape_is_cached(house):
    """x = 1 - push(1) / 4, with noise too small to change a bit."""
    assert house(code=SIMULATE, mine=OWN, helping=PUSH.format(1.0)) == (0.75, COMPILED)
    assert house(code=SIMULATE) == (0.75, FOUND)


RING = """
from numba.extending import register_jitable
from langevin.manifolds import ring
value = register_jitable(ring().value)
def kernel(x, out, parameters):
    value(x, out, (2.0, 1.0))
"""
NOISE = """
import numpy as np
from numba.extending import register_jitable
from tests.engine import plain_fill
fill = register_jitable(plain_fill)
def kernel(x, out, parameters):
    z = np.empty((4, 1), np.float32)
    fill(z, 0, np.zeros(1, np.uint64), np.uint64(0), np.uint64(1), np.uint64(0))
    out[0] = z[0, 0]
"""


def edit(path, before, after):
    text = path.read_text()
    assert text.count(before) == 1
    path.write_text(text.replace(before, after))


def test_an_edited_langevin_is_never_stale(house):
    """In a copy of the package: the ring's own helper gives (2 |x| - 1)^2 for (|x| - 1)^2, and other noise."""
    package = house.folder / "langevin"
    shutil.copytree(ROOT / "langevin", package, ignore=shutil.ignore_patterns("__pycache__"))
    assert house("rings", rings=RING) == (36.0, COMPILED)
    edit(
        package / "manifolds/ring.py",
        "out[lane] = np.sqrt(out[lane])",
        "out[lane] = 2.0 * np.sqrt(out[lane])",
    )
    assert house("rings") == (169.0, COMPILED)
    before, cache = house("noise", noise=NOISE)
    assert cache == COMPILED
    edit(package / "kernels/normals.py", "HALF = np.float32(0.5)", "HALF = np.float32(0.25)")
    after, cache = house("noise")
    assert cache == COMPILED
    assert after != before


RACE = """
import json, pathlib, sys, time
pathlib.Path({mark!r} + ".ready").touch()
while not pathlib.Path("go").exists():
    time.sleep(0.001)
import numpy as np
import tiny, one, two
from langevin.kernels import compile
seen = {{}}
for module in {order}:
    arguments = np.array([[7.0]]), np.zeros(1)
    driver = compile.compile_driver(tiny.build_tiny, (module.kernel,), arguments)
    report = np.zeros(1, np.int64)
    driver(report, np.int64(0), np.int64(1), *arguments)
    digest = list(compile._drivers)[-1]
    stamped = int(report[0]) == int(digest[:15], 16)
    seen[module.__name__] = arguments[1][0], stamped, sum(driver.stats.cache_hits.values())
print(json.dumps(seen))
"""


@pytest.mark.parametrize("rounds", [2, pytest.param(15, marks=pytest.mark.slow)])
def test_processes_that_compile_at_the_same_time_get_their_own_kernels(rounds, tmp_path):
    """The same kernels, in either order, into one cache; a third process then finds both, whole."""
    (tmp_path / "tiny.py").write_text(TINY)
    for turn in range(rounds):
        factors = {"one": turn + 2.0, "two": -turn - 2.0}
        for name, factor in factors.items():
            (tmp_path / f"{name}.py").write_text(KERNEL.format(factor))
        (tmp_path / "go").unlink(missing_ok=True)
        environment = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
        racers = [
            python(RACE.format(mark=mark, order=order), tmp_path, environment)
            for mark, order in [("a", "[one, two]"), ("b", "[two, one]")]
        ]
        (tmp_path / "go").touch()
        for racer in racers:
            seen = answer(racer)
            assert {name: seen[name][:2] for name in seen} == {n: [7 * k, True] for n, k in factors.items()}
        later = answer(python(RACE.format(mark="c", order="[one, two]"), tmp_path, environment))
        assert later == {name: [7 * factor, True, 1] for name, factor in factors.items()}
