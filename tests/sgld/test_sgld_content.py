"""A training may not continue after an edit of anything that decides its bits; a new name of a file is allowed."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from langevin.errors import InputFileError
from langevin.sgld import Law, Plan, Protocol, Recording
from langevin.sgld.computation import precision

SOURCE = """
import jax
import jax.numpy as jnp
import numpy as np
from langevin.sgld import Data, Model

SLOPE = 1.0
TABLE = np.linspace(0, 1, 2000)

@jax.custom_jvp
def unit(x):
    return jnp.tanh(SLOPE * x)

@unit.defjvp
def rule(primals, tangents):
    return unit(*primals), (1 - unit(*primals) ** 2) * tangents[0]

def apply(weights, inputs):
    return unit(inputs @ weights["in"]) @ weights["out"] + jnp.asarray(TABLE, "float32")[1000] * 0

def init(key):
    return {"in": jnp.ones((3, 4)) / 2, "out": jnp.ones((4, 1)) / 3}

def loss(outputs, targets):
    return jnp.sum((outputs - targets) ** 2, axis=-1)

def correct(outputs, targets):
    return outputs[:, 0] * targets[:, 0] > 0

def size(weights):
    return jnp.sum(weights["in"] ** 2)

def model():
    inputs = np.arange(15.0).reshape(5, 3) / 15
    train, test = Data(inputs, np.sign(inputs[:, :1] - 0.5)), Data(inputs[:2], np.ones((2, 1)))
    return Model("mine", init, apply, loss, train, test, correct=correct, observe={"size": size})
"""
PLAN = Plan(Law(0.1), 20, chains=1, recording=Recording(5))
EDITS = {
    "a number": ("SLOPE = 1.0", "SLOPE = 2.0", "functions"),
    "the middle of a long table": ("0, 1, 2000)", "0, 2, 2000)", "functions"),
    "a rule of derivatives": ("(1 - unit", "(1.0001 - unit", "functions"),
    "the loss": ("** 2, axis", "** 4, axis", "functions"),
    "what is right": ("> 0", "> 0.1", "functions"),
    "an observable": ('weights["in"] ** 2', 'weights["in"] ** 3', "functions"),
    "an input": ("reshape(5, 3) / 15", "reshape(5, 3) / 15.0001", "data"),
    "a test target": ("np.ones((2, 1))", "-np.ones((2, 1))", "data"),
    "the start": ("jnp.ones((4, 1)) / 3", "jnp.ones((4, 1)) / 4", "initial weights"),
}  # fmt: skip


def made(source, module="mine"):
    names = {"__name__": module}
    exec(compile(source, f"/{module}.py", "exec"), names)
    return names["model"]()


def identity_of(model, plan=PLAN):
    from langevin.sgld.content import content
    from langevin.sgld.progress import begin
    from langevin.sgld.snapshot import identity

    with precision(plan.computation.dtype):
        setup, fresh = begin(model, plan)
        return identity(setup, content(setup, fresh))


@pytest.fixture(scope="module")
def unchanged():
    return identity_of(made(SOURCE))


@pytest.mark.parametrize("edit", EDITS)
def test_every_edit_that_changes_bits_is_named(edit, unchanged):
    from langevin.provenance import changes

    before, after, part = EDITS[edit]
    assert SOURCE.count(before) == 1
    found = changes(unchanged, identity_of(made(SOURCE.replace(before, after))))
    assert [line for line in found if part in line], found


def test_names_comments_and_the_length_of_a_call_change_nothing(unchanged):
    renamed = SOURCE.replace("SLOPE", "STEEPNESS").replace("unit", "sigmoid").replace('"in"', '"first"')
    assert identity_of(made("# A comment.\n" + renamed, "elsewhere")) == unchanged
    computation = replace(PLAN.computation, chunk=7)
    assert identity_of(made(SOURCE), replace(PLAN, computation=computation)) == unchanged


def test_schedule_settings_and_versions_are_named(unchanged, monkeypatch):
    from langevin.provenance import changes

    def slower(power):
        return replace(PLAN, protocol=Protocol(schedule=lambda step: (1 + step / 9) ** -power))

    model = made(SOURCE)
    slow = identity_of(model, slower(0.5))
    assert changes(unchanged, slow) == ["the schedule"]
    assert changes(slow, identity_of(model, slower(0.6))) == ["the schedule"]
    assert changes(slow, identity_of(model, slower(0.5))) == []
    assert "the setting seed (it was 0)" in changes(unchanged, identity_of(model, replace(PLAN, seed=1)))
    monkeypatch.setattr("langevin.sgld.content.versions", lambda *names: {"jax": "9.9.9", "python": "3"})
    (line,) = changes(unchanged, identity_of(model))
    assert line.startswith("the software (it was langevin ")
    with pytest.raises(InputFileError, match="does not name its run"):
        changes("[]", unchanged)


@pytest.fixture
def forget():
    """Remove an imported module, so that its file is read again."""

    def drop(name):
        sys.modules.pop(name, None)

    yield drop
    drop("edited")
    drop("renamed")


def test_the_command_refuses_an_edited_network_and_finds_a_renamed_one(line, forget):
    from langevin.store import load

    folder = line.folder
    text = (folder / "line.py").read_text()
    (folder / "edited.py").write_text(text)
    settings = ("edited", "--seed", 3, "--temperature", 1e-4, "-q")
    assert line(*settings, "--out", "whole.h5").exit_code == 0
    assert line(*settings, "--out", "cut.h5", interrupt_at=15).exit_code != 0
    (folder / "edited.py").write_text(text.replace("x @ w", "2 * x @ w"))
    forget("edited")
    refused = line(*settings, "--resume", "cut.h5")
    assert refused.exit_code == 4
    assert "of another run, which differs in the functions of the network:" in refused.output
    assert "Traceback" not in refused.output
    (folder / "edited.py").unlink()
    (folder / "renamed.py").write_text("# Another name.\n" + text)
    forget("edited")
    assert line("renamed", *settings[1:], "--resume", "cut.h5").exit_code == 0
    whole, cut = load(folder / "whole.h5"), load(folder / "cut.h5")
    assert np.array_equal(whole.states, cut.states)
    assert whole.meta["content"] == cut.meta["content"]
