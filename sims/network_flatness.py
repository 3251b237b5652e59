"""Which noise drives a network to flat regions of its zero-loss set, and does it generalise better there?

A tanh network with more weights than samples first descends for a long time. From there it is trained further under
five laws: descent, minibatches, isotropic Langevin noise, label noise, and weight decay with and without noise. On the
set the Hessian is J^T J / samples; its trace and log determinant are recorded. Before test losses are compared, plain
descent returns the networks to the set, because noise keeps them away from it. The sim tests in two ways whether flat
regions generalise better: along the path of one network, for both laws that lower the curvature, and between networks
at one time. Both tests have many data sets, and their errors are those of a mean over data sets. The full run takes a
minute of one processor.
"""

import warnings

import numpy as np

from langevin.comparison import compare
from langevin.comparison import format_measurement as told
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, every, near
from langevin.measure import bootstrap_walkers
from langevin.measure.interval import confidence_interval
from langevin.measure.networks import gauss_newton_trace, label_noise_slope, log_det
from langevin.measure.rank_correlation import rank_correlation
from langevin.measure.seeds import mean_over
from langevin.sgld import Callbacks, Computation, Law, Protocol, Recording, split, train
from langevin.types import Curve, Prediction
from sims._flatness_figure import draw
from sims._tanh_descent import (
    DECAY,
    EACH,
    EARLY,
    LATE,
    RATE,
    SETS,
    TRAINED,
    calmed,
    first_model,
    flattened,
    stacked,
    starts,
    together,
)

HEAT, BATCH = 1e-5, 5
#: Standard deviation of the label noise: weak, as the law of the slope requires, and strong.
WEAK, STRONG = 0.3, 1.0
#: Networks of a law, steps, recorded steps: quick, full.
SIZES = {True: (8, 4_000, 6), False: (16, 20_000, 13)}
#: Share of the run after which the slope is measured; relative error of its law at a finite learning rate.
SETTLED, REMAINDER = 0.1, 0.05
DESCENT, SGD, ISOTROPIC, NOISY = "descent", "minibatches", "isotropic noise", "label noise"
LAWS = (
    DESCENT,
    SGD,
    ISOTROPIC,
    "weak label noise",
    NOISY,
    "decay",
    "decay, isotropic noise",
    "decay, label noise",
)
#: Share of the distance under label noise that counts as moving; fall of log tr H that counts as a drift; tolerance of
#: a law.
MOVED, FALL, CLOSE = 0.01, 0.01, 0.15
#: Smallest effects: the claims hold above these bounds and fail below. With the bound 0 no data could refute a claim
#: about networks without any relation. A smaller rank correlation explains less than 1 % of the variance of the ranks
#: of the test loss. The fall of the log test loss is divided by that of log tr H; a smaller ratio is less than a tenth.
CORRELATED, TENTH = 0.1, 0.1
KEPT = ("trace", "log_det", "calm", "train_loss", "displacement")
POST = "B. Millidge, Addendum to Grokking Grokking (beren.io)"
MOVES = Claim(
    "since the true gradients are zero on the optimal manifold, the only source of movement during the grokking phase "
    "is the intrinsic noise caused by SGD", POST,
)  # fmt: skip
DRIFT = Claim("SGD noise does in fact induce an average drift towards regions of lower curvature", POST)
SLOPE = Claim(
    "an implicit regularization term corresponding to the sum over the data points, of the squared norm of the "
    "gradient of the model", "G. Blanc, N. Gupta, G. Valiant and P. Valiant (2020), arXiv 1904.09080, abstract",
)  # fmt: skip
BETTER = Claim(
    "we should expect low curvature [regions] to exhibit greater generalization [along the way of one network]",
    POST,
)
BETWEEN = Claim(
    "we should expect low curvature [regions] to exhibit greater generalization [between networks at one time]",
    POST,
)


def answer(quick=False, seed=1):
    """Train under every law from the same starts, record curvature and test loss, judge the claims."""
    chains, steps, count = SIZES[quick]
    frames = np.unique(np.concatenate([[0], np.geomspace(steps / 100, steps, count).round(-1)]).astype(int))
    paths = moved(first_model(seed), chains, frames, seed)
    models, weights, between = starts(seed)
    along = dict(zip((NOISY, "weight decay"), flattened(models, weights, seed, STRONG), strict=True))
    slopes = [slope_row(paths[name], sd) for name, sd in (("weak label noise", WEAK), (NOISY, STRONG))]
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(
            network_moves(paths), drifts_to_flat(paths), slope_is_known(slopes),
            flattened_generalises(along), flat_ones_generalise(**between),
        ),
        header=("law", "seed", "trace", "log det", "test loss on the set", "train loss", "displacement"),
        rows=[
            (name, i, *(float(path[key][i, -1]) for key in KEPT))
            for name, path in paths.items()
            for i in range(chains)
        ],
        draw=lambda file: draw(file, paths, slopes, along, between, (CORRELATED, TENTH)),
        settings={
            "learning_rate": RATE, "temperature": HEAT, "weight_decay": DECAY, "batch": BATCH, "label_noise": STRONG,
            "weak_label_noise": WEAK, "steps": steps, "networks": chains, "data sets": SETS,
            "networks of a data set": EACH, "of them trained further": TRAINED,
        },
        comparisons=slopes,
    )  # fmt: skip


def moved(model, chains, frames, seed):
    """Observables (networks, frames) under each of LAWS, with the weights at each frame."""
    common = {
        "steps": int(frames[-1]),
        "chains": chains,
        "seed": seed,
        "recording": Recording(frames.tolist()),
        "computation": Computation("float64"),
    }
    sweeps = (
        (Law(RATE), {"temperature": (0.0, HEAT), "weight_decay": (0.0, DECAY)}),
        (Law(RATE, name="sgd", batch=BATCH), {}),
        (Law(RATE, name="label-noise"), {"label_noise": (WEAK, STRONG), "weight_decay": (0.0, DECAY)}),
    )
    names = (
        (DESCENT, "decay", ISOTROPIC, "decay, isotropic noise"), (SGD,),
        ("weak label noise", "", NOISY, "decay, label noise"),
    )  # fmt: skip
    paths = {}
    data, test = together([model.train]), together([model.test])
    for (law, sweep), labels in zip(sweeps, names, strict=True):
        weights = []
        with warnings.catch_warnings():  # steps of descent below round-off are intended here
            warnings.simplefilter("ignore", UserWarning)
            callbacks = Callbacks(visit=lambda _, now, seen=weights: seen.append(now))
            run = train(model, law, protocol=Protocol(sweep=sweep), callbacks=callbacks, **common)
        for i, (name, part) in enumerate(zip(labels, split(run), strict=True)):
            own = [now[i * chains : (i + 1) * chains] for now in weights]
            paths[name] = dict(part.observables) | {"steps": part.steps, "weights": own}
            paths[name]["log_det"] = np.array([[log_det(model, w).value for w in now] for now in own]).T
            paths[name]["trace"] = np.array(
                [[gauss_newton_trace(model, w).value for w in now] for now in own]
            ).T
            paths[name]["model"] = model
            paths[name]["calm"] = np.array(
                [calmed(stacked(now), data, test)[0] for now in (own[0], own[-1])]
            ).T
    return {name: paths[name] for name in LAWS}


def slope_row(path, noise):
    """Comparison of the fall of tr H in the late part of the run with the law of label noise, over networks."""
    late = np.flatnonzero(path["steps"] >= SETTLED * path["steps"][-1])
    said = np.array([
        [label_noise_slope(path["model"], w, learning_rate=RATE, noise_sd=noise).value for w in path["weights"][k]]
        for k in late
    ])  # fmt: skip
    expected = np.trapezoid(said, path["steps"][late], axis=0)
    rows = np.column_stack([path["trace"][:, late[-1]] - path["trace"][:, late[0]], expected])
    measured = bootstrap_walkers(
        rows, lambda means: means[:, 0] / means[:, 1], f"fall of tr H, sigma {noise:g}"
    )
    law = Curve(f"-(lr^2 sigma^2 / 4 B) |P grad tr H|^2, sigma = {noise:g}", lambda _: Prediction(1.0, REMAINDER),
                "weak noise, small rate", "Damian, Ma and Lee (2021), arXiv 2106.06530")  # fmt: skip
    return compare(measured, law, noise, level=LEVEL / 2)


def change(path, key):
    """Log of the last over the first value of a positive quantity, mean over networks."""
    return mean_over(np.log(path[key][:, -1] / path[key][:, 0]), f"log change of {key}")


def network_moves(paths):
    """With minibatch noise the weights move at least MOVED times as far as with label noise."""
    far = {name: paths[name]["displacement"][:, -1] for name in (DESCENT, SGD, ISOTROPIC, NOISY)}
    parts = {
        name: mean_over(way / far[NOISY], f"distance under {name} over that under label noise")
        for name, way in far.items()
    }
    number = ", ".join(f"{name} {told(mean_over(way))}" for name, way in far.items())
    condition = (
        "the noise does not vanish with the loss: noise on labels or weights does not, but minibatch noise does, "
        "because the gradients of all samples are zero on the set"
    )
    others = every(
        "other noise moves the weights", (above(parts[ISOTROPIC], MOVED), below(parts[DESCENT], MOVED))
    )
    verdict = verdict_of(above(parts[SGD], MOVED), Narrowed(condition, others))
    return Finding(
        MOVES, verdict, f"distance from the start: {number}, n = {len(far[SGD])} networks on one data set"
    )


def drifts_to_flat(paths):
    """Every noise lowers log tr H by more than FALL."""
    gains = {name: change(paths[name], "trace") for name in LAWS}
    falls = {name: below(gains[name], -FALL, f"{name} lowers tr H") for name in (SGD, ISOTROPIC, NOISY)}
    number = "log of tr H at the end over that at the start: " + ", ".join(
        f"{name} {told(gain)}" for name, gain in gains.items()
    )
    condition = (
        "the noise is label noise; minibatch noise vanishes on the set, isotropic noise leads to larger norms and "
        "curvature on an unbounded set, and weight decay lowers the curvature without any noise"
    )
    verdict = verdict_of(every("every noise lowers tr H", falls.values()), Narrowed(condition, falls[NOISY]))
    return Finding(DRIFT, verdict, f"{number}, n = {gains[SGD].n} networks on one data set")


def slope_is_known(rows):
    """The law of the slope holds at both strengths of the noise, or else at the weak one."""
    weak, strong = (near(row.measured, 1.0, CLOSE) for row in rows)
    number = "measured fall of tr H over that of the law: " + ", ".join(
        f"{told(row.measured)} at sigma = {row.point:g}" for row in rows
    )
    condition = f"the noise is weak (sigma = {WEAK:g}), so that the weights stay near the set"
    verdict = verdict_of(every("the law predicts the slope", (weak, strong)), Narrowed(condition, weak))
    return Finding(SLOPE, verdict, f"{number}, n = {rows[0].measured.n} networks on one data set")


def flattened_generalises(along):
    """Where label noise and weight decay lower tr H, the test loss falls under both, or else under label noise."""
    parts, words = {}, []
    for name, found in along.items():
        flatter, gained = (changes(found[key]) for key in ("trace", "calm"))
        slope = over_sets(gained / flatter, f"fall of log test loss over that of log tr H, {name}")
        parts[name] = above(slope, TENTH, f"the test loss falls under {name}")
        words.append(
            f"under {name} log tr H changes by {told(over_sets(flatter))} and the log of the test loss by "
            f"{told(over_sets(gained))}, ratio {told(slope)}"
        )
    decay = along["weight decay"]["calm"]
    number = (
        f"{'; '.join(words)}, after {LATE} steps; the latter change of the log of the test loss is "
        f"{told(over_sets(changes(decay[..., :2])))} after {EARLY} steps; the claim needs a ratio above {TENTH:g} "
        f"under both, and fails below it; n = {len(decay)} data sets with {decay.shape[1]} networks each"
    )
    condition = "the noise is label noise; weight decay lowers tr H too, but not the test loss"
    verdict = verdict_of(every("under both", parts.values()), Narrowed(condition, parts[NOISY]))
    return Finding(BETTER, verdict, number)


def changes(path):
    """Log of the last over the first value of paths (sets, networks, times)."""
    return np.log(path[..., -1] / path[..., 0])


def over_sets(values, name="mean over data sets"):
    """Mean of numbers (sets, networks) over data sets: networks on the same data are not independent."""
    return mean_over(np.mean(values, axis=1), name)


def flat_ones_generalise(trace, calm):
    """Between networks on the same data tr H and test loss (sets, networks) have a correlation above CORRELATED."""
    each = [rank_correlation(*pair).value for pair in zip(trace, calm, strict=True)]
    found = mean_over(each, "rank correlation between networks")
    low, high = confidence_interval(found)
    number = (
        f"rank correlation of tr H and test loss between networks on the same data after the same descent "
        f"{told(found)} (95 % interval {low:.2f} to {high:.2f}), mean over n = {found.n} data sets with "
        f"{np.shape(trace)[1]} networks each; the claim needs a value above {CORRELATED:g} and fails below it, because "
        f"tr H then explains less than {CORRELATED**2:.0%} of the variance of the ranks; the correlations of single "
        f"data sets have the standard deviation {np.std(each, ddof=1):.2f}"
    )
    return Finding(
        BETWEEN,
        verdict_of(above(found, CORRELATED, "flatter networks have a lower test loss")),
        number,
    )


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
