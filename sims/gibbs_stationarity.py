"""Is the stationary distribution of Langevin motion the Gibbs distribution, and how large is the bias of finite steps?

A walker moves in the washboard f = 1 - cos x. On the circle exp(-f / theta) has a finite integral, on the line it has
one only with weight decay. The same motion in all three cases shows why f must meet a condition. For two integrators
the sim measures the bias of the stationary distribution at several steps dt, and compares it with the stationary
distribution of the iteration itself. The slope of log bias over log dt is the order. The run takes half a minute.
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
from langevin.measure.combined import scaled
from langevin.potentials.periodic import diffusion
from langevin.types import Curve, Measurement, Prediction
from sims._iteration import iteration_curve

POTENTIAL = potentials.periodic(dim=1, barrier=2.0)
THETA = 1.0
#: Weight decay that confines the walker on the line; burn-in there, ten times the relaxation time of x^2.
DECAY, CONFINED = 0.2, 40.0
CONFINING = with_weight_decay(POTENTIAL, DECAY)
SIMULATED_THETA = THETA
BURN_IN, FRAME_GAP = 8.0, 0.3
#: Integrators, the order of the bias of their stationary distribution, `bend`, and steps with a measurable bias. At
#: these steps the slope differs from the order by at most `bend`, by the exact transition density on the circle.
CASES = (
    ("Euler-Maruyama", integrators.euler_maruyama(), 1, 0.06, (0.1, 0.2, 0.4)),
    ("Heun", integrators.heun(), 2, 0.03, (0.2, 0.3, 0.4, 0.5)),
)
FINE_STEP = 0.025
BINS = 12
#: Growth of E x^2 over that of diffusion across the barriers: below the first number the distribution is stationary,
#: above the second it still spreads.
SETTLED, SPREADS = 0.1, 0.5
#: Tolerance of the order of the bias.
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
    """Measure density on the circle, spread on the line, and bias at several steps; judge the claims."""
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
    exact = [
        compare(
            one,
            iteration_curve(name, THETA, gibbs_mean()),
            dt,
            level=0.05 / sum(len(case[-1]) for case in CASES),
        )
        for name, _, _, _, steps in CASES
        for dt, one in zip(steps, biases[name], strict=True)
    ]
    return Answer(
        question="Is the stationary distribution of Langevin motion the Gibbs distribution, and how large is the bias "
        "of finite steps?",
        findings=(
            gibbs_is_stationary(densities),
            gibbs_is_reached(densities, held, spread),
            steps_have_a_limit(orders, biases, exact),
        ),
        header=("iteration", "dt", "bias of E cos 2x", "standard error", "effective values", "exact bias"),
        rows=[
            (
                row.theory,
                row.point,
                row.measured.value,
                row.measured.error,
                row.measured.n,
                row.predicted.value,
            )
            for row in exact
        ],
        draw=lambda path: draw(path, exact, orders),
        settings={
            "potential": "f = 1 - cos x",
            "temperature": THETA,
            "fine_step": FINE_STEP,
            "walkers": walkers,
        },
        comparisons=(*densities, held, spread, *orders, *exact),
    )


def simulate(integrator, dt, walkers, frames, seed, potential=POTENTIAL):
    """Walkers from the minimum; the time between frames is FRAME_GAP, so that frames are only weakly correlated."""
    every = max(1, round(FRAME_GAP / dt))
    problem = langevin.Problem(potential, SIMULATED_THETA)
    with warnings.catch_warnings():  # the steps are coarse on purpose
        warnings.simplefilter("ignore", StepSizeWarning)
        return langevin.simulate(
            problem, integrator, walkers=walkers, steps=frames * every, dt=dt, every=every, seed=seed
        )


def second_harmonic(states):
    """Cos 2x, the same on the circle and on the line."""
    return np.cos(2.0 * states[:, 0])


def bias(integrator, dt, walkers, frames, seed):
    """E cos 2x over walkers and time, minus the exact mean of the Gibbs distribution."""
    mean = measure.time_mean(simulate(integrator, dt, walkers, frames, seed), second_harmonic, BURN_IN)
    return replace(mean, value=mean.value - gibbs_mean(), estimator="time mean minus the Gibbs mean")


def gibbs_mean():
    """The mean of cos 2x over the Gibbs distribution."""
    return theory.gibbs.stationary_moment(
        scalar_value(POTENTIAL), THETA, lambda x: math.cos(2.0 * x), -math.pi, math.pi
    ).value


def slope(steps, biases):
    """Slope of log |bias| over log dt by weighted least squares; its error follows from those of the biases."""
    values = np.array([abs(b.value) for b in biases])
    weights = values / np.array([b.error for b in biases])
    (power, _), covariance = np.polyfit(np.log(steps), np.log(values), 1, w=weights, cov="unscaled")
    return Measurement(
        float(power), math.sqrt(covariance[0, 0]), min(b.n for b in biases), "slope of log |bias|"
    )


def order_curve(name, order, bend):
    """The slope that the theory of weak approximation predicts."""
    return Curve(
        f"order of {name}",
        lambda point: Prediction(float(order), bend),
        "small steps",
        "Talay and Tubaro 1990; Leimkuhler, Matthews and Tretyakov 2014",
    )


def densities_beside_gibbs(run):
    """Comparison of the density on the circle with the Gibbs distribution, bin by bin."""
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
    """Comparison of the growth of E x^2 per time with 2 D, the diffusion across barriers on an infinite line."""
    half = len(run.times) // 2
    elapsed = run.times[-1] - run.times[half]
    gain = run.states[:, -1] ** 2 - run.states[:, half] ** 2  # (walkers, 1)
    gained = measure.bootstrap_walkers(gain, lambda means: means[:, 0] / elapsed, "growth of E x^2")
    exact = Prediction(2.0 * diffusion(POTENTIAL, THETA))
    curve = Curve("2 D", lambda time: exact, "the line, late times", "Lifson and Jackson 1962")
    return compare(gained, curve, float(run.times[-1]))


def held_by_decay(run):
    """Comparison of E x^2 on the line with weight decay with that of the Gibbs distribution."""
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
        f"{min(row.ratio for row in densities):.3f} to {max(row.ratio for row in densities):.3f}, the ratio farthest "
        f"from 1 is {format_value(worst.ratio, worst.measured.error / worst.predicted.value)} "
        f"(n = {worst.measured.n} walkers)"
    )
    return Finding(STATIONARY, verdict_of(told_by(densities)), number)


def gibbs_is_reached(densities, held, spread):
    """Tested on the circle, on the line with weight decay, and on the line without (where the integral is infinite)."""
    grows, unit = spread.measured, spread.predicted.value
    number = (
        f"on the line with weight decay {DECAY:g}, E x^2 = {format_measured(held.measured)} (Gibbs "
        f"{held.predicted.value:.4f}); without weight decay E x^2 grows by {format_measured(grows)} per unit time "
        f"(diffusion across the barriers: {unit:.3f}); on the circle the density was compared with Gibbs in "
        f"{len(densities)} bins"
    )
    reached = [told_by(densities), told_by([held])]
    spreads = above(grows, SPREADS * unit, "on the line without weight decay E x^2 grows")
    number += (
        "; the source leaves its condition on f open: without one the sentence is "
        f"{'refuted' if spreads.established else 'not refuted'} by the line without weight decay, where E x^2 still "
        f"grows at more than {SPREADS:.0%} of the rate of diffusion"
    )
    finite = Narrowed(
        "exp(-f / theta) has a finite integral: an unbounded set needs a wall or weight decay",
        every("Gibbs distribution on the circle, and on the line with weight decay", reached),
    )
    settled = below(grows, SETTLED * unit, "on the line without weight decay E x^2 is stationary")
    everywhere = every("a stationary distribution in all three cases", [*reached, settled])
    return Finding(CONVERGES, verdict_of(everywhere, finite), number)


def steps_have_a_limit(orders, biases, exact=()):
    """The bias of the source's iteration (Euler-Maruyama) vanishes in proportion to the step."""
    largest = biases["Euler-Maruyama"][-1]
    slopes = ", ".join(
        f"{name} {format_value(row.measured.value, row.measured.error)}"
        for (name, *_), row in zip(CASES, orders, strict=True)
    )
    number = (
        f"slope of log |bias| over log dt: {slopes} (n = {orders[0].measured.n} or more); with a step of "
        f"{CASES[0][4][-1]:g} / curvature the bias of E cos 2x in the source's iteration (Euler-Maruyama) is "
        f"{format_value(largest.value, largest.error)}; required: a slope within {ORDER:.0%} of 1; largest |z| "
        f"against the exact biases of {len(exact)} iterations {max((abs(row.z) for row in exact), default=0):.1f}"
    )
    return Finding(LIMIT, verdict_of(near(orders[0].measured, 1.0, ORDER)), number)


def draw(path, exact, orders):
    """Bias against step, and that of the stationary distribution of the iteration; below, their ratio."""
    from langevin.figures.canvas import COLOURS, DASHES, canvas
    from langevin.figures.panels import bars, plain_ticks, residuals_under

    title = "Bias of the stationary distribution, $f = 1 - \\cos x$, $\\theta$ = 1"
    with canvas(path, title, 6.5, 5.4) as axes:
        low = residuals_under(axes)
        for place, (name, _, order, _, steps) in enumerate(CASES):
            rows = [row for row in exact if row.theory == name]
            signs = [math.copysign(1.0, row.predicted.value) for row in rows]
            measured = [
                replace(row.measured, value=sign * row.measured.value, law=None)
                for sign, row in zip(signs, rows, strict=True)
            ]
            known = [abs(row.predicted.value) for row in rows]
            found, colour, mark = orders[place].measured, COLOURS[place], "os"[place]
            label = f"{name}, 95 % interval: slope {format_value(found.value, found.error)}"
            style = {"linestyle": "none", "fillstyle": "none"}
            bars(axes, steps, measured, colour, mark, label, **style)
            over = [scaled(one, 1.0 / value) for one, value in zip(measured, known, strict=True)]
            bars(low, steps, over, colour, mark, "", **style)
            fine = np.geomspace(steps[0], steps[-1], 12)
            law = iteration_curve(name, THETA, gibbs_mean())
            axes.plot(fine, [abs(law.predict(float(dt)).value) for dt in fine], color=colour, linestyle=DASHES[1],
                      label=f"exact for the iteration (order {order} as $dt \\to 0$)")  # fmt: skip
        axes.set(xscale="log", yscale="log", ylabel="|mean of $\\cos 2x$ - Gibbs mean|", xlim=(0.08, 0.6))
        low.set(xlabel="step $dt$, in units of 1 / curvature")
        plain_ticks(low.xaxis, (0.1, 0.2, 0.3, 0.4, 0.5))
        plain_ticks(axes.yaxis, (0.005, 0.01, 0.02, 0.05))
        axes.legend(loc="upper left")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
