"""Is grokking the transition from lazy to rich learning: how does the delay depend on laziness and on features?

Kumar et al.: f = (alpha / N) sum_i g(w_i . x), g(h) = h + eps h^2 / 2, fits a quadratic target. At large alpha the
weights hardly have to move: the network is lazy. The lazy limit is kernel regression with the initial kernel, which is
hardly aligned with the target. A second scan makes a part of the target linear: this part is aligned with the initial
kernel. (The authors vary eps, but eps also sets the speed of learning.) Networks are trained by gradient descent, in a
unit of time that does not depend on alpha. The test loss of kernel regression with the tangent kernel of a step shows
how much of the features a network has learnt. The full run takes four minutes of one processor.
"""

from typing import NamedTuple

import numpy as np

from langevin.comparison import format_value
from langevin.experiment.claims import Answer, Claim, Finding, verdict_of
from langevin.experiment.statements import above, below, every
from langevin.measure.networks import kernel_alignment, tangent_kernel
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Callbacks, Law, Recording, train
from langevin.theory import learning
from langevin.types import Measurement
from models import polynomial
from sims._lazy_to_rich_figure import draw

DIM, SAMPLES, EPS, RATE = 25, 100, 0.05, 5.0
#: Half-mean loss at which samples count as fitted: a twentieth of the initial loss.
FITS = 0.02
#: Runs of (alpha, part of the target that is linear) and their steps; data seeds: quick, full. With a linear part of
#: 0.8 a network can fit train by this part alone, before it has learnt the rest.
RUNS = {
    True: ((((0.125, 0.0), (1.0, 0.0), (1.0, 0.6)), 7_000),),
    False: (
        (((0.125, 0.0), (0.25, 0.0), (0.5, 0.0)), 10_000),
        (((1.0, 0.0), (2.0, 0.0), (4.0, 0.0), (1.0, 0.3), (1.0, 0.6)), 40_000),
    ),
}
SEEDS = {True: 5, False: 12}
#: A network is outside the neighbourhood of its start if its outputs differ from its linearisation by OUTSIDE of the
#: labels.
OUTSIDE = 0.5
#: The alpha of the networks whose kernels are shown; the claim on features is judged at the larger one.
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
    times = {case: times_of(curve) for case, curve in curves.items()}
    shown = [(alpha, curves[alpha, 0.0], times[alpha, 0.0].train) for alpha in SHOWN[quick]]
    learnt = [features(alpha, curve, data) for alpha, curve, _ in shown]
    floor = np.array([lazy_loss(polynomial.model(data_seed=i)) for i in data])
    lazier, closer = (scan(times, over) for over in (0, 1))
    aligned = [[alignment(part, i) for i in data] for part in closer.dial]
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(
            laziness_delays(lazier, floor), alignment_helps(closer, aligned),
            features_come_late(*learnt[-1], shown[-1][2], SHOWN[quick][-1]),
        ),
        header=("alpha", "linear part", "data seed", "step train fits", "step test fits", "test fits"),
        rows=[(*case, i, *three) for case, both in times.items()
              for i, three in zip(data, zip(both.train, both.test, both.arrived, strict=True), strict=True)],
        draw=lambda path: draw(path, shown, learnt, FITS, (lazier, closer)),
        settings={"dim": DIM, "samples": SAMPLES, "eps": EPS, "learning_rate": RATE, "fits": FITS, "data_seeds": data},
    )  # fmt: skip


class Times(NamedTuple):
    """Steps (data seeds,) at which train and test fit; `arrived` is False where test does not, and the run ends."""

    train: np.ndarray
    test: np.ndarray
    arrived: np.ndarray


def times_of(curve):
    """Times of the networks of a case; the time of train is nan if it does not fit."""
    train, test = fitted(curve, "train"), fitted(curve, "test")
    train[np.isinf(train)] = np.nan
    return Times(train, np.minimum(test, curve["steps"][-1]), np.isfinite(test))


def trained(cases, data, steps, seed):
    """Losses (data seeds, frames) and the weights at a few steps, for each (alpha, part that is linear)."""
    dials = [
        {"alpha": alpha, "eps": EPS, "linear": part, "data_seed": i} for alpha, part in cases for i in data
    ]
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


def alignment(linear, seed):
    """Alignment of the initial kernel with the target, on the training set, centred."""
    x, y = polynomial.model(linear=linear, data_seed=seed).train
    return kernel_alignment(learning.tangent_kernel(x, x, EPS), y @ y.T, centred=True)


class Scan(NamedTuple):
    """Dial, ratios of times (dials, data seeds), and whether test fits; where not, the ratio is a lower bound."""

    dial: np.ndarray
    ratios: np.ndarray
    arrived: np.ndarray


def scan(times, over):
    """The scan of alpha (over = 0) for a quadratic target, or of its linear part at alpha = 1 (over = 1)."""
    fixed = (1.0, 0.0)[1 - over]
    found = {case[over]: one for case, one in sorted(times.items()) if case[1 - over] == fixed}
    ratios = np.array([one.test / one.train for one in found.values()])
    return Scan(np.array(list(found)), ratios, np.array([one.arrived for one in found.values()]))


def slope(dial, ratios, name):
    """Mean over data seeds of the slope of the logarithm of the ratios by the dial, where train fits at every dial."""
    logs = np.log(ratios).T
    found = [np.polyfit(dial, row, 1)[0] for row in logs[np.isfinite(logs).all(axis=1)]]
    return mean_over(found, name) if found else Measurement(np.nan, np.inf, 0, name, mixed=False)


def told(measured):
    """Number, error and n."""
    return f"{format_value(measured.value, measured.error)} (n = {measured.n})"


def listed(found):
    """Medians over data seeds by the dial, and how many ratios are lower bounds."""
    medians = ", ".join(
        f"{middle:.3g} at {dial:g}" for dial, middle in zip(found.dial, np.median(found.ratios, axis=1))
    )
    late = f"{(~found.arrived).sum()} of {found.arrived.size} networks do not fit the test set within the run"
    return f"{medians} ({late}, and count with the ratio at its end)"


def laziness_delays(found, floor):
    """The ratio grows with alpha, and the test loss of the lazy limit stays above FITS."""
    power = slope(np.log(found.dial), found.ratios, "exponent of the ratio in alpha")
    limit = mean_over(floor, "test loss of the lazy limit")
    number = (
        f"median time test fits / time train fits by alpha: {listed(found)}; exponent {told(power)}; final loss of the "
        f"lazy limit {told(limit)}, {limit.value / FITS:.0f} times the loss that counts as fitted"
    )
    later = every("lazier networks generalise later; the lazy limit never does",
                  (above(power, 0.0), above(limit, FITS)))  # fmt: skip
    return Finding(LAZINESS, verdict_of(later), number)


def alignment_helps(found, aligned):
    """The ratio of times decreases as the initial kernel is better aligned (dials, data seeds) with the target."""
    change = slope(found.dial, found.ratios, "change of the log ratio by the linear part")
    number = (
        f"at alpha = 1, median time test fits / time train fits by the linear part of the target: {listed(found)}; "
        f"slope of its logarithm by the linear part {told(change)}; alignment of the initial kernel with the target "
        + ", ".join(f"{told(mean_over(row))} at {dial:g}" for dial, row in zip(found.dial, aligned))
    )
    return Finding(ALIGNMENT, verdict_of(below(change, 0.0, "better aligned, less delayed")), number)


def features_come_late(steps, found, fits, alpha):
    """The kernel does not generalise when train fits, and does at the end, far from the linearised network.

    It generalises if kernel regression fits the test set. Networks that do not fit train are left out.
    """
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
    further = mean_over(
        away[:, -1] - at_fit[1], "growth of the distance from the linearisation after train fits"
    )
    far_then, far_last = (mean_over(rows, "distance from the start") for rows in (at_fit[2], moved[:, -1]))
    losses = [
        factor_over(np.exp(rows), f"test loss of kernel regression {when}")
        for rows, when in ((logs[:, 0], "at the start"), (at_fit[0], "when train fits"), (logs[:, -1], "at the end"))
    ]  # fmt: skip
    number = (
        "networks of alpha = {:g}: test loss of kernel regression with their tangent kernel {} at the start, {} when "
        "train fits, {} at the end ({:g} counts as fitted); ".format(alpha, *map(told, losses), FITS)
        + f"share of the fall of its logarithm after train fits {told(late)}; distance of the outputs from the "
        f"linearised network, over the labels: {told(then)} when train fits, {told(last)} at the end; distance of the "
        f"weights from the start, over their norm there: {told(far_then)} when train fits, {told(far_last)} at the end"
    )
    parts = above(losses[1], FITS), below(losses[2], FITS), above(further, 0.0), above(last, OUTSIDE)
    return Finding(FEATURES, verdict_of(every("features are learnt late, far from the start", parts)), number)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
