"""The text of a progress bar: the progress of a run, its remaining time, and the mean time from arrivals so far."""

import math

import numpy as np
import pytest

import langevin
from langevin.experiment.question import Settings
from langevin.experiment.stage import Stage, Way, duration, stage_text, stages_on_bar


class Bar:
    """Keeps the text that a bar of tqdm would show."""

    def __init__(self):
        self.n, self.total, self.unit, self.bar_format, self.lines = 0, 1, "", "", []

    def reset(self, total):
        self.total = total

    def set_description_str(self, text, refresh):
        self.text = text

    def set_postfix_str(self, text, refresh):
        self.lines.append(text)

    def refresh(self):
        pass


def arrivals(mean, walkers, chunk, seed=5):
    """Stages every `chunk` steps of walkers whose steps to the target are exponential."""
    way = Way("well", walkers, 10**6, 0.01, True)
    ends = np.random.default_rng(seed).exponential(mean, walkers)
    return [
        Stage(way, step, int((ends > step).sum()))
        for step in range(chunk, int(ends.max()) + 2 * chunk, chunk)
    ]


def estimate(stages):
    bar = Bar()
    tell = stages_on_bar(bar)
    for stage in stages:
        tell(stage)
    text = next(line for line in reversed(bar.lines) if "so far" in line)
    value, _, error = text.split("mean time ")[1].split(" so far")[0].partition(" +- ")
    return float(value), float(error), bar


@pytest.mark.parametrize("chunk", [20, 300, 1500])
def test_the_mean_time_so_far_is_that_of_the_arrivals_at_any_distance_of_stages(chunk):
    """Four standard errors, which is exceeded by chance once in 16 000."""
    stages = [stage for stage in arrivals(1000.0, 4000, chunk) if stage.running > 400]
    value, error, bar = estimate(stages)
    assert error == pytest.approx(value / (4000 - stages[-1].running) ** 0.5, rel=0.05)
    assert abs(value - 10.0) < 4 * error
    assert (bar.total, bar.n, bar.unit) == (4000, 4000 - stages[-1].running, " hits")


def test_another_mean_is_told_apart():
    """Control: arrivals that take 1.3 times as long are more than four errors away."""
    value, error, _ = estimate([stage for stage in arrivals(1300.0, 4000, 300) if stage.running > 400])
    assert abs(value - 10.0) > 4 * error


def test_the_remaining_time_is_that_of_the_steps_or_of_the_arrivals():
    fixed = Way("canal", 10, 1000, 0.1, False)
    assert stage_text(Stage(fixed, 250, 10), 0.0, 60.0) == "10 walkers, ETA 03:00"
    # 50 of 100 walkers have arrived in 5000 steps of all together, 100 for each arrival; so 100 steps are left for each
    assert stage_text(Stage(Way("well", 100, 10**6, 0.1, True), 70, 50), 5000.0, 60.0).endswith("ETA 01:00")
    assert stage_text(Stage(Way("well", 100, 10**6, 0.1, True), 70, 99), 5000.0, 60.0) == "t = 7, ETA ?"
    assert [duration(seconds) for seconds in (5, 312, 3912, math.inf)] == ["00:05", "05:12", "1:05:12", "?"]


def test_every_ensemble_has_its_own_bar():
    bar = Bar()
    tell = stages_on_bar(bar)
    tell(Stage(Way("one", 10, 100, 0.1, False), 100, 10))
    tell(Stage(Way("two", 20, 50, 0.1, False), 10, 20))
    assert (bar.text, bar.total, bar.n) == ("two", 50, 10)


def test_a_run_tells_its_stages():
    told = []
    settings = Settings(seed=1, temperature=0.5, walkers=50, progress=told.append)
    langevin.experiment.run(langevin.potentials.double_well, {}, settings)
    last = told[-1]
    assert (last.way.label, last.way.walkers, last.way.watched) == ("double_well", 50, True)
    assert last.running == 0
    assert 0 < last.step <= last.way.steps
