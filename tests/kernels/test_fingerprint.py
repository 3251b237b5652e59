"""The hash of a kernel changes with everything that is compiled into it, and with nothing else."""

import importlib
import importlib.util
import sys

import pytest

from langevin.kernels.fingerprint import Unhashable, fingerprint

TOOLS = """
from numba.extending import register_jitable, overload
from numba import njit, vectorize
import numpy as np
"""
HELPED = "import helping\ndef kernel(x):\n    return helping.f(x)\n"


@pytest.fixture
def hash_of(tmp_path, monkeypatch):
    """hash_of(text, **other files): the fingerprint of `kernel` in a new module with this text."""
    count = iter(range(100))

    def fresh(text, **others):
        folder = tmp_path / str(next(count))
        for name, content in {"mine": text, **others}.items():
            path = folder / f"{name.replace('.', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(TOOLS + content)
            monkeypatch.delitem(sys.modules, name.partition(".")[0], raising=False)
            monkeypatch.delitem(sys.modules, name, raising=False)
        with monkeypatch.context() as context:
            context.syspath_prepend(folder)
            return fingerprint(importlib.import_module("mine").kernel)

    return fresh


CHANGES = {
    "body": ("def kernel(x):\n    return {} * x\n", "2.0", "3.0"),
    "name": ("def kernel(x):\n    return np.{}(x)\n", "sin", "cos"),
    "constant of the module": ("K = {}\ndef kernel(x):\n    return K * x\n", "2.0", "3.0"),
    "closure": (
        "def make(k):\n    def kernel(x):\n        return k * x\n    return kernel\nkernel = make({})\n", "2.0", "3.0"
    ),
    "function in a closure": (
        "def make(f):\n    def kernel(x):\n        return f(x)\n    return kernel\nkernel = make(lambda x: {} * x)\n",
        "2.0", "3.0",
    ),
    "helper": ("@register_jitable\ndef f(x):\n    return {} * x\ndef kernel(x):\n    return f(x)\n", "2.0", "3.0"),
    "helper of a helper": (
        "def g(x):\n    return {} * x\ndef f(x):\n    return g(x)\ndef kernel(x):\n    return f(x)\n", "2.0", "3.0"
    ),
    "compiled helper": ("@njit\ndef f(x):\n    return {} * x\ndef kernel(x):\n    return f(x)\n", "2.0", "3.0"),
    "option of a decorator": (
        "@njit(fastmath={})\ndef f(x):\n    return x\ndef kernel(x):\n    return f(x)\n", "True", "False"
    ),
    "option passed to a decorator": (
        "OPTIONS = {{'fastmath': {}}}\n@register_jitable(**OPTIONS)\ndef f(x):\n    return x\n"
        "def kernel(x):\n    return f(x)\n", "True", "False",
    ),
    "overload": (
        "def f(x):\n    pass\n@overload(f)\ndef of(x):\n    return lambda x: {} * x\ndef kernel(x):\n    return f(x)\n",
        "2.0", "3.0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_inside_the_module_is_noticed(change, hash_of):
    text, before, after = CHANGES[change]
    old = hash_of(text.format(before))
    assert old[1], "importable"
    assert hash_of(text.format(before)) == old
    assert hash_of(text.format(after)) != old


#: Values from another file, so that the text of the kernel's file does not change.
VALUES = {
    "constant": ("K = VALUE\ndef kernel(x):\n    return K * x\n", "2.0", "3.0"),
    "sign of zero": ("def kernel(x):\n    return VALUE * x\n", "0.0", "-0.0"),
    "type": ("def kernel(x):\n    return VALUE * x\n", "2.0", "2"),
    "truth": ("def kernel(x):\n    return VALUE * x\n", "1", "True"),
    "array": ("K = np.array([1.0, VALUE])\ndef kernel(x):\n    return K[1] * x\n", "2.0", "3.0"),
    "type of an array": ("K = np.ones(2, VALUE)\ndef kernel(x):\n    return K[1] * x\n", "'i8'", "'u8'"),
    "shape of an array": ("K = np.ones(VALUE)\ndef kernel(x):\n    return K[1, 1] * x\n", "(2, 3)", "(3, 2)"),
    "number of numpy": ("K = np.float64(VALUE)\ndef kernel(x):\n    return K * x\n", "2.0", "3.0"),
    "tuple": ("K = (1.0, (VALUE,))\ndef kernel(x):\n    return K[1][0] * x\n", "2.0", "3.0"),
    "nesting": ("def kernel(x):\n    return len(VALUE) * x\n", "((1, 2), 3)", "(1, (2, 3))"),
    "default": ("def kernel(x, k=VALUE):\n    return k * x\n", "2.0", "3.0"),
    "keyword default": ("def kernel(x, *, k=VALUE):\n    return k * x\n", "2.0", "3.0"),
    "closure": (
        "def make(k):\n    def kernel(x):\n        return k * x\n    return kernel\nkernel = make(VALUE)\n",
        "2.0", "3.0",
    ),
    "helper's default": ("def f(x, k=VALUE):\n    return k * x\ndef kernel(x):\n    return f(x)\n", "2.0", "3.0"),
    "option": (
        "@njit(fastmath=VALUE)\ndef f(x):\n    return x\ndef kernel(x):\n    return f(x)\n", "True", "False"
    ),
    "order of equal pieces": (
        "def make(a, b, c):\n    def kernel(x):\n        return a(x) - b(x) * c(x)\n    return kernel\n"
        "def f(x):\n    return x\ndef g(x):\n    return -x\nkernel = make(f, *((f, g) if VALUE else (g, f)))\n",
        "True", "False",
    ),
    "code without a text": ("exec(f'def kernel(x): return {VALUE} * x')\n", "2.0", "3.0"),
    "name without a text": ("exec(f'def kernel(x): return np.{VALUE}(x)')\n", "'sin'", "'cos'"),
}  # fmt: skip


@pytest.mark.parametrize("change", VALUES)
def test_a_change_that_the_text_does_not_show_is_noticed(change, hash_of):
    text, before, after = VALUES[change]
    text = "from setting import VALUE\n" + text
    old = hash_of(text, setting=f"VALUE = {before}\n")
    assert hash_of(text, setting=f"VALUE = {before}\n") == old
    assert hash_of(text, setting=f"VALUE = {after}\n") != old


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (HELPED, "helping"),
        ("from helping import f\ndef kernel(x):\n    return f(x)\n", "helping"),
        ("import helping as h\ndef kernel(x):\n    return h.f(x)\n", "helping"),
        ("import room.helping\ndef kernel(x):\n    return room.helping.f(x)\n", "room.helping"),
        ("import room.room\ndef kernel(x):\n    return room.room.f(x)\n", "room.room"),
        (
            "def make():\n    import helping\n    def kernel(x):\n        return helping.f(x)\n    return kernel\n"
            "kernel = make()\n", "helping",
        ),
    ],
    ids=["attribute", "from", "as", "dotted", "same name twice", "module in a closure"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("before", "after"),
    [("def f(x):\n    return 2.0 * x\n", "def f(x):\n    return 3.0 * x\n"), ("f = 2.0\n", "f = 3.0\n")],
    ids=["function", "constant"],
)
def test_a_change_in_another_file_is_noticed(text, other, before, after, hash_of):
    rooms = {"room.__init__": ""} if "." in other else {}
    old = hash_of(text, **rooms, **{other: before})
    assert hash_of(text, **rooms, **{other: before}) == old
    assert hash_of(text, **rooms, **{other: after}) != old


def test_modules_that_import_one_another_come_to_an_end(hash_of):
    knot = "import helping\ndef kernel(x):\n    return helping.mine.helping.f(x)\n"
    assert hash_of(knot, helping="import mine\ndef f(x):\n    return x\n")[1]


def test_the_name_of_the_module_counts(tmp_path, monkeypatch):
    """Numba imports the modules of a cached kernel by name: the same text in another module is another kernel."""
    for name in ("one_name", "other_name"):
        (tmp_path / f"{name}.py").write_text("def kernel(x):\n    return x\n")
    monkeypatch.syspath_prepend(tmp_path)
    hashes = {fingerprint(importlib.import_module(name).kernel) for name in ("one_name", "other_name")}
    assert len(hashes) == 2


@pytest.mark.parametrize(
    "text",
    [
        "class Dial:\n    k = 2.0\ndef kernel(x):\n    return Dial.k * x\n",
        "from enum import IntEnum\nclass Dial(IntEnum):\n    k = 2\ndef kernel(x):\n    return Dial.k * x\n",
        "from functools import partial\nf = partial(pow, 2.0)\ndef kernel(x):\n    return f(x)\n",
        "@vectorize\ndef f(x):\n    return 2.0 * x\ndef kernel(x):\n    return f(x)\n",
    ],
    ids=["class", "enumeration", "partial", "ufunc"],
)
def test_what_cannot_be_hashed_is_said_to_be_so(text, hash_of):
    with pytest.raises(Unhashable, match="of type"):
        hash_of(text)


def test_a_module_loaded_by_path_cannot_be_imported_again(tmp_path):
    path = tmp_path / "by_path.py"
    path.write_text("def kernel(x):\n    return x\n")
    spec = importlib.util.spec_from_file_location("by_path", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert fingerprint(module.kernel)[1] is False
