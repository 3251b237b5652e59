"""Is grokking the transition from lazy to rich learning: how does the delay depend on laziness and on features?

Kumar et al.: f = (alpha / N) sum_i g(w_i . x), g(h) = h + eps h^2 / 2, fits a quadratic target. Large alpha is lazy:
the network first fits with its initial kernel, which is hardly aligned with the target, and generalises after the
weights have moved. Networks are trained by gradient descent, in a unit of time that does not depend on alpha. The
lazy limit is kernel regression. The test loss of kernel regression with the tangent kernel of a step shows how much
of the features a network has learnt. The full run takes three minutes of one processor.
"""

import numpy as np

from langevin.comparison import format_value
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, every
from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
from langevin.figures.panels import band
from langevin.measure.networks import tangent_kernel
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Callbacks, Law, Recording, train
from langevin.theory import learning
from langevin.types import Measurement
from models import polynomial

DIM, SAMPLES, EPS, RATE = 25, 100, 0.05, 5.0
#: Half-mean loss at which samples count as fitted: a twentieth of the initial loss.
FITS = 0.02
#: Runs of (alpha, eps) and their steps; data seeds: quick, full. Those at eps = EPS are the scan over alpha.
RUNS = {
    True: ((((0.125, EPS), (1.0, EPS), (1.0, 0.2)), 7_000),),
    False: (
        (((0.125, EPS), (0.25, EPS), (0.5, EPS), (1.0, 0.1), (1.0, 0.2)), 10_000),
        (((1.0, EPS), (2.0, EPS), (4.0, EPS), (1.0, 0.025)), 40_000),
    ),
}
SEEDS = {True: 5, False: 12}
#: Features are learnt late if more than LATE of the fall of the kernel's log loss comes after train fits. A network is
#: outside the neighbourhood of its start if its outputs differ from its linearisation by OUTSIDE of the labels.
LATE, OUTSIDE = 0.5, 0.5
#: Ticks of the axis of delays.
TICKS = (2, 5, 10, 20, 50, 100)
#: The alpha of the networks shown as rich and as lazy.
SHOWN = {True: (0.125, 1.0), False: (0.125, 4.0)}
PAPER = "T. Kumar, B. Bordelon, S. J. Gershman and C. Pehlevan (2023), arXiv 2310.06110"
NOTES = "Grokking as lazy to rich learning (sinatootoonian.com), notes on arXiv 2310.06110,"
LAZINESS = Claim(
    "key determinants of grokking are the rate of feature learning, which can be controlled precisely by parameters "
    "that scale the network output", f"{PAPER}, abstract",
)  # fmt: skip
ALIGNMENT = Claim(
    "[key determinants of grokking are] the alignment of the initial features with the target",
    f"{PAPER}, abstract",
)
FEATURES = Claim(
    "in a rich regime the network finally moves out of the neighbourhood of its initialization, and learns "
    "task-relevant features, which generalize to the test set", f"{NOTES} on lazy learning",
)  # fmt: skip


def answer(quick=False, seed=1):
    """Train all networks, measure their times, kernels and losses; judge the claims."""
    data = [100 * seed + i for i in range(SEEDS[quick])]
    curves = {}
    for cases, steps in RUNS[quick]:
        curves |= trained(cases, data, steps, seed)
    times = {key: (fitted(curve, "train"), fitted(curve, "test")) for key, curve in curves.items()}
    shown = {name: (alpha, curves[alpha, EPS]) for name, alpha in zip(("rich", "lazy"), SHOWN[quick])}
    learnt = {name: features(*case, data) for name, case in shown.items()}
    floor = np.array([lazy_loss(polynomial.model(data_seed=i)) for i in data])
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(
            laziness_delays(times, floor), alignment_helps(times),
            features_come_late(*learnt["lazy"], times[SHOWN[quick][1], EPS][0]),
        ),
        header=("alpha", "eps", "data seed", "step train fits", "step test fits"),
        rows=[(*case, i, *pair) for case, both in times.items() for i, pair in zip(data, zip(*both, strict=True))],
        draw=lambda path: draw(path, shown, times, learnt),
        settings={"dim": DIM, "samples": SAMPLES, "learning_rate": RATE, "fits": FITS, "data_seeds": data},
    )  # fmt: skip


def trained(cases, data, steps, seed):
    """Losses (data seeds, frames) and the weights at a few steps, for each (alpha, eps)."""
    dials = [{"alpha": alpha, "eps": eps, "data_seed": i} for alpha, eps in cases for i in data]
    kept = {}
    run = train(
        polynomial.family(dials), Law(RATE, name="gradient-descent"), steps=steps, chains=1, seed=seed,
        recording=Recording(frames=300, sketch=1),
        callbacks=Callbacks(visit=lambda step, weights: kept.update({step: weights[0]["hidden"]})),
    )  # fmt: skip
    places = {case: slice(i * len(data), (i + 1) * len(data)) for i, case in enumerate(cases)}
    some = run.steps[np.unique(np.geomspace(1, len(run.steps), 24).astype(int)) - 1].tolist()
    return {
        case: {
            "steps": run.steps,
            "weights": {step: kept[step][place] for step in some},
            **{
                part: np.concatenate([run.observables[f"{part}_loss {i}"] for i in range(place.start, place.stop)])
                for part in ("train", "test")
            },
        }
        for case, place in places.items()
    }  # fmt: skip


def fitted(curve, part):
    """Step (data seeds,) at which the loss falls to FITS, log-linear between frames; infinite if it never does."""
    found = []
    for losses in curve[part]:
        after = int(np.argmax(losses <= FITS))
        if losses[after] > FITS:
            found.append(np.inf)
            continue
        logs, steps = np.log(losses[after - 1 : after + 1]), curve["steps"][after - 1 : after + 1]
        found.append(float(steps[0] + (steps[1] - steps[0]) * (logs[0] - np.log(FITS)) / (logs[0] - logs[1])))
    return np.array(found)


def features(alpha, curve, data):
    """Steps, and three numbers (data seeds, steps) of the networks at these steps.

    The first is the test loss of kernel regression with the tangent kernel of that step. The second is the distance on
    the test set between the outputs and those of the network linearised at its start, relative to the labels. The third
    is the distance between the weights and those at the start, relative to the norm at the start.
    """
    model, found = polynomial.model(alpha=alpha), []  # other data seeds: this kernel at other inputs
    steps = np.array(list(curve["weights"]))
    for i, seed in enumerate(data):
        own = polynomial.model(data_seed=seed)
        networks = [{"hidden": weights[i]} for weights in curve["weights"].values()]
        line = linearised(model, networks[0], own, steps)
        away = [np.asarray(model.apply(now, own.test.inputs))[:, 0] - output
                for now, output in zip(networks, line)]  # fmt: skip
        kernels = (
            [tangent_kernel(model, now, rows, own.train.inputs) for rows in (own.train.inputs, own.test.inputs)]
            for now in networks
        )  # fmt: skip
        losses = [regression_loss(*pair, own) for pair in kernels]
        far = np.sqrt(np.mean(np.square(away), axis=1) / np.mean(own.test.targets**2))
        weights = np.array([np.ravel(network["hidden"]) for network in networks])
        moved = np.linalg.norm(weights - weights[0], axis=1) / np.linalg.norm(weights[0])
        found.append((losses, far, moved))
    return steps, np.array(found).swapaxes(0, 1)


def linearised(model, start, own, steps):
    """Outputs (steps, test samples) of the network linearised at its start, after these steps of gradient descent."""
    (x, y), other = own.train, own.test.inputs
    values, modes = np.linalg.eigh(tangent_kernel(model, start, x, x))
    rest = modes.T @ (y - np.asarray(model.apply(start, x)))[:, 0]
    learnt = (1 - (1 - RATE * values / len(y)) ** steps[:, None]) / values * rest
    return (np.asarray(model.apply(start, other))[:, 0]
            + learnt @ modes.T @ tangent_kernel(model, start, x, other))  # fmt: skip


def regression_loss(kernel, across, own):
    """Test loss of kernel regression, from the kernel of the training set and the kernel between test and train."""
    weights = np.linalg.lstsq(kernel, own.train.targets, rcond=1e-12)[0]
    return float(((across @ weights - own.test.targets) ** 2).mean() / 2)


def lazy_loss(model):
    """Test loss of kernel regression with K_0: the limit of large alpha and long time."""
    x, other = model.train.inputs, model.test.inputs
    return regression_loss(learning.tangent_kernel(x, x, EPS), learning.tangent_kernel(other, x, EPS), model)


def scan(times, over):
    """Dial and ratio of times (data seeds,): over = 0 varies alpha at eps = EPS, over = 1 varies eps at alpha = 1."""
    fixed = (1.0, EPS)[1 - over]
    return {case[over]: test / train
            for case, (train, test) in sorted(times.items()) if case[1 - over] == fixed}  # fmt: skip


def exponent(values, name):
    """Mean of the slope of log value over log dial, over the data seeds with at least two finite values."""
    dials, rows = np.log(list(values)), np.log(list(values.values())).T
    kept = [(np.isfinite(row), row) for row in rows]
    found = [np.polyfit(dials[seen], row[seen], 1)[0] for seen, row in kept if seen.sum() > 1]
    return mean_over(found, name) if found else Measurement(np.nan, np.inf, 0, name, mixed=False)


def told(measured):
    """Number, error and n."""
    return f"{format_value(measured.value, measured.error)} (n = {measured.n})"


def listed(values):
    """Medians over data seeds, by the dial."""
    return ", ".join(f"{np.median(ratio):.3g} at {dial:g}" for dial, ratio in values.items())


def laziness_delays(times, floor):
    """The ratio grows with alpha, and the test loss of the lazy limit stays above FITS."""
    ratios = scan(times, 0)
    power = exponent(ratios, "exponent of the ratio in alpha")
    never = np.isinf(list(ratios.values())).sum()
    limit = mean_over(floor, "test loss of the lazy limit")
    number = (
        f"median time test fits / time train fits by alpha: {listed(ratios)}; exponent {told(power)}; {never} of "
        f"{floor.size * len(ratios)} networks do not fit the test set within the run; final loss of the lazy limit "
        f"{told(limit)}, {limit.value / FITS:.0f} times the loss that counts as fitted"
    )
    later = every("lazier networks generalise later; the lazy limit never does",
                  (above(power, 0.0), above(limit, FITS)))  # fmt: skip
    return Finding(LAZINESS, verdict_of(later), number)


def alignment_helps(times):
    """At alpha = 1 the ratio decreases with eps, or else at least the delay in steps does."""
    ratios = scan(times, 1)
    delays = {eps: times[1.0, eps][1] - times[1.0, eps][0] for eps in ratios}
    powers = {
        name: exponent(values, f"exponent of the {name} in eps")
        for name, values in (("ratio", ratios), ("delay in steps", delays))
    }
    known = [learning.kernel_alignment(DIM, eps, centred=True).value for eps in ratios]
    number = (
        f"at alpha = 1, by eps: median ratio {listed(ratios)}, exponent {told(powers['ratio'])}; delay in steps "
        f"{listed(delays)}, exponent {told(powers['delay in steps'])}; alignment of K_0 from {known[0]:.2g} to "
        f"{known[-1]:.2g}"
    )
    condition = (
        "the delay is counted in steps: better features accelerate the fit of train more than the fit of test"
    )
    ratio, delay = (below(power, 0.0) for power in powers.values())
    return Finding(ALIGNMENT, verdict_of(ratio, Narrowed(condition, delay)), number)


def features_come_late(steps, found, fits):
    """The kernel learns most after train fits, and networks end far from their linearisation; others are left out."""
    known = np.isfinite(fits)
    if known.sum() < 2:
        return Finding(FEATURES, verdict_of(every("train fits", ())),
                       f"train fits in {known.sum()} of {len(fits)} networks")  # fmt: skip
    logs, away, moved = np.log(np.maximum(found[0][known], 1e-12)), *found[1:, known]
    at_fit = [
        np.array([np.interp(np.log1p(fit), np.log1p(steps), row) for fit, row in zip(fits[known], rows, strict=True)])
        for rows in (logs, away, moved)
    ]  # fmt: skip
    late = mean_over((at_fit[0] - logs[:, -1]) / (logs[:, 0] - logs[:, -1]),
                     "share of the fall after train fits")  # fmt: skip
    then, last = (mean_over(rows, "distance from the linearisation") for rows in (at_fit[1], away[:, -1]))
    far_then, far_last = (mean_over(rows, "distance from the start") for rows in (at_fit[2], moved[:, -1]))
    losses = (told(factor_over(np.exp(rows))) for rows in (logs[:, 0], at_fit[0], logs[:, -1]))
    number = (
        "lazy networks: test loss of kernel regression with their tangent kernel {} at the start, {} when train fits, "
        "{} at the end; ".format(*losses)
        + f"share of the fall of its logarithm after train fits {told(late)}; distance of the outputs from the "
        f"linearised network, over the labels: {told(then)} when train fits, {told(last)} at the end; distance of the "
        f"weights from the start, over their norm there: {told(far_then)} when train fits, {told(far_last)} at the end"
    )
    parts = above(late, LATE), above(last, OUTSIDE)
    return Finding(FEATURES, verdict_of(every("features are learnt late, far from the start", parts)), number)


def draw(path, shown, times, learnt):
    """Learning curves, distance from the linearisation, ratios against alpha and eps, loss of kernel regression."""
    with canvas(path, "Loss, geometric mean of data seeds, 95 % band", width=11.0, height=6.6) as axes:
        grid = axes.figure.add_gridspec(2, 3)
        axes.set_subplotspec(grid[0, :2])
        far, *low = (axes.figure.add_subplot(grid[place]) for place in ((0, 2), (1, 0), (1, 1), (1, 2)))
        for i, (name, (alpha, curve)) in enumerate(shown.items()):
            for part, dash in (("train", DASHES[1]), ("test", DASHES[0])):
                band(axes, curve["steps"][1:], curve[part][:, 1:], COLOURS[i], dash,
                     f"{name} ($\\alpha$ = {alpha:g}), {part}", geometric=True)  # fmt: skip
            steps, found = learnt[name]
            for panel, rows in ((low[2], np.maximum(found[0], 1e-12)), (far, found[1])):
                label, decades = f"{name} ($\\alpha$ = {alpha:g})", panel is low[2]
                band(panel, steps[1:], rows[:, 1:], COLOURS[i], DASHES[0], label, geometric=decades)
                panel.axvline(np.median(times[alpha, EPS][0]), color=COLOURS[i], linewidth=0.8, linestyle=":",
                              label=f"{name}: train fits")  # fmt: skip
        axes.axhline(FITS, color="0.5", linewidth=0.8, label="fitted")
        axes.set(xscale="log", yscale="log", xlabel="step", ylabel="half-mean loss")
        names = ("laziness $\\alpha$ ($\\epsilon$ = 0.05)", "feature strength $\\epsilon$ ($\\alpha$ = 1)")
        for over, (name, panel) in enumerate(zip(names, low)):
            dials, ratios = list(scan(times, over)), np.array(list(scan(times, over).values()))
            middle, ratios = np.median(ratios, axis=1), np.where(np.isinf(ratios), np.nan, ratios)
            thin = panel.plot(dials, ratios, "o-", color="0.6", markersize=3, linewidth=0.7)
            thin[0].set_label("data seeds")
            panel.plot(dials, middle, "o-", color=MEASURED, label="median")
            panel.set(xscale="log", yscale="log", xlabel=name, ylabel="time test fits / time train fits")
            panel.set_xticks(dials, [f"{dial:g}" for dial in dials])
            panel.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
            panel.set_ylim(0.8 * np.nanmin(ratios), 1.25 * np.nanmax(ratios))
            panel.minorticks_off()
            panel.set_title("Delay", loc="left")
        low[2].set(xscale="log", yscale="log", xlabel="step", ylabel="test loss")
        low[2].set_title("Kernel regression with the kernel of each step", loc="left")
        far.set(xscale="log", xlabel="step", ylabel="distance / labels")
        far.set_title("Distance of outputs from the linearisation", loc="left")
        for panel in (axes, far, *low):
            panel.legend()


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
