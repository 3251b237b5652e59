"""Are the principal eigenvectors of the tangent kernel learned first, and each eigenvector at its own rate?

The network of Kumar et al., f = (alpha / N) sum_i g(w_i . x) with g(h) = h + eps h^2 / 2, learns a quadratic target.
The residual of the training set is projected on the eigenvectors of the initial kernel. The sim measures the step at
which each component has fallen to 1/e. Large alpha is lazy, small alpha is rich. The initial output is added to the
labels, so that the initial residual is the target at every alpha.
The full run takes a minute of one processor.
"""

import math
from dataclasses import replace

import numpy as np

from langevin.comparison import format_measurement as told
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import TOLERANCE, above, every, near, no
from langevin.figures.canvas import COLOURS, MEASURED, canvas
from langevin.figures.panels import GREY, bars, panels, residuals_under
from langevin.measure import bootstrap_walkers
from langevin.measure.networks import kernel_modes, tangent_kernel
from langevin.measure.rank_correlation import rank_correlation
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Callbacks, Data, Law, Protocol, Recording, train
from models import polynomial

EPS, RATE, STEPS, FRAMES = 0.2, 2.5, 9000, 300
#: From rich to lazy, close together where the laws begin to hold; data seeds: quick, full.
ALPHAS = {True: (0.125, 8.0, 64.0, 512.0), False: (0.125, 2.0, 5.0, 40.0, 80.0, 512.0)}
SEEDS = {True: 7, False: 8}
#: A mode counts if its initial square is at least this fraction of the mean square. The target hardly contains the
#: other modes, and their times depend on what the network learns elsewhere.
PRESENT = 0.1
#: Rank correlation of times and 1 / eigenvalue above which the order is called strict. It decides no verdict.
ORDERED = 0.95
#: Smallest exponent and ratio to the law that agree with it; how the boundaries are measured.
SAME = 1.0 - TOLERANCE
INTERPOLATED = "boundaries are interpolated in log alpha, and their errors contain that of the interpolation"
NOTES = "Grokking as lazy to rich learning (sinatootoonian.com), notes on arXiv 2310.06110, on lazy learning"
ORDER = Claim(
    "the predictions along the principal eigenvectors of the kernel, those for which S_i is large, are learned faster "
    "than those along other directions", NOTES,
)  # fmt: skip
PACE = Claim("if we switch coordinates to these eigenvectors, da_i/dt = S_i^2 y_i - S_i^2 a_i", NOTES)


def answer(quick=False, seed=1):
    """Train networks from rich to lazy, measure the time of each mode, judge order and size of the times."""
    data = [100 * seed + i for i in range(SEEDS[quick])]
    modes = learned(ALPHAS[quick], data, seed)
    seen = {alpha: summary(networks) for alpha, networks in modes.items()}
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(order_is_known(modes, seen), pace_is_known(modes, seen)),
        header=("alpha", "networks", *(part for name in NAMES for part in (name, "standard error"))),
        rows=[
            (alpha, row[0].n, *(number for m in row for number in (m.value, m.error)))
            for alpha, row in seen.items()
        ],
        draw=lambda path: draw(path, modes, seen),
        settings={"eps": EPS, "learning_rate": RATE, "steps": STEPS, "data_seeds": data, "present": PRESENT},
    )


def learned(alphas, data, seed):
    """For each alpha, times by the law and measured times (2, modes) of the modes of each network, in steps."""
    dials = [{"alpha": alpha, "eps": EPS, "data_seed": i} for alpha in alphas for i in data]
    steps, weights = descended(polynomial.family(dials), seed)
    paths, found = iter(weights), {}
    for alpha in alphas:
        model = polynomial.model(
            alpha=alpha, eps=EPS
        )  # the kernel of another data seed is this kernel at other inputs
        sets = [polynomial.model(data_seed=i).train for i in data]
        found[alpha] = [mode_times(model, own, steps, next(paths)) for own in sets]
    return found


def descended(family, seed):
    """Steps (frames,), and weights (networks, frames, dim, width) of the family under plain descent."""
    from jax import random

    start, kept = family.init(random.key(seed)), {}
    inputs, targets = family.train
    targets = targets + np.asarray(family.apply(start, inputs.astype(np.float32)))
    frames = np.unique(np.concatenate([[0], np.geomspace(1, STEPS, FRAMES)]).astype(int)).tolist()
    train(
        replace(family, train=Data(inputs, targets)), Law(RATE, name="gradient-descent"), steps=STEPS, chains=1,
        protocol=Protocol(start=start), recording=Recording(frames, sketch=1),
        callbacks=Callbacks(visit=lambda step, weights: kept.update({step: np.asarray(weights[0]["hidden"])})),
    )  # fmt: skip
    return np.array(list(kept)), np.stack(list(kept.values()), axis=1)


def mode_times(model, data, steps, path):
    """Times (2, modes) by the law and as measured, of the modes in the target, from weights (frames, ...).

    By the law each step of descent multiplies a component by 1 - lr kappa / samples.
    """
    from jax import vmap

    x, y = data
    values, vectors = kernel_modes(tangent_kernel(model, {"hidden": path[0]}, x, x))
    outputs = np.asarray(vmap(model.apply, (0, None))({"hidden": path}, x), dtype=float)[..., 0]
    parts = (outputs - outputs[0] - y[:, 0]) @ vectors
    present = parts[0] ** 2 >= PRESENT * np.mean(parts[0] ** 2)
    law = -1 / np.log1p(-RATE * values[present] / len(y))
    return np.stack([law, [fall_time(steps, part) for part in parts[:, present].T]])


def fall_time(steps, part):
    """Step at which a component (frames,) has fallen to 1/e, log-linear between frames; STEPS if it never does."""
    share = np.abs(part / part[0])
    after = int(np.argmax(share <= np.exp(-1)))
    if not after:
        return float(STEPS)
    (first, last), (high, low) = steps[after - 1 : after + 1], np.log(share[after - 1 : after + 1]) + 1
    return first + (last - first) * high / (high - low)


#: What is measured for the networks of one alpha.
NAMES = (
    "rank correlation of time and 1 / eigenvalue",
    "exponent of time against the law",
    "time over law",
    "time of other modes over that of principal modes",
)


def of_each(networks):
    """The quantities NAMES (networks,) of each network, from its times (2, modes)."""
    ranks = [rank_correlation(*times).value for times in networks]
    powers = [np.polyfit(*np.log(times), 1)[0] for times in networks]
    sizes = [np.exp(np.mean(np.log(times[1] / times[0]))) for times in networks]
    return ranks, powers, sizes, [head_start(*times) for times in networks]


def head_start(law, times):
    """Geometric mean of the times of the other modes over that of the principal modes.

    The principal modes are those above the largest gap between the eigenvalues, on the logarithmic scale.
    """
    order = np.argsort(law)
    first = 1 + int(np.argmax(np.diff(np.log(law[order]))))
    logs = np.log(times[order])
    return np.exp(logs[first:].mean() - logs[:first].mean())


def summary(networks):
    """The measurements NAMES, over networks, of their times (2, modes)."""
    ranks, powers, *factors = of_each(networks)
    geometric = [factor_over(each, name) for each, name in zip(factors, NAMES[2:])]
    return mean_over(ranks, NAMES[0]), mean_over(powers, NAMES[1]), *geometric


def lazy_from(modes, bounds):
    """The alpha above which the mean of each of some quantities is above its bound, with an error.

    `bounds` are bounds by index of NAMES. Networks of different alphas share their data, so they are resampled
    together. Between alphas the means are linear in log alpha. The difference to a monotone cubic is a further error.
    """
    from scipy.interpolate import PchipInterpolator

    logs, which = np.log(list(modes)), list(bounds)
    # networks, quantities, alphas; of ratios the mean is geometric
    values = np.moveaxis([np.array(of_each(networks))[which] for networks in modes.values()], 0, 2)
    values = np.moveaxis(values, 1, 0)
    fine = np.linspace(logs[0], logs[-1], 4001)

    def crossing(means, curve=lambda row: np.interp(fine, logs, row)):
        rising = np.maximum.accumulate(means, axis=2)
        firsts = [[np.interp(bounds[i], curve(row), fine) for i, row in zip(which, rows)] for rows in rising]
        return np.exp(np.max(firsts, axis=1))

    found = bootstrap_walkers(values, crossing, "alpha above which a network is lazy")
    cubic = crossing(values.mean(axis=0)[None], lambda row: PchipInterpolator(logs, row)(fine))[0]
    return replace(found, error=math.hypot(found.error, cubic - found.value))


def order_is_known(modes, seen):
    """The principal modes are learned earlier than the others on average, at every alpha, or else in lazy networks."""
    ranks, ahead = ({alpha: row[i] for alpha, row in seen.items()} for i in (0, 3))
    number, strict = (
        f"{NAMES[i]} " + ", ".join(f"{told(m)} at alpha = {alpha:g}" for alpha, m in values.items())
        for i, values in ((3, ahead), (0, ranks))
    )
    earlier = {alpha: above(m, 1.0) for alpha, m in ahead.items()}
    narrowed = Narrowed("the network is lazy", earlier[max(seen)])
    everywhere = every("principal modes are learned earlier at every alpha", earlier.values())
    number += (
        f" (geometric means); {strict}: the order of single modes is strict, that is above {ORDERED:g}, from alpha = "
        f"{told(lazy_from(modes, {0: ORDERED}))}, interpolated in log alpha; n = {ranks[max(seen)].n} for each"
    )
    return Finding(ORDER, verdict_of(everywhere, narrowed), number)


def pace_is_known(modes, seen):
    """The time of a mode is samples / (lr kappa) in exponent and size, at every alpha or else for lazy networks."""
    number = "time to fall to 1/e, compared with the law: " + ", ".join(
        f"exponent {told(power)} and ratio {told(size)} at alpha = {alpha:g}"
        for alpha, (_, power, size, _) in seen.items()
    )
    paces = {
        alpha: every(f"the law at alpha = {alpha:g}", (near(power, 1.0), near(size, 1.0)))
        for alpha, (_, power, size, _) in seen.items()
    }
    exponent, ratio = (told(lazy_from(modes, {i: SAME})) for i in (1, 2))
    condition = (
        f"the network is lazy, alpha above {told(lazy_from(modes, {1: SAME, 2: SAME}))} (the exponent is within "
        f"{TOLERANCE:.0%} of the law above {exponent}, the ratio above {ratio}), and the unit of time contains N, the "
        "number of samples: the gradient flow of the mean loss divides by N"
    )
    narrowed = Narrowed(condition, paces[max(seen)], no(paces[min(seen)]))
    everywhere = every("the law at every alpha", paces.values())
    number += f"; n = {seen[max(seen)][0].n}; {INTERPOLATED}"
    return Finding(PACE, verdict_of(everywhere, narrowed), number)


def draw(path, modes, seen):
    """Times of all modes against the law, rich and lazy; their order, exponent and ratio against alpha."""
    with canvas(path, "Modes of the initial kernel", width=11.0, height=4.4) as place:
        axes, middle, right = panels(place, 1, 3)
        low = residuals_under(axes)
        alphas = list(seen)
        for alpha, colour, mark in zip((alphas[0], alphas[-1]), (COLOURS[1], MEASURED), "^o"):
            law, times = np.concatenate(modes[alpha], axis=1)
            axes.plot(law, times, mark, color=colour, markersize=2.5, alpha=0.6, linewidth=0,
                      label=f"$\\alpha$ = {alpha:g}, each mode")  # fmt: skip
        low.plot(law, times / law, mark, color=colour, markersize=2.0, alpha=0.6, linewidth=0)
        ends = np.array([1.0, STEPS])
        axes.plot(ends, ends, "--", color=COLOURS[0], label="law, $N / (\\eta \\kappa)$")
        axes.set(xscale="log", yscale="log", ylabel="steps to fall to $1/e$")
        low.set(xlabel="law, steps")
        low.set_ylabel(f"steps / law\n($\\alpha$ = {alpha:g})", fontsize=8)
        rank, exponent, ratio, ahead = zip(*seen.values(), strict=True)
        order = residuals_under(middle)
        bars(middle, alphas, ahead, MEASURED, "o", "geometric mean, 95 % interval")
        by_law = [
            factor_over([head_start(law, law) for law, _ in networks]).value for networks in modes.values()
        ]
        middle.plot(alphas, by_law, "--", color=COLOURS[0], label="law")
        middle.axhline(1.0, color=GREY, linestyle=":", label="equal times")
        bars(order, alphas, rank, MEASURED, "o", "")
        bars(right, alphas, exponent, MEASURED, "o", "exponent, 95 % interval")
        bars(right, alphas, ratio, COLOURS[2], "s", "ratio, 95 % interval", markerfacecolor="none")
        right.axhline(1.0, linestyle="--", color=COLOURS[0], label="law")
        right.axhspan(SAME, 2.0 - SAME, color=COLOURS[0], alpha=0.12, linewidth=0,
                      label=f"within {TOLERANCE * 100:g} %")  # fmt: skip
        for panel in (order, right):
            panel.set(xscale="log", xlabel="output scale $\\alpha$ (lazy on the right)")
        middle.set(yscale="log", ylabel="times, other / principal modes", ylim=(0.7, 1000))
        middle.set_title("Principal modes and other modes", loc="left")
        order.set_ylabel("rank\ncorrelation", fontsize=8)
        right.set(ylabel="time of a mode, compared with the law", ylim=(0, 1.15))
        right.set_title("Times of the modes", loc="left")
        for panel, corner in ((axes, "upper left"), (middle, "upper left"), (right, "lower right")):
            panel.legend(loc=corner)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
