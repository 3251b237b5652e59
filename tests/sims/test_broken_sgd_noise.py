"""A true OU process in the place of the motion along the set, and heavy tails in the place of the noise: noticed."""

import numpy as np

import langevin
from langevin.comparison import compare
from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF
from langevin.types import Measurement, Prediction
from sims import sgd_noise as sim


def verdict(stiffness):
    """Of walkers in the place of the networks: free, or held back by a spring."""
    run = langevin.simulate(
        langevin.Problem(langevin.potentials.quadratic(1, stiffness), 1.0), walkers=200, steps=4000, dt=0.01, every=20,
        seed=1, start=langevin.Start([0.0], first_step=0),
    )  # fmt: skip
    across = compare(Measurement(2.0, 0.05, 10, "memory"), Prediction(2.0))
    far = {name: run for name in ("minibatches", "isotropic", "labels")}
    exponents = {name: sim.late_exponent(far[name]) for name in ("isotropic", "labels")}
    return sim.is_process(far, exponents, across).verdict.word


def test_a_process_that_is_held_back_along_the_set_would_be_noticed():
    assert verdict(1e-6).startswith(ONLY_IF)
    assert verdict(2.0) == HOLDS


def test_heavy_tails_are_not_taken_for_gaussian():
    def found(draw):
        values = np.array(
            [[sim.excess_kurtosis(draw((4000, 20))).mean() for _ in range(6)] for _ in sim.STAGES]
        )
        others = {"loss": np.ones((4, 6)) * [[1], [0.1], [0.01], [0.001]], "alignment": np.ones((4, 6))}
        return sim.is_gaussian(
            {name: values for name in sim.KINDS} | others | {"size": others["loss"]}
        ).verdict.word

    generator = np.random.default_rng(1)
    assert found(generator.standard_normal) == HOLDS
    assert found(lambda shape: generator.laplace(size=shape)) == FAILS
