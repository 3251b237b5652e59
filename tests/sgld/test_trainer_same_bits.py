"""Optimisations of training change no bit, and other numbers need no new compilation."""

import numpy as np

from langevin.sgld import Law, Recording, train
from models import tanh


def compiled(caplog, **numbers):
    """The programs that JAX compiles during a run with these numbers, one line each."""
    import jax

    caplog.clear()
    with caplog.at_level("WARNING", "jax"), jax.log_compiles():
        train(compiled.model, Law(**numbers, batch=4), steps=40, chains=2, recording=Recording(frames=5))
    return [record.message for record in caplog.records if record.message.startswith("Compiling ")]


def test_other_temperatures_rates_and_decays_compile_nothing_at_all(caplog):
    compiled.model = tanh.model(inputs=6, hidden=6, samples=8, descent=0)
    assert any("stretch" in line for line in compiled(caplog, learning_rate=0.1, temperature=1e-5))
    assert compiled(caplog, learning_rate=0.05, temperature=2e-5, weight_decay=0.1) == []
    assert compiled(caplog, learning_rate=0.1) == []


def test_signs_that_are_kept_give_the_sketch_of_signs_made_anew(monkeypatch):
    import jax
    import jax.numpy as jnp

    from langevin.sgld.observation import kept_signs, sketch

    rows = jnp.asarray(np.random.default_rng(0).normal(size=(8, 5000)), "float32")
    both = jax.jit(lambda rows, kept: (sketch(rows, 64, kept), sketch(rows, 64)))(rows, kept_signs(5000, 64))
    assert np.array_equal(*both)
    monkeypatch.setattr("langevin.sgld.observation.KEPT", 0)
    assert kept_signs(5001, 64) is None  # other arguments: what is compiled is kept too
