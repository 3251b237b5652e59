"""Functions are sent by name: a worker makes them from its modules, with the same content and identity."""

import pickle
import pickletools
import pkgutil
import sys
from functools import partial
from importlib import import_module

import numpy as np
import pytest

import models
from langevin import integrators, manifolds, potentials
from langevin.cli.options import parse_schedule
from langevin.errors import UsageError
from langevin.kernels.compile import jitable
from langevin.kernels.fingerprint import fingerprint
from langevin.landscapes.weight_decay import with_weight_decay
from langevin.types import Integrator
from langevin.workers.parcel import dumps, loads
from tests.circle import VARIATION, circle

#: Objects whose functions are closures, lambdas, defaults of a class, and closures of closures.
SENT = {
    "a landscape": lambda: potentials.double_well(barrier=2.0),
    "a surface by the door": circle,
    "weight decay": lambda: with_weight_decay(manifolds.ring(), 0.1),
    "an integrator": integrators.projected,
    "its default": lambda: Integrator.__dataclass_fields__["memory"].default,
    "a schedule": lambda: parse_schedule("polynomial:10,0.5"),
    "a part of a function": lambda: partial(np.full, 3),
}


def functions_of(item):
    """All functions of a record, or the function itself."""
    fields = vars(item).values() if hasattr(item, "__dataclass_fields__") else [item]
    return [field for field in fields if callable(field) and not isinstance(field, partial)]


@pytest.mark.parametrize("name", SENT)
def test_what_arrives_has_the_content_of_what_was_sent(name):
    sent = SENT[name]()
    come = loads(dumps(sent, name, jitable))
    ours, theirs = functions_of(sent), functions_of(come)
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs):
        assert one.__code__ is other.__code__, "the code of this process's module"
        assert one.__globals__ is other.__globals__
        assert (one.__module__, one.__qualname__) == (other.__module__, other.__qualname__)
    if hasattr(sent, "gradient"):
        assert fingerprint(sent.gradient, sent.value) == fingerprint(come.gradient, come.value)
        assert come.stiffness(0.2) == sent.stiffness(0.2)


def test_no_code_travels():
    """Control: an ordinary pickle of a closure fails, and a pickle by value contains its code."""
    landscape = circle()
    with pytest.raises((AttributeError, pickle.PicklingError)):
        pickle.dumps(landscape)
    content = dumps(landscape, "circle", jitable)
    assert not [True for operation, value, _ in pickletools.genops(content) if isinstance(value, bytes)]
    assert landscape.gradient.__code__.co_code not in content


def test_a_global_arrives_as_itself():
    assert loads(dumps(fingerprint, "it")) is fingerprint
    assert loads(dumps(np, "it")) is np


def test_a_factory_behind_its_door_arrives():
    come = loads(dumps(potentials.double_well, "it"))
    assert come(barrier=2.0).dials == {"barrier": 2.0, "half_width": 1.0}
    with pytest.raises(UsageError, match="barrier > 0"):
        come(barrier=-1.0)


def test_a_closure_that_names_itself_arrives():
    """`constraint` without stiffness: a record contains a closure that contains the record."""
    made = manifolds.constraint(*kernels(), 2, 1, start=[1.0, 0.0], parameters=(VARIATION,))
    come = loads(dumps(made, "it", jitable))
    assert any(cell.cell_contents is come for cell in come.stiffness.__closure__)
    assert come.stiffness(0.1) == made.stiffness(0.1)


def kernels():
    one = circle()
    return one.residual, one.jacobian


@pytest.mark.parametrize("module", ["__main__", "nowhere"])
def test_a_function_that_no_other_process_finds_is_refused_in_a_sentence(module):
    known = {"__name__": module}
    exec("def lonely(x, out, parameters):\n    pass", known)
    with pytest.raises(
        UsageError, match=f"lonely of my well is defined in {module}, which no other process can import"
    ) as e:
        dumps(known["lonely"], "my well")
    assert "write it in a module" in e.value.remedy


def test_what_cannot_be_sent_is_refused_in_a_sentence():
    with pytest.raises(UsageError, match="my well cannot be sent to another process"):
        dumps((i for i in range(3)), "my well")


def test_what_is_not_here_is_told_in_a_sentence(tmp_path, monkeypatch):
    """A module that this process lacks, a module without the function, and one in which it captures other names."""
    monkeypatch.syspath_prepend(tmp_path)
    file = tmp_path / "sent_by_name.py"
    file.write_text("def make(a):\n    def kernel():\n        return a\n    return kernel\n")
    import sent_by_name

    content = dumps(sent_by_name.make(2), "it")
    assert loads(content)() == 2
    for text, said in [
        ("def other():\n    pass\n", "here has no make.<locals>.kernel"),
        ("def make(a):\n    def kernel():\n        return 1\n    return kernel\n", "captures other names"),
    ]:
        file.write_text(text)
        vars(sent_by_name).pop("make", None)
        exec(compile(text, str(file), "exec"), vars(sent_by_name))
        with pytest.raises(UsageError, match=said):
            loads(content)
    file.unlink()
    del sys.modules["sent_by_name"]
    with pytest.raises(UsageError, match="no module sent_by_name here"):
        loads(content)


@pytest.mark.parametrize("name", [one.name for one in pkgutil.iter_modules(models.__path__)])
def test_every_shipped_network_can_be_sent_to_workers(name):
    network = import_module(f"models.{name}").model()
    again = loads(dumps(network, network.name))
    assert again.name == network.name
    assert again.observe.keys() == network.observe.keys()
