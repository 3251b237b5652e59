"""Which noise drives a network to flat regions of its zero-loss set, and does it generalise better there?

A tanh network with more weights than samples first descends for a long time. From there it is trained further under
five laws: descent, minibatches, isotropic Langevin noise, label noise, and weight decay with and without noise. On the
set the Hessian is J^T J / samples; its trace and log determinant are recorded. Before test losses are compared, plain
descent returns the networks to the set, because noise keeps them away from it. The sim tests in two ways whether flat
regions generalise better: along the path of one network, for both laws that lower the curvature, and between networks
at one time. The full run takes a minute of one processor.
"""

import warnings

import numpy as np

from langevin.comparison import compare
from langevin.comparison import format_measurement as told
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import Statement, above, below, every, near
from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
from langevin.figures.panels import band, bars, panels, plain_ticks
from langevin.measure import bootstrap_walkers
from langevin.measure.interval import confidence_interval
from langevin.measure.networks import gauss_newton_trace, label_noise_slope, log_det
from langevin.measure.rank_correlation import rank_correlation
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Callbacks, Computation, Law, Protocol, Recording, split, train
from langevin.types import Curve, Prediction
from models import tanh
from sims._tanh_descent import DECAY, EARLY, LATE, RATE, STARTS, calmed_by, decayed, stacked, starts

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
#: Smallest effects. A smaller rank correlation explains less than 1 % of the variance of the ranks of the test loss.
#: The fall of the log test loss is compared with that of log tr H; a smaller ratio is less than a tenth.
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
    paths, (weights, *begun) = moved(tanh.model(), chains, frames, seed), starts(seed)
    decay = decayed(weights)
    slopes = [slope_row(paths[name], sd) for name, sd in (("weak label noise", WEAK), (NOISY, STRONG))]
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(
            network_moves(paths), drifts_to_flat(paths), slope_is_known(slopes),
            flattened_generalises(paths, decay), flat_ones_generalise(*begun),
        ),
        header=("law", "seed", "trace", "log det", "test loss on the set", "train loss", "displacement"),
        rows=[
            (name, i, *(float(path[key][i, -1]) for key in KEPT))
            for name, path in paths.items()
            for i in range(chains)
        ],
        draw=lambda file: draw(file, paths, slopes, begun),
        settings={
            "learning_rate": RATE, "temperature": HEAT, "weight_decay": DECAY, "batch": BATCH, "label_noise": STRONG,
            "weak_label_noise": WEAK, "steps": steps, "networks": chains, "networks of descent": STARTS,
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
    paths, calm = {}, calmed_by(model)
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
                [calm(stacked(now)) for now in (own if name == NOISY else own[:: len(own) - 1])]
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
    return Finding(MOVES, verdict, f"distance from the start: {number}, n = {len(far[SGD])}")


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
    return Finding(DRIFT, verdict, f"{number}, n = {gains[SGD].n}")


def slope_is_known(rows):
    """The law of the slope holds at both strengths of the noise, or else at the weak one."""
    weak, strong = (near(row.measured, 1.0, CLOSE) for row in rows)
    number = "measured fall of tr H over that of the law: " + ", ".join(
        f"{told(row.measured)} at sigma = {row.point:g}" for row in rows
    )
    condition = f"the noise is weak (sigma = {WEAK:g}), so that the weights stay near the set"
    verdict = verdict_of(every("the law predicts the slope", (weak, strong)), Narrowed(condition, weak))
    return Finding(SLOPE, verdict, f"{number}, n = {rows[0].measured.n}")


def flattened_generalises(paths, decay):
    """Where label noise and weight decay lower tr H, the test loss falls under both, or else under label noise."""
    pairs = zip(paths[NOISY]["trace"], paths[NOISY]["calm"], strict=True)
    along = mean_over([rank_correlation(*pair).value for pair in pairs])
    parts, words = {}, []
    for name, path in ((NOISY, paths[NOISY]), ("weight decay", decay)):
        flatter, gained = (np.log(path[key][:, -1] / path[key][:, 0]) for key in ("trace", "calm"))
        slope = mean_over(gained / flatter, f"fall of log test loss over that of log tr H, {name}")
        parts[name] = sign_of(slope, TENTH, f"the test loss falls under {name}")
        words.append(
            f"under {name} log tr H changes by {told(mean_over(flatter))} and the log of the test loss by "
            f"{told(mean_over(gained))}, ratio {told(slope)} (n = {slope.n} networks)"
        )
    early = mean_over(np.log(decay["calm"][:, 1] / decay["calm"][:, 0]))
    number = (
        f"{'; '.join(words)}, after {LATE} steps; {told(early)} after {EARLY} steps; the claim needs "
        f"a ratio above 0 under both, and a ratio below {TENTH:g} refutes it; rank correlation of "
        f"tr H and test loss over time under label noise {told(along)}, n = {along.n}"
    )
    condition = "the noise is label noise; weight decay lowers tr H too, but in the end not the test loss"
    verdict = verdict_of(every("under both", parts.values()), Narrowed(condition, parts[NOISY]))
    return Finding(BETTER, verdict, number)


def sign_of(measured, smallest, words):
    """The number is above 0: refuted if it is below the smallest effect."""
    return Statement(words, above(measured, 0.0).support, above(measured, smallest).against)


def flat_ones_generalise(trace, loss):
    """Between networks after the same descent tr H and test loss are correlated, with a rank correlation above 0."""
    found = rank_correlation(trace, loss, "rank correlation between networks")
    low, high = confidence_interval(found)
    number = (
        f"rank correlation of tr H and test loss between networks after the same descent {told(found)} (95 % interval "
        f"{low:.2f} to {high:.2f}), n = {found.n}; the claim needs a value above 0, and a value below "
        f"{CORRELATED:g} refutes it, because tr H then explains less than {CORRELATED**2:.0%} of the variance of the "
        f"ranks; tr H {told(factor_over(trace))}, test "
        f"loss {told(factor_over(loss))}"
    )
    return Finding(
        BETWEEN, verdict_of(sign_of(found, CORRELATED, "flatter networks have a lower test loss")), number
    )


def draw(file, paths, slopes, begun):
    """Trace and log determinant against steps; test loss against trace; measured fall of the trace over its law."""
    from matplotlib.patches import Patch

    with canvas(file, "Trace of the Hessian", width=10.0, height=7.8) as place:
        axes, middle, right, law = panels(place, 2, 2)
        handles = []
        for i, (name, path) in enumerate(paths.items()):
            colour, dash, mark = (*COLOURS, "0.2", "0.6")[i], DASHES[i % 4], "os^vD*Px"[i]
            under = {"linewidth": 5.0, "alpha": 0.4} if name == DESCENT else {}  # minibatches lie on it
            for panel, key in ((axes, "trace"), (middle, "log_det")):
                band(panel, path["steps"], path[key], colour, dash, name)
                panel.lines[-1].set(**under)
            look = {"color": colour, "marker": mark, "markersize": 9 if under else 4}
            look |= {"markerfacecolor": "none"} if under else {}
            right.plot(path["trace"][:, -1], path["calm"][:, -1], linestyle="", **look)
            handles += axes.plot([], [], linestyle=dash, label=name, **look, **under)
        label = f"{STARTS} networks after descent"
        handles += right.plot(*begun, ".", color="0.7", markersize=1.5, label=label, zorder=0)
        handles.append(Patch(color="0.5", alpha=0.2, label="mean over networks, 95 % interval"))
        axes.set(xlabel="step", ylabel="tr $H$", yscale="log")
        middle.set(xlabel="step", ylabel="$\\log \\det J J^T$")
        middle.set_title("Log determinant", loc="left")
        right.set(xlabel="tr $H$ at the end", ylabel="test loss on the set", xscale="log", yscale="log")
        right.set_title("Curvature and generalisation, each network", loc="left")
        found = [row.measured for row in slopes]
        bars(law, [row.point for row in slopes], found, MEASURED, "o", "measured, 95 % interval")
        law.axhline(1.0, linestyle="--", color=COLOURS[0], label="law, weak noise")
        law.set(xlabel="label noise $\\sigma$", ylabel="fall of tr $H$, measured / law", ylim=(0, 1.3))
        law.set_title("Label noise, measured over its law", loc="left")
        law.legend(loc="lower left")
        for axis in (axes.yaxis, right.xaxis):
            plain_ticks(axis, (3, 5, 10, 20))
        plain_ticks(right.yaxis, (0.02, 0.05, 0.1))
        axes.figure.legend(handles=handles, loc="outside lower center", ncols=4)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
