"""Is the rate of escape Eyring's exp(-(F1 - F0) / theta), over ten decades?

A walker leaves one well of a double well for the other. Where the rate allows, walkers are simply waited for; where it
does not, splitting multiplies those that happen to climb. Both lie beside exact quadrature and Eyring-Kramers. Then two
passes of equal height, a wide and a narrow one, ask for the entropy in F1. The full run takes a minute on two
processors.
"""

import math

import numpy as np

import langevin
from langevin import integrators, measure, potentials, theory
from langevin.comparison import compare, compare_all, format_value, overall
from langevin.experiment.claims import Answer, Claim, Finding, judge
from langevin.kernels.streams import derived_seed
from langevin.landscapes.evaluate import scalar_value
from langevin.types import Curve, Measurement, Prediction

WELL = potentials.double_well()
#: The simulated temperature in units of the one that the theories get.
HEAT = 1.0
STEP = 0.005
#: Barrier / theta where walkers are waited for, and where they are split: quick, full.
WAITED = {True: (2, 4, 6), False: (2, 3, 4, 5, 6, 7, 8)}
SPLIT = {True: (6, 12, 18, 26), False: (6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26)}
#: Walkers waited for; walkers and replicas of a splitting.
WALKERS = {True: (1000, 300, 16), False: (4000, 2000, 32)}
#: Curvatures across a wide and a narrow pass, of wells with curvature 4 across, and their barrier / theta.
PASSES, PASS_BARRIER = (1.0, 16.0), 16
BOX = ([-2, -4], [2, 4])
SOURCE = "S. V. Kozyrev, How to explain grokking (2024), section 1.1"
RATE = Claim("the reaction rate is proportional to exp(-beta (F1 - F0))", f"{SOURCE}, equation (3)")
ENTROPY = Claim(
    "F1 is the free energy of the transition state, F = E - theta S with S the entropy of the state", SOURCE
)


def answer(quick=False, seed=1):
    """Mean times by waiting and by splitting beside the theories; the factor in front; two passes."""
    walkers, few, replicas = WALKERS[quick]
    points = [*WAITED[quick], *SPLIT[quick]]
    times = [waited(inverse, walkers, derived_seed(seed, inverse)) for inverse in WAITED[quick]]
    times += [
        split(WELL, inverse, few, replicas, derived_seed(seed, 100 + inverse)) for inverse in SPLIT[quick]
    ]
    curves = theory.escape_curves(WELL.facts.wells, scalar_value(WELL))
    rows = compare_all([1.0 / inverse for inverse in points], times, curves, logarithmic=True)
    passes = [
        split(pass_of(k), PASS_BARRIER, few, replicas, derived_seed(seed, 200 + int(k))) for k in PASSES
    ]
    ratio = pass_rows(passes)
    return Answer(
        question="Is the rate of escape Eyring's exp(-(F1 - F0) / theta), over ten decades?",
        findings=(rate_is_eyrings(points, times, rows, curves), entropy_counts(ratio)),
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
        comparisons=(*rows, *ratio),
    )  # fmt: skip


def waited(inverse, walkers, seed):
    """Mean time until the walkers have come over, everyone waited for."""
    problem = langevin.Problem(WELL, HEAT / inverse)
    run = langevin.simulate(
        problem, integrators.heun(), walkers=walkers, steps=10**9, dt=STEP, seed=seed, stop=langevin.Stop()
    )
    return measure.mean_first_passage_time(run)


def split(landscape, inverse, walkers, replicas, seed):
    """Mean time by adaptive multilevel splitting, its error over replicas."""
    problem = langevin.Problem(landscape, HEAT / inverse)
    effort = langevin.Effort(walkers, replicas=replicas)
    return langevin.splitting(problem, integrators.heun(), dt=STEP, effort=effort, seed=seed).mean_time


def pass_of(curvature):
    """Two wells in the plane, joined by a pass of barrier 1 with this curvature across."""
    return potentials.saddle(well_stiffness=4.0, saddle_stiffness=curvature)


def pass_rows(times):
    """How much faster the wide pass is than the narrow one, beside entropy alone and the backward equation."""
    wide, narrow = times
    ratio = narrow.value / wide.value
    error = ratio * math.hypot(wide.error / wide.value, narrow.error / narrow.value)
    measured = Measurement(ratio, error, min(wide.n, narrow.n), "ratio of rates", wide.mixed and narrow.mixed)
    exact = [theory.plane_escape_curves(pass_of(k), *BOX)[0].predict(1.0 / PASS_BARRIER) for k in PASSES]
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
    well = theory.log_partition_function(scalar_value(WELL), 1.0 / inverse, -math.inf, 0.0).value
    return math.exp(-inverse * WELL.facts.barrier - well)


def rate_is_eyrings(points, times, rows, curves):
    """Proportional means one factor for all temperatures; ten per cent is let pass."""
    factors = [1.0 / (time.value * boltzmann(inverse)) for inverse, time in zip(points, times, strict=True)]
    warm, cold = int(np.argmin(points)), int(np.argmax(points))
    change = factors[warm] / factors[cold]
    error = change * math.hypot(*(times[i].error / times[i].value for i in (warm, cold)))
    decades = math.log10(times[cold].value / times[warm].value)
    exact = [row for row in rows if row.theory == curves[0].name]
    follows = set(overall(exact).values()) <= {"agrees", "inconclusive"}
    early, late = (
        curves[0].predict(1.0 / inverse).value / curves[1].predict(1.0 / inverse).value - 1.0
        for inverse in (6, points[cold])
    )
    number = (
        f"over {decades:.1f} decades of the rate (n = {times[warm].n} walkers to {times[cold].n} replicas) the factor "
        f"rate / exp(-beta (F1 - F0)) falls by a factor {format_value(change, error)}, sqrt(theta) by "
        f"{math.sqrt(points[cold] / points[warm]):.2f}; from the exact law the largest |z| of {len(points)} points is "
        f"{max(abs(row.z) for row in exact):.1f}; Eyring-Kramers' rate is above it by {early:.0%} at a barrier of "
        f"6 theta and {late:.1%} at {points[cold]} theta"
    )
    condition = "the factor in front, which has a unit and no place in the formula, may go as sqrt(theta)"
    return Finding(RATE, judge(abs(change - 1.0) < 0.1, follows and decades >= 8.0, condition), number)


def entropy_counts(ratio):
    """Two passes of equal height: the wide one is faster by the entropy, to 20 % and two errors at this temperature."""
    entropy, exact = ratio
    number = (
        f"at a barrier of {PASS_BARRIER} theta the wide pass is "
        f"{format_value(entropy.measured.value, entropy.measured.error)} times as fast as the narrow one "
        f"(n = {entropy.measured.n} replicas); e^(entropy difference) is {entropy.predicted.value:.2f}, the backward "
        f"equation gives {exact.predicted.value:.2f}"
    )
    off = abs(math.log(entropy.ratio)) - 2.0 * entropy.measured.error / entropy.measured.value
    return Finding(ENTROPY, judge(off < 0.2 and exact.verdict != "excluded"), number)


def draw(path, points, times, curves, waited_for):
    """Rate over barrier / theta; in the corner the same over the exact rate."""
    from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas

    with canvas(path, "Escape from a double well: decades of rate", 6.5, 4.6) as axes:
        corner = axes.inset_axes([0.12, 0.09, 0.36, 0.35])
        for first, last, mark, colour, label in (
            (0, waited_for, "o", MEASURED, "walkers waited for"),
            (waited_for, len(points), "s", COLOURS[1], "walkers split"),
        ):
            x, some = points[first:last], times[first:last]
            rates = np.array([1 / time.value for time in some])
            errors = np.array([1.96 * time.error / time.value**2 for time in some])
            exact = np.array([1 / curves[0].predict(1.0 / inverse).value for inverse in x])
            style = {"fmt": mark, "color": colour, "markersize": 4, "capsize": 2}
            axes.errorbar(x, rates, errors, label=label, **style)
            corner.errorbar(x, rates / exact, errors / exact, **style)
        line = np.linspace(min(points), max(points), 40)
        exact, kramers = (
            np.array([1 / curve.predict(1.0 / inverse).value for inverse in line]) for curve in curves
        )
        axes.plot(line, exact, color=COLOURS[0], linestyle=DASHES[1], label="exact quadrature")
        axes.plot(line, kramers, color=COLOURS[2], linestyle=DASHES[3], label="Eyring-Kramers")
        corner.plot(line, exact / exact, color=COLOURS[0], linestyle=DASHES[1])
        corner.plot(line, kramers / exact, color=COLOURS[2], linestyle=DASHES[3])
        corner.set(ylabel="rate / exact", ylim=(0.75, 1.45))
        axes.set(yscale="log", xlabel="barrier / theta", ylabel="rate (1 / time)")
        axes.legend(loc="upper right")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
