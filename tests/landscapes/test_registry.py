"""Factories are found by name: the folder is the registry, and user-defined ones are module:name."""

import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

from langevin import registry
from langevin.errors import UsageError
from langevin.manifolds import cube
from langevin.potentials import double_well, quadratic


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working directory with a user-defined module; afterwards the search path is restored."""
    (tmp_path / "my_wells.py").write_text(
        "from langevin.potentials import quadratic\n"
        "def soft(stiffness: float = 2.0):\n    return quadratic(1, stiffness)\n"
        "ready = quadratic(3)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    sys.modules.pop("my_wells", None)


def test_names_are_those_of_the_files_that_hold_a_factory():
    assert {"canal", "cube", "ring"} <= set(registry.names("manifolds"))
    assert {"double-well", "quadratic"} <= set(registry.names("potentials"))
    assert "door" not in registry.names("manifolds")
    assert registry.names("potentials") == sorted(registry.names("potentials"))


@pytest.mark.parametrize("kind", registry.KINDS)
def test_names_read_from_text_are_those_that_modules_have_once_imported(kind):
    package = import_module(f"langevin.{kind}")
    modules = [module.name for module in pkgutil.iter_modules(package.__path__)]
    held = [name for name in modules if hasattr(import_module(f"langevin.{kind}.{name}"), name)]
    assert registry.names(kind) == sorted(name.replace("_", "-") for name in held)
    assert list(registry.entries(kind)) == registry.names(kind)


def test_names_import_no_library():
    code = (
        "import sys; from langevin.registry import KINDS, names; [names(kind) for kind in KINDS]; "
        "assert not {'numpy', 'scipy', 'numba'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_kind_that_is_none_is_refused():
    with pytest.raises(UsageError, match=r"no kind 'walks'.*choose one of manifolds, potentials"):
        registry.names("walks")


@pytest.mark.parametrize("spelling", ["double-well", "double_well"])
def test_hyphens_and_underscores_are_the_same(spelling):
    assert registry.factory("potentials", spelling) is double_well
    assert registry.entry("potentials", spelling) is double_well


@pytest.mark.parametrize(
    ("package", "name", "words"),
    [
        ("manifolds", "cub", ["manifold 'cub'", "did you mean cube?", "canal, ", "module:name"]),
        ("potentials", "doublewell", ["potential 'doublewell'", "did you mean double-well?"]),
        ("potentials", "xyzzy", ["there is no potential 'xyzzy'; choose one of double-well"]),
        ("manifolds", "", ["there is no manifold ''"]),
        ("manifolds", "door", ["there is no manifold 'door'"]),
    ],
)
def test_an_unknown_name_lists_the_known_ones(package, name, words):
    with pytest.raises(UsageError) as caught:
        registry.factory(package, name)
    for word in words:
        assert word in str(caught.value)


def test_dials_are_the_signature_with_types_resolved():
    dials = registry.dials(cube)
    assert list(dials) == ["dim", "samples", "fraction", "side"]
    assert dials["dim"].annotation is int
    assert dials["side"].annotation is float
    assert dials["fraction"].default == 0.25


def test_a_readers_own_factory_or_ready_landscape(here):
    make = registry.factory("potentials", "my_wells:soft")
    assert make(stiffness=5.0).parameters == (5.0,)
    assert registry.dials(make)["stiffness"].annotation is float
    assert (
        registry.factory("potentials", "my_wells:ready")()
        == registry.factory("potentials", "my_wells:ready")()
    )
    assert registry.factory("potentials", "my_wells:ready")().dim == 3


def test_a_readers_own_is_the_record_of_its_kind(here):
    assert registry.entry("potentials", "my_wells:ready").dim == 3
    with pytest.raises(
        UsageError, match="my_wells:ready is not an integrator, but something of type Landscape"
    ):
        registry.entry("integrators", "my_wells:ready")
    with pytest.raises(UsageError, match="my_wells:soft does not make an integrator"):
        registry.factory("integrators", "my_wells:soft")()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere:soft", ["no module nowhere here"]),
        ("nowhere.wells:soft", ["no module nowhere.wells here"]),
        ("my_wells:hard", ["module 'my_wells' has no 'hard'", "must be defined in the file"]),
        ("my_wells:", ["is not the name of a function or object", "module:name"]),
    ],
)
def test_a_module_or_a_name_that_is_not_there(name, words, here):
    with pytest.raises(UsageError) as caught:
        registry.factory("manifolds", name)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("make", "bad", "word"),
    [
        (cube, {"samples": 8}, "samples"),
        (cube, {"samples": -1}, "samples"),
        (cube, {"dim": 0}, "dim"),
        (cube, {"fraction": 1.0}, "fraction"),
        (cube, {"fraction": float("nan")}, "fraction"),
        (cube, {"side": float("inf")}, "side"),
        (double_well, {"barrier": 0.0}, "barrier"),
        (double_well, {"half_width": float("nan")}, "half_width"),
        (quadratic, {"stiffness": -1.0}, "stiffness"),
        (quadratic, {"dim": 0}, "dim"),
        (registry.factory("manifolds", "ring"), {"dim": 1}, "dim"),
        (registry.factory("manifolds", "ring"), {"radius": 0.0}, "radius"),
        (registry.factory("manifolds", "canal"), {"transverse": 0}, "transverse"),
        (registry.factory("manifolds", "canal"), {"amplitude": float("inf")}, "amplitude"),
    ],
)
def test_dials_out_of_range_are_refused_by_name(make, bad, word):
    with pytest.raises(UsageError, match=rf"{make.__name__} needs .*{word}.*{word}="):
        make(**bad)


@pytest.mark.parametrize("name", [":x", "..a:b", "a:", "a.py:b-c", "a b:c"])
def test_a_name_that_cannot_be_one_is_refused(name):
    with pytest.raises(UsageError, match="module:name"):
        registry.factory("manifolds", name)


@pytest.mark.parametrize("kind", registry.KINDS)
def test_a_folder_that_is_a_registry_holds_entries_only(kind):
    """Built-in names are the names of the files, which are not read to find them."""
    for name in registry.names(kind):
        plain = name.replace("-", "_")
        assert hasattr(import_module(f"langevin.{kind}.{plain}"), plain)
