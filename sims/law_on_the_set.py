"""Is the law in the long run uniform on the zero-loss set, whatever gives the walker back to it?

Three sets: an ellipse, and one torus as the zero set of two losses, the distance to it and a quartic, which is stiffer
outside. One moment tells the laws apart: kicks that are given back leave the density det(J J^T)^(-kappa/2) against the
surface, kappa = 0, 1 or 2 by the way back; soft motion has kappa = 1, and label noise goes to the least trace.
The full run takes two minutes on two processors.
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

#: Heat and variance of a kick of projected motion; heat and step x stiffness of soft motion; heat of label noise.
HEAT, KICK, COLD, STABLE, LABELS = 1.0, 5e-4, 0.05, 0.1, 1e-3
#: Duration in units of length^2 / theta, many times what is forgotten in; of label noise, in units of its drift.
TIME, DRIFTING = 8.0, 150.0
#: Frames of a walk; its moment is the mean over those of the second half.
FRAMES = 40
#: What the laws leave out: terms of the order of KICK, or COLD / stiffness, over the squared radius of curvature.
REMAINDER = 0.005
KAPPA = {"nearest": 0, "shake": 0, "flow": 1, "gauss-newton": 2, "soft": 1}
#: A moment has the value of a law when it is so near to it: laws are 0.16 and more apart.
NEAR = 0.08
POST = "B. Millidge, Addendum to Grokking Grokking (beren.io)"
UNIFORM = Claim(
    "even if we assume no intrinsic bias to SGD, then the equilibrium distribution for the OU process on this manifold "
    "is uniform across the manifold (assuming ergodicity)",
    f"{POST}, on volumes",
)
FLAT = Claim("the OU process is biased towards regions of low curvature", f"{POST}, on directionality")


class Place(NamedTuple):
    """A set, its points at angles (count,) -> (count, dim), surface over angle, and the moment that is watched."""

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
    """Let walks go on every set by every law of motion until they have forgotten their start; compare the moment."""
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
        question="Is the law in the long run uniform on the zero-loss set?",
        findings=(is_uniform(rows, known), flat_is_sought(rows, drifted, known)),
        header=("set", "motion", "kappa", "moment", "standard error", "theory", "surface", "walkers", "verdict"),
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
    """The moment under det(J J^T)^(-kappa/2) against the surface, by the rule of trapezoids on the circle."""
    angle = np.linspace(0.0, 2.0 * np.pi, 2000, endpoint=False)
    points = place.points(angle)
    weights = place.measure(angle) * stiffness(place, points) ** (-kappa / 2)
    return float(np.average(place.moment(points), weights=weights))


def stiffness(place, points):
    """J J^T at points (count, dim) of a set with one equation, which is also the trace of the Hessian there."""
    return (evaluate(place.manifold, "jacobian", points)[:, 0] ** 2).sum(axis=1)


def flattest(place):
    """The moment where the trace is least; that of the start where it is the same everywhere."""
    points = place.points(np.linspace(0.0, 2.0 * np.pi, 2000, endpoint=False))
    trace = stiffness(place, points)
    if np.ptp(trace) < 1e-9 * trace.max():
        return float(place.moment(np.array([place.start]))[0])
    return float(place.moment(points[[trace.argmin()]])[0])


def settled(name, place, motion, walkers, seed, family):
    """The moment in the second half of a long walk beside that of its law."""
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
        problem,
        label_noise(),
        walkers=walkers,
        steps=round(time / dt),
        dt=dt,
        seed=seed,
        start=langevin.Start(place.start, first_step=0),
    )
    return ensemble_mean(run, place.moment)


def at(measured, value):
    """The moment has this value."""
    return between(measured, value - NEAR, value + NEAR)


def uneven_sets(known):
    """The sets on which the Hessian varies."""
    return [name for name, place in known.items() if abs(expected(place, 1) - expected(place, 0)) > NEAR]


def is_uniform(rows, known):
    """Uniform is kappa = 0: everywhere; or where kappa is 0 or the Hessian is the same all over."""
    uneven = uneven_sets(known)
    uniform = {key: at(row.measured, expected(known[key[0]], 0)) for key, row in rows.items()}
    apart = {key for key in rows if key[0] in uneven and KAPPA[key[1]] > 0}
    number = "; ".join(
        f"{name}, uniform {expected(place, 0):.3f}: "
        + ", ".join(
            f"{motion} {format_value(row.measured.value, row.measured.error)} ({row.predicted.value:.3f})"
            for (where, motion), row in rows.items()
            if where == name
        )
        for name, place in known.items()
    )
    number += (
        f" (in brackets theory; n = {next(iter(rows.values())).measured.n} walkers; {NEAR:g} is let pass)"
    )
    even = Narrowed(
        "the way back is the nearest point or along the normals, or the Hessian across the set is the same "
        "everywhere, as for the distance to a torus; else the law is det(J J^T)^(-kappa/2) against the surface",
        every("uniform there", [one for key, one in uniform.items() if key not in apart]),
        every("not uniform elsewhere", [no(uniform[key]) for key in apart]),
    )
    return Finding(UNIFORM, verdict_of(every("uniform everywhere", uniform.values()), even), number)


def flat_is_sought(rows, drifted, known):
    """Every motion must leave the surface law for the flat side, where there is one; or those with kappa > 0."""
    uneven = uneven_sets(known)
    gaps = {key: towards_flat(row.measured, known[key[0]]) for key, row in rows.items() if key[0] in uneven}
    number = "label noise ends at " + ", ".join(
        f"{format_value(m.value, m.error)} (n = {m.n}; least trace {flattest(known[name]):.3f}) on the {name}"
        for name, m in drifted.items()
        if name in uneven
    )
    number += "; isotropic motions move from the uniform law towards it by " + ", ".join(
        f"{format_value(gap.value, gap.error)} ({motion}, {name})" for (name, motion), gap in gaps.items()
    )
    slides = Narrowed(
        "the way back slides down the loss (kappa > 0), or the noise is that of labels; to the nearest point nothing "
        "is sought",
        every(
            "sought",
            [
                *(above(gap, NEAR) for key, gap in gaps.items() if KAPPA[key[1]] > 0),
                *(at(drifted[name], flattest(known[name])) for name in uneven),
            ],
        ),
        every("not sought", [below(gap, NEAR) for key, gap in gaps.items() if KAPPA[key[1]] == 0]),
    )
    claim = every("sought by every motion", [above(gap, NEAR) for gap in gaps.values()])
    return Finding(FLAT, verdict_of(claim, slides), number)


def towards_flat(measured, place):
    """By how much the moment has gone from the uniform law to the side of the least trace."""
    uniform = expected(place, 0)
    side = np.sign(flattest(place) - uniform)
    return Measurement(side * (measured.value - uniform), measured.error, measured.n, "way to the flat side")


def draw(path, rows, drifted, known):
    """The moment on each set by law of motion, beside the laws."""
    from langevin.figures.canvas import COLOURS, canvas, error_bars
    from langevin.figures.panels import panels

    motions = [*dict.fromkeys(motion for _, motion in rows), "label noise"]
    with canvas(path, "", width=3.2 * len(known) + 2.4, height=3.6) as axes:
        for panel, (name, place) in zip(panels(axes, 1, len(known)), known.items()):
            for kappa, dash in enumerate(("--", "-.", ":")):
                label = ("uniform", "Gibbs limit", "twice")[kappa] + f": $\\kappa$ = {kappa}"
                panel.axhline(expected(place, kappa), color=COLOURS[kappa], linestyle=dash, label=label)
            measured = [*(rows[name, motion].measured for motion in motions[:-1]), drifted[name]]
            if np.ptp(stiffness(place, place.points(np.array([0.0, 1.0])))) > REMAINDER:
                panel.axhline(flattest(place), color=COLOURS[3], linestyle=(0, (1, 3)), label="least trace")
            error_bars(panel, range(len(motions)), [m.value for m in measured],
                       [1.96 * m.error for m in measured], "simulation, 95 % interval")  # fmt: skip
            panel.set_xticks(range(len(motions)), labels=motions, rotation=35, ha="right")
            panel.set(
                ylabel="mean of " + ("$\\cos 2\\phi$" if name == "ellipse" else "$\\cos \\phi$"),
                ylim=(-1.15, 1.15),
            )
            panel.set_title(f"{name}: mean in the long run", loc="left")
        panel.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
