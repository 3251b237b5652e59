"""Which noise drives a network to flat regions of its zero-loss set, and does it generalise better there?

A tanh network with more weights than samples first descends for a long time. From there it is trained further under
five laws: descent, minibatches, isotropic Langevin noise, label noise, and weight decay with and without noise. On the
set the Hessian is J^T J / samples; its trace and log determinant are recorded. Before test losses are compared, plain
descent returns the networks to the set, because noise keeps them away from it. The sim tests in two ways whether flat
regions generalise better: along the path of one network, and between networks at one time. The full run takes a minute
of one processor.
"""

import warnings

import numpy as np

from langevin.comparison import compare
from langevin.comparison import format_measurement as told
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, every, near
from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
from langevin.figures.panels import band, bars, panels, plain_ticks
from langevin.measure import bootstrap_walkers
from langevin.measure.networks import gauss_newton_trace, label_noise_slope, log_det
from langevin.measure.rank_correlation import rank_correlation
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Callbacks, Computation, Data, Law, Protocol, Recording, split, train
from langevin.types import Curve, Prediction
from models import tanh

RATE, HEAT, DECAY, BATCH = 0.1, 1e-5, 1e-3, 5
#: Standard deviation of the label noise: weak, as the law of the slope requires, and strong.
WEAK, STRONG = 0.3, 1.0
#: Networks of a law, steps, recorded steps: quick, full.
SIZES = {True: (8, 4_000, 6), False: (16, 20_000, 13)}
#: Number of networks for the comparison between networks.
STARTS = 100
#: Share of the run after which the slope is measured; relative error of its law at a finite learning rate.
SETTLED, REMAINDER = 0.1, 0.05
#: Steps of descent before test losses are compared.
REST = 3_000
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
#: Share of the distance under label noise that counts as moving; fall of log tr H that counts as a drift; smallest rank
#: correlation that counts as better generalisation of flatter networks; tolerance of a law.
MOVED, FALL, MATTERS, CLOSE = 0.01, 0.01, 0.4, 0.15
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
    paths, begun = moved(tanh.model(), chains, frames, seed), starts(tanh.model(), seed)
    slopes = [slope_row(paths[name], sd) for name, sd in (("weak label noise", WEAK), (NOISY, STRONG))]
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(
            network_moves(paths), drifts_to_flat(paths), slope_is_known(slopes), flattened_generalises(paths),
            flat_ones_generalise(*begun),
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
            "weak_label_noise": WEAK, "steps": steps, "networks": chains,
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
                [calm(now) for now in (own if name == NOISY else own[:: len(own) - 1])]
            ).T
    return {name: paths[name] for name in LAWS}


def calmed_by(model):
    """A function of the weights of some networks: their test losses after REST more steps of plain descent."""
    import jax
    import jax.numpy as jnp

    train_data, test_data = (
        Data(*(np.asarray(part, np.float32) for part in data)) for data in (model.train, model.test)
    )

    def loss(weights, data):
        return jnp.mean((model.apply(weights, data.inputs) - data.targets) ** 2) / 2

    def descend(_, now):
        slope = jax.grad(loss)(now, train_data)
        return jax.tree.map(lambda weight, part: weight - RATE * part, now, slope)

    @jax.jit
    @jax.vmap
    def calm(now):
        return loss(jax.lax.fori_loop(0, REST, descend, now), test_data)

    return lambda weights: calm(jax.tree.map(lambda *leaves: np.stack(leaves).astype(np.float32), *weights))


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


def starts(model, seed):
    """Trace and test loss (STARTS,) of networks after descent alone, from different initial weights."""
    import jax

    drawn = jax.jit(jax.vmap(model.init))(jax.random.split(jax.random.key(seed), STARTS))
    networks = [jax.tree.map(lambda part, i=i: np.asarray(part[i]), drawn) for i in range(STARTS)]
    return np.asarray(jax.vmap(model.observe["trace"])(drawn)), np.asarray(calmed_by(model)(networks))


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


def flattened_generalises(paths):
    """Under label noise, which lowers tr H, the test loss of a network decreases with time."""
    pairs = zip(paths[NOISY]["trace"], paths[NOISY]["calm"], strict=True)
    along = mean_over([rank_correlation(*pair).value for pair in pairs])
    gained = {name: change(paths[name], "calm") for name in (NOISY, ISOTROPIC, "decay")}
    number = (
        "log of the test loss, end over start: "
        + ", ".join(f"{name} {told(gain)}" for name, gain in gained.items())
        + f"; rank correlation of tr H and test loss over time under label noise {told(along)}, n = {along.n}"
    )
    return Finding(BETTER, verdict_of(below(gained[NOISY], 0.0)), number)


def flat_ones_generalise(trace, loss):
    """Between networks after the same descent the rank correlation of tr H and test loss is above MATTERS."""
    found = rank_correlation(trace, loss, "rank correlation between networks")
    number = (
        f"rank correlation of tr H and test loss between networks after the same descent {told(found)}, n = {found.n}; "
        f"tr H {told(factor_over(trace))}, test loss {told(factor_over(loss))}"
    )
    return Finding(BETWEEN, verdict_of(above(found, MATTERS)), number)


def draw(file, paths, slopes, begun):
    """Trace and log determinant against steps; test loss against trace; measured fall of the trace over its law."""
    with canvas(file, "Trace of the Hessian, mean over networks", width=10.0, height=7.6) as place:
        axes, middle, right, law = panels(place, 2, 2)
        for i, (name, path) in enumerate(paths.items()):
            colour, dash = (*COLOURS, "0.2", "0.6")[i], DASHES[i % 4]
            for panel, key in ((axes, "trace"), (middle, "log_det")):
                band(panel, path["steps"], path[key], colour, dash, name)
            ends = path["trace"][:, -1], path["calm"][:, -1]
            right.plot(*ends, "os^vD*Px"[i], color=colour, markersize=4, label=name)
        right.plot(*begun, ".", color="0.7", markersize=3, label="starts", zorder=0)
        axes.set(xlabel="step", ylabel="tr $H$", yscale="log")
        middle.set(xlabel="step", ylabel="$\\log \\det J J^T$")
        middle.set_title("Log determinant", loc="left")
        right.set(xlabel="tr $H$ at the end", ylabel="test loss on the set", xscale="log", yscale="log")
        right.set_title("Curvature and generalisation, each network", loc="left")
        found = [row.measured for row in slopes]
        bars(law, [row.point for row in slopes], found, MEASURED, "o", "measured, 95 %")
        law.axhline(1.0, linestyle="--", color=COLOURS[0], label="law, weak noise")
        law.set(xlabel="label noise $\\sigma$", ylabel="fall of tr $H$, measured / law", ylim=(0, 1.3))
        law.set_title("Label noise, measured over its law", loc="left")
        law.legend(loc="lower left")
        for axis in (axes.yaxis, right.xaxis):
            plain_ticks(axis, (3, 5, 10, 20))
        plain_ticks(right.yaxis, (0.02, 0.05, 0.1))
        axes.figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=5)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
