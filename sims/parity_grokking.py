"""Does a small network grok sparse parity as a source describes it: what happens, and in which order?

One hidden layer of 500 ReLU units learns the product of the first two of 50 signs from 300 samples, under weight decay.
It memorises in about 10 epochs and generalises in about 150. The sim records accuracy, the spectral norm of the hidden
weights, their sparsity, and whether the hidden layer forms clusters of held-out samples with the same two signs.
The full run takes half a minute of one processor.
"""

import numpy as np

from langevin.comparison import compare
from langevin.comparison import format_measurement as told
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, between, every
from langevin.measure import bootstrap_walkers
from langevin.measure.networks import fraction_below, hoyer_sparsity, spectral_norms, t_sne, weight_density
from langevin.measure.networks.clusters import NO_STRUCTURE, REASONABLE, neighbour_share, silhouette
from langevin.measure.occupancy import share_of
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Callbacks, Law, Recording, train
from langevin.types import Curve, Prediction
from models import parity

SIGNS, RELEVANT, WIDTH, EPOCH = 50, 2, 500, 10
TRAINING = {"learning_rate": 0.1, "weight_decay": 0.01, "batch": 32}
LAW = Law(**TRAINING, name="sgd")
#: Initial weights are uniform in +-BOUND; "near zero" is within a tenth of it.
BOUND = SIGNS**-0.5
#: Standard deviation, in epochs, of the Gaussian that smooths the spectral norm before its slope is computed.
SMOOTH = 2.0
#: Epochs within the factor ROUGHLY are "roughly the same" (the two events are a factor of ten apart); beyond it one is
#: "long after" the other. A decline is "sharp" if it is SHARP times as fast as afterwards.
ROUGHLY, SHARP = 2.0, 5.0
#: "Most networks" means a share above MOST. A share has risen if it has grown by RISEN.
MOST, RISEN = 0.5, 0.02
#: Clusters by neighbours: more than SORTED of ten neighbours have the same two signs. No clusters: less than MIXED.
SORTED, MIXED = 0.8, 0.5
LOOKS = ("spectral norm", "Hoyer sparsity", "near zero", "silhouette", "neighbours")

POST = "T. Fuangkawinsombut and T. Somsirivattana, Grokking (2023)"
DELAY = Claim(
    "a model trained on small algorithmically generated datasets suddenly generalizes long after fitting the training "
    "data (we begin by reproducing the grokking phenomenon)", f"{POST}, introduction and figure 1",
)  # fmt: skip
CLUSTERS = Claim(
    "a clear emergence of good representations after the model had already achieved memorization: 2^k clusters "
    "depending solely on the first k coordinates; no discernible clustering of the bad representations",
    f"{POST}, figure 2",
)
THINNED = Claim(
    "as the training process progresses, the weights coalesce around zero; in other words, the model becomes sparser",
    f"{POST}, figure 3",
)
BENDS = Claim(
    "the spectral norm has two inflection points at roughly the same epoch when the model achieves memorization and "
    "when it achieves generalization", f"{POST}, figure 4",
)  # fmt: skip
FALLS = Claim("between these two points, the spectral norm sharply declines", f"{POST}, figure 4")
#: The largest singular value of a large matrix of independent entries of variance 1 / (3 n). At this size its mean is
#: lower by 1.2065 times Johnstone's scale (Tracy and Widom).
RANDOM = (WIDTH**0.5 + SIGNS**0.5) / (3 * SIGNS) ** 0.5
EDGE = Curve(
    "edge of the Marchenko-Pastur law", lambda _: Prediction(RANDOM, 0.013 * RANDOM),
    "large matrices: at 50 x 500 the mean is 1.3 % lower", "Marchenko and Pastur 1967; Johnstone 2001",
)  # fmt: skip


def answer(quick=False, seed=1):
    """Train, measure at every epoch, find the epochs of memorising and generalising, compare the measurements there."""
    networks, epochs, every = (8, 240, 2) if quick else (10, 500, 1)
    model = parity.model(SIGNS, RELEVANT, width=WIDTH, data_seed=seed)
    run, looks, kept = watched(model, networks, epochs, every, seed)
    pictured = model.test.inputs if quick else np.concatenate([model.train.inputs, model.test.inputs])
    times = np.column_stack([run.events[f"{what}_step"] for what in ("memorised", "generalised")]) / EPOCH
    there = at_epochs(run, looks, times)
    bends, parts = inflections(looks["spectral norm"], run.steps / EPOCH, times)
    start = mean_over(looks["spectral norm"][:, 0], "spectral norm at the start")
    return Answer(
        question="Does a small network grok sparse parity as the source describes it?",
        findings=(
            is_delayed(times), clusters_emerge(there, looks), weights_thin_out(there, looks),
            norm_bends(times, bends, parts), norm_falls(there, looks, times, epochs),
        ),
        header=("quantity", "when", "value", "standard error", "networks"),
        rows=[(what, when, m.value, m.error, m.n) for what, when, m in (
            *(("epoch", when, mean_over(column)) for when, column in zip(("memorised", "generalised"), times.T)),
            *(("epoch of inflection", which, bend)
              for which, bend in zip(("first", "second"), bends)),
            *((name, when, mean_over(values)) for name in LOOKS for when, values in (
                ("start", looks[name][:, 0]), ("memorised", there[name][:, 0]),
                ("generalised", there[name][:, 1]), ("end", looks[name][:, -1]),
            )),
        )],
        draw=lambda path: draw(path, run, looks, kept, pictured, times, bends),
        settings=dict(TRAINING, law=LAW.name, networks=networks, epochs=epochs, width=WIDTH, data_seed=seed),
        comparisons=[compare(start, EDGE, SIGNS, level=LEVEL)],
    )  # fmt: skip


def watched(model, networks, epochs, every, seed):
    """A run, its measurements by name (networks, frames), and the weights of the first network at every frame."""
    seen, kept, steps = [], [], EPOCH * epochs

    def visit(step, weights):
        seen.append([look(one, model.test.inputs) for one in weights])
        kept.append(weights[0])

    frames, watch = Recording(range(0, steps + 1, EPOCH * every)), Callbacks(visit=visit)
    run = train(model, LAW, steps=steps, chains=networks, seed=seed, recording=frames, callbacks=watch)
    return run, dict(zip(LOOKS, np.array(seen).transpose(2, 1, 0))), kept


def look(weights, inputs):
    """The measurements `LOOKS` of one network: of its hidden weights, and of the hidden layer on held-out samples."""
    hidden, layer = weights["hidden"], hidden_layer(weights, inputs)
    thin = hoyer_sparsity(hidden), fraction_below(hidden, BOUND / 10)
    sorted_by = silhouette(layer, pattern(inputs)), neighbour_share(layer, pattern(inputs))
    return *spectral_norms({"hidden": hidden}).values(), *thin, *sorted_by


def hidden_layer(weights, inputs):
    """Activity of the hidden units (samples, units)."""
    return np.maximum(inputs @ weights["hidden"] + weights["hidden bias"], 0)


def pattern(inputs):
    """Number of the pattern, out of 2^k, of the relevant signs of each sample (samples,)."""
    return (inputs[:, :RELEVANT] > 0) @ 2 ** np.arange(RELEVANT)


def at_epochs(run, looks, times):
    """Measurements of each network at its own epochs `times` (networks, events), by name."""
    frames = np.searchsorted(run.steps, EPOCH * times)
    return {name: np.take_along_axis(values, frames, axis=1) for name, values in looks.items()}


def inflections(norms, epochs, times):
    """Both inflections of the mean curve: their epochs, and these over the epochs of the events that they should mark.

    The second is the steepest decline after memorising, the first the slowest decline before that.
    """
    from scipy.ndimage import gaussian_filter1d

    after, ahead = epochs >= times[:, 0].mean(), epochs > SMOOTH

    def slopes(curves):
        smooth = gaussian_filter1d(curves, SMOOTH / (epochs[1] - epochs[0]), axis=-1, mode="nearest")
        return np.gradient(smooth, epochs, axis=-1)

    def second(curves):
        return epochs[np.where(after, slopes(curves), np.inf).argmin(axis=-1)]

    def first(curves):
        before = ahead & (epochs < second(curves)[..., None])
        return epochs[np.where(before, slopes(curves), -np.inf).argmax(axis=-1)]

    both = np.concatenate([norms, times], axis=1)
    bends = [bootstrap_walkers(norms, find, f"{find.__name__} inflection") for find in (first, second)]
    parts = [
        bootstrap_walkers(both, lambda means, find=find, at=at: find(means[:, :-2]) / means[:, at], name)
        for find, at, name in ((first, -2, "first inflection"), (second, -1, "second inflection"))
    ]
    return bends, parts


def text(values):
    """Mean +- standard error over networks."""
    return told(mean_over(values))


def is_delayed(times):
    """Most networks generalise, and these do so later than they memorise by a factor above `ROUGHLY`."""
    arrived = (times >= 0).all(axis=1)
    parts = [above(share_of(arrived, "share of networks that generalise"), MOST)]
    words = f"{int(arrived.sum())} of {len(times)} networks on one data set generalise"
    if arrived.any():
        soon, late = times[arrived].T
        factor = factor_over(late / soon, "epoch of generalising over epoch of memorising")
        parts.append(above(factor, ROUGHLY))
        words += f"; memorised at epoch {text(soon)}, generalised at {text(late)}, ratio {told(factor)}"
    return Finding(DELAY, verdict_of(every("most networks generalise, long after", parts)), words)


def clusters_emerge(there, looks):
    """No clusters when memorised and clusters when generalised: by distance, or else by nearest neighbours."""
    near, apart = (
        [mean_over(there[name][:, i], f"{name} when {when}") for i, when in enumerate(("memorised", "generalised"))]
        for name in ("neighbours", "silhouette")
    )  # fmt: skip
    parts = below(apart[0], NO_STRUCTURE), above(apart[1], REASONABLE)
    by_distance = every("clusters emerge by distance", parts)
    by_neighbours = every("clusters emerge by neighbours", (below(near[0], MIXED), above(near[1], SORTED)))
    words = (
        f"share of the ten nearest neighbours with the same two signs {told(near[0])} when memorised, {told(near[1])} "
        f"when generalised (chance {2.0**-RELEVANT:g}); mean silhouette {told(apart[0])} and {told(apart[1])}, at the "
        f"end of the run {text(looks['silhouette'][:, -1])}, n = {near[0].n}"
    )
    condition = (
        f"clusters are defined by nearest neighbours, as t-SNE shows them; by distance (silhouette above "
        f"{REASONABLE:g}) the hidden layer has no clusters when the network generalises"
    )
    return Finding(CLUSTERS, verdict_of(by_distance, Narrowed(condition, by_neighbours)), words)


def weights_thin_out(there, looks):
    """From memorising to generalising the share near zero grows, and so does the sparsity, which is scale-invariant."""
    names = LOOKS[1:3]
    rises = {name: mean_over(there[name][:, 1] - there[name][:, 0], f"gain of {name}") for name in names}
    words = "; ".join(
        f"{name} {text(there[name][:, 0])} when memorised, {text(there[name][:, 1])} when generalised, "
        f"{text(looks[name][:, -1])} at the end"
        for name in names
    )
    words += f" (near zero: within a tenth of the initial bound), n = {len(there['near zero'])}"
    sparser = every(
        "the weights coalesce and become sparser", [above(rise, RISEN) for rise in rises.values()]
    )
    condition = "'sparser' means that all weights shrink by similar factors: the sparsity is constant"
    return Finding(THINNED, verdict_of(sparser, Narrowed(condition, above(rises["near zero"], RISEN))), words)


def norm_bends(times, bends, parts):
    """Each inflection lies within a factor `ROUGHLY` of its event."""
    same = [between(part, 1 / ROUGHLY, ROUGHLY) for part in parts]
    words = (
        f"slowest decline at epoch {told(bends[0])}, then steepest decline at epoch {told(bends[1])}; memorised at "
        f"{text(times[:, 0])}, generalised at {text(times[:, 1])}; epoch of inflection over epoch of event: "
        f"{told(parts[0])} and {told(parts[1])}, n = {len(times)}"
    )
    condition = (
        "only the first inflection is meant: both inflections lie near memorising, and after the second one the curve "
        "flattens steadily, without an inflection at generalising"
    )
    return Finding(BENDS, verdict_of(every("both inflections", same), Narrowed(condition, same[0])), words)


def norm_falls(there, looks, times, last):
    """Sharply means: `SHARP` times as fast as between generalising and the end of the run."""
    memorised, generalised = times.T
    (high, low), whole = there["spectral norm"].T, looks["spectral norm"]
    before, between_them = (whole[:, 0] - high) / memorised, (high - low) / (generalised - memorised)
    after = (low - whole[:, -1]) / (last - generalised)
    words = (
        f"decline per hundred epochs: {text(100 * between_them)} between memorising and generalising, "
        f"{text(100 * after)} after, {text(100 * before)} before; from {text(high)} to {text(low)}, n = {len(times)}"
    )
    excess = mean_over(between_them - SHARP * after, f"decline, minus {SHARP:g} times that afterwards")
    return Finding(FALLS, verdict_of(above(excess, 0.0)), words)


def draw(path, run, looks, kept, pictured, times, bends):
    """Learning curve, spectral norm, density of weights; lower row: t-SNE of the hidden layer of the first network."""
    from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
    from langevin.figures.panels import GREY, band, groups, marked, panels

    first, last, epochs = times[0], run.steps[-1] / EPOCH, run.steps / EPOCH
    moments = {"memorised": first[0], "midway": first.prod() ** 0.5, "generalised": first[1], "end": last}
    at = {f"{name}, epoch {now:.0f}": np.searchsorted(epochs, now - 0.05) for name, now in moments.items()}
    networks = {name: kept[frame] for name, frame in at.items()}
    names = [f"{'-+'[group & 1]}, {'-+'[group >> 1]}" for group in range(2**RELEVANT)]
    boxed = {"frameon": True, "framealpha": 1, "edgecolor": "none"}
    with canvas(path, f"Accuracy and loss, mean of {len(times)} networks", 11.0, 7.2) as axes:
        learning, norm, density, *below = panels(axes, 2, 3)
        for part, colour in (("train", COLOURS[0]), ("test", COLOURS[1])):
            for what, dash in (("accuracy", DASHES[0]), ("loss", DASHES[1])):
                band(learning, epochs, run.observables[f"{part}_{what}"], colour, dash, f"{part} {what}")
        learning.legend(loc="upper left", ncols=2, **boxed)
        learning.set(ylabel="accuracy, hinge loss", ylim=(-0.03, 1.45))
        norms = looks["spectral norm"]
        band(norm, epochs, norms, COLOURS[2], DASHES[0], "hidden weights")
        norm.axhline(RANDOM, color=GREY, linestyle="--",
                     label="random: $(\\sqrt{W}+\\sqrt{n})/\\sqrt{3n}$")  # fmt: skip
        turns = [bend.value for bend in bends]
        heights = np.interp(turns, epochs, norms.mean(axis=0))
        norm.plot(turns, heights, "o", color=MEASURED, label="inflections")
        norm.set_title("Spectral norm of the hidden weights", loc="left")
        norm.set(ylabel="largest singular value", ylim=(1.0, 2.5))
        for panel in (learning, norm):
            marked(panel, dict(zip(("memorised", "generalised"), times.mean(axis=0))))
            panel.set(xscale="log", xlabel="epoch", xlim=(2, last))
            panel.xaxis.set_major_formatter("{x:g}")
        norm.legend(loc="lower left", **boxed)
        places = np.linspace(-0.3, 0.3, 301)
        for (name, network), colour, dash in zip(networks.items(), COLOURS, DASHES):
            heights = weight_density(network["hidden"], places, 0.004)[1]
            density.plot(places, np.maximum(heights, 1e-3), color=colour, linestyle=dash, label=name)
        density.set_title("Density of the hidden weights, one network", loc="left")
        density.set(xlabel="weight", ylabel="kernel density", yscale="log", ylim=(2e-2, 2e3))
        density.legend(loc="upper right")
        for panel, (name, network) in zip(below, networks.items()):
            groups(panel, t_sne(hidden_layer(network, pictured)), pattern(pictured), names)
            panel.set_title(f"t-SNE of hidden layer: {name}", loc="left")
        below[0].legend(title="first two signs", fontsize=7, title_fontsize=7, ncols=4, loc="upper center",
                        bbox_to_anchor=(0.5, 0.0), handletextpad=0.1, columnspacing=1)  # fmt: skip


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
