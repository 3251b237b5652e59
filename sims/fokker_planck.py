"""Does the Fokker-Planck equation predict where the walkers are, at every time and not only in the end?

Walkers in a double well start together on one flank. Their histogram at several times is compared with the solution of
the equation on a mesh. Because the number of walkers is finite, the mean L1 distance of the two is above 0 even if the
equation is exact: this sampling floor is known in advance. The full run takes a minute on two processors.
"""

import math
from itertools import pairwise

import numpy as np

import langevin
from langevin import integrators, measure, potentials, theory
from langevin.comparison import compare, compare_all, format_measured
from langevin.experiment.claims import Answer, Claim, Finding, verdict_of
from langevin.experiment.statements import below, every, told_by
from langevin.kernels.streams import derived_seed
from langevin.types import Curve, Measurement, Prediction

POTENTIAL = potentials.double_well()
THETA = 0.4
SIMULATED_THETA = THETA
TIMES = (0.05, 0.2, 0.8, 3.2, 12.8, 38.4)
#: Indices of two times. Between them only the slowest mode, the exchange between the wells, still relaxes.
EARLIER, LATER = 3, 4
#: Tolerance of the L1 distance in excess of the sampling floor.
TOLD = 0.02
FINE_STEP, COARSE_STEP = 0.0025, 0.0125
#: Where the walkers start, and walls so high that no walker reaches them (f > 40 theta); both are edges of bins.
START, WALL, BINS = (-0.75, -0.5), 2.25, 90
CELLS_A_BIN, TIME_STEPS = 8, 400
#: Expected number of walkers from which a bin is in the panel of residuals: its count is then almost normal.
OFTEN = 25
WALKERS = {True: 40_000, False: 250_000}
SOURCE = "S. V. Kozyrev, How to explain grokking (2024), section 1.1"
EQUATION = Claim(
    "the Fokker-Planck equation for SGLD reduces to du/dt = theta Laplacian u + grad u . grad f + u Laplacian f",
    f"{SOURCE}, equation (2)",
)
CONVERGES = Claim("the solution converges to the Gibbs distribution (under some conditions on f)", SOURCE)


def answer(quick=False, seed=1):
    """Compare histograms with solutions at every time, for a fine and a coarse step; measure the relaxation rate."""
    walkers = WALKERS[quick]
    frames = positions(integrators.heun(), FINE_STEP, walkers, derived_seed(seed, 1))
    coarse = positions(integrators.euler_maruyama(), COARSE_STEP, walkers, derived_seed(seed, 2))
    solutions = {time: solution(time, THETA) for time in TIMES}
    slip = {time: solution(time, 0.5 * THETA)[0] for time in TIMES}
    names = ("Heun, fine step", "Euler-Maruyama, coarse step", "equation with theta / 2")
    rows = [
        distances(names[0], histograms(frames), walkers, solutions),
        distances(names[1], histograms(coarse), walkers, solutions),
        distances(names[2], histograms(frames), walkers, {t: (slip[t], 0.0) for t in TIMES}),
    ]
    rate = relaxation(frames)
    return Answer(
        question="Does the Fokker-Planck equation predict where the walkers are at every time, not only in the end?",
        findings=(equation_holds(*rows), gibbs_is_reached(rate, distance_from_gibbs(histograms(frames)[-1], walkers))),
        header=("case", "time", "L1 distance", "standard error", "sampling floor", "walkers"),
        rows=[
            (name, row.point, row.measured.value, row.measured.error, row.predicted.value, row.measured.n)
            for name, part in zip(names, rows, strict=True)
            for row in part
        ],
        draw=lambda path: draw(path, histograms(frames), solutions, rows, names),
        settings={
            "potential": "f = (x^2 - 1)^2", "temperature": THETA, "start": START, "bins": BINS, "walkers": walkers,
            "fine_step": FINE_STEP, "coarse_step": COARSE_STEP,
        },
        comparisons=(*(row for part in rows for row in part), rate),
    )  # fmt: skip


def positions(integrator, dt, walkers, seed):
    """Positions (times, walkers) from a uniform start on one flank; each stretch starts at the end of the last one."""
    problem = langevin.Problem(POTENTIAL, SIMULATED_THETA)
    states = np.random.default_rng(seed).uniform(*START, size=(walkers, 1))
    frames = []
    for stretch, (before, after) in enumerate(pairwise((0.0, *TIMES))):
        run = langevin.simulate(
            problem, integrator, walkers=walkers, steps=round((after - before) / dt), dt=dt,
            start=langevin.Start(states, first_step=0),
            seed=derived_seed(seed, stretch),
        )  # fmt: skip
        states = run.states[:, -1]
        frames.append(states[:, 0])
    return np.array(frames)


def histograms(frames):
    """Share of the walkers in each bin (times, bins)."""
    return np.array([np.histogram(x, BINS, (-WALL, WALL))[0] / x.size for x in frames])


def solution(time, temperature):
    """Share in each bin by the equation, and its L1 distance to the solution with half as many cells and time steps."""
    fine, rough = (_shares(time, temperature, CELLS_A_BIN // k, TIME_STEPS // k) for k in (1, 2))
    return fine, float(np.abs(fine - rough).sum())


def _shares(time, temperature, cells_a_bin, steps):
    mesh = theory.fokker_planck.box_mesh([-WALL], [WALL], [BINS * cells_a_bin])
    energies = theory.fokker_planck.energies_on(mesh, POTENTIAL)
    start = theory.fokker_planck.region(mesh, lambda x: (x[0] > START[0]) & (x[0] < START[1])).astype(float)
    masses = theory.fokker_planck.evolve(
        theory.fokker_planck.mesh_generator(mesh, energies, temperature), start / start.sum(), time, steps
    )
    return masses.reshape(BINS, cells_a_bin).sum(axis=1)


def distances(name, shares, walkers, solutions):
    """Comparison of L1 distances with the sampling floor of this number of walkers."""

    def predict(time):
        return Prediction(sampling_floor(solutions[time][0], walkers)[0], solutions[time][1])

    curve = Curve(f"sampling floor: {name}", predict, "walkers that follow the equation", "de Moivre 1733")
    found = [
        Measurement(
            float(np.abs(share - solutions[time][0]).sum()),
            sampling_floor(solutions[time][0], walkers)[1],
            walkers,
            "L1 distance",
        )
        for time, share in zip(TIMES, shares, strict=True)
    ]
    return compare_all(TIMES, found, [curve], yardstick=1.0)


def sampling_floor(shares, walkers):
    """Mean and standard deviation of the L1 distance between `walkers` draws from these shares and the shares.

    The count in each bin is binomial, with de Moivre's mean deviation E |X - N p| = 2 m (1 - p) P(X = m), where
    m = floor(N p) + 1. The standard deviation neglects the weak dependence between bins.
    """
    from scipy.special import gammaln

    p = shares[shares > 1e-12]
    m = np.floor(walkers * p) + 1
    log_chance = gammaln(walkers + 1) - gammaln(m + 1) - gammaln(walkers - m + 1)
    chance = np.exp(log_chance + m * np.log(p) + (walkers - m) * np.log1p(-p))
    deviation = 2 * m * (1 - p) * chance
    spread = walkers * p * (1 - p) - deviation**2
    return float(deviation.sum() / walkers), float(math.sqrt(spread.sum()) / walkers)


def relaxation(frames):
    """Comparison of the relaxation rate between the two wells with the spectral gap."""
    elapsed = TIMES[LATER] - TIMES[EARLIER]
    sides = np.where(frames[[EARLIER, LATER]] < 0, 1.0, -1.0).T
    measured = measure.bootstrap_walkers(
        sides, lambda means: np.log(means[:, 0] / means[:, 1]) / elapsed, "relaxation rate"
    )
    mesh = theory.fokker_planck.box_mesh([-WALL], [WALL], [BINS * CELLS_A_BIN])
    gap = theory.fokker_planck.spectral_gap(mesh, theory.fokker_planck.energies_on(mesh, POTENTIAL), THETA)
    coarse = theory.fokker_planck.box_mesh([-WALL], [WALL], [BINS * CELLS_A_BIN // 2])
    remainder = abs(
        gap
        - theory.fokker_planck.spectral_gap(
            coarse, theory.fokker_planck.energies_on(coarse, POTENTIAL), THETA
        )
    )
    curve = Curve("spectral gap", lambda point: Prediction(gap, remainder), "late times", "Risken 1989")
    return compare(measured, curve, TIMES[LATER])


def distance_from_gibbs(share, walkers):
    """L1 distance of one histogram from the Gibbs distribution, in excess of the sampling floor."""
    mesh = theory.fokker_planck.box_mesh([-WALL], [WALL], [BINS * CELLS_A_BIN])
    energies = theory.fokker_planck.energies_on(mesh, POTENTIAL)
    weights = np.exp(-(energies - energies.min()) / THETA).reshape(BINS, CELLS_A_BIN).sum(axis=1)
    gibbs = weights / weights.sum()
    floor, spread = sampling_floor(gibbs, walkers)
    return Measurement(float(np.abs(share - gibbs).sum()) - floor, spread, walkers, "excess L1 distance")


def beyond_chance(row):
    """L1 distance minus the sampling floor, with the remainder of the solution as a further error."""
    error = math.hypot(row.measured.error, row.predicted.remainder)
    excess = row.measured.value - row.predicted.value
    return Measurement(excess, error, row.measured.n, f"excess L1 distance at t = {row.point:g}")


def equation_holds(fine, coarse, slip):
    """The L1 distance is at the sampling floor at every time; for another equation it is not."""
    excesses = [beyond_chance(row) for row in fine]
    largest = max(excesses, key=lambda one: one.value)
    wrong, rough = (
        min(map(beyond_chance, slip), key=value_of),
        max(map(beyond_chance, coarse), key=value_of),
    )
    number = (
        f"L1 distance in excess of the sampling floor: at most {format_measured(largest)} over {len(fine)} times "
        f"(tolerance {TOLD:g}); from the equation with theta / 2 it is at least {format_measured(wrong)}; with "
        f"Euler-Maruyama steps of {COARSE_STEP:g} it is at most {format_measured(rough)}"
    )
    told = every(f"excess L1 distance below {TOLD:g} at every time", [below(one, TOLD) for one in excesses])
    return Finding(EQUATION, verdict_of(told), number)


def value_of(measured):
    """The value of a measurement, as a sort key."""
    return measured.value


def gibbs_is_reached(rate, distance):
    """The walkers reach the Gibbs distribution, at the rate of the spectral gap."""
    number = (
        f"relaxation rate between the wells {format_measured(rate.measured)}, spectral gap "
        f"{rate.predicted.value:.4f}; at t = {TIMES[-1]:g} the L1 distance from the Gibbs distribution, in excess of "
        f"the sampling floor, is {format_measured(distance)}"
    )
    reached = every(
        "the rate is the spectral gap, and the final distribution is Gibbs",
        [told_by([rate]), below(distance, TOLD)],
    )
    return Finding(CONVERGES, verdict_of(reached), number)


def draw(path, shares, solutions, rows, names):
    """Left densities at several times, and their residuals; right the distance from the equation."""
    from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas, in_symbols
    from langevin.figures.panels import residuals_under

    with canvas(
        path, "Walkers and the Fokker-Planck equation, $f = (x^2 - 1)^2$, $\\theta$ = 0.4", 11.0, 5.4
    ) as axes:
        grid = axes.figure.add_gridspec(1, 2, width_ratios=(3, 2))
        axes.set_subplotspec(grid[0])
        low, right = residuals_under(axes, difference=True), axes.figure.add_subplot(grid[1])
        width = 2 * WALL / BINS
        middles = -WALL + width * (np.arange(BINS) + 0.5)
        walkers = rows[0][0].measured.n
        low.axhspan(-1.96, 1.96, color="0.85", linewidth=0, label="95 % of the points, by the equation")
        for place, (time, share) in enumerate(zip(TIMES, shares, strict=True)):
            known = solutions[time][0]
            deviations = np.sqrt(known * (1 - known) / walkers)
            style = {"color": COLOURS[place], "marker": "o^sDvP"[place], "markersize": 3, "linewidth": 0}
            axes.plot(middles, share / width, **style, label=f"walkers at $t$ = {time:g}")
            axes.plot(middles, known / width, color=COLOURS[place], linestyle=DASHES[1], linewidth=1)
            often = known * walkers >= OFTEN
            low.plot(middles[often], ((share - known) / deviations)[often], **style)
        axes.set(ylabel="density", xlim=(-1.9, 1.9), ylim=(0, 2.1))
        axes.plot([], [], color="0.4", linestyle=DASHES[1], linewidth=1, label="equation")
        axes.legend(loc="upper right")
        low.set(xlabel="$x$", ylim=(-4.5, 7.5))
        low.set_ylabel("(measured - equation)\n/ standard error", fontsize=8)
        low.legend(loc="upper right")
        for part, name, marker, colour in zip(
            rows, names, "o^s", (MEASURED, COLOURS[1], COLOURS[4]), strict=True
        ):
            right.errorbar(
                TIMES, [row.measured.value for row in part], [1.96 * row.measured.error for row in part],
                fmt=marker, markersize=4.5, color=colour, capsize=3,
                label=in_symbols(f"{name}, 95 % interval"),
            )  # fmt: skip
        floor = [row.predicted.value for row in rows[0]]
        right.plot(TIMES, floor, color=COLOURS[0], linestyle=DASHES[1], label="sampling floor")
        right.set(xscale="log", yscale="log", xlabel="time $t$", ylabel="$L_1$ distance from the equation")
        right.legend(loc="center", bbox_to_anchor=(0.5, 0.66))


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
