"""Is the rate of escape Eyring's exp(-(F1 - F0) / theta), over ten decades?

A walker leaves one well of a double well for the other. Where the rate is high enough, the sim waits for the walkers;
where it is too low, splitting copies the walkers that have climbed far. Both results are compared with exact quadrature
and with Eyring-Kramers. Then two passes of equal height, a wide and a narrow one, test the entropy in F1. The full run
takes a minute on two processors.
"""

import math
from dataclasses import replace

import numpy as np

import langevin
from langevin import integrators, measure, potentials, theory
from langevin.comparison import compare, compare_all, format_measured, format_value
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import between, near
from langevin.kernels.streams import derived_seed
from langevin.landscapes.evaluate import scalar_value
from langevin.measure.combined import ratio, scaled
from langevin.types import Curve, Measurement, Prediction

WELL = potentials.double_well()
#: The simulated temperature over the temperature that the theories get.
HEAT = 1.0
STEP = 0.005
#: Barrier / theta at which the sim waits for the walkers, and at which it uses splitting: quick, full.
WAITED = {True: (2, 4, 6), False: (2, 3, 4, 5, 6, 7, 8)}
SPLIT = {True: (6, 12, 18, 26), False: (6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26)}
#: Walkers without splitting; walkers and replicas of a splitting.
WALKERS = {True: (1000, 300, 16), False: (4000, 2000, 32)}
#: Curvatures across a wide and a narrow pass between wells with curvature 4 across; their barrier / theta.
PASSES, PASS_BARRIER = (1.0, 16.0), 16
#: Largest power of theta with which a factor counts as constant; relative tolerance of the power by the exact rate.
CONSTANT, ALIKE = 0.1, 0.25
BOX = ([-2, -4], [2, 4])
SOURCE = "S. V. Kozyrev, How to explain grokking (2024), section 1.1"
RATE = Claim("the reaction rate is proportional to exp(-beta (F1 - F0))", f"{SOURCE}, equation (3)")
ENTROPY = Claim(
    "F1 is the free energy of the transition state, F = E - theta S with S the entropy of the state", SOURCE
)


def answer(quick=False, seed=1):
    """Compare mean times, without and with splitting, with the theories; fit the prefactor; compare two passes."""
    walkers, few, replicas = WALKERS[quick]
    points = [*WAITED[quick], *SPLIT[quick]]
    times = [waited(inverse, walkers, derived_seed(seed, inverse)) for inverse in WAITED[quick]]
    times += [
        split(WELL, inverse, few, replicas, derived_seed(seed, 100 + inverse)) for inverse in SPLIT[quick]
    ]
    curves = theory.escape.escape_curves(WELL.facts.wells, scalar_value(WELL))
    rows = compare_all([1.0 / inverse for inverse in points], times, curves, logarithmic=True)
    passes = [
        split(pass_of(k), PASS_BARRIER, few, replicas, derived_seed(seed, 200 + int(k))) for k in PASSES
    ]
    faster = pass_rows(passes)
    return Answer(
        question="Is the rate of escape Eyring's exp(-(F1 - F0) / theta), over ten decades?",
        findings=(rate_is_eyrings(points, times, rows, curves), entropy_counts(faster)),
        header=("barrier / theta", "method", "rate", "standard error", "n", "exact rate", "Eyring-Kramers"),
        rows=[
            (
                inverse, time.estimator, 1 / time.value, time.error / time.value**2, time.n,
                *(1 / curve.predict(1.0 / inverse).value for curve in curves),
            )
            for inverse, time in zip(points, times, strict=True)
        ],
        draw=lambda path: draw(path, points, times, curves, len(WAITED[quick])),
        settings={"potential": "f = (x^2 - 1)^2", "dt": STEP, "walkers": walkers, "split": few, "replicas": replicas},
        comparisons=(*rows, *faster),
    )  # fmt: skip


def waited(inverse, walkers, seed):
    """Mean first-passage time to the other well; all walkers are followed until they arrive."""
    problem = langevin.Problem(WELL, HEAT / inverse)
    run = langevin.simulate(
        problem, integrators.heun(), walkers=walkers, steps=10**9, dt=STEP, seed=seed, stop=langevin.Stop()
    )
    return measure.mean_first_passage_time(run)


def split(landscape, inverse, walkers, replicas, seed):
    """Mean time by adaptive multilevel splitting; its error is the spread over replicas."""
    problem = langevin.Problem(landscape, HEAT / inverse)
    effort = langevin.Effort(walkers, replicas=replicas)
    return langevin.splitting(problem, integrators.heun(), dt=STEP, effort=effort, seed=seed).mean_time


def pass_of(curvature):
    """Two wells in the plane, joined by a pass of barrier 1 with this curvature across."""
    return potentials.saddle(well_stiffness=4.0, saddle_stiffness=curvature)


def pass_rows(times):
    """Rate of the wide pass over that of the narrow one, compared with entropy alone and with the backward equation."""
    wide, narrow = times
    measured = ratio(narrow, wide, "ratio of rates")
    exact = [
        theory.escape.plane_escape_curves(pass_of(k), *BOX)[0].predict(1.0 / PASS_BARRIER) for k in PASSES
    ]
    whole = exact[1].value / exact[0].value
    remainder = whole * sum(time.remainder / time.value for time in exact)
    entropy = math.sqrt(PASSES[1] / PASSES[0])
    laws = [
        Curve("e^(S_wide - S_narrow)", lambda point: Prediction(entropy), "theta to 0", "Laplace's method"),
        Curve("backward equation", lambda point: Prediction(whole, remainder), "any theta", "finite volumes"),
    ]
    return [compare(measured, law, 1.0 / PASS_BARRIER, level=0.05 / 2, logarithmic=True) for law in laws]


def boltzmann(inverse):
    """Exp(-(F1 - F0) / theta): weight of the saddle point over that of the well, per unit length."""
    well = theory.gibbs.log_partition_function(scalar_value(WELL), 1.0 / inverse, -math.inf, 0.0).value
    return math.exp(-inverse * WELL.facts.barrier - well)


def factor_power(points, times):
    """Power of theta in the factor rate / exp(-(F1 - F0) / theta): least squares on logarithms, weighted by errors."""
    logs = [-math.log(time.value * boltzmann(inverse)) for inverse, time in zip(points, times, strict=True)]
    weights = [time.value / time.error for time in times]
    (power, _), covariance = np.polyfit(-np.log(points), logs, 1, w=weights, cov="unscaled")
    n, mixed = min(time.n for time in times), all(time.mixed for time in times)
    return Measurement(float(power), math.sqrt(covariance[0, 0]), n, "power of theta in the factor", mixed)


def exact_power(points, times, curve):
    """The same power for the exact mean times at the same temperatures, with the same weights."""
    exact = [
        replace(time, value=known, error=known * time.error / time.value)
        for time, known in zip(times, (curve.predict(1.0 / inverse).value for inverse in points), strict=True)
    ]
    return factor_power(points, exact).value


def rate_is_eyrings(points, times, rows, curves):
    """Proportional means that one factor holds for all temperatures."""
    power, by_law = factor_power(points, times), exact_power(points, times, curves[0])
    warm, cold = int(np.argmin(points)), int(np.argmax(points))
    decades = math.log10(times[cold].value / times[warm].value)
    exact = [row for row in rows if row.theory == curves[0].name]
    early, late = (
        curves[0].predict(1.0 / inverse).value / curves[1].predict(1.0 / inverse).value - 1.0
        for inverse in (6, points[cold])
    )
    number = (
        f"over {decades:.1f} decades of the rate (barriers of {points[warm]} to {points[cold]} theta) the factor "
        f"rate / exp(-beta (F1 - F0)) is proportional to theta^p with p = {format_measured(power)}; required of a "
        f"constant factor: |p| below {CONSTANT:g}; the exact rate at these temperatures has p = {by_law:.4f}, and the "
        f"prefactor of Eyring and Kramers 0.5 in the limit of small theta; compared with exact quadrature the largest "
        f"|z| of {len(points)} points is {max(abs(row.z) for row in exact):.1f}; the "
        f"Eyring-Kramers rate is above the exact rate by {early:.0%} at a barrier of 6 theta and by {late:.1%} at "
        f"{points[cold]} theta"
    )
    root = Narrowed(
        "a prefactor is added, which the formula does not contain: at these temperatures about theta^p with p = "
        f"{format_value(power.value, power.error)}, within {ALIKE:.0%} of the exact {by_law:.3f} of this double well",
        near(power, by_law, ALIKE),
    )
    return Finding(RATE, verdict_of(between(power, -CONSTANT, CONSTANT), root), number)


def entropy_counts(faster):
    """The ratio of rates of two passes of equal height is nearer to e^(entropy difference) than to 1."""
    entropy, exact = faster
    middle = math.sqrt(entropy.predicted.value)
    number = (
        f"at a barrier of {PASS_BARRIER} theta, rate over the wide pass / rate over the narrow pass: "
        f"{format_measured(entropy.measured)}; e^(entropy difference) is {entropy.predicted.value:.2f}, the ratio "
        f"without entropy is 1, the backward equation gives {exact.predicted.value:.2f}"
    )
    counts = between(entropy.measured, middle, entropy.predicted.value * middle)
    return Finding(ENTROPY, verdict_of(counts), number)


def draw(path, points, times, curves, waited_for):
    """Rate against barrier / theta; in the lower panel, rate over exact rate."""
    from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
    from langevin.figures.panels import bars

    with canvas(path, "Rate of escape from a double well", 6.5, 6.0) as axes:
        grid = axes.figure.add_gridspec(2, 1, height_ratios=(2, 1))
        axes.set_subplotspec(grid[0])
        below = axes.figure.add_subplot(grid[1], sharex=axes)
        rates = [
            replace(time, value=1 / time.value, error=time.error / time.value**2, law=None) for time in times
        ]
        exact = [1 / curves[0].predict(1.0 / inverse).value for inverse in points]
        ratios = [scaled(rate, 1 / known) for rate, known in zip(rates, exact, strict=True)]
        for some, mark, colour, label in (
            (slice(waited_for), "x", MEASURED, "without splitting"),
            (slice(waited_for, None), "s", COLOURS[1], "with splitting"),
        ):
            style = {"linestyle": "none", "fillstyle": "none" if mark == "s" else "full"}
            bars(axes, points[some], rates[some], colour, mark, f"{label}, 95 % interval", **style)
            bars(below, points[some], ratios[some], colour, mark, label, **style)
        line = np.linspace(min(points), max(points), 40)
        exact, kramers = (
            np.array([1 / curve.predict(1.0 / inverse).value for inverse in line]) for curve in curves
        )
        for values, colour, dash, label in (
            (exact, COLOURS[0], DASHES[1], "exact quadrature"),
            (kramers, COLOURS[2], DASHES[3], "Eyring-Kramers"),
        ):
            axes.plot(line, values, color=colour, linestyle=dash, label=label)
            below.plot(line, values / exact, color=colour, linestyle=dash)
        axes.set(yscale="log", ylabel="rate, 1 / time")
        below.set(xlabel="barrier $\\Delta F / \\theta$", ylabel="rate / exact rate")
        axes.legend(loc="upper right")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
