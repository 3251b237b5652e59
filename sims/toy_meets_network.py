"""Does a network trained by SGLD move as a walker on its zero-loss set does, and do both move as theory says?

Two-layer linear networks are also toy landscapes: f_j(x) = u_j v_j x_j is a set of hyperbolas u v = 1, f(x) = W_2 W_1 x
the set W_2 W_1 = A. Each is simulated twice, by compiled walkers and as a network in JAX, with the same dials; one
function measures both. With weight decay the pairs have a stationary distribution; the matrices always drift. The
pairs are trained with three steps, and their means are extrapolated to the step 0. A minute.
"""

from dataclasses import replace

import numpy as np

import langevin
from langevin import manifolds, measure
from langevin.comparison import compare, format_measured, format_value
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, every, near, told_by
from langevin.kernels.streams import derived_seed
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.weight_decay import with_weight_decay
from langevin.manifolds.factorised import target_of
from langevin.sgld import Callbacks, Computation, Law, Recording, train
from langevin.types import Curve, Measurement, Prediction
from models import factorised
from sims import _toy_figure

#: Pairs u v = 1 with weight decay: stiffness, start, temperature, decay, steps, pairs of one network.
STIFFNESS, TILT, PAIR_HEAT, DECAY, PAIR_STEPS, PAIRS = 1.0, 0.5, 0.01, 0.01, (0.025, 0.05, 0.1), 4
#: Matrices W_2 W_1 = A without decay: shape, stiffness, temperature, step, time, shortest lag of the exponent.
OUTPUTS, HIDDEN, INPUTS, RIGID, LARGEST = 4, 5, 2, 100.0, 2.0
HEAT, STEP, TIME, SHORTEST = 0.01, 5e-4, 2.0, 0.05
#: Time in which the mean of u^2 - v^2 falls by e: the loss conserves it, the decay reduces it at the rate 2 x DECAY.
TAU = 1 / (2 * DECAY)
#: Networks (of pairs, of matrices), and time of the pairs over TAU: quick, full; burn-in over TAU.
SIZES, BURN_IN = {True: (160, 200, 10), False: (250, 600, 20)}, 4
#: Time between frames: of pairs, of matrices. Temperature of the networks over that of the walkers.
GAP, SHORT_GAP, TIMES_HEAT = TAU / 10, TIME / 100, 1.0
#: Relative tolerance of the limit of short steps, and of other numbers; growth rate of the balance, over theta, below
#: which a distribution counts as stationary.
CLOSE, OFF, SETTLED = 0.1, 0.2, 2.0
KOZYREV = "S. V. Kozyrev, How to explain grokking (2024), section"
LIMIT = Claim(
    "continuous limit of SGLD is described by the equation for Brownian motion in a potential",
    f"{KOZYREV} 1.1",
)
GIBBS = Claim(
    "we will use the SGLD algorithm in the hypothesis space; therefore, the distribution function converges to the "
    "Gibbs distribution", f"{KOZYREV} 1.2",
)  # fmt: skip


def answer(quick=False, seed=1):
    """Simulate both landscapes as manifold and as network, measure all four records alike, compare."""
    networks, matrices, times = SIZES[quick]
    hyperbola = with_weight_decay(manifolds.hyperbola(STIFFNESS, 1.0, TILT), DECAY)
    matrix = manifolds.factorised(OUTPUTS, HIDDEN, INPUTS, RIGID, LARGEST)
    steps = {
        step: pairs_trained(networks, times * TAU, step, derived_seed(seed, i)) for i, step in enumerate(PAIR_STEPS)
    }  # fmt: skip
    toy = walked(hyperbola, PAIR_HEAT, networks * PAIRS, times * TAU, GAP, PAIR_STEPS[0], seed)
    pairs = {"manifold": toy, "network": steps[PAIR_STEPS[0]]}
    sets = {
        "manifold": walked(matrix, HEAT, matrices, TIME, SHORT_GAP, STEP, seed + 1),
        "network": matrices_trained(matrices, seed + 1),
    }
    measured = {who: measure_pairs(pairs[who]) | measure_matrices(sets[who]) for who in pairs}
    expected = pair_theory() | matrix_theory(matrix)
    rows = beside(measured["manifold"], measured["network"], expected)
    scan = {step: stationary(run) for step, run in steps.items()}
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(continuous_limit(scan, rows), gibbs_is_reached(rows)),
        header=("quantity", "record", "measured", "standard error", "n", "theory", "remainder"),
        rows=[
            (name, who, m.value, m.error, m.n, expected[name].value, expected[name].remainder)
            for who in measured
            for name, m in measured[who].items()
        ] + [
            (name, f"network, step {step:g}", m.value, m.error, m.n, pair_means(step)[name], "")
            for step, found in scan.items() for name, m in found.items()
        ],
        draw=lambda path: _toy_figure.draw(
            path, {who: run.states[:, run.times >= BURN_IN * TAU] for who, run in pairs.items()},
            pair_law(PAIR_STEPS[0])[1:],
            {who: measure.mean_squared_displacement(run) for who, run in sets.items()},
            2 * HEAT * expected["squared displacement / (2 theta t)"].value,
            (scan, {name: extrapolated(scan, name) for name in scan[PAIR_STEPS[0]]}, pair_means), rows,
        ),
        settings={
            "pair": (STIFFNESS, PAIR_HEAT, DECAY, *PAIR_STEPS), "matrix": (OUTPUTS, HIDDEN, INPUTS, RIGID, HEAT, STEP),
            "pair_networks": networks, "pairs_each": PAIRS, "matrix_networks": matrices,
        },
        comparisons=[row for part in rows.values() for row in part],
    )  # fmt: skip


def walked(landscape, heat, walkers, time, gap, step, seed):
    """Soft Langevin motion of walkers."""
    return langevin.simulate(
        langevin.Problem(landscape, heat), walkers=walkers, steps=round(time / step), dt=step, every=round(gap / step),
        seed=seed,
    )  # fmt: skip


def pairs_trained(networks, time, step, seed):
    """The pairs as diagonal networks of PAIRS pairs each; the record has each pair as one walker."""
    model = factorised.model("diagonal", inputs=PAIRS, stiffness=STIFFNESS, largest=1.0, tilt=TILT)
    law = Law(step, temperature=TIMES_HEAT * PAIR_HEAT, weight_decay=DECAY)
    run = trained(model, networks, time, GAP, law, seed)
    states = run.states.reshape(networks, -1, 2, PAIRS).swapaxes(2, 3).swapaxes(1, 2)
    events = {name: np.repeat(run.events[name], PAIRS) for name in ("status", "step")}
    return replace(run, states=states.reshape(networks * PAIRS, -1, 2), observables={}, events=events)


def matrices_trained(networks, seed):
    """W_2 W_1 = A as a network; its weights, W_1 and W_2, are put in the order of the manifold."""
    model = factorised.model("dense", OUTPUTS, HIDDEN, INPUTS, RIGID, LARGEST)
    run = trained(model, networks, TIME, SHORT_GAP, Law(STEP, temperature=TIMES_HEAT * HEAT), seed)
    return replace(run, states=np.roll(run.states, -HIDDEN * INPUTS, axis=2))


def trained(model, networks, time, gap, law, seed):
    """SGLD; the record has all weights instead of a sketch."""
    steps, every, frames = round(time / law.learning_rate), round(gap / law.learning_rate), []

    def keep(_, weights):
        frames.append([np.concatenate([leaf.ravel() for _, leaf in sorted(w.items())]) for w in weights])

    run = train(
        model, law, steps=steps, chains=networks, seed=seed, callbacks=Callbacks(visit=keep),
        recording=Recording(range(0, steps + 1, every), sketch=1), computation=Computation(chunk=5000, lanes=networks),
    )  # fmt: skip
    return replace(run, states=np.array(frames).swapaxes(0, 1))


def stationary(run):
    """Stationary means of the pairs, from states (walkers, frames, 2)."""
    means = {"tr H": trace, "loss / theta": pair_loss}
    return {name: measure.time_mean(run, mean, BURN_IN * TAU) for name, mean in means.items()}


def measure_pairs(run):
    """Stationary means, and the relaxation time of the imbalance."""
    memory = {"lags": (0.4 * TAU, 1.2 * TAU), "first_time": BURN_IN * TAU}
    return stationary(run) | {
        "relaxation time": measure.relaxation_time(run, lambda w: w[:, 0] ** 2 - w[:, 1] ** 2, **memory),
    }


def measure_matrices(run):
    """Exponent and size of the squared displacement along the set, drift of the balance, mean loss."""
    clock, start = HEAT * run.times[-1], balance(run.states[0, :1])
    displaced = measure.mean_squared_displacement(run)[1][:, -1:] / (2 * clock)
    size = measure.bootstrap_walkers(displaced, lambda m: m[:, 0], "MSD / 2 theta t")
    exponent = measure.local_exponent(run, window="after arrival", lags=(SHORTEST, TIME))
    return {
        "exponent of squared displacement": exponent,
        "squared displacement / (2 theta t)": size,
        "balance drift / theta": measure.ensemble_mean(run, lambda w: (balance(w) - start) / clock),
        "matrix loss / theta": measure.time_mean(run, matrix_loss, SHORTEST),
    }


def trace(w):
    """tr H = k (u^2 + v^2) of a pair."""
    return STIFFNESS * (w**2).sum(axis=1)


def pair_loss(w):
    """k (u v - 1)^2 / 2 of a pair, over theta."""
    return STIFFNESS * (w.prod(axis=1) - 1) ** 2 / (2 * PAIR_HEAT)


def balance(w):
    """tr(W_2^T W_2 - W_1 W_1^T) = |W_2|^2 - |W_1|^2, which gradient flow conserves."""
    second, first = np.split(w, [OUTPUTS * HIDDEN], axis=1)
    return (second**2).sum(axis=1) - (first**2).sum(axis=1)


def matrix_loss(w):
    """k |W_2 W_1 - A|^2 / 2, over theta."""
    target = target_of(manifolds.factorised(OUTPUTS, HIDDEN, INPUTS, RIGID, LARGEST))
    second, first = np.split(w, [OUTPUTS * HIDDEN], axis=1)
    product = second.reshape(-1, OUTPUTS, HIDDEN) @ first.reshape(-1, HIDDEN, INPUTS)
    return RIGID * ((product - target) ** 2).sum(axis=(1, 2)) / (2 * HEAT)


def pair_law(step):
    """Pairs (points, 2) on a mesh of u v and s = log(u / v) / 2, their s and their weights in the Gibbs distribution.

    Steps of length h increase the variance of the residual by 1 / (1 - h a / 2), a = tr H, and the density along the
    set becomes [a / (1 - h a / 2)]^(-1/2). This is the first order in h. Where h a > 2 no steps are stable.
    """
    product, side = np.meshgrid(np.linspace(0.2, 1.8, 801), np.linspace(-2.5, 2.5, 801))
    w = np.stack([np.sqrt(product) * np.exp(side), np.sqrt(product) * np.exp(-side)], axis=-1).reshape(-1, 2)
    slack = np.maximum(1 - step * trace(w) / 2, 0.0)
    return (
        w,
        side.ravel(),
        slack * np.exp(-slack * pair_loss(w) - DECAY * (w**2).sum(axis=1) / (2 * PAIR_HEAT)),
    )


def pair_means(step):
    """Means of the Gibbs distribution at any stiffness, by quadrature; a step of 0 is the continuous limit."""
    w, _, law = pair_law(step)
    return {
        name: float(np.average(f(w), weights=law))
        for name, f in (("tr H", trace), ("loss / theta", pair_loss))
    }


def pair_theory():
    """Means with the first order of the step; their relative remainder is the square of the relative change by it."""
    fine, coarse = pair_means(0.0), pair_means(PAIR_STEPS[0])
    means = {name: Prediction(coarse[name], (coarse[name] - fine[name]) ** 2 / fine[name]) for name in fine}
    return means | {"relaxation time": Prediction(TAU, PAIR_STEPS[0])}


def extrapolated(scan, name):
    """A mean at the step 0, by the parabola through the means at three steps (Lagrange's formula)."""
    factors = [np.prod([other / (other - step) for other in scan if other != step]) for step in scan]
    found = [measured[name] for measured in scan.values()]
    return Measurement(
        float(sum(factor * one.value for factor, one in zip(factors, found, strict=True))),
        float(np.sqrt(sum((factor * one.error) ** 2 for factor, one in zip(factors, found, strict=True)))),
        min(one.n for one in found), f"{name}, extrapolated to the step 0", all(one.mixed for one in found),
    )  # fmt: skip


def matrix_theory(matrix):
    """Free diffusion in dim - rank directions; E d tr B / dt = 2 theta (weights of W_2 - weights of W_1), exactly.

    The loss is theta / 2 for each constraint, increased by the step as in `pair_theory` with the initial curvatures.
    The remainder of the displacement comes from the curvature of the set: theta t over its squared size, of order one.
    """
    jacobian = evaluate(matrix, "jacobian", factorised.place(matrix))
    slack = 1 - STEP * np.linalg.svd(jacobian, compute_uv=False) ** 2 / 2
    free, small = matrix.dim - matrix.codim, HEAT * TIME
    drift = 2 * HIDDEN * (OUTPUTS - INPUTS)
    return {
        "exponent of squared displacement": Prediction(1.0, small),
        "squared displacement / (2 theta t)": Prediction(free, small * free),
        "balance drift / theta": Prediction(drift, STEP * RIGID * drift / 4),
        "matrix loss / theta": Prediction((0.5 / slack).sum(), 0.5 * ((1 / slack - 1) * small**0.5).sum()),
    }


def beside(manifold, network, expected):
    """Comparisons of network with manifold and of both with theory, a list for each."""
    toy = {name: Prediction(m.value, m.error) for name, m in manifold.items()}
    rows = {"network beside manifold": (network, toy), "manifold beside theory": (manifold, expected)}
    for label, (found, of) in (rows | {"network beside theory": (network, expected)}).items():
        curves = {name: Curve(f"{label}: {name}", lambda _, p=of[name]: p, "", KOZYREV) for name in found}
        rows[label] = [compare(found[name], curves[name], level=LEVEL / len(curves)) for name in curves]
    return rows


def continuous_limit(scan, rows):
    """Means of the network, extrapolated to the step 0, and its motion are those of Brownian motion."""
    limits, exact = {name: extrapolated(scan, name) for name in scan[PAIR_STEPS[0]]}, pair_means(0.0)
    shown = "; ".join(
        f"{name} {format_value(limit.value, limit.error)} in the limit of the step 0 (Brownian motion "
        f"{exact[name]:.3f}), from "
        + ", ".join(f"{format_value(m[name].value, m[name].error)} at the step {h:g}" for h, m in scan.items())
        for name, limit in reversed(limits.items())
    )  # fmt: skip
    motion = rows["network beside theory"][2:5]
    shown += "; at short steps " + ", ".join(
        f"{row.theory.split(': ')[1]} {format_value(row.measured.value, row.measured.error)} (Brownian motion "
        f"{row.predicted.value:g})"
        for row in motion
    )
    means = [near(limit, exact[name], CLOSE) for name, limit in limits.items()]
    verdict = verdict_of(every("the limit and the motion are Brownian", [*means, told_by(motion, OFF)]))
    return Finding(
        LIMIT, verdict, f"{shown}; tolerances {CLOSE:.0%} in the limit and {OFF:.0%} for the motion"
    )


def gibbs_is_reached(rows):
    """With weight decay the network has the Gibbs distribution of its landscape; without, its balance drifts."""
    heat, drift = rows["network beside theory"][:2], rows["network beside theory"][5]
    number = (
        f"with weight decay E tr H = {format_measured(heat[0].measured)} (Gibbs {heat[0].predicted.value:.4f}), mean "
        f"loss / theta = {format_measured(heat[1].measured)} (Gibbs {heat[1].predicted.value:.4f}); without it, "
        f"|W_2|^2 - |W_1|^2 grows by {format_measured(drift.measured)} theta per time, theory {drift.predicted.value:g}"
    )
    reached = told_by(heat, OFF)
    finite = "weight decay makes the Gibbs integral over the unbounded zero-loss set finite"
    confined = Narrowed(finite, reached, above(drift.measured, SETTLED))
    return Finding(
        GIBBS, verdict_of(every("in both", [reached, below(drift.measured, SETTLED)]), confined), number
    )


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
