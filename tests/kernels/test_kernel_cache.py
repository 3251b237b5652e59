"""The kernel cache across processes: compiled code is found again, and changed code is always compiled again.

A tiny driver keeps compilation short; one test calls `simulate` with a user-defined landscape.
"""

import shutil

import pytest

from tests.engine import ROOT, answer, python

REPORT = """
import json, {module}
from tests.tiny_driver import report
print(json.dumps(report({module}.kernel)))
"""
KERNEL = "def kernel(x, out, parameters):\n    out[0] = {} * x[0, 0]\n"
FOUND, COMPILED = [1, 0], [0, 1]


@pytest.fixture
def house(tmp_path):
    """A folder with a separate Numba cache; `house(module, **files)` writes modules and runs the kernel of one.

    The result is (value, FOUND or COMPILED).
    """

    def run(module="mine", code=REPORT, **files):
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


def test_the_next_process_compiles_nothing(house):
    """The same text under another name is another kernel, since the first module may no longer exist."""
    assert house(mine=KERNEL.format(2.0)) == (14.0, COMPILED)
    files = kept(house)
    assert len(files) == 2, "an index and one kernel"
    assert house() == (14.0, FOUND)
    assert kept(house) == files
    (house.folder / "mine.py").unlink()
    assert house("yours", yours=KERNEL.format(2.0)) == (14.0, COMPILED)


def test_a_changed_source_constant_helper_or_option_is_compiled_anew(house):
    """7 a b + (7 + 1e16 - 1e16): the bracket is 8 in floating point, and 7 if the compiler may reorder."""
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


UFUNC = """
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
    assert house("ufunc", ufunc=UFUNC.format(2.0)) == (14.0, COMPILED)
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
problem = langevin.Problem({module}.landscape, 1e-40)
run = langevin.simulate(problem, walkers=1, steps=1, dt=0.25, seed=1, watch=langevin.Watch(threads=1))
(driver,) = compile._drivers.values()
print(json.dumps([float(run.states[0, -1, 0]), True,
                  sum(driver.stats.cache_hits.values()), sum(driver.stats.cache_misses.values())]))
"""


def test_a_readers_own_landscape_is_cached(house):
    """The result is x = 1 - push(1) / 4, with noise too small to change a bit."""
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
    """In a copy of the package, a helper of the ring is changed from (|x| - 1)^2 to (2 |x| - 1)^2, then the noise."""
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
    edit(package / "kernels/lanes.py", '"sub", other', '"add", other')
    after, cache = house("noise")
    assert cache == COMPILED
    assert after != before
