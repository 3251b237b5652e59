"""Is grokking the way from lazy to rich learning: how does the delay depend on laziness and on the features?

Kumar et al.: f = (alpha / N) sum_i g(w_i . x), g(h) = h + eps h^2 / 2, fits a quadratic target. Large alpha is lazy:
the network first fits with its kernel at the start, which hardly knows the target, and generalises when the weights
have moved. Many networks are trained side by side, by gradient descent on a clock that does not depend on alpha; the
lazy limit is kernel regression. The sims lazy_kernel and samples_needed ask about the kernel and the data. The full
run takes three minutes of one processor.
"""

import numpy as np

from langevin import theory
from langevin.comparison import format_value
from langevin.experiment.claims import Answer, Claim, Finding, judge
from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
from langevin.measure import bootstrap_walkers
from langevin.measure.networks import kernel_alignment, tangent_kernel
from langevin.sgld import Callbacks, Law, Recording, train
from models import polynomial

DIM, SAMPLES, EPS, RATE = 25, 100, 0.05, 5.0
#: Half-mean loss at which samples count as fitted: a twentieth of that at the start.
FITS = 0.02
#: Runs of (alpha, eps) and their steps; data seeds: quick, full. Those at eps = EPS are the scan over alpha.
RUNS = {
    True: ((((0.125, EPS), (1.0, EPS), (1.0, 0.2)), 8_000),),
    False: (
        (((0.125, EPS), (0.25, EPS), (0.5, EPS), (1.0, 0.1), (1.0, 0.2)), 10_000),
        (((1.0, EPS), (2.0, EPS), (4.0, EPS), (8.0, EPS), (1.0, 0.025)), 60_000),
    ),
}
SEEDS = {True: 2, False: 5}
#: Power from which on a ratio counts as growing.
LEAST = 0.1
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
    """Train all networks, read off their times, kernels and needs; say what holds."""
    seeds = SEEDS[quick]
    curves = {}
    for cases, steps in RUNS[quick]:
        curves |= trained(cases, seeds, steps, seed)
    times = {key: (fitted(curve, "train"), fitted(curve, "test")) for key, curve in curves.items()}
    shown = {name: (alpha, curves[alpha, EPS]) for name, alpha in zip(("rich", "lazy"), SHOWN[quick])}
    aligned = {name: alignments(*case) for name, case in shown.items()}
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(
            laziness_delays(times, np.array([lazy_loss(polynomial.model(data_seed=i)) for i in range(seeds)])),
            alignment_helps(times),
            features_come_late(*aligned["lazy"], times[SHOWN[quick][1], EPS][0]),
        ),
        header=("alpha", "eps", "data seed", "step train fits", "step test fits"),
        rows=[(*case, i, *pair) for case, both in times.items() for i, pair in enumerate(zip(*both, strict=True))],
        draw=lambda path: draw(path, shown, times, aligned),
        settings={
            "dim": DIM, "samples": SAMPLES, "learning_rate": RATE, "fits": FITS, "data_seeds": seeds,
        },
    )  # fmt: skip


def trained(cases, seeds, steps, seed):
    """Losses (data seeds, frames) and a few weights on the way, of each (alpha, eps)."""
    dials = [{"alpha": alpha, "eps": eps, "data_seed": i} for alpha, eps in cases for i in range(seeds)]
    kept = {}
    run = train(
        polynomial.family(dials), Law(RATE, name="gradient-descent"), steps=steps, chains=1, seed=seed,
        recording=Recording(frames=300, sketch=1),
        callbacks=Callbacks(visit=lambda step, weights: kept.update({step: weights[0]["hidden"]})),
    )  # fmt: skip
    places = {case: slice(i * seeds, (i + 1) * seeds) for i, case in enumerate(cases)}
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
    """Step (data seeds,) at which the loss comes down to FITS, between frames by its logarithm; infinite for never."""
    found = []
    for losses in curve[part]:
        after = int(np.argmax(losses <= FITS))
        if losses[after] > FITS:
            found.append(np.inf)
            continue
        logs, steps = np.log(losses[after - 1 : after + 1]), curve["steps"][after - 1 : after + 1]
        found.append(float(steps[0] + (steps[1] - steps[0]) * (logs[0] - np.log(FITS)) / (logs[0] - logs[1])))
    return np.array(found)


def alignments(alpha, curve):
    """Alignment of the tangent kernel with y y^T at some steps: {centred: (data seeds, steps)}, and the steps."""
    model = polynomial.model(alpha=alpha)  # the kernel of another data seed is that at its inputs
    found = {True: [], False: []}
    for i in range(len(curve["train"])):
        x, y = polynomial.model(data_seed=i).train
        kernels = [tangent_kernel(model, {"hidden": w[i]}, x, x) for w in curve["weights"].values()]
        for centred, rows in found.items():
            rows.append([kernel_alignment(kernel, y @ y.T, centred=centred) for kernel in kernels])
    return np.array(list(curve["weights"])), {centred: np.array(rows) for centred, rows in found.items()}


def lazy_loss(model):
    """Test loss of kernel regression with K_0: the limit of large alpha after all time."""
    (x, y), (other, target) = model.train, model.test
    weights = np.linalg.lstsq(theory.tangent_kernel(x, x, EPS), y, rcond=1e-12)[0]
    return float(((theory.tangent_kernel(other, x, EPS) @ weights - target) ** 2).mean() / 2)


def scan(times, over):
    """Dial and ratio of the times (data seeds,) along alpha at eps = EPS (over 0) or eps at alpha = 1 (over 1)."""
    fixed = (1.0, EPS)[1 - over]
    return {
        case[over]: test / train for case, (train, test) in sorted(times.items()) if case[1 - over] == fixed
    }


def slopes(values):
    """Slope (data seeds,) of log value over log dial; infinite values, of those that do not get there, left out."""
    found = []
    for row in np.log(list(values.values())).T:
        seen = np.isfinite(row)
        found.append(np.polyfit(np.log(list(values))[seen], row[seen], 1)[0])
    return np.array(found)


def told(values):
    """Mean and standard error over data seeds."""
    found = bootstrap_walkers(np.asarray(values)[:, None], lambda means: means[:, 0], "mean over data seeds")
    return f"{format_value(found.value, found.error)} (n = {found.n})"


def listed(values):
    """Medians over data seeds, by the dial."""
    return ", ".join(f"{np.median(ratio):.3g} at {dial:g}" for dial, ratio in values.items())


def laziness_delays(times, floor):
    """In every data seed the ratio grows with a power of alpha above LEAST, and the lazy limit stays above FITS."""
    ratios = scan(times, 0)
    never = sum(int(np.isinf(ratio).sum()) for ratio in ratios.values())
    number = (
        f"median time test fits / time train fits by alpha: {listed(ratios)}; exponent {told(slopes(ratios))}; {never} "
        f"of {floor.size * len(ratios)} networks do not get there in time; the test loss of the lazy limit ends at "
        f"{told(floor)}, {floor.mean() / FITS:.0f} times the level"
    )
    return Finding(LAZINESS, judge((slopes(ratios) > LEAST).all() and (floor > FITS).all()), number)


def alignment_helps(times):
    """In every data seed the ratio falls with eps at alpha = 1; or else at least the delay in steps does."""
    ratios = scan(times, 1)
    delays = {eps: times[1.0, eps][1] - times[1.0, eps][0] for eps in ratios}
    known = [theory.kernel_alignment(DIM, eps, centred=True).value for eps in ratios]
    number = (
        f"at alpha = 1, by eps: median ratio {listed(ratios)}, exponent {told(slopes(ratios))}; delay in steps "
        f"{listed(delays)}, exponent {told(slopes(delays))}; alignment of K_0 from {known[0]:.2g} to {known[-1]:.2g}"
    )
    condition = (
        "the delay is counted in steps: better features speed up the fit of train even more than that of test"
    )
    return Finding(
        ALIGNMENT, judge((slopes(ratios) < 0).all(), (slopes(delays) < 0).all(), condition), number
    )


def features_come_late(steps, found, fits):
    """More than half of the rise of the centred alignment comes after train fits, in every data seed."""
    at_fit = [
        np.interp(np.log1p(fit), np.log1p(steps), row) for fit, row in zip(fits, found[True], strict=True)
    ]
    rises = (found[True][:, -1] - at_fit) / (found[True][:, -1] - found[True][:, 0])
    number = (
        f"lazy networks: centred alignment of the kernel with the labels from {told(found[True][:, 0])} to "
        f"{told(found[True][:, -1])}, not centred {told(found[False][:, 0])} to {told(found[False][:, -1])}; of the "
        f"rise {told(rises)} comes after train fits"
    )
    return Finding(FEATURES, judge(min(rises) > 0.5), number)


def draw(path, shown, times, aligned):
    """Learning curves; ratios over alpha and eps; alignment over time."""
    with canvas(path, "Loss, median of data seeds", width=11.0, height=6.6) as axes:
        grid = axes.figure.add_gridspec(2, 3)
        axes.set_subplotspec(grid[0, :])
        low = [axes.figure.add_subplot(grid[1, i]) for i in range(3)]
        for i, (name, (alpha, curve)) in enumerate(shown.items()):
            for part, dash in (("train", DASHES[1]), ("test", DASHES[0])):
                axes.plot(curve["steps"][1:], np.median(curve[part], axis=0)[1:], color=COLOURS[i], linestyle=dash,
                          label=f"{name} ($\\alpha$ = {alpha:g}), {part}")  # fmt: skip
            steps, found = aligned[name]
            for centred, dash in ((True, DASHES[0]), (False, DASHES[3])):
                low[2].plot(steps[1:], found[centred].mean(axis=0)[1:], color=COLOURS[i], linestyle=dash,
                            label=f"{name}, {'' if centred else 'not '}centred")  # fmt: skip
            low[2].axvline(np.median(times[alpha, EPS][0]), color=COLOURS[i], linewidth=0.8)
        axes.axhline(FITS, color="0.5", linewidth=0.8, label="fitted")
        axes.set(xscale="log", yscale="log", xlabel="step", ylabel="half-mean loss")
        names = ("laziness $\\alpha$ ($\\epsilon$ = 0.05)", "feature strength $\\epsilon$ ($\\alpha$ = 1)")
        for over, name in enumerate(names):
            ratios = scan(times, over)
            low[over].plot(
                list(ratios), list(ratios.values()), "o-", color="0.6", markersize=3, linewidth=0.7
            )
            low[over].plot(list(ratios), np.median(list(ratios.values()), axis=1), "o-", color=MEASURED)
            low[over].set(xscale="log", yscale="log", xlabel=name, ylabel="time test fits / time train fits")
            low[over].set_xticks(list(ratios), [f"{dial:g}" for dial in ratios])
            low[over].set_yticks((5, 10, 20, 50, 100), ("5", "10", "20", "50", "100"))
            low[over].minorticks_off()
            low[over].set_title("Delay; thin: data seeds, thick: median", loc="left")
        low[2].set(
            xscale="log", xlabel="step (thin line: train fits)", ylabel="alignment of K with the labels"
        )
        low[2].set_title("Kernel and labels, mean of data seeds", loc="left")
        for panel in (axes, low[2]):
            panel.legend()


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
