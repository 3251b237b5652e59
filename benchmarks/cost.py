"""CPU seconds to a total error of 1 %, of the step and of the sampling together: six questions.

This package answers at its defaults, with as many walkers as the error requires. Numba by hand is Euler-Maruyama with
the fastest generator of NumPy, at the step h where its cost is least: its bias is c h, measured at a coarse step, and
the cost n(h) / h, with n(h) = sd^2 / (error^2 - c^2 h^2), is least where the bias is error / sqrt(3).

Solvers are those of diffrax and torchsde for additive noise, the cheapest of four at its best step, in double precision
(contenders/questions_by_solvers.py). They have no walls and no surfaces. The drift by hand and by solvers takes no
kicks out of its scatter; one that did would need some hundred walkers.

Costs are those of walkers, from their starts to the number. The cost of the checks before has its own column; the costs
of compiling and of theories are not shown. The least number of walkers is 32, because the scatter of fewer gives no
useful error.
"""

from __future__ import annotations

import math
import platform
import statistics
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from benchmarks.contenders import Absent, questions_by_hand, questions_by_solvers
from benchmarks.timing import cpu_seconds, load, machine, one_processor, table

ERROR, LEAST_WALKERS = 0.01, 32
#: Most walkers of a pilot run by a general solver.
PILOT = 2000
HEADER = (
    "question", "step", "step bias", "sd of a walker", "walkers", "CPU s", "a call before, s",
    "by hand: step", "sd", "walkers ", "CPU s ", "times cheaper (range)",
    "best solver", "step ", "walkers  ", "CPU s  ", "times cheaper",
)  # fmt: skip


class Asked(NamedTuple):
    """A question: the landscape, its settings, the number's name, the truth with its error, and the one by hand.

    `hand` are the kind and the numbers of `questions_by_hand`, `coarse` a step whose bias is visible, `sample` the
    number of walkers that show it, and the package's own bias.
    """

    name: str
    landscape: Callable
    settings: dict
    number: str
    truth: Callable
    hand: tuple
    coarse: float
    sample: tuple[int, int]


class Cost(NamedTuple):
    """What 1 % costs: step, bias of it with an error, relative sd of a walker, walkers, seconds, seconds before."""

    step: float
    bias: float
    bias_error: float
    spread: float
    walkers: int
    seconds: float
    before: float = 0.0


def wells(theta, function):
    from langevin import theory
    from langevin.landscapes.evaluate import scalar_value
    from langevin.potentials import double_well

    return theory.gibbs.stationary_moment(scalar_value(double_well()), theta, function).value, 0.0


def escape_time(theta):
    from langevin import theory
    from langevin.landscapes.evaluate import scalar_value
    from langevin.potentials import double_well

    well = double_well()
    return theory.escape.escape_curves(well.facts.wells, scalar_value(well))[0].predict(theta).value, 0.0


def cube_time():
    from langevin import theory

    found = theory.cube.reference_time(6, 1.0, 0.25, 1.0)
    return found.value, found.remainder


def canal_drift(theta, time):
    """The log-det law at vanishing steps, whose remainder is of the order of theta / a_0."""
    from langevin import theory
    from langevin.manifolds import canal
    from langevin.types import StepLaw

    profile = canal().facts.profile
    curves = theory.surfaces.drift_curves(
        profile.stiffness, profile.slope, 4, theta, 0.0, 0.5 * math.pi, StepLaw(), profile.period
    )
    return curves[0].predict(time).value, 0.0


def torus_displacement(theta, time, major=2.0, minor=1.0, points=256):
    """E |x - x_0|^2 = E |x|^2 + |x_0|^2 - 2 x_0 E x from the outermost point, by the heat equation in phi.

    With rho = R + r cos phi, E |x|^2 = R^2 + r^2 + 2 R r E cos phi, and x_0 E x = (R + r) E rho cos alpha, where
    cos alpha, of the angle about the axis, has the eigenvalue -1 / rho^2. Spectral differences in phi.
    """
    from scipy.linalg import expm, toeplitz

    phi = 2.0 * np.pi * np.arange(points) / points
    step = 2.0 * np.pi / points
    turns = np.arange(1, points)
    column = np.concatenate([[0.0], 0.5 * (-1.0) ** turns / np.tan(turns * step / 2.0)])
    first = toeplitz(column, column[[0, *range(points - 1, 0, -1)]])
    rho = major + minor * np.cos(phi)
    even = first @ first / minor**2 - (np.sin(phi) / (minor * rho))[:, None] * first
    cosine = (expm(theta * time * even) @ np.cos(phi))[0]
    axial = (expm(theta * time * (even - np.diag(rho**-2))) @ rho)[0]
    square = major**2 + minor**2 + 2.0 * major * minor * cosine
    return square + (major + minor) ** 2 - 2.0 * (major + minor) * axial, 0.0


def questions():
    """The six of them."""
    from langevin import manifolds, potentials

    stationary = {"question": "stationary law"}
    return (
        Asked("mean passage time on the cube, k = 2", lambda: manifolds.cube(8, 2), {"samples": (2,)},
              "mean time at k = 2", cube_time, ("cube", 1.0, 0.25, 6), 1.6e-3, (20_000, 4_000)),
        Asked("escape over 4 theta, double well", potentials.double_well, {"temperature": 0.25},
              "mean escape time", lambda: escape_time(0.25), ("escape", 0.25), 0.04, (30_000, 20_000)),
        Asked("E x^2, double well, theta = .2", potentials.double_well, {"temperature": 0.2, **stationary},
              "E |x|^2", lambda: wells(0.2, lambda x: x * x), ("moment", 0.2, 1.0, 20.0), 0.08, (500, 8_000)),
        Asked("share of the wide well, theta = .25", potentials.unequal_wells, {"temperature": 0.25, **stationary},
              "E x > 0", lambda: (0.75, 0.0), ("share", 0.25, 0.5, 1.5, 200.0, 800.0), 0.02, (1_500, 800)),
        Asked("drift along the canal", manifolds.canal, {}, "displacement along x",
              lambda: canal_drift(0.1, 0.5), ("canal", 0.1, 0.5, 400.0, 4), 1e-3, (20_000, 20_000)),
        Asked("displacement on the torus, t = .5", manifolds.torus,
              {"dynamics": "projected", "question": "displacement"}, "E |x - x_0|^2 at t = 0.5",
              lambda: torus_displacement(0.1, 0.5), ("torus", 0.1, 0.5, 2.0, 1.0), 0.125, (50_000, 400_000)),
    )  # fmt: skip


def ours(asked, seed):
    """This package at its defaults, on one thread."""
    from langevin.experiment.answering import answered
    from langevin.experiment.live_question import walked
    from langevin.experiment.question import Settings

    landscape, truth = asked.landscape(), asked.truth()
    settings = Settings(seed=seed, threads=1, **asked.settings)

    def walk(walkers, seed):
        return cpu_seconds(
            lambda seed: walked(landscape, replace(settings, seed=seed, walkers=walkers)), seed
        )

    def answer(walkers, seed):
        spent, run = walk(walkers, seed)
        after, report = cpu_seconds(lambda _: answered(landscape, run), seed)
        return spent + after, report

    few, many = 256, asked.sample[0]
    answer(few, seed)
    before, _ = walk(LEAST_WALKERS, seed)
    start = min(answer(few, seed + turn)[0] for turn in range(3))
    spent, report = answer(many, seed)
    each = (spent - start) / (many - few)
    measured = report.measured[asked.number]
    spread = measured.scatter * math.sqrt(measured.n) / abs(measured.value)
    bias, doubt = measured.value / truth[0] - 1.0, math.hypot(measured.scatter, truth[1]) / truth[0]
    seen = math.copysign(max(abs(bias) - doubt, 0.0), bias)  # what its own error does not explain
    walkers = needed(spread, seen)
    return Cost(
        report.trajectory.meta["dt"],
        bias,
        doubt,
        spread,
        walkers,
        walkers * each,
        before - LEAST_WALKERS * each,
    )


def by_hand(asked, seed):
    """Euler-Maruyama in Numba, at the step where 1 % costs least."""
    return at_best_step(questions_by_hand.make(*asked.hand), asked, seed, 1, asked.sample[1])


def by_solver(asked, seed):
    """The cheapest solver of a library at its best step, and its name; None if none can express the question."""
    found = [
        (name, at_best_step(run, asked, seed, order, min(PILOT, asked.sample[1])))
        for name, run, order in questions_by_solvers.runs(*asked.hand)
    ]
    return min(found, key=lambda one: one[1].seconds, default=None)


def at_best_step(run, asked, seed, order, pilot):
    """What 1 % costs with a step of this weak order p, at the step where it costs least.

    The bias is c h^p, known from `pilot` walkers at a coarse step. The cost n(h) / h is least where the bias is
    error / sqrt(2 p + 1). Where the coarse step shows no bias beyond twice the error of the pilot, it is taken.
    """
    truth, coarse = asked.truth()[0], asked.coarse
    run(2, coarse, seed)
    found = run(pilot, coarse, seed)
    bias, doubt = abs(found.mean() / truth - 1.0), found.std() / abs(truth) / math.sqrt(pilot)
    aim = ERROR / math.sqrt(2 * order + 1)
    unseen = order > 1 and bias < 2.0 * doubt
    step = coarse if unseen else min(coarse, coarse * (aim / bias) ** (1 / order))
    left = 0.0 if unseen else bias * (step / coarse) ** order
    spread = found.std() / abs(found.mean())
    walkers = needed(spread, left)
    share = max(8, min(walkers, int(pilot * step / coarse) // 2))
    run(share, coarse, seed)  # compiled for this number of walkers
    spent, _ = cpu_seconds(lambda seed: run(share, step, seed), seed + 1)
    return Cost(step, left, doubt, spread, walkers, walkers * spent / share)


def needed(spread, bias):
    """Walkers for a total error of `ERROR`, of the relative standard deviation and bias of one."""
    left = ERROR**2 - bias**2
    return max(LEAST_WALKERS, math.ceil(spread**2 / left)) if left > 0.0 else 10**12


def measure(repeats=3, only=""):
    """Rows of the table; turns of both, one after the other."""
    rows = []
    with one_processor():
        for asked in (one for one in questions() if only in one.name):
            pairs = [
                (ours(asked, 100 * turn + 1), by_hand(asked, 100 * turn + 50)) for turn in range(repeats)
            ]
            rows.append(
                (*row(asked.name, pairs), *beside(asked, statistics.median(own.seconds for own, _ in pairs)))
            )
    return f"{head()}\n\n{table(HEADER, rows)}"


def row(name, pairs):
    """One row: medians over the turns."""
    own, hand = (
        Cost(*map(statistics.median, zip(*costs, strict=True))) for costs in zip(*pairs, strict=True)
    )
    ratios = sorted(theirs.seconds / mine.seconds for mine, theirs in pairs)
    bias = f"{100 * own.bias:+.2f} +- {100 * own.bias_error:.2f} %"
    return (
        name, f"{own.step:.2g}", bias, f"{own.spread:.3g}", f"{own.walkers:.0f}", f"{own.seconds:.2g}",
        f"{own.before:.2g}",
        f"{hand.step:.2g}", f"{hand.spread:.3g}", f"{hand.walkers:.0f}", f"{hand.seconds:.2g}",
        f"{statistics.median(ratios):.3g} ({ratios[0]:.3g} to {ratios[-1]:.3g})",
    )  # fmt: skip


def beside(asked, seconds):
    """The columns of the best solver of a library, whose costs ours, in seconds, are compared with."""
    try:
        found = by_solver(asked, 200)
    except Absent as error:
        return str(error), *("-",) * 4
    if found is None:
        return "none: walls or a surface", *("-",) * 4
    name, cost = found
    return (
        name,
        f"{cost.step:.2g}",
        f"{cost.walkers:.0f}",
        f"{cost.seconds:.2g}",
        f"{cost.seconds / seconds:.3g}",
    )


def head():
    """Machine, versions and load."""
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}"
    return f"{machine()}; one thread; {versions}; {load()}."
