"""Progress measures of addition modulo p, on networks that are exactly a solution, compared with explicit sums."""

import numpy as np
import pytest

from langevin import registry
from langevin.errors import UsageError
from langevin.measure.networks import fourier_power
from langevin.sgld.computation import precision
from langevin.sgld.fourier import answers_of
from models import modular
from tests.observables.circuits import addition, outputs_of, seen, weights_of
from tests.tiny_network import network

P, FREQUENCIES, HEIGHT = 13, [2, 5], 3.0
NAMES = ("embedding_spectrum", "embedding_gini", "key_frequencies", "restricted_loss", "excluded_loss")
EXACT = 1e-10  # round-off of sums of some hundred numbers of double precision


def measures(*names):
    return {name: registry.entry("observables", name) for name in names or NAMES}


@pytest.fixture(scope="module")
def circuit():
    return seen(addition(P, FREQUENCIES, HEIGHT), measures())


def test_the_restricted_loss_of_a_trigonometric_solution_is_its_loss(circuit):
    logits = HEIGHT * np.cos(2 * np.pi * np.outer(np.arange(P), FREQUENCIES) / P).sum(axis=1)
    loss = (
        np.log(np.exp(logits).sum()) - logits[0]
    )  # the same for each pair, since it depends only on a + b - c
    for part in ("train", "test"):
        assert circuit[f"{part}_loss"] == pytest.approx(loss, abs=EXACT)
        assert circuit[f"restricted_loss[{part}]"] == pytest.approx(loss, abs=EXACT)


def test_its_excluded_loss_is_chance(circuit):
    for part in ("train", "test"):
        assert circuit[f"excluded_loss[{part}]"] == pytest.approx(np.log(P), abs=EXACT)


@pytest.mark.slow
def test_so_it_is_for_the_half_mse():
    found = seen(addition(P, FREQUENCIES, 0.1, loss="half-mse"), measures("restricted_loss", "excluded_loss"))
    assert found["restricted_loss[test]"] == pytest.approx(found["test_loss"], abs=EXACT)
    assert found["excluded_loss[test]"] == pytest.approx(0.5, abs=EXACT)  # outputs are 0 with one target of 1


def test_a_network_that_also_memorises_is_told_apart():
    """Memorised answers reduce the training loss without the key waves, and are absent with the key waves alone."""
    found = seen(addition(P, FREQUENCIES, HEIGHT, memory=12.0), measures())
    assert found["train_loss"] < 0.01
    assert found["excluded_loss[train]"] < 0.1
    assert found["restricted_loss[train]"] > 10 * found["train_loss"]
    assert found["excluded_loss[test]"] > 0.8 * np.log(P)


def test_the_frequencies_of_the_embedding(circuit):
    shares = [circuit[f"embedding_spectrum[{frequency}]"] for frequency in range(1, P // 2 + 1)]
    np.testing.assert_allclose(shares, [0, 0.5, 0, 0, 0.5, 0], atol=EXACT)
    assert circuit["key_frequencies[count]"] == 2
    assert circuit["key_frequencies[share]"] == pytest.approx(1)
    assert [circuit[f"key_frequencies[{place}]"] for place in (3, 4, 5)] == [0, 0, 0]
    assert {circuit[f"key_frequencies[{place}]"] for place in (1, 2)} == {2, 5}
    # 4 of n = p - 1 waves have all, in equal parts: (n - 4) / n
    assert circuit["embedding_gini"] == pytest.approx((P - 1 - 4) / (P - 1), abs=EXACT)


@pytest.mark.parametrize(
    ("sizes", "coefficient"), [([1, 1, 1, 1], 0), ([0, 0, 0, 5], 0.75), ([1, 2, 3], 2 / 9), ([0, 0], 0)]
)
def test_gini_coefficients_by_hand(sizes, coefficient):
    import jax.numpy as jnp

    from langevin.observables.embedding_gini import gini

    assert float(gini(jnp.array(sizes[::-1], "float32"))) == pytest.approx(coefficient, abs=1e-6)


def written_out(model, p):
    """Key waves of the outputs, frequency after frequency over all pairs; shares, outputs and targets."""
    pairs = np.concatenate([model.train.inputs, model.test.inputs])
    targets = np.concatenate([model.train.targets, model.test.targets])
    outputs = outputs_of(model)
    with precision("float64"):
        power = fourier_power(model.embedding(weights_of(model)))
    key = np.zeros_like(outputs)
    for frequency in np.flatnonzero(power * len(power) > 1.05) + 1:
        angle = 2 * np.pi * frequency * pairs.sum(axis=1) / p
        for wave in (np.cos(angle), np.sin(angle)):
            key += np.outer(wave, wave @ outputs) / (wave @ wave)
    return power, key, outputs, targets


def gini_written_out(table):
    """Gini coefficient of the norms of the components along waves of length 1, of pairs of which it is a mean."""
    p, norms = len(table), []
    for frequency in range(1, p // 2 + 1):
        angle = 2 * np.pi * frequency * np.arange(p) / p
        for wave in [np.cos(angle), np.sin(angle)][: 1 if 2 * frequency == p else 2]:
            norms.append(np.linalg.norm(wave @ table) / np.linalg.norm(wave))
    norms = np.array(norms)
    return np.abs(np.subtract.outer(norms, norms)).mean() / (2 * norms.mean())


@pytest.mark.parametrize("p", [pytest.param(11, marks=pytest.mark.slow), 12])
def test_a_random_network_has_the_losses_that_are_written_out(p, monkeypatch):
    monkeypatch.setattr("langevin.sgld.fourier.KEY", 1.05)  # so low that some frequencies are key by chance
    model = modular.model(p=p, width=3, scale=1.0)
    found = seen(model, measures())
    power, key, outputs, targets = written_out(model, p)
    shares = [found[f"embedding_spectrum[{frequency + 1}]"] for frequency in range(len(power))]
    np.testing.assert_allclose(shares, power, rtol=1e-6)
    assert found["key_frequencies[count]"] == (power * len(power) > 1.05).sum() > 0
    with precision("float64"):
        table = np.asarray(model.embedding(weights_of(model)))
    assert found["embedding_gini"] == pytest.approx(gini_written_out(table), rel=1e-6)
    cut = len(model.train.targets)
    for name, kept in (("restricted", key + outputs.mean(axis=0)), ("excluded", outputs - key)):
        each = 0.5 * ((kept - targets) ** 2).sum(axis=1)
        assert found[f"{name}_loss[train]"] == pytest.approx(each[:cut].mean(), rel=1e-6)
        assert found[f"{name}_loss[test]"] == pytest.approx(each[cut:].mean(), rel=1e-6)


@pytest.mark.parametrize(
    ("model", "name", "message"),
    [
        (
            lambda: modular.model(p=5, width=4, operation="multiply"),
            "restricted_loss",
            "no addition or subtraction",
        ),
        (
            lambda: modular.model(p=5, width=4, operation="squares"),
            "excluded_loss",
            "no addition or subtraction",
        ),
        (network, "excluded_loss", "no addition"),
        (
            network,
            "embedding_spectrum",
            "tanh has no table of embeddings: a network of tokens that names its table",
        ),
    ],
)
def test_what_they_do_not_fit_is_refused_in_a_sentence(model, name, message):
    with pytest.raises(UsageError, match=message):
        seen(model(), measures(name))


def test_subtraction_is_taken_apart_like_addition():
    model = modular.model(p=5, width=4, operation="subtract")
    pairs = np.concatenate([model.train.inputs, model.test.inputs])
    assert answers_of(model).tolist() == ((pairs[:, 0] - pairs[:, 1]) % 5).tolist()
