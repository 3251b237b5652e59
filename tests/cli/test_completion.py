"""A shell completes names of the registry, also names from distributions."""

import importlib
import inspect
from pathlib import Path

import pytest
from click.testing import CliRunner

from langevin import registry
from langevin.cli import main
from langevin.registry import installed
from tests.distributions import distribution


def completed(words):
    """The completions that bash gets for the last of some words."""
    variables = {
        "_LANGEVIN_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    done = CliRunner().invoke(main, [], env=variables, prog_name="langevin")
    return [line.removeprefix("plain,") for line in done.output.split()]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("langevin simulate --manifold cu", ["cube"]),
        ("langevin check --integrator heavy", ["heavy-ball"]),
        ("langevin rate --potential double", ["double-well"]),
        ("langevin train par", ["parity"]),
        ("langevin measure x.h5 tan", ["tanh"]),
        ("langevin run cube_g", ["cube_grokking_time"]),
        ("langevin train parity --observe sharp", ["sharpness"]),
        ("langevin simulate --manifold zzz", []),
        ("langevin simulate --manifold sphere --field lin", ["linear"]),
        ("langevin rate --manifold cube --field quad", ["quadratic"]),
        ("langevin check --manifold sphere --field dou", ["double-well"]),
        ("langevin simulate --potential double-well -p bar", ["barrier="]),
        ("langevin rate --manifold cube -p frac", ["fraction="]),
        ("langevin check --potential double-well -p bar", ["barrier="]),
        ("langevin simulate --manifold sphere --field linear -f dir", ["direction="]),
        ("langevin simulate --manifold canal --integrator heavy-ball -i mom", ["momentum="]),
        ("langevin train parity -p wid", ["width="]),
        ("langevin train models.parity --seeds 2 -p wid", ["width="]),
        ("langevin train optax-net:other -p x", []),
        ("langevin train -p wid", []),
        ("langevin measure x.h5 digits -p wid", ["width="]),
        ("langevin simulate --manifold mine:surface -p x", []),
        ("langevin simulate -p x", []),
        ("langevin score --baseline slow", ["slow-clock"]),
    ],
)
def test_names_are_completed(words, found):
    assert completed(words) == found


def test_names_of_distributions_are_completed_and_nothing_is_imported(tmp_path, monkeypatch):
    offered = {
        "manifolds": {"cubic-helix": "absent:helix"},
        "models": {"parity-net": "absent:model", "tanh": "absent:x"},
    }
    distribution(tmp_path, "mine", "1", offered)
    monkeypatch.syspath_prepend(tmp_path)
    installed._offers.cache_clear()
    assert completed("langevin simulate --manifold cu") == ["cube", "cubic-helix"]
    assert completed("langevin train par") == ["parity", "parity-net"]


def test_dials_of_a_network_in_the_working_directory_are_completed_and_nothing_is_imported(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(
        "import absent\n\ndef model(depth=2, width=3): ...\n\ndef other(size=1): ...\n"
    )
    assert completed("langevin train mine -p wi") == ["width="]
    assert completed("langevin train mine:other -p s") == ["size="]
    Path("mine.py").write_text("def model(")
    assert completed("langevin train mine -p wi") == []


def test_the_dials_read_from_a_file_are_those_of_its_factory():
    for kind in ("manifolds", "potentials", "integrators"):
        for name in registry.names(kind):
            assert registry.dial_names(kind, name) == list(registry.dials(registry.factory(kind, name))), name


def test_the_dials_read_from_a_network_are_those_of_its_function():
    for name in registry.content_names("models"):
        module = importlib.import_module(f"models.{name.replace('-', '_')}")
        assert registry.content_dials("models", name) == list(inspect.signature(module.model).parameters), (
            name
        )
