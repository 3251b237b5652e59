"""Sets of many samples are evaluated in parts: with the same numbers, and with the memory of a part."""

import jax
import numpy as np

from langevin.sgld import Data, Law, Recording, observation, train
from langevin.sgld.sharpness import LEAST, WORK, part_of, sharpness
from tests.tiny_network import network


def test_an_evaluation_in_parts_is_that_of_the_whole(monkeypatch):
    """Ten samples in parts of four, four and two: the same losses within rounding, the same accuracies."""
    whole = train(network(), Law(0.1), steps=20, chains=2, seed=1, recording=Recording([0, 20]))
    monkeypatch.setattr(observation, "EVALUATED", 4)
    jax.clear_caches()
    parts = train(network(), Law(0.1), steps=20, chains=2, seed=1, recording=Recording([0, 20]))
    jax.clear_caches()
    for name in ("train_loss", "test_loss"):
        np.testing.assert_allclose(parts.observables[name], whole.observables[name], rtol=1e-6)
    for name in ("train_accuracy", "test_accuracy"):
        np.testing.assert_array_equal(parts.observables[name], whole.observables[name])
    np.testing.assert_array_equal(parts.states, whole.states)


def test_the_curvature_of_a_part_is_near_that_of_the_whole():
    """With 400 of 4000 samples; in a small set all samples are used."""
    generator = np.random.default_rng(0)
    inputs = generator.normal(size=(4000, 5)).astype(np.float32)
    data = Data(inputs, np.sign(inputs[:, :1]))
    part = part_of(data, WORK // 400)
    assert part.inputs.shape == (400, 5)
    assert (np.isin(part.inputs[:, 0], inputs[:, 0])).all()
    assert part_of(data, 10) is data
    assert len(part_of(data, WORK).targets) == LEAST
    model = network()
    weights = jax.tree.map(lambda leaf: leaf.astype("float32"), model.init(jax.random.key(1)))
    small, large = (sharpness(model, weights, one)[0] for one in (part, data))
    assert abs(small / large - 1) < 0.2  # about 1/sqrt(400); measured 0.05
    hessian = jax.hessian(
        lambda flat: np.float32(0.5) * ((jax.numpy.tanh(data.inputs @ flat[:40].reshape(5, 8)) @ flat[40:, None]
                                        - data.targets) ** 2).mean()
    )(jax.numpy.concatenate([weights["in"].ravel(), weights["out"].ravel()]))  # fmt: skip
    assert abs(np.linalg.eigvalsh(np.asarray(hessian, np.float64))[-1] / large - 1) < 2e-3
