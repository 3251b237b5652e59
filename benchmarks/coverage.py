"""python -m benchmarks.coverage: how often the 95 % interval of each estimator covers the truth.

Synthetic runs whose law is known exactly, made with NumPy alone; the seed belongs to the estimator's name. Of a
function that returns an interval, such as the band of a survival curve, the interval is taken.
`alarms` is the share of the runs, all of them good, that the estimator calls not mixed.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.known_processes import (
    AGAIN,
    FRO,
    FROM,
    GAP,
    MEMORY,
    THETA,
    TO,
    caught,
    exponential,
    heated,
    inside,
    pushed,
    rotating,
    stages,
    telegraph,
    watched,
    x,
    y,
)
from langevin import measure
from langevin.types import Measurement
from tests.synthetic import brownian

TABLE = Path("results/benchmarks/coverage.md")
LOW, HIGH = 0.92, 0.98
RUNS = 2000


Interval = tuple[float, float]


class Case(NamedTuple):
    """run(generator) makes one synthetic run, estimate(run) is measured or an interval, truth is known."""

    run: Callable
    estimate: Callable
    truth: float


class Coverage(NamedTuple):
    """Share of the runs whose interval covers the truth, its binomial error, share called not mixed."""

    share: float
    error: float
    alarms: float


def normal(z):
    """Distribution function of the standard normal law."""
    return (1 + math.erf(z / math.sqrt(2))) / 2


def bump(z):
    return math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def drift_off_line(run):
    """Drift in a bin, less that of the process at the mean position: 0."""
    found = measure.kramers_moyal_coefficients(run, x, [0.5, 1.0], lag=GAP, **FROM)
    return replace(found.drift[0], value=found.drift[0].value - drift_law(found.position[0]))


def drift_law(position, gap=GAP):
    """What the extrapolation from the lags gap and 2 gap makes of -x: its remainder is of order gap^2."""
    once, twice = (1 - math.exp(-gap)) / gap, (1 - math.exp(-2 * gap)) / (2 * gap)
    return -position * (2 * once - twice)


def diffusion_law(gap=GAP, low=0.5, high=1.0):
    """The same for the diffusion, with the mean square of the position in the bin."""
    square = 1 - (high * bump(high) - low * bump(low)) / (normal(high) - normal(low))

    def moment(lag):
        return (square * (1 - math.exp(-lag)) ** 2 + 1 - math.exp(-2 * lag)) / (2 * lag)

    return 2 * moment(gap) - moment(2 * gap)


def r_hat_law(draws=400):
    """sqrt((N - 1) / N + variance of a half's mean / variance within), both expected."""
    length = draws // 2
    lags = np.arange(1, length)
    mean = (1 + 2 * ((1 - lags / length) * MEMORY**lags).sum()) / length
    return math.sqrt((length - 1) / length * (1 + mean / (1 - mean)))


def survival_at_one(run):
    """The band of the share that has not arrived at time 1."""
    curve = measure.survival_curve(run)
    last = int(np.searchsorted(curve.time, 1.0, side="right")) - 1
    return float(curve.low[last]), float(curve.high[last])


def second_moment(run):
    squares = run.states[:, :, :1] ** 2
    return measure.bootstrap_blocks(squares, lambda means: np.sqrt(means[:, 0]), "root mean square", 50)


def anisotropy(run):
    rows = run.states[:, -1] ** 2
    return measure.bootstrap_walkers(rows, lambda means: means[:, 1] / means[:, 0], "ratio of mean squares")


CURRENT = MEMORY * math.sin(GAP) / GAP
EXPONENTIAL, HALF_CENSORED = exponential, lambda generator: exponential(generator, cutoff=0.7)
ROTATING = lambda generator: rotating(generator, omega=1.0)  # noqa: E731
SUM = GAP * (0.5 + MEMORY / (1 - MEMORY))
VALUES = 20 * 400
RELAXED = {"lags": (0.4, 1.6), **FROM}

CASES = {
    "mean_first_passage_time": Case(exponential, measure.mean_first_passage_time, 1.0),
    "mean_first_passage_time, two stages": Case(stages, measure.mean_first_passage_time, 1.5),
    "mean_first_passage_time, half censored": Case(HALF_CENSORED, measure.mean_first_passage_time, 1.0),
    "ensemble_mean": Case(
        lambda generator: brownian(100, 3, seed=generator), lambda run: measure.ensemble_mean(run, x), 0.0
    ),
    "ensemble_mean of a square": Case(
        lambda generator: brownian(100, 3, seed=generator),
        lambda run: measure.ensemble_mean(run, lambda states: (states**2).sum(axis=1)),
        4.0,
    ),
    "time_mean": Case(rotating, lambda run: measure.time_mean(run, x, 0.0), 0.0),
    "local_exponent": Case(
        lambda generator: brownian(40, 31, seed=generator),
        lambda run: measure.local_exponent(run, window="after arrival"),
        1.0,
    ),
    "late_diffusion": Case(lambda generator: brownian(100, 9, seed=generator), measure.late_diffusion, 1.0),
    "mean_displacement": Case(pushed, measure.mean_displacement, 0.5),
    "drift_velocity": Case(pushed, lambda run: measure.drift_velocity(run, frame=5), 0.5),
    "integrated_autocorrelation_time": Case(
        rotating, lambda run: measure.integrated_autocorrelation_time(run, x, **FROM), SUM
    ),
    "effective_sample_size": Case(
        rotating, lambda run: measure.effective_sample_size(run, x, **FROM), VALUES * GAP / (2 * SUM)
    ),
    "split_r_hat": Case(rotating, lambda run: measure.split_r_hat(run, x, **FROM), r_hat_law()),
    "relaxation_time": Case(rotating, lambda run: measure.relaxation_time(run, x, **RELAXED), 1.0),
    "walker_correlation": Case(
        lambda generator: rotating(generator, 200, 6),
        lambda run: measure.walker_correlation(run, x, 0, 5),
        MEMORY**5,
    ),
    "occupation": Case(
        lambda generator: telegraph(generator, 20, 800),
        lambda run: measure.occupation(run, inside, **FROM),
        AGAIN,
    ),
    "occupation of a half plane": Case(
        rotating, lambda run: measure.occupation(run, inside, **FROM), 1 - normal(0.5)
    ),
    "time_mean of a half plane": Case(
        rotating, lambda run: measure.time_mean(run, inside, 0.0), 1 - normal(0.5)
    ),
    "free_energy": Case(
        lambda generator: heated(telegraph(generator, 20, 800)),
        lambda run: measure.free_energy(run, inside, **FROM),
        -THETA * math.log(AGAIN),
    ),
    "exit_rate": Case(telegraph, lambda run: measure.exit_rate(run, inside, **FROM), FRO / GAP),
    "exit_rate, one walker": Case(
        lambda generator: telegraph(generator, 1, 2000),
        lambda run: measure.exit_rate(run, inside, **FROM),
        FRO / GAP,
    ),
    "residence_time": Case(telegraph, lambda run: measure.residence_time(run, inside, **FROM), GAP / FRO),
    "capture_probabilities": Case(caught, lambda run: measure.capture_probabilities(run)["target 1"], 0.2),
    "found": Case(
        lambda generator: telegraph(generator, 200, 30, 0.0),
        lambda run: measure.found_and_kept(run, inside, after=2.0, **FROM)[0],
        1 - (1 - TO) ** 29,
    ),
    "kept": Case(
        lambda generator: telegraph(generator, 200, 50, 0.0),
        lambda run: measure.found_and_kept(run, inside, after=2.0, **FROM)[1],
        AGAIN + (1 - AGAIN) * (1 - TO - FRO) ** 10,
    ),
    "mean_path_length": Case(
        lambda generator: brownian(50, 41, seed=generator),
        lambda run: measure.mean_path_length(run, **FROM)[0],
        math.sqrt(math.pi * 40),
    ),
    "distance between the ends": Case(
        lambda generator: brownian(50, 41, seed=generator),
        lambda run: measure.mean_path_length(run, **FROM)[1],
        math.sqrt(math.pi),
    ),
    "kramers_moyal_coefficients, drift": Case(rotating, drift_off_line, 0.0),
    "kramers_moyal_coefficients, diffusion": Case(
        rotating,
        lambda run: measure.kramers_moyal_coefficients(run, x, [0.5, 1.0], lag=GAP, **FROM).diffusion[0],
        diffusion_law(),
    ),
    "kramers_moyal_coefficients, diffusion in a bin of some 400 steps": Case(
        lambda generator: rotating(generator, 50, 200, gap=0.05),
        lambda run: measure.kramers_moyal_coefficients(run, x, [1.5, 2.0], lag=0.05, **FROM).diffusion[0],
        diffusion_law(0.05, 1.5, 2.0),
    ),
    "area_rate, none": Case(rotating, lambda run: measure.area_rate(run, x, y, **FROM), 0.0),
    "area_rate": Case(ROTATING, lambda run: measure.area_rate(run, x, y, **FROM), CURRENT),
    "area_rate, one walker": Case(
        lambda generator: rotating(generator, 1, 2000, 1.0),
        lambda run: measure.area_rate(run, x, y, **FROM),
        CURRENT,
    ),
    "current_field": Case(
        ROTATING,
        lambda run: measure.current_field(run, x, y, ([0, 1], [-0.5, 0.5]), **FROM)[0, 0, 1],
        CURRENT * (bump(0) - bump(1)) * (2 * normal(0.5) - 1),
    ),
    "stationary_density": Case(
        rotating,
        lambda run: measure.stationary_density(run, x, [0.5, 1.0], **FROM)[0],
        (normal(1) - normal(0.5)) / 0.5,
    ),
    "arrival_rate": Case(exponential, measure.arrival_rate, 1.0),
    "coefficient_of_variation": Case(exponential, measure.coefficient_of_variation, 1.0),
    "exponential_score, half censored": Case(HALF_CENSORED, measure.exponential_score, 0.0),
    "waiting_variance": Case(exponential, measure.waiting_variance, 1.0),
    "waiting_variance, half censored": Case(HALF_CENSORED, measure.waiting_variance, 1.0),
    "waiting_quantile": Case(exponential, lambda run: measure.waiting_quantile(run, 0.5), math.log(2)),
    "waiting_quantile, watched for different times": Case(
        watched, lambda run: measure.waiting_quantile(run, 0.5), math.log(2)
    ),
    "waiting_quantile_interval": Case(
        exponential, lambda run: measure.waiting_quantile_interval(run, 0.5), math.log(2)
    ),
    "survival_curve": Case(exponential, survival_at_one, math.exp(-1.0)),
    "survival_curve, watched for different times": Case(watched, survival_at_one, math.exp(-1.0)),
    "waiting_distribution": Case(
        exponential,
        lambda run: measure.waiting_distribution(run, [0.5, 1.0])[0],
        math.exp(-0.5) - math.exp(-1.0),
    ),
    "waiting_distribution, watched for different times": Case(
        watched, lambda run: measure.waiting_distribution(run, [1.0, 2.0])[0], math.exp(-1.0) - math.exp(-2.0)
    ),
    "bootstrap_walkers": Case(lambda generator: brownian(200, 3, seed=generator), anisotropy, 1.0),
    "bootstrap_blocks": Case(lambda generator: rotating(generator, 4, 1000), second_moment, 1.0),
}


def coverage(name: str, runs: int, estimate: Callable[..., Measurement | Interval] | None = None) -> Coverage:
    """Coverage of one case, or of another estimate in its place."""
    case = CASES[name]
    generator = np.random.default_rng(measure.seed_of(name))
    covered = alarms = 0
    for _ in range(runs):
        measured = (estimate or case.estimate)(case.run(generator))
        interval = measured if isinstance(measured, tuple) else measure.confidence_interval(measured)
        covered += interval[0] < case.truth < interval[1]
        alarms += not (isinstance(measured, tuple) or measured.mixed)
    share = covered / runs
    return Coverage(share, math.sqrt(share * (1 - share) / runs), alarms / runs)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument(
        "--only", default="", help="part of an estimator's name; the table is then not written"
    )
    options = parser.parse_args()
    lines = [f"| estimator | coverage of 95 %, {options.runs} runs | its error | alarms | {LOW:.0%} to {HIGH:.0%} |",
             "| --- | --- | --- | --- | --- |"]  # fmt: skip
    print("\n".join(lines))
    for name in CASES:
        if options.only in name:
            found = coverage(name, options.runs)
            verdict = "yes" if LOW <= found.share <= HIGH else "**no**"
            cells = f"{found.share:.1%} | {found.error:.1%} | {found.alarms:.1%} | {verdict}"
            lines.append(f"| {name} | {cells} |")
            print(lines[-1], flush=True)
    if not options.only:
        TABLE.write_text("\n".join(["# Coverage of the 95 % intervals", "", *lines]) + "\n")


if __name__ == "__main__":
    main()
