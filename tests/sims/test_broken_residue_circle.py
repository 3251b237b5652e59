"""Another operation, random points and circles of any names change the verdict."""

import numpy as np

from langevin.experiment.claims import FAILS, HOLDS, UNDECIDED
from langevin.measure.networks import frequency_plane
from sims import _circles
from sims import residue_circle as sim

P = 23
ANGLE = 2 * np.pi * np.arange(P) / P


def word(planes, renamed):
    """The verdict on planes of several networks, and on those with residues renamed."""
    shifts = {
        name: np.array([sim.steadiness(plane) for plane in found])
        for name, found in ((sim.STRONGEST, planes), (sim.RENAMED, renamed))
    }
    return sim.is_a_shift(shifts, np.full((len(planes), P // 2), 2 / P), len(planes)).verdict.word


def circles(frequency=3, noise=0.1):
    generator = np.random.default_rng(frequency)
    wave = np.stack([np.cos(frequency * ANGLE), np.sin(frequency * ANGLE)], axis=1)
    return [wave + noise * generator.normal(size=wave.shape) for _ in range(5)]


def test_a_circle_is_told_from_a_cloud_and_from_one_of_any_names():
    cloud = circles(noise=10.0)
    assert word(circles(), cloud) == HOLDS
    assert word(cloud, cloud) == FAILS
    assert word(circles(), circles(5)) == FAILS  # there is such a circle for any names


def test_networks_that_do_not_generalise_decide_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(_circles, "transformers", lambda *_, **__: np.empty((0, P, 48)))
    answer = sim.answer(quick=True)
    assert answer.findings[0].verdict.word == UNDECIDED
    assert "none of" in answer.findings[0].number
    answer.draw(str(tmp_path / "figure.png"))


def test_labels_lie_beside_their_points_and_apart():
    points = np.array([[0.0, 1.0], [0.02, 1.0], [1.0, 0.0], [0.0, -1.0]])
    places = np.array(sim.places_of_labels(points))
    everything = np.concatenate([points, places])
    apart = np.linalg.norm(everything[:, None] - places, axis=2) + np.eye(8)[:, 4:]
    assert np.allclose(np.linalg.norm(places - points, axis=1), sim.BESIDE)
    assert apart.min() > 0.5 * sim.BESIDE


def test_networks_that_multiply_have_no_shift_by_a_residue():
    """They turn by the logarithm of the factor, so the residues in their order have no constant shift."""
    tables = _circles.transformers(8, 1, steps=1500, operation="multiply")
    planes = [frequency_plane(table)[0] for table in tables]
    assert len(planes) > 2
    assert word(planes, circles(noise=10.0)) == FAILS
