"""Do wide wells capture the walker better: are they reached first, or do walkers stay there longer?

Two wells have equal depth, and one is wider than the other, so that they differ only in entropy. The sim measures which
bottom walkers from the saddle reach first, where the walkers are after a long time, and how long they stay in a well,
at a low barrier and at a high barrier. The full run takes a minute on two processors.
"""

import math
from dataclasses import replace

import numpy as np

import langevin
from langevin import integrators, measure, potentials
from langevin.comparison import compare_all, format_measured, format_value
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, every, near, no, told_by
from langevin.kernels.streams import derived_seed
from langevin.landscapes.evaluate import scalar_value
from langevin.measure.combined import ratio as over
from langevin.theory import escape, fokker_planck, gibbs
from langevin.types import Curve, Prediction

#: Width of the wide well over that of the narrow one, and half width of the narrow one.
RATIOS, NARROW = (1.0, 2.0, 3.0, 5.0), 1.0
#: Temperature in units of the barrier.
THETA = 0.4
SIMULATED_THETA = THETA
STEP, FRAME_GAP = 0.01, 0.2
#: Cells of the mesh per unit of length; walls at this number of half widths, where f > 60 theta.
CELLS, WALL = 80, 2.5
#: Burn-in and duration of the long run, in relaxation times of the two wells.
BURN_IN, RECORD = 8.0, 80.0
#: Walkers that start on the saddle, walkers of the long run.
WALKERS = {True: (10_000, 120), False: (200_000, 600)}
#: A temperature at which the wells are almost separate; walkers that are followed until they leave a well there.
COLD = 1.0 / 6.0
WAITING = {True: 6000, False: 10_000}
#: Relative tolerance of the ratio of residence times.
OFF = 0.1
SOURCE = "S. V. Kozyrev, How to explain grokking (2024), section"
LOW = "u(x) converges to the Gibbs distribution concentrated in wells with low free energy"
KEPT = Claim(LOW, f"{SOURCE} 1.2")
CAPTURE = Claim("wide potential wells better capture the particle", f"{SOURCE} 1.1")
EYRING = Claim(
    "Eyring's reaction rate formula predicts the capture of the SGLD learning result by wide potential wells (due to "
    "the entropic part of free energy)", f"{SOURCE} 1.2",
)  # fmt: skip


@langevin.lanewise
def bottom_of_narrow(x, out, lane, parameters):
    """Distance to the bottom of the narrow well from its right."""
    barrier, left, right = parameters
    out[lane] = left + x[0, lane]


@langevin.lanewise
def bottom_of_wide(x, out, lane, parameters):
    """Distance to the bottom of the wide well from its left."""
    barrier, left, right = parameters
    out[lane] = right - x[0, lane]


def answer(quick=False, seed=1):
    """Measure first arrivals, shares after a long time and residence times, for several ratios of the widths."""
    released, residents = WALKERS[quick]
    wells = {ratio: two_wells(ratio) for ratio in RATIOS}
    first = [first_to_wide(wells[r], released, derived_seed(seed, i)) for i, r in enumerate(RATIOS)]
    runs = [long_run(wells[r], residents, derived_seed(seed, 10 + i)) for i, r in enumerate(RATIOS)]
    stays = [ratio_of_stays(run, wells[r]) for run, r in zip(runs, RATIOS, strict=True)]
    cold = cold_stays(RATIOS[-1], WAITING[quick], derived_seed(seed, 20))
    exact = curve("exact ratio, high barrier", lambda well: escape_ratio(well, COLD), wells)
    rows = {
        "first": compare_all(RATIOS, first, [curve("committor", committor, wells)]),
        "kept": compare_all(RATIOS, [*map(share_of_wide, runs)], [curve("Gibbs share", gibbs_share, wells)]),
        "stays": compare_all(RATIOS, stays, [curve("ratio of exact escape times", escape_ratio, wells)]),
        "cold": compare_all(RATIOS[-1:], [cold], [exact]),
        "entropy": compare_all(RATIOS, stays, [curve("e^(entropy difference)", entropy_ratio, wells)]),
    }
    return Answer(
        question="Do wide wells capture the walker better: are they reached first, or do walkers stay there longer?",
        findings=(gibbs_shares(rows["kept"]), wide_captures(rows), entropy_decides(rows, wells[RATIOS[-1]])),
        header=("measured", "wide / narrow", "value", "standard error", "n", "theory", "verdict"),
        rows=[
            (name, row.point, row.measured.value, row.measured.error, row.measured.n, row.predicted.value, row.verdict)
            for name, part in rows.items() for row in part
        ],
        draw=lambda path: draw(path, rows, wells[RATIOS[-1]]),
        settings={"potential": "unequal_wells", "temperature": THETA, "low temperature": COLD, "dt": STEP,
                  "released": released, "residents": residents},
        comparisons=[row for part in rows.values() for row in part],
    )  # fmt: skip


def two_wells(ratio):
    """The potential with both bottoms as targets, the narrow one first."""
    well = potentials.unequal_wells(left=NARROW, right=ratio * NARROW)
    return replace(well, target=(bottom_of_narrow, bottom_of_wide))


def first_to_wide(well, walkers, seed):
    """Share of the walkers from the saddle that reach the bottom of the wide well first."""
    run = langevin.simulate(
        langevin.Problem(well, SIMULATED_THETA), integrators.heun(), walkers=walkers, steps=10**6, dt=STEP, seed=seed,
        start=langevin.Start([0.0], first_step=0), stop=langevin.Stop(),
    )  # fmt: skip
    return measure.capture_probabilities(run)["target 1"]


def long_run(well, walkers, seed):
    """Walkers from the saddle, for a time of many relaxation times of the two wells."""
    time = (BURN_IN + RECORD) / gap(well)
    every = round(FRAME_GAP / STEP)
    return langevin.simulate(
        langevin.Problem(well, SIMULATED_THETA), integrators.heun(), walkers=walkers,
        steps=every * math.ceil(time / FRAME_GAP), dt=STEP, every=every, seed=seed,
        start=langevin.Start([0.0], first_step=0),
    )  # fmt: skip


def share_of_wide(run):
    """Share of time and walkers on the wide side of the saddle."""
    burn = run.times[-1] * BURN_IN / (BURN_IN + RECORD)
    return measure.occupation(run, lambda states: states[:, 0] > 0.0, first_time=burn)


def ratio_of_stays(run, well):
    """Mean time from the wide bottom to the narrow one, over that from the narrow bottom to the wide one."""
    burn = run.times[-1] * BURN_IN / (BURN_IN + RECORD)

    def narrow(states):
        return states[:, 0] <= well.facts.wells.minimum

    def wide(states):
        return states[:, 0] >= well.facts.wells.target

    places = (wide, narrow), (narrow, wide)
    stays = [measure.residence_time(run, one, elsewhere=other, first_time=burn) for one, other in places]
    return over(*stays, "ratio of residence times")


def cold_stays(ratio, walkers, seed):
    """The same ratio at the low temperature, from mean first-passage times between the bottoms."""
    times, heat = [], COLD * SIMULATED_THETA / THETA
    for i, (left, right) in enumerate(((ratio * NARROW, NARROW), (NARROW, ratio * NARROW))):
        run = langevin.simulate(
            langevin.Problem(potentials.unequal_wells(left=left, right=right), heat), integrators.heun(),
            walkers=walkers, steps=10**9, dt=STEP, seed=derived_seed(seed, i), stop=langevin.Stop(),
        )  # fmt: skip
        times.append(measure.mean_first_passage_time(run))
    return over(*times, "ratio of escape times")


def mesh_of(well):
    """Mesh with faces on both bottoms and on the saddle, and the potential on it."""
    lower, upper = WALL * well.facts.wells.minimum, WALL * well.facts.wells.target
    mesh = fokker_planck.box_mesh([lower], [upper], [round(CELLS * (upper - lower))])
    return mesh, fokker_planck.energies_on(mesh, well)


def gap(well):
    """Relaxation rate of the two wells."""
    return fokker_planck.spectral_gap(*mesh_of(well), THETA)


def committor(well):
    """Probability that a walker from the saddle reaches the wide bottom first."""
    mesh, energies = mesh_of(well)
    narrow, wide = fokker_planck.targets_on(mesh, well)
    chance = fokker_planck.committor(mesh, energies, THETA, narrow, wide)
    return Prediction(fokker_planck.interpolate(mesh, chance, [0.0]), 1e-4)


def gibbs_share(well):
    """Share of the Gibbs distribution on the wide side."""
    mesh, energies = mesh_of(well)
    wide = fokker_planck.region(mesh, lambda x: x[0] > 0.0)
    return Prediction(gibbs.wide_share(mesh, energies, THETA, wide, ~wide), 1e-4)


def escape_ratio(well, temperature=THETA):
    """Mean time from bottom to bottom, out of the wide well over out of the narrow one, by quadrature."""
    value, narrow, wide = scalar_value(well), well.facts.wells.minimum, well.facts.wells.target
    out_of_narrow = escape.exact_escape_time(value, narrow, wide, temperature)
    out_of_wide = escape.exact_escape_time(lambda x: value(-x), -wide, -narrow, temperature)
    return Prediction(out_of_wide.value / out_of_narrow.value, 1e-6)


def entropy_ratio(well):
    """Eyring's formula: with the same transition state, times to leave are proportional to e^(-F0 / theta)."""
    share = gibbs_share(well).value
    return Prediction(share / (1.0 - share), 1e-4)


def curve(name, law, wells):
    """A theory as a function of the ratio of widths."""
    return Curve(name, lambda r: law(wells.get(r) or two_wells(r)), "two wells", "exp(-f / theta)")


def gibbs_shares(rows):
    """Long-time shares are those of the Gibbs distribution, and above a half on the side of low free energy."""
    last = rows[-1]
    number = "share of the wide well: " + ", ".join(
        f"{format_value(row.measured.value, row.measured.error)} at {row.point:g} times the width (Gibbs "
        f"{row.predicted.value:.3f})"
        for row in rows
    )
    number += f", n = {last.measured.n}; there its free energy is lower by {THETA * math.log(last.point):.2f}"
    held = every("shares are Gibbs, and above a half", [told_by(rows), *more_than_half(rows)])
    return Finding(KEPT, verdict_of(held), number)


def more_than_half(rows):
    """The wide well has more than half, wherever the widths differ."""
    return [above(row.measured, 0.5) for row in rows if row.point > 1.0]


def wide_captures(rows):
    """Capture has two meanings, long residence and first arrival; the claim holds if the wide well has both."""
    kept, first = rows["kept"][-1].measured, rows["first"][-1]
    number = (
        f"at {first.point:g} times the width, share of walkers in the wide well after a long time: "
        f"{format_measured(kept)}; share of walkers from the saddle that reach its bottom first: "
        f"{format_measured(first.measured)} (committor {first.predicted.value:.3f})"
    )
    keeps, finds = more_than_half(rows["kept"]), more_than_half(rows["first"])
    keep = Narrowed(
        "'capture' means long residence: walkers leave the wide well later, but its bottom is farther away and is "
        "reached second",
        every("most walkers are in the wide well", keeps),
        every("the narrow well is reached first", [no(one) for one in finds]),
    )
    return Finding(CAPTURE, verdict_of(every("both for the wide well", [*keeps, *finds]), keep), number)


def entropy_decides(rows, widest):
    """Eyring's ratio compared with residence times: the formula requires wells that are almost separate."""
    last, cold, ratio = rows["stays"][-1], rows["cold"][-1], rows["entropy"][-1].predicted.value
    lowest = f"{highest_barrier(widest, ratio):.1f} theta"
    number = (
        f"at {last.point:g} times the width e^(entropy difference) is {ratio:.2f}; ratio of residence times, wide over "
        f"narrow: {format_measured(last.measured)} at a barrier of {1 / THETA:g} theta (exact "
        f"{last.predicted.value:.2f}), {format_measured(cold.measured)} at {1 / COLD:g} theta "
        f"(exact {cold.predicted.value:.2f}); the exact ratio, a quadrature, is {OFF:.0%} below Eyring's at a barrier "
        f"of {lowest}"
    )
    hot, frozen = near(last.measured, ratio, OFF), near(cold.measured, ratio, OFF)
    high = Narrowed(
        f"the barrier is high: within {OFF:.0%} at {1 / COLD:g} theta, and not at {1 / THETA:g} theta, in the "
        f"simulation; the boundary between, {lowest}, is computed and not simulated",
        frozen,
    )
    return Finding(EYRING, verdict_of(every("at both barriers", [hot, frozen]), high), number)


def highest_barrier(well, ratio):
    """Barrier over theta at which the exact ratio of residence times is below Eyring's by `OFF` (root finding)."""
    from scipy.optimize import brentq

    return brentq(lambda barrier: escape_ratio(well, 1.0 / barrier).value / ratio - (1.0 - OFF), 1.0, 20.0)


def draw(path, rows, widest):
    """Left shares of the wide well, right the ratio of residence times; in the lower panels, measured over theory."""
    from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
    from langevin.figures.panels import beside_theory, panels, residuals_under

    with canvas(path, f"Share of the wide well, barrier {1 / THETA:g} $\\theta$", 10.0, 5.2) as area:
        axes, right = panels(area, 1, 2)
        low, low_right = residuals_under(axes), residuals_under(right)
        right.set_title(f"Residence times, wide well {RATIOS[-1]:g} times as wide", loc="left")
        between, heights = np.linspace(RATIOS[0], RATIOS[-1], 17), np.linspace(1.5, 7.0, 30)
        labels = ("after a long time", "Gibbs distribution"), ("reached first", "committor")
        cases = ("kept", gibbs_share), ("first", committor)
        for i, ((name, law), (label, law_name)) in enumerate(zip(cases, labels, strict=True)):
            line, at = [law(two_wells(ratio)).value for ratio in between], np.add(RATIOS, 0.06 * i - 0.03)
            axes.plot(between, line, color=COLOURS[i], linestyle=DASHES[1], label=law_name)
            found = zip(*((row.measured, row.predicted.value) for row in rows[name]), strict=True)
            beside_theory(axes, low, at, *found, COLOURS[i], "os"[i], f"{label}, 95 % interval")
        exact = [escape_ratio(widest, 1 / height).value for height in heights]
        right.plot(heights, exact, color=COLOURS[2], linestyle=DASHES[1], label="exact, by quadrature")
        pair = ((row.measured, row.predicted.value) for row in (rows["stays"][-1], rows["cold"][-1]))
        found, at = zip(*pair, strict=True), (1 / THETA, 1 / COLD)
        beside_theory(right, low_right, at, *found, MEASURED, "o", "simulated, 95 % interval")
        eyring = rows["entropy"][-1].predicted.value
        right.axhspan((1 - OFF) * eyring, (1 + OFF) * eyring, color="0.9", label=f"Eyring, within {OFF:.0%}")
        axes.set(ylabel="share of the wide well", ylim=(0, 1))
        axes.legend(loc="center right")
        right.set(ylabel="time in the wide well / time in the narrow one")
        right.legend(loc="lower right")
        low.set_xlabel("width of the wide well / width of the narrow one")
        low_right.set_xlabel("barrier / $\\theta$")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
