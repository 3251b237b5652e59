"""Does a small network grok sparse parity as a source describes it: what happens, and in which order?

One hidden layer of 500 ReLU units learns the product of the first two of 50 signs from 300 samples, under weight decay.
It memorises in about 13 epochs and generalises in about 165. The sim records accuracy, the spectral norm of the hidden
weights, their sparsity, and whether the hidden layer forms clusters of held-out samples with the same two signs. Each
network has samples of its own: errors are those of a mean over data sets. The full run takes two minutes of one
processor.
"""

from dataclasses import replace

import numpy as np

from langevin.comparison import compare
from langevin.comparison import format_measurement as told
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, below, between, every
from langevin.measure.networks import fraction_below, hoyer_sparsity, spectral_norms
from langevin.measure.networks.clusters import NO_STRUCTURE, REASONABLE, neighbour_share, silhouette
from langevin.measure.occupancy import share_of
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Callbacks, Law, Recording, train
from langevin.types import Curve, Prediction
from models import parity
from sims._bends import corners, inflections
from sims._hidden_layer import RELEVANT, hidden_layer, pattern, pictures
from sims._parity_grokking_figure import draw

SIGNS, WIDTH, EPOCH = 50, 500, 10
TRAINING = {"learning_rate": 0.1, "weight_decay": 0.01, "batch": 32}
LAW = Law(**TRAINING, name="sgd")
#: Initial weights are uniform in +-BOUND; "near zero" is within a tenth of it.
BOUND = SIGNS**-0.5
#: Numbers within the factor ROUGHLY are "roughly the same" (the two events are a factor of ten apart). Beyond it one
#: epoch is "long after" another, and a decline is "sharp" next to another one.
ROUGHLY = 2.0
#: Smallest number of networks with both events: one network has no standard error.
FEWEST = 2
#: "Most networks" means a share above MOST. A share has risen if it has grown by RISEN.
MOST, RISEN = 0.5, 0.02
PER_EPOCHS, PER_LOG = "decline per hundred epochs", "decline per unit of ln(epoch)"
#: Clusters by neighbours: more than SORTED of ten neighbours have the same two signs. No clusters: less than MIXED.
SORTED, MIXED = 0.8, 0.5
EVENTS = "memorised", "generalised"
LOOKS = ("spectral norm", "Hoyer sparsity", "near zero", "silhouette", "neighbours")

POST = "T. Fuangkawinsombut and T. Somsirivattana, Grokking (2023)"
DELAY = Claim(
    "a model trained on small algorithmically generated datasets suddenly generalizes long after fitting the training "
    "data (we begin by reproducing the grokking phenomenon) [how suddenly is not judged here]",
    f"{POST}, introduction and figure 1",
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
    networks, epochs, every = (8, 280, 2) if quick else (32, 500, 1)
    models = [
        parity.model(SIGNS, RELEVANT, width=WIDTH, data_seed=networks * seed + i) for i in range(networks)
    ]
    run, looks, kept = joined(
        [watched(model, 1, epochs, every, networks * seed + i) for i, model in enumerate(models)]
    )
    train, test = models[0].train.inputs, models[0].test.inputs
    pictured = test if quick else np.concatenate([train, test])
    times = np.column_stack([run.events[f"{what}_step"] for what in EVENTS]) / EPOCH
    findings, rows, bends = at_the_events(run, looks, times)
    start = mean_over(looks["spectral norm"][:, 0], "spectral norm at the start")
    frames = {"start": 0, "end": -1}
    ends = [(name, when, mean_over(looks[name][:, i])) for name in LOOKS for when, i in frames.items()]
    return Answer(
        question="Does a small network grok sparse parity as the source describes it?",
        findings=(is_delayed(times), *findings),
        header=("quantity", "when", "value", "standard error", "networks"),
        rows=[(what, when, m.value, m.error, m.n) for what, when, m in (*rows, *ends)],
        draw=lambda path: draw(
            path, run.steps / EPOCH, {**run.observables, **looks}, RANDOM,
            {when: m.value for what, when, m in rows if what == "epoch"}, bends,
            pictures(kept, run.steps / EPOCH, times[0], pictured), pattern(pictured),
        ),
        settings=dict(
            TRAINING, law=LAW.name, networks=networks, epochs=epochs, width=WIDTH,
            data_seeds=[networks * seed, networks * (seed + 1) - 1],
        ),
        comparisons=[compare(start, EDGE, SIGNS, level=LEVEL)],
    )  # fmt: skip


def at_the_events(run, looks, times):
    """Findings on the networks with both events, rows of their numbers, and the bends of the mean norm by name.

    Times are (networks, events); an event that does not occur has the time -1. Fewer than `FEWEST` networks decide
    nothing.
    """
    done = (times >= 0).all(axis=1)
    if done.sum() < FEWEST:
        words = f"{done.sum()} of {len(times)} networks memorise and generalise in this run"
        claims = CLUSTERS, THINNED, BENDS, FALLS
        return [Finding(claim, verdict_of(every("too few networks", ())), words) for claim in claims], [], {}
    own, seen, epochs = times[done], {name: values[done] for name, values in looks.items()}, run.steps / EPOCH
    there = at_epochs(run, seen, own)
    strict, wide = (find(seen["spectral norm"], epochs, own) for find in (inflections, corners))
    findings = [
        clusters_emerge(there, seen), weights_thin_out(there, seen),
        norm_bends(own, strict, wide), norm_falls(there, seen, own, epochs),
    ]  # fmt: skip
    rows = [
        *(("epoch", when, mean_over(column)) for when, column in zip(EVENTS, own.T)),
        *((f"epoch of {what}", which, bend) for what, (bends, _) in (("inflection", strict), ("corner", wide))
          for which, bend in zip(("first", "second"), bends)),
        *((name, when, mean_over(column)) for name in LOOKS for when, column in zip(EVENTS, there[name].T)),
    ]  # fmt: skip
    return findings, rows, {"inflections": strict[0], "corners": wide[0]}


def watched(model, networks, epochs, every, seed):
    """A run, its measurements by name (networks, frames), and the weights of the first network at every frame."""
    seen, kept, steps = [], [], EPOCH * epochs

    def visit(step, weights):
        seen.append([look(one, model.test.inputs) for one in weights])
        kept.append(weights[0])

    frames, watch = Recording(range(0, steps + 1, EPOCH * every)), Callbacks(visit=visit)
    run = train(model, LAW, steps=steps, chains=networks, seed=seed, recording=frames, callbacks=watch)
    return run, dict(zip(LOOKS, np.array(seen).transpose(2, 1, 0))), kept


def joined(parts):
    """Run, measurements and kept weights of several `watched` models as one; the weights are those of the first."""
    runs, looks, kept = zip(*parts, strict=True)
    events, observables = (
        {name: np.concatenate([getattr(run, kind)[name] for run in runs]) for name in getattr(runs[0], kind)}
        for kind in ("events", "observables")
    )
    states = np.concatenate([run.states for run in runs])
    seen = {name: np.concatenate([one[name] for one in looks]) for name in LOOKS}
    return replace(runs[0], states=states, events=events, observables=observables), seen, kept[0]


def look(weights, inputs):
    """The measurements `LOOKS` of one network: of its hidden weights, and of the hidden layer on held-out samples."""
    hidden, layer = weights["hidden"], hidden_layer(weights, inputs)
    thin = hoyer_sparsity(hidden), fraction_below(hidden, BOUND / 10)
    sorted_by = silhouette(layer, pattern(inputs)), neighbour_share(layer, pattern(inputs))
    return *spectral_norms({"hidden": hidden}).values(), *thin, *sorted_by


def at_epochs(run, looks, times):
    """Measurements of each network at its own epochs `times` (networks, events), by name."""
    frames = np.searchsorted(run.steps, EPOCH * times)
    return {name: np.take_along_axis(values, frames, axis=1) for name, values in looks.items()}


def text(values):
    """Mean +- standard error over networks."""
    return told(mean_over(values))


def among(values):
    """How many networks, and their data."""
    return f"n = {len(values)} networks of {WIDTH} hidden units, each on its own data set"


def is_delayed(times):
    """Most networks generalise, and these do so later than they memorise by a factor above `ROUGHLY`."""
    arrived = (times >= 0).all(axis=1)
    parts = [above(share_of(arrived, "share of networks that generalise"), MOST)]
    words = f"{int(arrived.sum())} of {len(times)} networks, each on its own data set, generalise"
    if arrived.any():
        soon, late = times[arrived].T
        factor = factor_over(late / soon, "epoch of generalising over epoch of memorising")
        parts.append(above(factor, ROUGHLY))
        words += f"; memorised at epoch {text(soon)}, generalised at {text(late)}, ratio {told(factor)}"
    return Finding(DELAY, verdict_of(every("most networks generalise, long after", parts)), words)


def clusters_emerge(there, looks):
    """No clusters when memorised and clusters when generalised: by distance, or else by nearest neighbours."""
    near, apart = (
        [mean_over(there[name][:, i], f"{name} when {when}") for i, when in enumerate(EVENTS)]
        for name in ("neighbours", "silhouette")
    )  # fmt: skip
    parts = below(apart[0], NO_STRUCTURE), above(apart[1], REASONABLE)
    by_distance = every("clusters emerge by distance", parts)
    by_neighbours = every("clusters emerge by neighbours", (below(near[0], MIXED), above(near[1], SORTED)))
    words = (
        f"share of the ten nearest neighbours with the same two signs {told(near[0])} when memorised, {told(near[1])} "
        f"when generalised (chance {2.0**-RELEVANT:g}); mean silhouette {told(apart[0])} and {told(apart[1])}, at the "
        f"end of the run {text(looks['silhouette'][:, -1])}; {among(there['neighbours'])}"
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
    words += f" (near zero: within a tenth of the initial bound); {among(there['near zero'])}"
    sparser = every(
        "the weights coalesce and become sparser", [above(rise, RISEN) for rise in rises.values()]
    )
    condition = "'sparser' means that all weights shrink by similar factors: the sparsity is constant"
    return Finding(THINNED, verdict_of(sparser, Narrowed(condition, above(rises["near zero"], RISEN))), words)


def norm_bends(times, strict, wide):
    """Each inflection lies within a factor `ROUGHLY` of its event, or else each corner against the log of the epoch."""
    (bends, parts), (turns, shares) = strict, wide
    words = (
        f"slowest decline at epoch {told(bends[0])}, then steepest decline at {told(bends[1])}; memorised at epoch "
        f"{text(times[:, 0])}, generalised at {text(times[:, 1])}; ratios of epochs: first inflection over memorising "
        f"{told(parts[0])}, second inflection over generalising {told(parts[1])}; corners "
        f"against ln(epoch) at {told(turns[0])} and {told(turns[1])}, ratios: first corner over memorising "
        f"{told(shares[0])}, second corner over generalising {told(shares[1])}; {among(times)}"
    )
    condition = (
        "an 'inflection point' is a corner of the curve against ln(epoch), as a logarithmic axis shows it; in the "
        "strict sense, with the second derivative by the epoch equal to 0, not both points lie near their events"
    )
    both, turned = (
        every(f"both {name}", [between(part, 1 / ROUGHLY, ROUGHLY) for part in each])
        for name, each in (("inflections", parts), ("corners", shares))
    )
    return Finding(BENDS, verdict_of(both, Narrowed(condition, turned)), words)


def norm_falls(there, looks, times, epochs):
    """Sharply means: more than `ROUGHLY` times as fast as before memorising, and as after generalising.

    The rates are per epoch and per unit of ln(epoch). Before begins at the first frame after the start, because epoch 0
    has no logarithm. Networks without a time before, between or after are left out.
    """
    points = np.column_stack([np.full(len(times), epochs[1]), times, np.full(len(times), epochs[-1])])
    norms = np.column_stack(
        [looks["spectral norm"][:, 1], there["spectral norm"], looks["spectral norm"][:, -1]]
    )
    known = (np.diff(points) > 0).all(axis=1)
    points, drops = points[known], -np.diff(norms[known])
    words = f"from {text(norms[:, 1])} to {text(norms[:, 2])}; {among(points)}"
    if len(points) < FEWEST:
        return Finding(FALLS, verdict_of(every("too few networks", ())), words)
    rates = {PER_EPOCHS: 100 * drops / np.diff(points), PER_LOG: drops / np.diff(np.log(points))}
    words = "".join(
        f"{unit} {text(between_them)} between memorising and generalising, {text(before)} before, {text(after)} after; "
        for unit, (before, between_them, after) in ((unit, rate.T) for unit, rate in rates.items())
    ) + words  # fmt: skip
    parts = {
        unit: [
            above(
                mean_over(fall[:, 1] - ROUGHLY * fall[:, i], f"{unit}, minus {ROUGHLY:g} times that {when}"),
                0.0,
            )
            for i, when in ((0, "before"), (2, "after"))
        ]
        for unit, fall in rates.items()
    }
    condition = (
        f"the rate is per unit of ln(epoch), as a logarithmic axis shows it: it is more than {ROUGHLY:g} times the "
        "rates before and after; per epoch it is not"
    )
    sharp = every("a sharp decline on both scales", [one for each in parts.values() for one in each])
    shown = every("a sharp decline against ln(epoch)", parts[PER_LOG])
    return Finding(FALLS, verdict_of(sharp, Narrowed(condition, shown)), words)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
