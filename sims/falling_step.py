"""Does SGLD converge to the Gibbs distribution, with constant steps and with decreasing steps?

The sim runs the iteration of the source, x_(k+1) = x_k + w_k - alpha_k f'(x_k), with noise of variance 2 theta alpha_k,
in the bowl f = x^2 / 2. The steps alpha_k = alpha_0 (1 + k / K)^-p are constant (p = 0: long or short ones), decrease,
or decrease so fast that their sum is finite. The mean of x^2 / theta is 1 under the Gibbs distribution. The full run
takes ten seconds of one processor.
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
#: First step, and a short one, in units of 1 / curvature; the constant K; starting point; number of steps of the walk.
FIRST_STEP, SHORT_STEP, FALLING_FROM, START, STEPS = 0.4, 0.05, 2.0, 4.0, 10_000
#: Powers p with which the steps decrease. Up to p = 1 their sum is infinite.
POWERS = (0.0, 1 / 3, 2 / 3, 2.0)
#: The same with the short constant step.
SHORT = "short constant steps"
CASES = (*POWERS, SHORT)
WALKERS = {True: 8000, False: 10_000}
EVERY, FRAMES = 50, 12
#: Tolerance of the mean of x^2, relative to the Gibbs value. Constant steps h make it 1 / (1 - h / 2) times as large:
#: it stays within the tolerance up to h = SMALL.
OFF = 0.1
SMALL = 2 * OFF / (1 + OFF)
GIBBS = Claim(
    "we will use the SGLD algorithm [x_(k+1) = x_k + w_k - alpha_k f'(x_k)] in the hypothesis space; therefore, the "
    "distribution function u(x) converges to the Gibbs distribution",
    "S. V. Kozyrev, How to explain grokking (2024), section 1.2, with the iteration of section 1.1",
)


def answer(quick=False, seed=1):
    """Compare the mean of x^2 after several numbers of steps, for every power, with the recursion of the iteration."""
    runs = [walk(case, WALKERS[quick], derived_seed(seed, i)) for i, case in enumerate(CASES)]
    spreads = [spread(run) for run in runs]
    rows = [
        row
        for case, run, measured in zip(CASES, runs, spreads, strict=True)
        for row in compare_all(
            [int(k) for k in run.steps[seen(run)]], measured, [recursion(case)], 0.05 / len(CASES)
        )
    ]
    last = dict(zip(CASES, (measured[-1] for measured in spreads), strict=True))
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
            "short_step": SHORT_STEP,
            "falling_from": FALLING_FROM,
            "steps": STEPS,
            "temperature": THETA,
        },
        comparisons=rows,
    )


def first_of(case):
    """The first step."""
    return SHORT_STEP if case == SHORT else FIRST_STEP


def steps_of(case):
    """Ratio of step k to the first step, for an array of k."""
    power = 0.0 if case == SHORT else case
    return lambda k: (1.0 + np.asarray(k) / FALLING_FROM) ** -power


def name_of(case):
    """The steps in symbols."""
    power = 0.0 if case == SHORT else case
    return f"p = {power:.2g}" if power else f"p = 0, step {first_of(case):g}"


def walk(case, walkers, seed):
    """Walkers from one place, recorded at step numbers that grow geometrically."""
    with warnings.catch_warnings():  # the first steps are coarse on purpose
        warnings.simplefilter("ignore", StepSizeWarning)
        return langevin.simulate(
            langevin.Problem(BOWL, SIMULATED_THETA), integrators.euler_maruyama(), walkers=walkers, steps=STEPS,
            dt=StepSchedule(first_of(case), steps_of(case)), every=EVERY, seed=seed,
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


def recursion(case):
    """Exact in a bowl: a step h changes E x^2 to (1 - h)^2 E x^2 + 2 theta h."""
    values = [START**2 / THETA]
    for step in first_of(case) * steps_of(case)(np.arange(STEPS)):
        values.append((1.0 - step) ** 2 * values[-1] + 2.0 * step)
    return Curve(
        f"recursion, {name_of(case)}",
        lambda k: Prediction(values[int(k)]),
        "a bowl",
        "Euler-Maruyama in a bowl",
    )


def gibbs_is_reached(last):
    """Gibbs distribution for short steps and for decreasing ones with an infinite sum, another one for the rest."""
    at_gibbs = {case: near(measured, 1.0, OFF) for case, measured in last.items()}
    slow = [case for case in last if case == SHORT or 0.0 < case <= 1.0]
    number = f"mean of x^2 / theta after {STEPS} steps (1 under the Gibbs distribution): " + ", ".join(
        f"{format_value(one.value, one.error)} with {name_of(case)}" for case, one in last.items()
    )
    number += f" (n = {last[0.0].n} walkers; tolerance {OFF:.0%}; constant steps h give 1 / (1 - h / 2))"
    fall = Narrowed(
        f"'converges' means that the mean of x^2 is within {OFF:.0%} of Gibbs, and the steps decrease to 0 so slowly "
        "that their sum is infinite (of the powers tried, p = 1/3 and p = 2/3), or are constant and shorter than "
        f"{SMALL:.2f} / curvature (tried: {SHORT_STEP:g}); longer constant steps keep a larger error",
        every("Gibbs distribution with short or slowly decreasing steps", [at_gibbs[case] for case in slow]),
    )
    return Finding(
        GIBBS, verdict_of(every("Gibbs distribution with all steps", at_gibbs.values()), fall), number
    )


def draw(path, runs, spreads):
    """Mean of x^2 against the number of steps, and the recursion; in the lower panels, measured over recursion."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas
    from langevin.figures.panels import bars, panels, residuals_under

    with canvas(path, "SGLD, constant steps", 11.0, 4.8) as axes:
        uppers = panels(axes, 1, 3)
        lowers = [residuals_under(upper) for upper in uppers]
        groups = ((0.0, SHORT), (1 / 3, 2 / 3), (2.0,))
        titles = (
            "",
            f"steps $\\alpha_k = {FIRST_STEP:g} (1 + k / {FALLING_FROM:g})^{{-p}}$",
            "sum of the steps finite",
        )
        for upper, below, cases, title in zip(uppers, lowers, groups, titles, strict=True):
            for case, fill in zip(cases, ("full", "none")):
                place = CASES.index(case)
                steps, found, law = runs[place].steps[seen(runs[place])], spreads[place], recursion(case)
                known = [law.predict(k).value for k in steps]
                style = {"linestyle": "none", "fillstyle": fill}
                colour, mark = COLOURS[place], "os^Dv"[place]
                name = name_of(case).replace("p =", "$p$ =").replace("step", "$\\alpha$ =")
                bars(upper, steps, found, colour, mark, f"{name}, 95 % interval", **style)
                upper.plot(steps, known, color=colour, linestyle=DASHES[1], linewidth=1)
                over = [scaled(one, 1 / value) for one, value in zip(found, known, strict=True)]
                bars(below, steps, over, colour, mark, "", **style)
            upper.plot([], [], color="0.4", linestyle=DASHES[1], linewidth=1, label="recursion")
            upper.axhline(1.0, color="0.4", linewidth=0.8, label="Gibbs distribution")
            upper.set(xscale="log", ylabel="mean of $x^2 / \\theta$" if upper is axes else "")
            upper.margins(y=0.5 if upper is not uppers[-1] else 0.1)
            upper.set_title(title or upper.get_title(loc="left"), loc="left")
            upper.legend(loc="upper right" if upper is not uppers[-1] else "center right")
            below.set(xlabel="number of steps $k$", ylabel="measured / recursion" if upper is axes else "")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
