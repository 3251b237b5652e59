"""Many networks at once: seeds and settings in one run give the same numbers as alone."""

from functools import partial

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.sgld import Callbacks, Computation, Law, Protocol, Recording, split, train
from tests.tiny_network import network

run = partial(train, steps=60, recording=Recording([10, 60]), seed=3)
WARM = Law(0.1, temperature=1e-4)
SWEEP = {"learning_rate": [0.1, 0.05], "temperature": [0.0, 1e-3]}


def test_each_setting_of_a_sweep_is_the_run_of_it_alone():
    together = run(network(), Law(1.0), protocol=Protocol(sweep=SWEEP), chains=3)
    assert len(together.states) == 12
    assert together.meta["clock"].startswith("sum of the factors")
    parts = split(together)
    settings = [(rate, theta) for rate in SWEEP["learning_rate"] for theta in SWEEP["temperature"]]
    for part, (rate, theta), setting in zip(parts, settings, range(4)):
        alone = run(network(), Law(rate, temperature=theta), chains=3)
        assert np.array_equal(part.states, alone.states)
        np.testing.assert_allclose(part.times, alone.times, rtol=1e-15)
        for name, values in alone.events.items():
            np.testing.assert_allclose(part.events[name], values, rtol=1e-15)
        assert set(part.events["learning_rate"]) == {rate}
        assert part.events["network"].tolist() == [0, 1, 2]
        differing = {name for name, value in alone.meta.items() if part.meta[name] != value}
        assert differing == set()
        assert part.meta["setting"] == setting
    assert split(parts[0]) == [parts[0]]


def test_networks_advanced_together_are_those_advanced_alone_within_rounding():
    protocol = Protocol(sweep={"weight_decay": [0.0, 0.1]})
    alone, together = (
        run(network(), WARM, protocol=protocol, chains=3, computation=Computation(lanes=count))
        for count in (1, 4)  # 4 and 2
    )
    # Single precision over 60 steps that contract; another network, batch or noise differs in the first digit.
    np.testing.assert_allclose(together.states, alone.states, rtol=1e-3, atol=1e-4)
    assert np.abs(alone.states[0, -1] - alone.states[1, -1]).max() > 0.1
    for name, values in alone.observables.items():
        np.testing.assert_allclose(together.observables[name], values, rtol=1e-3, atol=1e-5)
    for name, values in alone.events.items():
        assert np.array_equal(together.events[name], values)


def test_a_diverged_network_stops_alone():
    protocol, computation = Protocol(sweep={"learning_rate": [0.1, 1e5]}), Computation(lanes=4, unstable=True)
    with pytest.warns(UserWarning, match="lr x sharpness"):
        trajectory = run(network(), WARM, protocol=protocol, chains=2, computation=computation)
    assert trajectory.counts["diverged"] == 2
    assert trajectory.events["status"][:2].tolist() == [0, 0]
    assert (trajectory.events["step"][2:] < 60).all()
    alone = run(network(), WARM, chains=2)
    np.testing.assert_allclose(trajectory.states[:2], alone.states, rtol=1e-3, atol=1e-4)
    from langevin.cli.training_text import as_text

    text = as_text(trajectory, {})
    assert text.count("diverged") == 3  # one line each, and the count
    assert "2 of 2 networks diverged" in text


@pytest.mark.parametrize(
    ("sweep", "message"),
    [
        ({"momentum": [0.1]}, "is not one of them"),
        ({"temperature": []}, "no values"),
        ({"temperature": [-1.0]}, "at least 0"),
    ],
)
def test_a_sweep_over_nothing_is_refused(sweep, message):
    with pytest.raises(UsageError, match=message):
        run(network(), WARM, protocol=Protocol(sweep=sweep))


def test_observables_of_ones_own_and_visits_see_the_weights():
    seen = {}
    trajectory = run(
        network(), WARM, chains=2, computation=Computation(lanes=2),
        recording=Recording([10, 60], {"largest": lambda weights: abs(weights["in"]).max()}),
        callbacks=Callbacks(
            visit=lambda step, weights: seen.update({step: [abs(one["in"]).max() for one in weights]})
        ),
    )  # fmt: skip
    assert list(seen) == trajectory.steps.tolist() == [0, 10, 60]
    np.testing.assert_array_equal(trajectory.observables["largest"].T, list(seen.values()))


def test_settings_with_noise_of_their_own_are_independent():
    """The first setting does not change, and the others start elsewhere; more networks do not change earlier ones."""
    sweep = {"temperature": [1e-4, 1e-4, 1e-3]}
    frames = Recording([0, 20])
    own, more, paired = (
        train(
            network(),
            Law(0.1),
            steps=20,
            chains=chains,
            seed=3,
            recording=frames,
            protocol=Protocol(sweep=sweep, own=own),
        )
        for chains, own in ((2, True), (3, True), (2, False))
    )
    parts, shared, wider = split(own), split(paired), split(more)
    np.testing.assert_array_equal(parts[0].states, shared[0].states)
    np.testing.assert_array_equal(shared[1].states, shared[0].states)  # the same law, and the same noise
    starts = {tuple(part.states[chain, 0]) for part in parts for chain in range(2)}
    assert len(starts) == 6
    for part, wide in zip(parts, wider):
        np.testing.assert_array_equal(part.states, wide.states[:2])
