"""Several processes with one cache, at the same time, one after the other, or forked: each gets the correct kernels."""

import os
import time

import pytest

from tests.engine import answer, python

KERNEL = "def kernel(x, out, parameters):\n    out[0] = {} * x[0, 0]\n"
RACE = """
import json, pathlib, time
import one, two
from tests.tiny_driver import report
pathlib.Path("{mark}.ready").touch()
while not pathlib.Path("go").exists():
    time.sleep(0.001)
print(json.dumps({{name: report(kernel) for name, kernel in {order}}}))
"""
FORTH, BACK = (
    "(('one', one.kernel), ('two', two.kernel))",
    "(('two', two.kernel), ('one', one.kernel))",
)


def start(folder, code):
    return python(code, folder, {"NUMBA_CACHE_DIR": str(folder / "cache")})


@pytest.mark.parametrize("rounds", [1, pytest.param(15, marks=pytest.mark.slow)])
def test_at_the_same_time(rounds, tmp_path):
    """The same two kernels, in both orders, into one cache; a third process then finds both complete."""
    for turn in range(rounds):
        factors = {"one": turn + 2.0, "two": -turn - 2.0}
        for name, factor in factors.items():
            (tmp_path / f"{name}.py").write_text(KERNEL.format(factor))
        for signal in ("go", "a.ready", "b.ready"):
            (tmp_path / signal).unlink(missing_ok=True)
        racers = [
            start(tmp_path, RACE.format(mark=mark, order=order))
            for mark, order in (("a", FORTH), ("b", BACK))
        ]
        ready = [tmp_path / "a.ready", tmp_path / "b.ready"]
        while not all(path.exists() for path in ready) and all(racer.poll() is None for racer in racers):
            time.sleep(0.01)
        (tmp_path / "go").touch()
        for racer in racers:
            seen = answer(racer)
            assert {name: seen[name][:2] for name in seen} == {n: [7 * k, True] for n, k in factors.items()}
        later = answer(start(tmp_path, RACE.format(mark="c", order=FORTH)))
        assert later == {name: [7 * factor, True, 1, 0] for name, factor in factors.items()}


#: Kernels of one name from one factory, too long for the compiler to put them into their caller.
TWINS = """
import math
def make(k):
    def kernel(x, out, parameters):
        out[0] = k
{sines}
    return kernel
one, two = make(1.0), make(2.0)
""".format(sines="".join(f"        out[0] += math.sin({i} * math.pi * x[0, 0])\n" for i in range(25)))
IMPORTS = """
import itertools, json, os
from numba.core.bytecode import FunctionIdentity
import twins
from tests.tiny_driver import report
"""
ALONE = "{numbers}\nprint(json.dumps(report(twins.{name})))"
TOGETHER = "print(json.dumps([round(report(kernel)[0], 6) for kernel in (twins.one, twins.two)]))"
FORKED = """
for name in ("one", "two"):
    if os.fork() == 0:
        report(getattr(twins, name))
        os._exit(0)
    assert os.wait()[1] == 0
"""


def together(folder):
    return answer(start(folder, IMPORTS + TOGETHER))


def alone(folder, numbers=""):
    (folder / "twins.py").write_text(TWINS)
    for name in ("one", "two"):
        answer(start(folder, IMPORTS + ALONE.format(numbers=numbers, name=name)))


def test_one_after_the_other_with_kernels_of_one_name(tmp_path):
    alone(tmp_path)
    assert together(tmp_path) == [1.0, 2.0]


@pytest.mark.slow
def test_numba_by_itself_would_take_one_for_the_other(tmp_path):
    """Numba numbers functions from 1 in every process, and links them by name and number."""
    alone(tmp_path, numbers="FunctionIdentity._unique_ids = itertools.count(1000)")
    assert together(tmp_path) == [1.0, 1.0]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes that fork")
def test_forked_with_kernels_of_one_name(tmp_path):
    (tmp_path / "twins.py").write_text(TWINS)
    assert answer(start(tmp_path, IMPORTS + FORKED + TOGETHER)) == [1.0, 2.0]
