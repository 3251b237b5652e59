"""Figures of networks show the given numbers."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from langevin.errors import UsageError
from langevin.figures import training, weights
from langevin.measure.arrival import AFTER, BEFORE, stretch
from langevin.types import Measurement, Status
from tests.synthetic import record

CHAINS, TURN, STEPS = 40, 64, 512
META = {
    "arrival": "train accuracy 1", "law": "sgld", "temperature": 0.5, "rank": 3, "parameters": 5, "model": "made",
    "learning_rate": 1.0, "weight_decay": 0.0,
}  # fmt: skip


def moved(speed, **meta):
    """Walkers that move straight until step 64, at this speed, and then diffuse in 2 directions at theta = 1/2."""
    generator, times = np.random.default_rng(0), np.arange(STEPS + 1.0)
    noise = generator.normal(size=(CHAINS, STEPS + 1, 2)) * (times > TURN)[:, None]
    straight = speed * np.minimum(times, TURN)[:, None] * np.array([0.6, 0.8])
    accuracy = np.tile((times >= TURN).astype(float), (CHAINS, 1))
    return record(
        straight + np.cumsum(noise, axis=1), times, observables={"train_accuracy": accuracy}, meta=META | meta
    )


def drawn_exponents(trajectory, window):
    """Exponents that a panel shows, and half of their intervals."""
    axes = Figure().subplots()
    lags = weights.displacements(Figure().subplots(), trajectory, stretch(trajectory, window), window)
    weights.exponents(axes, trajectory, window, lags)
    shown = [
        np.ptp(segment[:, 1]) / 2 for segment in axes.containers[0].lines[2][0].get_segments()
    ]  # error bars
    return axes.containers[0].lines[0].get_ydata(orig=False), np.array(shown)


def test_the_local_exponents_are_2_before_and_1_after():
    before, _ = drawn_exponents(moved(1.0), BEFORE)
    np.testing.assert_allclose(before, 2, atol=1e-6)
    after, half = drawn_exponents(moved(1.0), AFTER)
    assert len(after) >= 6
    assert (np.abs(after - 1) < 2 * half + 0.05).all()  # twice a 95 % interval
    assert (np.abs(after - 2) > 2 * half).all()  # ballistic motion would be detected


def test_free_diffusion_is_drawn_without_a_fit_where_it_is_the_law():
    axes = Figure().subplots()
    trajectory = moved(1.0)
    lags = weights.displacements(axes, trajectory, stretch(trajectory, AFTER), AFTER)
    law = next(line for line in axes.lines if "free directions" in line.get_label())
    np.testing.assert_allclose(law.get_ydata(), 2 * 0.5 * (5 - 3) * lags)
    mean = next(line for line in axes.lines if "mean of 40 of 40" in line.get_label())
    np.testing.assert_allclose(mean.get_ydata() / law.get_ydata(), 1, atol=5 * CHAINS**-0.5)
    assert weights.free_diffusion(moved(1.0, weight_decay=0.1), lags)[0] is None


def test_a_window_that_is_not_there_says_why(tmp_path):
    started = moved(1.0, arrival="start")
    assert weights.motion(started, tmp_path / "motion.png").stat().st_size > 10_000
    with pytest.raises(UsageError, match="when this run is on the zero-loss set is not known"):
        weights.motion(moved(1.0, arrival=None), tmp_path / "motion.png")


@pytest.mark.parametrize(("status", "medians"), [(Status.HIT, 1), (Status.FINISHED, 1), (Status.DIVERGED, 0)])
def test_networks_that_were_not_lost_have_a_median(status, medians):
    """It is thick, above a thin line for each network."""
    values = np.array([[3.0, 2.0, 1.0], [3.0, 4.0, 5.0], [3.0, 9.0, 9.0]])
    axes = Figure().subplots()
    made = record(np.zeros((3, 3, 1)), [0.0, 1.0, 2.0], observables={"loss": values}, status=status)
    training.draw(axes, made, "loss", "k", "train")
    thick = [line for line in axes.lines if line.get_linewidth() > 1]
    assert (len(axes.lines) - len(thick), len(thick)) == (3, medians)
    for line in thick:
        np.testing.assert_allclose(line.get_ydata(), [4.0, 5.0])


def test_means_that_are_not_mixed_are_hollow(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(weights, "write_figure", lambda figure, *_, **__: shown.append(figure))
    made = record(np.zeros((3, 3, 1)), [0.0, 1.0, 2.0], meta=META)
    rows = [
        ({"step": step}, "trace", Measurement(5.0, 1.0, 3, "mean", step > 0)) for step in (0.0, 10.0, 20.0)
    ]
    weights.draw_kept(tmp_path / "a.png", made, rows)
    points = [line for line in shown[0].axes[0].lines if line.get_marker() == "o"]
    faces = {line.get_markerfacecolor(): len(line.get_xdata()) for line in points}
    assert faces == {points[0].get_color(): 2, "white": 1}
    assert "assumptions fail" in shown[0].get_suptitle()


def test_residues_on_a_circle_stand_on_it_in_their_order():
    angles = 2 * np.pi * 3 * np.arange(11) / 11
    axes = Figure().subplots()
    weights.network(axes, "network 4", np.stack([np.cos(angles), 2 + np.sin(angles), 0 * angles], axis=1))
    assert "network 4\nfrequency 3, share 1.00\nspread of the radius 0.00" in axes.get_title(loc="left")
    places = np.array([text.get_position() for text in axes.texts])
    turns = np.unwrap(np.angle(places @ [1, 1j])[np.argsort(angles % (2 * np.pi))])
    np.testing.assert_allclose(np.abs(np.diff(turns)), 2 * np.pi / 11)


def test_a_random_cloud_has_the_spread_that_is_written_above_it(tmp_path):
    table = np.random.default_rng(0).normal(size=(2001, 40))
    axes = Figure().subplots()
    weights.network(axes, 0, table)
    spread = float(axes.get_title(loc="left").split()[-1])
    assert spread == pytest.approx(
        weights.CLOUD, abs=0.04
    )  # some 1 / sqrt(2 x 2001), and a frequency of share 0.001
    assert weights.circle([table[:31]] * 4, tmp_path / "circle.png", "made").stat().st_size > 10_000
