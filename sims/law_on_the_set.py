"""Is the stationary distribution on the zero-loss set uniform, with every retraction?

The sim uses three sets: an ellipse, and one torus as the zero set of two losses, of the distance to it and of a quartic
that is stiffer outside. One moment separates the distributions. Kicks with a retraction leave the density
det(J J^T)^(-kappa/2) relative to the surface, where kappa is 0, 1 or 2 and depends on the retraction. Soft motion has
kappa = 1, and label noise drifts to the smallest trace. The full run takes two minutes on two processors.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import langevin
from langevin.comparison import compare, format_value
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, between, every, no
from langevin.integrators import label_noise, leimkuhler_matthews, projected
from langevin.landscapes.evaluate import evaluate
from langevin.manifolds.ellipsoid import axes_of
from langevin.measure import ensemble_mean
from langevin.measure.seeds import mean_over
from langevin.types import Curve, Landscape, Measurement, Prediction

#: Temperature and variance of a kick of projected motion; temperature and step x stiffness of soft motion; strength of
#: label noise.
HEAT, KICK, COLD, STABLE, LABELS = 1.0, 5e-4, 0.05, 0.1, 1e-3
#: Duration in units of length^2 / theta, many relaxation times; duration of label noise, in units of its drift time.
TIME, DRIFTING = 8.0, 150.0
#: Frames of a walk. Its moment is the mean over the second half of them.
FRAMES = 40
#: Error of the theory: terms of the order of KICK, or COLD / stiffness, over the squared radius of curvature.
REMAINDER = 0.005
KAPPA = {"nearest": 0, "shake": 0, "flow": 1, "gauss-newton": 2, "soft": 1}
#: Words of the laws of motion in the figure; the moment on a torus (distance rho from the axis) and on the ellipse.
NAMES = {
    "nearest": "nearest point", "shake": "along normals", "flow": "descent", "gauss-newton": "Gauss-Newton",
    "soft": "soft",
}  # fmt: skip
MOMENTS = ("$(\\rho - R) / r$", "$2 x_1^2 / a^2 - 1$")
#: Tolerance of a moment. Moments of different distributions differ by 0.16 or more.
NEAR = 0.08
POST = "B. Millidge, Addendum to Grokking Grokking (beren.io)"
UNIFORM = Claim(
    "even if we assume no intrinsic bias to SGD, then the equilibrium distribution for the OU process on this manifold "
    "is uniform across the manifold (assuming ergodicity)",
    f"{POST}, on volumes",
)
FLAT = Claim("the OU process is biased towards regions of low curvature", f"{POST}, on directionality")


class Place(NamedTuple):
    """A set, its points at angles (count,) -> (count, dim), its surface element, and the moment that is measured."""

    manifold: Landscape
    points: Callable[[Any], Any]
    measure: Callable[[Any], Any]
    moment: Callable[[Any], Any]
    start: tuple[float, ...]


def places():
    """The sets by name; walkers start halfway between the stiffest and the flattest place."""
    ellipse = langevin.manifolds.ellipsoid(2, aspect=2.0)
    a, b = axes_of(ellipse)
    tori = langevin.manifolds.torus(), langevin.manifolds.quartic_torus()
    major, minor = (tori[0].dials[name] for name in ("major", "minor"))

    def around(angle):
        rho = major + minor * np.cos(angle)
        return np.column_stack([rho, 0.0 * rho, minor * np.sin(angle)])

    def cosine(states):
        return (np.hypot(states[:, 0], states[:, 1]) - major) / minor

    return {
        "ellipse": Place(
            ellipse,
            lambda angle: np.column_stack([a * np.cos(angle), b * np.sin(angle)]),
            lambda angle: np.hypot(a * np.sin(angle), b * np.cos(angle)),
            lambda states: 2.0 * (states[:, 0] / a) ** 2 - 1.0,
            (a / 2**0.5, b / 2**0.5),
        ),
        **{
            name: Place(
                torus, around, lambda angle: major + minor * np.cos(angle), cosine, (major, 0.0, minor)
            )
            for name, torus in zip(("torus", "quartic torus"), tori)
        },
    }


def answer(quick=False, seed=1):
    """Simulate every set under every law of motion until the start no longer matters; compare the moments."""
    walkers, sets = (500, ("quartic torus",)) if quick else (800, ("ellipse", "torus", "quartic torus"))
    motions = ("shake", "flow", "soft") if quick else tuple(KAPPA)
    known = {name: place for name, place in places().items() if name in sets}
    family = len(sets) * len(motions)
    rows = {
        (name, motion): settled(name, place, motion, walkers, seed + number, family)
        for name, place in known.items()
        for number, motion in enumerate(motions)
    }
    drifted = {name: drifts(place, walkers // 20, seed) for name, place in known.items()}
    return Answer(
        question="Is the stationary distribution on the zero-loss set uniform?",
        findings=(is_uniform(rows, known), flat_is_sought(rows, drifted, known)),
        header=("set", "motion", "kappa", "moment", "standard error", "theory", "uniform", "walkers", "verdict"),
        rows=[
            (name, motion, KAPPA[motion], row.measured.value, row.measured.error, row.predicted.value,
             expected(known[name], 0), row.measured.n, row.verdict)
            for (name, motion), row in rows.items()
        ] + [
            (name, "label noise", "", m.value, m.error, flattest(known[name]), expected(known[name], 0), m.n, "")
            for name, m in drifted.items()
        ],
        draw=lambda path: draw(path, rows, drifted, known),
        settings={"walkers": walkers, "kick": KICK, "time": TIME, "cold": COLD, "label_noise": LABELS},
        comparisons=list(rows.values()),
    )  # fmt: skip


def expected(place, kappa):
    """The moment under the density det(J J^T)^(-kappa/2) relative to the surface, by the trapezoidal rule."""
    angle = np.linspace(0.0, 2.0 * np.pi, 2000, endpoint=False)
    points = place.points(angle)
    weights = place.measure(angle) * stiffness(place, points) ** (-kappa / 2)
    return float(np.average(place.moment(points), weights=weights))


def stiffness(place, points):
    """J J^T at points (count, dim) of a set with one equation; there it is also the trace of the Hessian."""
    return (evaluate(place.manifold, "jacobian", points)[:, 0] ** 2).sum(axis=1)


def flattest(place):
    """The moment where the trace is smallest; if the trace is constant, the moment of the start."""
    points = place.points(np.linspace(0.0, 2.0 * np.pi, 2000, endpoint=False))
    trace = stiffness(place, points)
    if np.ptp(trace) < 1e-9 * trace.max():
        return float(place.moment(np.array([place.start]))[0])
    return float(place.moment(points[[trace.argmin()]])[0])


def settled(name, place, motion, walkers, seed, family):
    """Comparison of the moment in the second half of a long walk with that of the predicted distribution."""
    soft = motion == "soft"
    heat = COLD if soft else HEAT
    step = leimkuhler_matthews() if soft else projected(motion, "isotropic")
    dt = STABLE / place.manifold.stiffness(heat) if soft else KICK / (2 * heat)
    every = round(TIME / heat / dt / FRAMES)
    problem = langevin.Problem(place.manifold, heat, step.dynamics, step.measure)
    run = langevin.simulate(
        problem,
        step,
        walkers=walkers,
        steps=FRAMES * every,
        dt=dt,
        every=every,
        seed=seed,
        start=langevin.Start(place.start, first_step=0),
    )
    law = Curve(
        f"{name}, {motion}: kappa = {KAPPA[motion]}",
        lambda _: Prediction(expected(place, KAPPA[motion]), REMAINDER),
        "small kicks; soft motion: low temperature",
        "Katzenberger 1991; Ciccotti, Lelievre and Vanden-Eijnden 2008",
    )
    late = [place.moment(run.states[:, frame]) for frame in range(FRAMES // 2, FRAMES + 1)]
    return compare(
        mean_over(np.mean(late, axis=0), "mean over the second half"),
        law,
        level=LEVEL / family,
        yardstick=0.2,
    )


def drifts(place, walkers, seed):
    """The moment at the end of a long drift under label noise."""
    top = place.manifold.stiffness(LABELS)
    dt, time = STABLE / top, DRIFTING / (LABELS * top)
    problem = langevin.Problem(place.manifold, LABELS, "label-noise")
    run = langevin.simulate(
        problem, label_noise(), walkers=walkers, steps=round(time / dt), dt=dt, seed=seed,
        start=langevin.Start(place.start, first_step=0),
    )  # fmt: skip
    return ensemble_mean(run, place.moment)


def at(measured, value):
    """The moment has this value, up to NEAR."""
    return between(measured, value - NEAR, value + NEAR)


def uneven_sets(known):
    """The sets on which the Hessian varies."""
    return [name for name, place in known.items() if abs(expected(place, 1) - expected(place, 0)) > NEAR]


def is_uniform(rows, known):
    """Uniform (kappa = 0) in all cases, or else where kappa is 0 or the Hessian is constant."""
    uneven = uneven_sets(known)
    uniform = {key: at(row.measured, expected(known[key[0]], 0)) for key, row in rows.items()}
    apart = {key for key in rows if key[0] in uneven and KAPPA[key[1]] > 0}
    number = "; ".join(
        f"moment on the {name} ({expected(place, 0):.3f} if uniform): "
        + ", ".join(
            f"{motion} {format_value(row.measured.value, row.measured.error)} ({row.predicted.value:.3f})"
            for (where, motion), row in rows.items()
            if where == name
        )
        for name, place in known.items()
    )
    number += f" (theory in brackets; n = {next(iter(rows.values())).measured.n} walkers; tolerance {NEAR:g})"
    even = Narrowed(
        "the retraction goes to the nearest point or along the normals, or the Hessian across the set is constant, as "
        "for the distance to a torus; otherwise the density relative to the surface is det(J J^T)^(-kappa/2)",
        every("uniform under this condition", [one for key, one in uniform.items() if key not in apart]),
        every("not uniform otherwise", [no(uniform[key]) for key in apart]),
    )
    return Finding(UNIFORM, verdict_of(every("uniform in all cases", uniform.values()), even), number)


def flat_is_sought(rows, drifted, known):
    """Every motion prefers the flat side, where there is one, or else the motions with kappa > 0 do."""
    uneven = uneven_sets(known)
    gaps = {key: towards_flat(row.measured, known[key[0]]) for key, row in rows.items() if key[0] in uneven}
    number = "moment at the end of the walk under label noise: " + ", ".join(
        f"{format_value(m.value, m.error)} (n = {m.n}; at the smallest trace {flattest(known[name]):.3f}) on the {name}"
        for name, m in drifted.items()
        if name in uneven
    )
    number += "; shift of the moment under isotropic noise, from uniform towards the flat side: " + ", ".join(
        f"{format_value(gap.value, gap.error)} ({motion}, {name})" for (name, motion), gap in gaps.items()
    )
    slides = Narrowed(
        "the retraction slides down the loss (kappa > 0), or the noise is label noise; with retraction to the nearest "
        "point there is no preference",
        every(
            "the flat side is preferred",
            [
                *(above(gap, NEAR) for key, gap in gaps.items() if KAPPA[key[1]] > 0),
                *(at(drifted[name], flattest(known[name])) for name in uneven),
            ],
        ),
        every("the flat side is not preferred",
              [below(gap, NEAR) for key, gap in gaps.items() if KAPPA[key[1]] == 0]),
    )  # fmt: skip
    claim = every("the flat side is preferred under every motion",
                  [above(gap, NEAR) for gap in gaps.values()])  # fmt: skip
    return Finding(FLAT, verdict_of(claim, slides), number)


def towards_flat(measured, place):
    """Difference of the moment from that of the uniform distribution, positive towards the smallest trace."""
    uniform = expected(place, 0)
    side = np.sign(flattest(place) - uniform)
    return Measurement(side * (measured.value - uniform), measured.error, measured.n,
                       "shift to the flat side")  # fmt: skip


def draw(path, rows, drifted, known):
    """The moment on each set under each law of motion and the predicted moments; below, measured minus theory."""
    from langevin.figures.canvas import COLOURS, canvas, error_bars
    from langevin.figures.panels import panels, residuals_under

    motions = [*dict.fromkeys(motion for _, motion in rows), "label noise"]
    with canvas(path, "", width=3.8 * len(known), height=4.8) as axes:
        all_panels = panels(axes, 1, len(known))
        for panel, (name, place) in zip(all_panels, known.items()):
            rest = residuals_under(panel, difference=True)
            for kappa, dash in enumerate(("--", "-.", ":")):
                label = ("uniform", "Gibbs limit", "Gauss-Newton")[kappa] + f": $\\kappa$ = {kappa}"
                panel.axhline(expected(place, kappa), color=COLOURS[kappa], linestyle=dash, label=label)
            measured = [*(rows[name, motion].measured for motion in motions[:-1]), drifted[name]]
            theory = [expected(place, KAPPA[motion]) for motion in motions[:-1]]
            if np.ptp(stiffness(place, place.points(np.array([0.0, 1.0])))) > REMAINDER:
                theory.append(flattest(place))
                panel.axhline(theory[-1], color=COLOURS[3], linestyle=(0, (1, 3)), label="smallest trace")
            error_bars(panel, range(len(motions)), [m.value for m in measured],
                       [1.96 * m.error for m in measured], "simulation, 95 % interval")  # fmt: skip
            # a constant trace has no drift, and no theory
            gaps = [m.value - law for m, law in zip(measured, theory)]
            error_bars(rest, range(len(gaps)), gaps, [1.96 * m.error for m in measured[: len(gaps)]], "")
            rest.set_xticks(range(len(motions)), labels=[NAMES.get(one, one) for one in motions],
                            rotation=35, ha="right")  # fmt: skip
            rest.set(ylim=(-0.1, 0.1))
            panel.set(ylabel="mean of " + MOMENTS[name == "ellipse"], ylim=(-1.15, 1.15))
            panel.set_title(f"{name}: mean after a long time", loc="left")
        # the middle panel has the most empty space, the last one has every line
        all_panels[len(known) // 2].legend(*panel.get_legend_handles_labels(), loc="lower left")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
