"""Is the stationary law of Langevin motion Gibbs's, and how far is that of its steps from it?

A walker in the washboard f = 1 - cos x. On the circle exp(-f / theta) has a finite integral, on the line only with
weight decay: the same motion in all three shows what the condition on f is for. The bias of the stationary law is
measured over the step dt for two integrators, and its order is the slope. The full run takes half a minute on two
processors.
"""

import math
import warnings
from dataclasses import replace

import numpy as np

import langevin
from langevin import integrators, measure, potentials, theory
from langevin.comparison import compare, compare_all, format_measured, format_value
from langevin.ensemble.checks import StepSizeWarning
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, every, near, told_by
from langevin.kernels.streams import derived_seed
from langevin.landscapes.evaluate import scalar_value
from langevin.landscapes.weight_decay import with_weight_decay
from langevin.potentials.periodic import diffusion
from langevin.types import Curve, Measurement, Prediction

POTENTIAL = potentials.periodic(dim=1, barrier=2.0)
THETA = 1.0
#: Weight decay that confines the walker on the line; burn-in there, ten times the memory of x^2.
DECAY, CONFINED = 0.2, 40.0
CONFINING = with_weight_decay(POTENTIAL, DECAY)
SIMULATED_THETA = THETA
BURN_IN, FRAME_GAP = 8.0, 0.3
#: Integrators, the order of the bias of their stationary law, and steps at which the bias can be seen. The slope at
#: these steps is within `bend`, the number before them, of the order, by the exact law of one step on the circle.
CASES = (
    ("Euler-Maruyama", integrators.euler_maruyama(), 1, 0.06, (0.1, 0.2, 0.4)),
    ("Heun", integrators.heun(), 2, 0.03, (0.2, 0.3, 0.4, 0.5)),
)
FINE_STEP = 0.025
BINS = 12
#: Growth of E x^2, in units of that over the barriers, of a law that has settled, and of one that has not.
SETTLED, SPREADS = 0.1, 0.5
#: By how much the order of the bias may be missed.
ORDER = 0.25
#: Walkers and frames of a run.
SIZES = {True: (1000, 1000), False: (4000, 2000)}
SOURCE = "S. V. Kozyrev, How to explain grokking (2024), section 1.1"
STATIONARY = Claim("the Gibbs distribution exp(-beta f), beta = 1/theta, is a stationary solution", SOURCE)
CONVERGES = Claim("the solution converges to the Gibbs distribution (under some conditions on f)", SOURCE)
LIMIT = Claim(
    "continuous limit of SGLD, x_(k+1) = x_k + w_k - alpha_k f'(x_k), is described by the Langevin equation",
    SOURCE,
)


def answer(quick=False, seed=1):
    """Density on the circle, spread on the line, bias over the step; then what the source says of each."""
    walkers, frames = SIZES[quick]
    fine = simulate(integrators.heun(), FINE_STEP, walkers, frames, seed)
    densities = densities_beside_gibbs(fine)
    spread = spread_on_the_line(fine)
    held = held_by_decay(simulate(integrators.heun(), FINE_STEP, walkers, frames, seed + 1, CONFINING))
    biases = {}
    for place, (name, integrator, _, _, steps) in enumerate(CASES):
        biases[name] = [
            bias(integrator, dt, walkers, frames, derived_seed(seed, 100 * (1 + place) + i))
            for i, dt in enumerate(steps)
        ]
    orders = [
        compare(slope(steps, biases[name]), order_curve(name, order, bend), level=0.05 / len(CASES))
        for name, _, order, bend, steps in CASES
    ]
    return Answer(
        question="Is the stationary law of Langevin motion Gibbs's, and how far is that of its steps from it?",
        findings=(
            gibbs_is_stationary(densities),
            gibbs_is_reached(densities, held, spread),
            steps_have_a_limit(orders, biases),
        ),
        header=("integrator", "dt", "bias of E cos 2x", "standard error", "effective values"),
        rows=[
            (name, dt, b.value, b.error, b.n)
            for name, _, _, _, steps in CASES
            for dt, b in zip(steps, biases[name], strict=True)
        ],
        draw=lambda path: draw(path, biases, orders),
        settings={
            "potential": "f = 1 - cos x",
            "temperature": THETA,
            "fine_step": FINE_STEP,
            "walkers": walkers,
        },
        comparisons=(*densities, held, spread, *orders),
    )


def simulate(integrator, dt, walkers, frames, seed, potential=POTENTIAL):
    """Walkers from the minimum; frames far enough apart to tell something new, in time FRAME_GAP."""
    every = max(1, round(FRAME_GAP / dt))
    problem = langevin.Problem(potential, SIMULATED_THETA)
    with warnings.catch_warnings():  # that the steps are coarse is the point
        warnings.simplefilter("ignore", StepSizeWarning)
        return langevin.simulate(
            problem, integrator, walkers=walkers, steps=frames * every, dt=dt, every=every, seed=seed
        )


def second_harmonic(states):
    """Cos 2x, the same on the circle and on the line."""
    return np.cos(2.0 * states[:, 0])


def bias(integrator, dt, walkers, frames, seed):
    """E cos 2x over walkers and time, less the exact mean of the Gibbs law."""
    exact = theory.gibbs.stationary_moment(
        scalar_value(POTENTIAL), THETA, lambda x: math.cos(2.0 * x), -math.pi, math.pi
    ).value
    mean = measure.time_mean(simulate(integrator, dt, walkers, frames, seed), second_harmonic, BURN_IN)
    return replace(mean, value=mean.value - exact, estimator="time mean less the Gibbs mean")


def slope(steps, biases):
    """Exponent of |bias| over dt: weighted least squares on logarithms, its error from those of the biases."""
    values = np.array([abs(b.value) for b in biases])
    weights = values / np.array([b.error for b in biases])
    (power, _), covariance = np.polyfit(np.log(steps), np.log(values), 1, w=weights, cov="unscaled")
    return Measurement(
        float(power), math.sqrt(covariance[0, 0]), min(b.n for b in biases), "slope of log |bias|"
    )


def order_curve(name, order, bend):
    """What the theory of weak approximation says of the slope."""
    return Curve(
        f"order of {name}",
        lambda point: Prediction(float(order), bend),
        "small steps",
        "Talay and Tubaro 1990; Leimkuhler, Matthews and Tretyakov 2014",
    )


def densities_beside_gibbs(run):
    """Density on the circle, bin by bin, beside the Gibbs law."""
    edges = np.linspace(-math.pi, math.pi, BINS + 1)
    value = scalar_value(POTENTIAL)
    whole = theory.gibbs.log_partition_function(value, THETA, -math.pi, math.pi).value

    def gibbs(middle):
        half = math.pi / BINS
        part = theory.gibbs.log_partition_function(value, THETA, middle - half, middle + half)
        return Prediction(math.exp(part.value - whole) / (2 * half))

    curve = Curve("Gibbs density", gibbs, "the circle", "exp(-f / theta) / Z")
    found = measure.stationary_density(
        run, lambda states: (states[:, 0] + math.pi) % (2 * math.pi) - math.pi, edges, first_time=BURN_IN
    )
    middles = (edges[1:] + edges[:-1]) / 2
    return compare_all([float(x) for x in middles], found, [curve])


def spread_on_the_line(run):
    """Growth of E x^2 per time beside 2 D, the diffusion over the barriers of a washboard that never ends."""
    half = len(run.times) // 2
    elapsed = run.times[-1] - run.times[half]
    gain = run.states[:, -1] ** 2 - run.states[:, half] ** 2  # (walkers, 1)
    gained = measure.bootstrap_walkers(gain, lambda means: means[:, 0] / elapsed, "growth of E x^2")
    exact = Prediction(2.0 * diffusion(POTENTIAL, THETA))
    curve = Curve("2 D", lambda time: exact, "the line, late times", "Lifson and Jackson 1962")
    return compare(gained, curve, float(run.times[-1]))


def held_by_decay(run):
    """E x^2 on the line with weight decay beside that of the Gibbs law."""
    exact = theory.gibbs.stationary_moment(scalar_value(CONFINING), THETA, lambda x: x * x)
    curve = Curve(
        "Gibbs mean of x^2",
        lambda decay: exact,
        "a finite integral of exp(-f / theta)",
        "exp(-f / theta) / Z",
    )
    return compare(measure.time_mean(run, lambda states: states[:, 0] ** 2, CONFINED), curve, DECAY)


def gibbs_is_stationary(densities):
    """Every bin has the Gibbs density."""
    worst = max(densities, key=lambda row: abs(row.ratio - 1.0))
    number = (
        f"density on the circle in {BINS} bins over exp(-f / theta) / Z: "
        f"{min(row.ratio for row in densities):.3f} to {max(row.ratio for row in densities):.3f}, the one farthest off "
        f"{format_value(worst.ratio, worst.measured.error / worst.predicted.value)} (n = {worst.measured.n} walkers)"
    )
    return Finding(STATIONARY, verdict_of(told_by(densities)), number)


def gibbs_is_reached(densities, held, spread):
    """On the circle, on the line with weight decay, on the line without: there the integral is not finite."""
    grows, unit = spread.measured, spread.predicted.value
    number = (
        f"with weight decay {DECAY:g} E x^2 is {format_measured(held.measured)}, Gibbs {held.predicted.value:.4f}; "
        f"without it E x^2 grows by {format_measured(grows)} per unit time, diffusion over the barriers by {unit:.3f}; "
        f"seen on the circle these walkers have the Gibbs density in {len(densities)} bins"
    )
    reached = [told_by(densities), told_by([held])]
    finite = Narrowed(
        "exp(-f / theta) has a finite integral: a set without end needs a wall or weight decay",
        every("Gibbs on the circle, and on the line with weight decay", reached),
        above(grows, SPREADS * unit, "on the line without it E x^2 grows"),
    )
    settled = below(grows, SETTLED * unit, "E x^2 has settled on the line")
    return Finding(
        CONVERGES, verdict_of(every("a law is reached in all three", [*reached, settled]), finite), number
    )


def steps_have_a_limit(orders, biases):
    """The bias of the source's iteration, Euler-Maruyama, vanishes with the step, as its first power."""
    largest = biases["Euler-Maruyama"][-1]
    slopes = ", ".join(
        f"{name} {format_value(row.measured.value, row.measured.error)}"
        for (name, *_), row in zip(CASES, orders, strict=True)
    )
    number = (
        f"slope of log |bias| over log dt: {slopes} (n = {orders[0].measured.n} or more); at a step of "
        f"{CASES[0][4][-1]:g} / curvature the source's iteration has E cos 2x wrong by "
        f"{format_value(largest.value, largest.error)}"
    )
    return Finding(LIMIT, verdict_of(near(orders[0].measured, 1.0, ORDER)), number)


def draw(path, biases, orders):
    """Bias over step, with lines of the order that theory names through the most precise point."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas

    title = "Bias of the stationary law, $f = 1 - \\cos x$, $\\theta$ = 1: the slope is the order"
    with canvas(path, title) as axes:
        for place, (name, _, order, _, steps) in enumerate(CASES):
            values = [abs(b.value) for b in biases[name]]
            found = orders[place].measured
            colour = COLOURS[place]
            axes.errorbar(
                steps, values, [1.96 * b.error for b in biases[name]], fmt="os^"[place], color=colour, capsize=3,
                label=f"{name}: slope {format_value(found.value, found.error)}",
            )  # fmt: skip
            best = int(np.argmax([abs(b.value) / b.error for b in biases[name]]))
            line = [values[best] * (dt / steps[best]) ** order for dt in steps]
            axes.plot(steps, line, color=colour, linestyle=DASHES[1], label=f"theory: order {order}")
        axes.set(
            xscale="log", yscale="log", xlabel="step $dt$, in units of 1 / curvature",
            ylabel="|mean of $\\cos 2x$ - Gibbs mean|", xlim=(0.08, 0.6),
        )  # fmt: skip
        ticks = (0.1, 0.2, 0.3, 0.4, 0.5)
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        heights = (0.005, 0.01, 0.02, 0.05)
        axes.set_yticks(heights, [f"{height:g}" for height in heights])
        axes.minorticks_off()
        axes.legend(loc="upper left")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
