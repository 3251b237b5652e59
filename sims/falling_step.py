"""Does SGLD converge to the Gibbs distribution, with constant steps and with decreasing steps?

The sim runs the iteration of the source, x_(k+1) = x_k + w_k - alpha_k f'(x_k), with noise of variance 2 theta alpha_k,
in the bowl f = x^2 / 2. The steps alpha_k = alpha_0 (1 + k / K)^-p are constant (p = 0), decrease, or decrease so fast
that their sum is finite. The mean of x^2 / theta is 1 under the Gibbs distribution. The full run takes ten seconds of
one processor.
"""

import warnings

import numpy as np

import langevin
from langevin import integrators, measure, potentials
from langevin.comparison import compare_all, format_value
from langevin.ensemble.checks import StepSizeWarning
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import every, near
from langevin.kernels.streams import derived_seed
from langevin.measure.combined import scaled
from langevin.types import Curve, Prediction, StepSchedule

BOWL, THETA = potentials.quadratic(), 1.0
SIMULATED_THETA = THETA
#: First step, in units of 1 / curvature; the constant K; starting point; number of steps of the walk.
FIRST_STEP, FALLING_FROM, START, STEPS = 0.4, 2.0, 4.0, 10_000
#: Powers p with which the steps decrease. Up to p = 1 their sum is infinite.
POWERS = (0.0, 1 / 3, 2 / 3, 2.0)
WALKERS = {True: 8000, False: 10_000}
EVERY, FRAMES = 20, 16
#: Tolerance of the mean of x^2, relative to the Gibbs value: constant steps make it 25 % too large.
OFF = 0.1
GIBBS = Claim(
    "we will use the SGLD algorithm [x_(k+1) = x_k + w_k - alpha_k f'(x_k)] in the hypothesis space; therefore, the "
    "distribution function u(x) converges to the Gibbs distribution",
    "S. V. Kozyrev, How to explain grokking (2024), section 1.2, with the iteration of section 1.1",
)


def answer(quick=False, seed=1):
    """Compare the mean of x^2 after several numbers of steps, for every power, with the recursion of the iteration."""
    runs = [walk(power, WALKERS[quick], derived_seed(seed, i)) for i, power in enumerate(POWERS)]
    spreads = [spread(run) for run in runs]
    rows = [
        row
        for power, run, measured in zip(POWERS, runs, spreads, strict=True)
        for row in compare_all(
            [int(k) for k in run.steps[seen(run)]], measured, [recursion(power)], 0.05 / len(POWERS)
        )
    ]
    last = dict(zip(POWERS, (measured[-1] for measured in spreads), strict=True))
    return Answer(
        question="Does SGLD converge to the Gibbs distribution, with constant and with decreasing steps?",
        findings=(gibbs_is_reached(last),),
        header=("power", "step number", "mean of x^2 / theta", "standard error", "walkers", "recursion"),
        rows=[
            (
                row.theory,
                row.point,
                row.measured.value,
                row.measured.error,
                row.measured.n,
                row.predicted.value,
            )
            for row in rows
        ],
        draw=lambda path: draw(path, runs, spreads),
        settings={
            "first_step": FIRST_STEP,
            "falling_from": FALLING_FROM,
            "steps": STEPS,
            "temperature": THETA,
        },
        comparisons=rows,
    )


def steps_of(power):
    """Ratio of step k to the first step, for an array of k."""
    return lambda k: (1.0 + np.asarray(k) / FALLING_FROM) ** -power


def walk(power, walkers, seed):
    """Walkers from one place, recorded at step numbers that grow geometrically."""
    with warnings.catch_warnings():  # the first steps are coarse on purpose
        warnings.simplefilter("ignore", StepSizeWarning)
        return langevin.simulate(
            langevin.Problem(BOWL, SIMULATED_THETA), integrators.euler_maruyama(), walkers=walkers, steps=STEPS,
            dt=StepSchedule(FIRST_STEP, steps_of(power)), every=EVERY, seed=seed,
            start=langevin.Start([START], first_step=0),
        )  # fmt: skip


def seen(run):
    """Frames at numbers of steps that grow geometrically."""
    return np.unique(np.geomspace(1, len(run.steps) - 1, FRAMES).astype(int))


def spread(run):
    """Mean of x^2 / theta at these frames."""
    return [
        scaled(
            measure.ensemble_mean(run, lambda states: states[:, 0] ** 2, int(frame)),
            1 / THETA,
            "mean of x^2 / theta",
        )
        for frame in seen(run)
    ]


def recursion(power):
    """Exact in a bowl: a step h changes E x^2 to (1 - h)^2 E x^2 + 2 theta h."""
    values = [START**2 / THETA]
    for step in FIRST_STEP * steps_of(power)(np.arange(STEPS)):
        values.append((1.0 - step) ** 2 * values[-1] + 2.0 * step)
    return Curve(
        f"recursion, p = {power:.2g}",
        lambda k: Prediction(values[int(k)]),
        "a bowl",
        "Euler-Maruyama in a bowl",
    )


def gibbs_is_reached(last):
    """Gibbs distribution for decreasing steps with an infinite sum; another distribution for all other steps."""
    at_gibbs = {power: near(measured, 1.0, OFF) for power, measured in last.items()}
    slow = [power for power in last if 0.0 < power <= 1.0]
    number = f"mean of x^2 / theta after {STEPS} steps (1 under the Gibbs distribution): " + ", ".join(
        f"{format_value(one.value, one.error)} with p = {power:.2g}" for power, one in last.items()
    )
    number += f" (n = {last[0.0].n} walkers; tolerance {OFF:.0%}; constant steps h give 1 / (1 - h / 2))"
    fall = Narrowed(
        "the steps decrease to 0, but not faster than 1 / k, so that their sum is infinite: of the powers tried, p = "
        "1/3 and p = 2/3",
        every("Gibbs distribution with slowly decreasing steps", [at_gibbs[power] for power in slow]),
    )
    return Finding(
        GIBBS, verdict_of(every("Gibbs distribution with all steps", at_gibbs.values()), fall), number
    )


def draw(path, runs, spreads):
    """Mean of x^2 against the number of steps, and the recursion; in the lower panel, measured over recursion."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas
    from langevin.figures.panels import bars

    with canvas(path, "SGLD in a bowl, steps $\\alpha_k = \\alpha_0 (1 + k / K)^{-p}$", 6.5, 5.6) as axes:
        grid = axes.figure.add_gridspec(2, 1, height_ratios=(2, 1))
        axes.set_subplotspec(grid[0])
        below = axes.figure.add_subplot(grid[1], sharex=axes)
        for run, power, found, colour, mark in zip(runs, POWERS, spreads, COLOURS, "os^D", strict=False):
            steps, law = run.steps[seen(run)], recursion(power)
            known = [law.predict(k).value for k in steps]
            bars(axes, steps, found, colour, mark, f"$p$ = {power:.2g}, 95 % interval", linestyle="none")
            axes.plot(steps, known, color=colour, linestyle=DASHES[1], linewidth=1)
            over = [scaled(one, 1 / value) for one, value in zip(found, known, strict=True)]
            bars(below, steps, over, colour, mark, "", linestyle="none")
        axes.plot([], [], color="0.4", linestyle=DASHES[1], linewidth=1, label="recursion")
        axes.axhline(1.0, color="0.4", linewidth=0.8, label="Gibbs distribution")
        axes.set(xscale="log", ylabel="mean of $x^2 / \\theta$")
        axes.legend()
        below.axhline(1.0, color="0.4", linestyle=DASHES[1], linewidth=1)
        below.set(xlabel="number of steps $k$", ylabel="measured / recursion")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
