"""The progress of an ensemble: the input of a progress bar between chunks, and its text."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from langevin.words import counted, format_value

#: Format of the bar.
BAR = "{desc}: {percentage:3.0f}%|{bar:20}| {n}/{total}{unit}{postfix}"
#: Arrivals from which on the mean time so far is shown: its error is then below a third.
FEWEST = 10


@dataclass(frozen=True, eq=False)
class Way:
    """The plan of an ensemble.

    `dt` is nan if steps differ. `watched`: walkers stop at the target; `steps` is then the horizon.
    """

    label: str
    walkers: int
    steps: int
    dt: float
    watched: bool


@dataclass(frozen=True)
class Stage:
    """Steps that an ensemble has done, and walkers that are still running."""

    way: Way
    step: int
    running: int


StageCallback = Callable[[Stage], None]


def stages_on_bar(bar: Any) -> StageCallback:
    """A function that shows the progress of an ensemble on a bar of tqdm.

    If walkers stop at a target, it shows the number of arrivals and the mean time so far: the time that all walkers
    have walked over the number of arrivals, as for exponential times. Lost walkers count as arrived here. The remaining
    time is the time of the steps, or the time until the running walkers arrive at this mean time.

    Args:
        bar: of tqdm.
    """
    now, began, walked = Stage(Way("", 0, 0, math.nan, False), 0, 0), 0.0, 0.0

    def show_stage(stage: Stage) -> None:
        nonlocal now, began, walked
        way = stage.way
        if way is not now.way:
            now, began, walked = Stage(way, 0, way.walkers), time.perf_counter(), 0.0
            bar.bar_format, bar.unit = BAR, " hits" if way.watched else " steps"
            bar.reset(way.walkers if way.watched else way.steps)
        walked += _mean(now.running, stage.running) * (stage.step - now.step)
        now = stage
        bar.n = way.walkers - stage.running if way.watched else stage.step
        bar.set_description_str(way.label, refresh=False)
        bar.set_postfix_str(stage_text(stage, walked, time.perf_counter() - began), refresh=False)
        bar.refresh()

    return show_stage


def stage_text(stage: Stage, walked: float, seconds: float) -> str:
    """What is known at a stage, in words.

    Args:
        stage: of an ensemble.
        walked: steps of all walkers together.
        seconds: since the ensemble began.
    """
    way, done = stage.way, stage.way.walkers - stage.running
    if not way.watched:
        left = seconds * (way.steps - stage.step) / stage.step if stage.step else math.nan
        return f"{counted(stage.running, 'walker')}, ETA {duration(left)}"
    if done < FEWEST:
        return f"t = {way.dt * stage.step:.4g}, ETA ?"
    mean = walked / done
    left = seconds * stage.running * min(mean, way.steps - stage.step) / walked
    value = mean * way.dt
    estimate = "" if math.isnan(value) else f"mean time {format_value(value, value / done**0.5)} so far, "
    return f"{estimate}ETA {duration(left)}"


def duration(seconds: float) -> str:
    """A time as 05:12 or 1:05:12; ? if it is not known."""
    if not math.isfinite(seconds):
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def _mean(before: int, after: int) -> float:
    """Mean number of running walkers between two stages, if they arrive at a constant rate."""
    if before == after or not after:
        return float(after or before / 2)
    return (before - after) / math.log(before / after)
