"""A training starts from weights of another run or from arrays of another library: the correct ones, or a message."""

import zipfile
from collections import OrderedDict
from dataclasses import replace

import jax
import numpy as np
import pytest
from click.testing import CliRunner

import langevin
from langevin.cli import main
from langevin.errors import InputFileError, UsageError
from langevin.sgld import Callbacks, Law, Model, Plan, Protocol, Recording, Start, execute
from langevin.sgld.start_from import from_arrays
from tests.tiny_network import network

SMALL = ("-p", "n=6", "-p", "width=8", "-p", "samples=32", "-q")


def first_weights(plan):
    seen = {}
    execute(network(), plan, Callbacks(visit=lambda step, weights: seen.setdefault(step, weights)))
    return seen[0]


def same(left, right):
    assert jax.tree.structure(left) == jax.tree.structure(right)
    jax.tree.map(np.testing.assert_array_equal, left, right)


@pytest.fixture(scope="module")
def run():
    return langevin.train(
        network(), Law(0.3), steps=60, chains=3, seed=1, recording=Recording([0, 60], weights=20)
    )


def test_each_network_starts_where_it_is_told(run):
    several = Start(tuple(langevin.weights(run, network(), chain, 20) for chain in range(3)))
    for chain, found in enumerate(first_weights(Plan(Law(0.3), 5, 3, 2, Protocol(start=several)))):
        same(found, several.weights[chain])
    one = Start(several.weights[1:2])
    for found in first_weights(Plan(Law(0.3), 5, 4, 2, Protocol(start=one))):
        same(found, several.weights[1])


def test_copies_of_one_network_part_by_their_noise(run):
    """Each copy has other noise; without noise all copies stay equal, so nothing else differs."""
    weights = langevin.weights(run, network(), 0, 20)
    noisy, still = (
        langevin.train(
            network(), Law(0.1, theta), steps=20, chains=4, seed=5, protocol=Protocol(start=weights)
        )
        for theta in (1e-4, 0.0)
    )
    ends = [np.asarray(one.observables["weight_norm"][:, -1]) for one in (noisy, still)]
    assert len(set(ends[0].tolist())) == 4
    assert len(set(ends[1].tolist())) == 1
    assert (still.observables["displacement"][:, 0] == 0).all()


def test_a_run_in_two_parts_without_noise_is_the_run_in_one(run):
    """Gradient descent has no memory: after step 20 it has the same weights."""
    rest = langevin.train(
        network(),
        Law(0.3),
        steps=40,
        chains=1,
        seed=9,
        protocol=Protocol(start=langevin.weights(run, network(), 2, 20)),
    )
    same(langevin.weights(rest, network(), 0), langevin.weights(run, network(), 2))


def test_resumed_and_extended_runs_keep_their_start(run):
    plan = Plan(Law(0.1, 1e-4), 40, 3, 7, Protocol(start=langevin.weights(run, network(), 0, 20)))
    plan = replace(plan, recording=Recording([0, 20, 40]))
    whole = execute(network(), plan)
    short = execute(network(), replace(plan, steps=20, recording=Recording([0, 20])))
    longer = langevin.sgld.extend(short, network(), plan)
    np.testing.assert_array_equal(longer.states, whole.states)
    other = replace(plan, protocol=Protocol(start=langevin.weights(run, network(), 1, 20)))
    with pytest.raises(InputFileError, match="initial weights"):
        langevin.sgld.extend(short, network(), other)


@pytest.mark.parametrize(
    "wrong",
    [
        {"in": np.zeros((5, 8))},
        {"in": np.zeros((8, 5)), "out": np.zeros((8, 1))},
        {"in": np.full((5, 8), np.nan), "out": np.zeros((8, 1))},
        np.zeros(3),
    ],
)
def test_weights_of_another_network_are_refused(wrong):
    with pytest.raises(UsageError):
        langevin.train(network(), Law(0.1), steps=5, chains=2, seed=1, protocol=Protocol(start=wrong))


def test_another_number_of_networks_is_refused(run):
    start = Start(tuple(langevin.weights(run, network(), chain) for chain in range(3)))
    with pytest.raises(UsageError, match="weights of 3 networks"):
        langevin.train(network(), Law(0.1), steps=5, chains=2, seed=1, protocol=Protocol(start=start))


def test_arrays_by_name_or_by_shape():
    generator = np.random.default_rng(0)
    first, second = generator.normal(size=(5, 8)), generator.normal(size=(8, 1))
    same(from_arrays(network(), {"in": first, "out": second}), {"in": first, "out": second})
    torch = {"layer.0.weight": first.T, "layer.1.weight": second.T}  # (outputs, inputs)
    same(from_arrays(network(), torch), {"in": first, "out": second})
    for wrong in ({"in": first}, {"in": first, "out": second, "more": second}, {"a": first.T, "b": second.T}):
        with pytest.raises(UsageError, match=r"in \(5, 8\), out \(8, 1\)"):
            from_arrays(network(), wrong)
    with pytest.raises(UsageError, match="is <U"):
        from_arrays(network(), {"in": first.astype(str), "out": second})


def test_shapes_that_leave_a_choice_are_refused():
    """With two square layers, their order and transposition cannot be determined."""
    base = network()

    def init(key):
        return {"a": jax.numpy.ones((5, 5)), "b": jax.numpy.ones((5, 5)), "c": jax.numpy.ones((5, 1))}

    square = Model(
        "square", init, lambda w, x: x @ w["a"] @ w["b"] @ w["c"], "half-mse", base.train, base.test
    )
    arrays = {"l1.weight": np.ones((5, 5)), "l2.weight": np.ones((5, 5)), "l3.weight": np.ones((1, 5))}
    with pytest.raises(UsageError, match=r"(more than one|no) way"):
        from_arrays(square, arrays)
    data = base.train._replace(targets=np.ones((10, 5)))
    one = Model(
        "one", lambda key: {"a": jax.numpy.ones((5, 5))}, lambda w, x: x @ w["a"], "half-mse", data, data
    )
    with pytest.raises(UsageError, match="more than one way"):
        from_arrays(one, {"l1.weight": np.ones((5, 5))})


def test_the_command_starts_from_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*words, code=0):
        done = CliRunner().invoke(main, ("train", "models.parity", *SMALL, *words))
        assert done.exit_code == code, done.output
        return done.output

    call("--steps", "40", "--seeds", "3", "--seed", "1", "--weights", "every:20", "--out", "a.h5")
    call("--steps", "4", "--from", "a.h5", "--seed", "2", "--out", "b.h5")
    first, second = langevin.load("a.h5"), langevin.load("b.h5")
    assert len(second.events["status"]) == 3
    np.testing.assert_array_equal(second.states[:, 0], first.states[:, -1])
    assert second.meta["started_from"] == "each of 3 networks of a.h5 at end"
    call("--steps", "4", "--from", "a.h5:20:1", "--seeds", "4", "--seed", "2", "--out", "c.h5")
    frame = first.steps.tolist().index(20)
    copies = langevin.load("c.h5").states[:, 0]
    np.testing.assert_array_equal(copies, np.broadcast_to(first.states[1, frame], copies.shape))
    call("--steps", "8", "--from", "a.h5:20:1", "--seeds", "4", "--extend", "c.h5")
    weights = langevin.weights(first, chain=0)
    np.savez("w.npz", **weights)
    call("--steps", "4", "--from", "w.npz", "--seeds", "2", "--seed", "2", "--out", "d.h5")
    assert "seed 1 too" in call("--steps", "4", "--from", "a.h5", "--seed", "1", "--out", "e.h5", code=2)
    assert "weights were kept" in call("--steps", "4", "--from", "a.h5:7", "--out", "e.h5", code=2)
    assert "cannot be read" in call("--steps", "4", "--from", "none.npz", "--out", "e.h5", code=4)
    assert "--from takes FILE" in call("--steps", "4", "--from", "", "--out", "e.h5", code=2)
    with zipfile.ZipFile("w.npz", "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(archive.namelist()[0], archive.read(archive.namelist()[0]))
    assert "two arrays of one name" in call("--steps", "4", "--from", "w.npz", "--out", "e.h5", code=4)
    np.savez("o.npz", a=np.array([{}], object))
    assert "no plain arrays" in call("--steps", "4", "--from", "o.npz", "--out", "e.h5", code=4)
    call(
        "--steps",
        "4",
        "--from",
        "a.h5:20",
        "--weight-decay",
        "0,0.1",
        "--seed",
        "3",
        "--jobs",
        "1",
        "--out",
        "s",
    )
    assert sorted(one.suffix for one in (tmp_path / "s").glob("*.h5")) == [".h5", ".h5"]


def test_the_order_of_containers_is_that_of_the_model():
    """An ordered dictionary keeps its order in JAX, so two leaves of one shape would be exchanged."""
    model = replace(
        network(),
        init=lambda key: {
            "a": jax.numpy.ones((5, 5)),
            "b": 2 * jax.numpy.ones((5, 5)),
            "c": jax.numpy.ones((5, 1)),
        },
        apply=lambda w, x: x @ w["a"] @ w["b"] @ w["c"],
    )
    start = OrderedDict(b=np.full((5, 5), 0.2), c=np.ones((5, 1)), a=np.full((5, 5), 0.1))
    run = execute(model, Plan(Law(1e-4), 1, 1, 1, Protocol(start=start)))
    found = langevin.weights(run, model)
    assert np.allclose(found["a"], 0.1, atol=0.01)
    assert np.allclose(found["b"], 0.2, atol=0.01)


def test_names_of_leaves_may_have_points():
    """As in a state dictionary; two layers of one shape are then distinguished by their names."""
    model = replace(
        network(),
        init=lambda key: {name: jax.numpy.ones((5, 5)) for name in ("fc.weight", "gc.weight")},
        apply=lambda w, x: (x @ w["fc.weight"] @ w["gc.weight"])[:, :1],
    )
    arrays = {"gc.weight": np.full((5, 5), 2.0), "fc.weight": np.full((5, 5), 1.0)}
    found = from_arrays(model, arrays)
    assert (found["fc.weight"] == 1).all()
    assert (found["gc.weight"] == 2).all()
    with pytest.raises(UsageError):
        from_arrays(model, arrays | {"gc/weight": np.zeros((5, 5))})


def test_numbers_beyond_the_precision_are_refused():
    huge = {"in": np.full((5, 8), 1e300), "out": np.zeros((8, 1))}
    with pytest.raises(UsageError, match="finite in float32"):
        langevin.train(network(), Law(0.1), steps=5, chains=2, seed=1, protocol=Protocol(start=huge))


def test_a_misspelled_step_of_a_file_is_told(tmp_path):
    """The message is not that there is no file of this long name."""
    from langevin.cli.starts import parts_of

    file = tmp_path / "run.h5"
    file.touch()
    for text in (f"{file}:memorized", f"{file}:memorised:first"):
        with pytest.raises(UsageError, match="STEP is a number, memorised"):
            parts_of(text)
    assert parts_of(f"{file}:memorised:2") == (file, "memorised", 2)
