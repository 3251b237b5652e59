"""The networks of a training over the workers of an executor have the bits of a training without one."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.sgld import Callbacks, Computation, Data, Law, Model, Protocol, Recording, spread, train
from langevin.workers import Windows
from models import parity
from tests.engine import digest
from tests.pools import processes
from tests.tiny_network import network

#: Trainings of several kinds: heat and a rank, a sweep in blocks of three networks, batches and a stop, divergence.
KINDS = {
    "heat": (network, {"law": Law(0.05, temperature=1e-3), "chains": 5}),
    "a sweep in blocks": (
        network,
        {
            "law": Law(0.05, temperature=1e-3),
            "chains": 2,
            "protocol": Protocol(sweep={"temperature": [1e-3, 1e-4]}),
            "computation": Computation(lanes=3, dtype="float64"),
        },
    ),
    "inertia": (
        network,
        {"law": Law(0.05, 1e-3, name="underdamped", options={"friction": 3.0}), "chains": 3},
    ),
    "a heavy ball": (network, {"law": Law(0.05, 1e-3, name="heavy-ball"), "chains": 3}),
    "a preconditioner": (
        network,
        {"law": Law(1e-3, 1e-3, name="preconditioned", options={"warm_up": 60.0}), "chains": 3},
    ),
    "batches, and a stop": (
        lambda: parity.model(width=20, samples=40),
        {
            "law": Law(0.1, weight_decay=0.01, batch=8),
            "chains": 3,
            "protocol": Protocol(stop={"train_loss": 0.02}, after_memorisation={"weight_decay": 0.1}),
        },
    ),
}


@pytest.fixture(autouse=True)
def _short_windows(monkeypatch):
    """Set windows of forty steps, which end between frames."""
    monkeypatch.setattr(Windows, "learn", lambda self, steps, seconds: setattr(self, "steps", 40.0))


@pytest.fixture(scope="module")
def threads():
    with ThreadPoolExecutor(2) as executor:
        yield executor


def trained(kind, **more):
    """The run, and the weights that its callback received."""
    import jax

    make, arguments = KINDS[kind]
    seen = []
    visit = Callbacks(visit=lambda step, weights: seen.append((step, jax.tree.map(np.asarray, weights))))
    run = train(
        make(),
        **{"steps": 150, "seed": 3, "recording": Recording(frames=7)} | arguments,
        callbacks=visit,
        **more,
    )
    return run, seen


def alike(one, other):

    for name in one.observables:
        np.testing.assert_array_equal(one.observables[name], other.observables[name])
    return digest(one) == digest(other) and one.meta == other.meta


#: JAX needs seconds to compile a kind of training, so one kind is used for all changes.
QUICK = "a sweep in blocks"


@pytest.mark.parametrize(
    "kind", [kind if kind == QUICK else pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS]
)
def test_over_threads(kind, threads):
    import jax

    (whole, seen), (cut, shown) = trained(kind), trained(kind, executor=threads)
    assert alike(whole, cut)
    assert [step for step, _ in seen] == [step for step, _ in shown] == list(whole.steps)
    for (_, ours), (_, theirs) in zip(seen, shown):
        assert len(ours) == len(whole.events["status"])
        assert jax.tree.all(jax.tree.map(np.array_equal, ours, theirs))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:lr x sharpness")
def test_networks_that_diverge_end_the_run_at_the_same_frame(threads):
    arguments = {
        "law": Law(3.0, temperature=1e-3), "chains": 3, "steps": 300, "computation": Computation(unstable=True)
    }  # fmt: skip
    whole, cut = (train(network(), **arguments, executor=executor) for executor in (None, threads))
    assert whole.counts["diverged"] == 3
    assert alike(whole, cut)


def test_it_goes_on_from_what_was_kept(threads, monkeypatch):
    """The run is kept after a window, stopped, and continued, with or without threads."""
    monkeypatch.setattr("langevin.sgld.course.CHECKPOINT_SECONDS", 0.0)
    kept = []
    arguments = {"law": Law(0.05, temperature=1e-3), "chains": 3, "steps": 150}
    keep = Callbacks(checkpoint=lambda run, state: kept.append(state))
    whole = train(network(), **arguments, callbacks=keep, executor=threads)
    assert len(kept) > 2
    for executor in (None, threads):
        assert alike(train(network(), **arguments, resume=kept[1], executor=executor), whole)


@pytest.mark.slow
def test_over_processes():
    """Each process starts JAX, which takes about ten seconds."""
    with processes() as executor:
        assert alike(trained("heat")[0], trained("heat", executor=executor)[0])


def test_a_network_that_stands_in_no_module_is_refused():
    known = {"__name__": "__main__"}
    exec("def apply(weights, inputs):\n    return inputs @ weights", known)
    data = Data(np.ones((4, 2)), np.ones((4, 1)))
    model = Model("lonely", lambda key: np.ones((2, 1)), known["apply"], "half-mse", data, data)
    with processes(1) as executor, pytest.raises(UsageError, match="apply of lonely is defined in __main__"):
        train(model, Law(0.01), steps=3, executor=executor)


def test_workers_look_for_kept_programs(threads, monkeypatch):
    """Otherwise each worker would compile the network again."""
    kept, asked = spread.programs_kept, []

    def heard(model, plan):
        asked.append(model.name)
        return kept(model, plan)

    monkeypatch.setattr(spread, "programs_kept", heard)
    trained("heat", executor=threads)
    assert set(asked) == {network().name}
