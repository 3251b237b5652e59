"""Tasks with an exactly known delay, and the dials of the other tasks."""

import numpy as np
import pytest

from langevin.scorecard.cells import CALIBRATION, drawn
from sims import _delay_tasks as tasks
from sims._known_delays import canal_delay, linear_delay
from sims.grokking_times import CELLS


def test_every_task_has_enough_held_out_cells():
    for name, task in tasks.TASKS.items():
        split = [cell.split for cell in drawn(name, CELLS, task.dials)]
        assert split.count(CALIBRATION) >= 12, name
        assert len(split) - split.count(CALIBRATION) >= 40, name


def test_the_delay_of_a_linear_estimator_is_that_of_its_recursion():
    case = tasks.linear({"learning_rate": 0.05, "scale": 1.0, "samples": 150}, seed=3)
    start = np.random.default_rng(0).normal(size=100) / 10
    logarithm, spread = linear_delay(case.model, 0.05, start, memorised=0)
    inputs, targets = (np.asarray(part, float) for part in case.model.train)
    tests, answers = (np.asarray(part, float) for part in case.model.test)
    weights, step = start[:, None].copy(), 0
    while (np.abs(tests @ weights - answers) <= 0.1).mean() < 0.95:
        weights -= 0.05 * inputs.T @ (inputs @ weights - targets) / len(inputs)
        step += 1
    assert np.log10(step) == pytest.approx(logarithm, abs=4 * spread)
    assert spread < 0.05


def test_frames_have_a_constant_ratio():
    frames = np.array(tasks.recorded(10_000))
    late = frames[frames > 100]
    assert (np.diff(late) / late[:-1] <= 0.06).all()


def test_the_cube_is_known():
    (cell,) = drawn("cube", 1, tasks.KNOWN["cube"].dials)
    rows = tasks.train_cell(cell)
    assert len(rows) == tasks.NETWORKS
    for row in rows:
        assert row["outcome"] == "delayed"
        assert abs(np.log10(row["generalised_by"]) - row["known"]) < 4 * row["known_sd"]


def test_the_canal_is_known():
    cell = drawn("canal", 4, tasks.KNOWN["canal"].dials)[-1]
    rows = tasks.train_cell(cell)
    assert len(rows) == tasks.NETWORKS
    for row in rows:
        assert row["outcome"] == "delayed"
        assert abs(np.log10(row["generalised_by"]) - row["known"]) < 4 * row["known_sd"]


def test_the_median_time_along_a_uniform_canal_is_that_of_its_series():
    """Without a drift, from the middle between mirror and target: a sum of cosines (Carslaw and Jaeger, 3.4)."""
    theta, dt = 0.1, 1e-4
    median, _ = canal_delay(3, 0.0, theta, dt)
    odd = 2 * np.arange(200) + 1
    shares = 4 / (np.pi * odd) * (-1.0) ** np.arange(200) * np.cos(odd * np.pi / 4)
    left = shares @ np.exp(-theta * (odd / 2) ** 2 * 10**median * dt)
    assert left == pytest.approx(0.5, abs=1e-4)  # finite volumes of 200 cells


def test_the_time_along_a_narrowing_canal_is_that_of_a_finer_mesh(monkeypatch):
    coarse = canal_delay(16, 2.0, 0.2, 5e-5)
    monkeypatch.setattr("sims._known_delays.CANAL_CELLS", 400)
    assert coarse == pytest.approx(canal_delay(16, 2.0, 0.2, 5e-5), abs=5e-4)


def test_rows_have_few_digits_where_networks_differ_by_more():
    row = dict.fromkeys(tasks.COARSE, 0.123456) | {"norm": 1.23456}
    found = tasks.coarse(row)
    assert found["trace"] == 0.123
    assert found["norm"] == 1.23456
