"""Does the correct solution lie where the zero-loss set has a high entropy?

A network memorises parity and generalises much later, under label noise or under weight decay. Plain descent brings the
weights of both times to zero loss, because local entropy and learning coefficient are defined at a minimum. There the
sim measures the volume of low loss around the weights: its size by the determinant of J J^T, its exponent by the local
learning coefficient. Networks with random labels are a control: the same law, but nothing can be generalised. A network
that does not generalise within the run has no correct solution, and is left out.
The full run takes two and a half minutes of one processor.
"""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from langevin.comparison import compare
from langevin.comparison import format_measurement as told
from langevin.experiment.claims import LEVEL, Answer, Claim, Finding, verdict_of
from langevin.experiment.statements import above, below, every
from langevin.figures.canvas import COLOURS, canvas
from langevin.figures.panels import bars, panels
from langevin.measure.networks import local_learning_coefficient, log_det
from langevin.measure.seeds import factor_over, mean_over
from langevin.sgld import Callbacks, Computation, Law, Protocol, Recording, Start, train
from langevin.sgld.rank import spectrum
from langevin.types import Curve, Measurement, Prediction, Share
from models import parity

SIGNS, SAMPLES, WIDTH, BATCH, RATE = 14, 50, 30, 25, 0.05
LAWS = {
    "label noise": Law(RATE, label_noise=1.0, name="label-noise", batch=BATCH),
    "weight decay": Law(RATE, weight_decay=0.01, name="sgd", batch=BATCH),
}
#: Networks of each law, longest run, laws, networks whose learning coefficient is measured: quick, full.
SIZES = {True: (12, 40_000, 1, 0), False: (12, 60_000, 2, 7)}
EVERY = 50
#: Plain descent to the zero-loss set.
DESCENT, DESCENT_STEPS = 0.1, 10_000
#: Walks: temperature, rate of the pull to the weights, step, draws, chains. The pull reduces each mode by the fraction
#: pull / (stiffness + pull). The walks last twenty times 1 / pull.
HEAT, PULL, STEP, DRAWS, CHAINS = 1e-7, 4e-3, 0.05, 200, 2
#: A solution is correct with this test accuracy; most solutions are correct if more than this fraction of them is;
#: coefficients differ if they do so by more than this fraction.
CORRECT, MOST, DIFFERENT = 0.9, 0.5, 0.05
#: Training loss that counts as zero.
ZERO = 1e-6
WORDS = (
    'the correct solution for learning problem ("structure", for example algorithm of modular addition) most likely '
    "lies in the high-entropy region of the zero-risk manifold"
)
PAPER = "S. V. Kozyrev, How to explain grokking (2024), section 2"
SIZE = Claim(f"{WORDS} [by the size of the volume of low loss]", PAPER)
EXPONENT = Claim(f"{WORDS} [by the exponent of the volume of low loss]", PAPER)
MEMORISED, GENERALISED, RANDOM = "memorised", "generalised", "random labels"


class Solutions(NamedTuple):
    """Weights of some networks at zero loss: entropies -log det(J J^T) / 2, ranks of J and test accuracies (networks,).

    `loss` is the largest training loss that is left, `trained` the number of networks that were trained.
    """

    model: object
    weights: list
    entropy: np.ndarray
    rank: np.ndarray
    accuracy: np.ndarray
    loss: float
    trained: int


def answer(quick=False, seed=1):
    """Train under each law, with true and with random labels; bring the weights to zero loss; judge the claims."""
    networks, steps, laws, walked = SIZES[quick]
    found = {name: route(LAWS[name], networks, steps, seed) for name in list(LAWS)[:laws]}
    first = found["label noise"]
    walks = {
        name: [coefficient(first[name], i, seed) for i in range(min(walked, len(first[name].entropy)))]
        for name in (MEMORISED, GENERALISED)
    }
    ranks = {name: first[name].rank[: len(rows)] for name, rows in walks.items()}
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(volume_is_larger(found), exponent_is_smaller(walks, ranks)),
        header=("law", "weights", "network", "entropy", "test accuracy"),
        rows=[
            (law, name, i, *pair)
            for law, kinds in found.items()
            for name, one in kinds.items()
            for i, pair in enumerate(zip(one.entropy, one.accuracy, strict=True))
        ],
        draw=lambda path: draw(path, found, walks),
        settings={
            "signs": SIGNS, "samples": SAMPLES, "width": WIDTH, "learning_rate": RATE, "steps": steps,
            "data_seed": seed, "temperature": HEAT, "pull": PULL,
        },
        comparisons=[row for rows in walks.values() for row in rows],
    )  # fmt: skip


def network(seed, outliers=0.0):
    """The network and its samples; flipping half of the labels makes random labels."""
    return parity.model(
        SIGNS, samples=SAMPLES, width=WIDTH, loss="half-mse", data_seed=seed, outliers=outliers
    )


def route(law, networks, steps, seed):
    """Solutions of the networks that generalise: memorised, generalised, and with random labels for the same time."""
    true, random = network(seed), network(seed, outliers=0.5)
    events, kept = trained(true, law, networks, steps, seed)
    memorised, generalised = events["memorised_step"], events["generalised_step"]
    arrived = np.flatnonzero((memorised >= 0) & (generalised >= 0))
    if not len(arrived):
        return dict.fromkeys(
            (MEMORISED, GENERALISED, RANDOM), Solutions(true, [], *np.zeros((3, 0)), 0.0, networks)
        )
    _, other = trained(random, law, networks, int(generalised.max()), seed)
    return {
        name: at_zero_loss(model, [weights[step[i]][i] for i in arrived], networks)
        for name, model, weights, step in (
            (MEMORISED, true, kept, memorised), (GENERALISED, true, kept, generalised),
            (RANDOM, random, other, generalised),
        )
    }  # fmt: skip


def trained(model, law, networks, steps, seed):
    """Events, and weights by recorded step, of networks that stop when all test samples are right."""
    kept = {}
    run = train(
        model, law, steps=steps, chains=networks, seed=seed, protocol=Protocol(stop={"generalised": 0}),
        recording=Recording(range(0, steps + 1, EVERY), sketch=1),
        callbacks=Callbacks(visit=lambda step, weights: kept.update({step: weights})),
    )  # fmt: skip
    return run.events, kept


def at_zero_loss(model, weights, networks):
    """The solutions that plain descent reaches from the weights; `networks` were trained."""
    last = {}
    run = train(
        model, Law(DESCENT, name="gradient-descent"), steps=DESCENT_STEPS, chains=len(weights),
        protocol=Protocol(start=Start(tuple(weights))), recording=Recording([0, DESCENT_STEPS], sketch=1),
        computation=Computation("float64"), callbacks=Callbacks(visit=lambda _, now: last.update({"weights": now})),
    )  # fmt: skip
    entropies, ranks = np.transpose(
        [(-m.value / 2, m.n) for m in (log_det(model, now) for now in last["weights"])]
    )
    accuracy, loss = (run.observables[name][:, -1] for name in ("test_accuracy", "train_loss"))
    return Solutions(model, last["weights"], entropies, ranks, accuracy, loss.max(), networks)


def coefficient(solutions, i, seed):
    """Comparison of the learning coefficient of one network with a regular minimum under the same pull and step."""
    model, weights = solutions.model, solutions.weights[i]
    steps = round(0.5 / (STEP * PULL))
    _, measured = local_learning_coefficient(
        model, weights, learning_rate=STEP, localisation=PULL / HEAT, inverse_temperature=1 / HEAT, draws=DRAWS,
        every=steps // 5, burn_in=5 * steps, chains=CHAINS, seed=seed,
    )  # fmt: skip
    stiffness = spectrum(model, weights) / len(model.train.targets)
    taken = (1 + PULL / stiffness) * (1 - STEP / 2 * (stiffness + PULL) / 2)
    regular = Curve(
        "regular minimum",
        lambda _: Prediction(float((0.5 / taken).sum())),
        "a zero-loss set",
        "Watanabe (2009)",
    )
    return compare(measured, regular, i, level=LEVEL)


def unknown(name):
    """A number that was not measured."""
    return Measurement(math.nan, math.inf, 0, name, False, "not measured")


def gained(late, early, name):
    """Mean difference of entropy between two sets of solutions; unknown away from zero loss or if ranks differ."""
    if not len(late.entropy):
        return unknown(name)
    known = len(late.entropy) > 1 and max(late.loss, early.loss) < ZERO and (late.rank == early.rank).all()
    return replace(mean_over(late.entropy - early.entropy, name), mixed=bool(known))


def correct(solutions, name):
    """Fraction of the solutions with a test accuracy above CORRECT, by the law of counts."""
    n, count = len(solutions.accuracy), int((solutions.accuracy > CORRECT).sum())
    if not n:
        return unknown(name)
    return Measurement(count / n, (count * (n - count) / n) ** 0.5 / n, n, name, law=Share(count, n))


def volume_is_larger(found):
    """Correct solutions have a higher entropy than memorised ones, and than those with random labels."""
    parts, words = [], []
    for law, kinds in found.items():
        late, n = kinds[GENERALISED], len(kinds[GENERALISED].entropy)
        gains = [gained(late, kinds[name], f"minus {name}, {law}") for name in (MEMORISED, RANDOM)]
        right = correct(late, f"fraction of correct solutions, {law}")
        parts += [above(right, MOST), *(above(gain, 0.0) for gain in gains)]
        words.append(f"{law}: {n} of {late.trained} networks generalised")
        if n:
            words[-1] += (
                f", entropy of generalised minus memorised weights {told(gains[0])}, minus those with random labels "
                f"{told(gains[1])}, {right.law.count} of {n} with a test accuracy above {CORRECT:g} (mean test "
                f"accuracy {told(mean_over(late.accuracy))}, of memorised {told(mean_over(kinds[MEMORISED].accuracy))})"
            )
    number = (
        f"{'; '.join(words)}; in nats, after descent to zero loss; required: both differences above 0, and more than "
        f"{MOST:.0%} of the generalised networks correct"
    )
    return Finding(SIZE, verdict_of(every("correct solutions have a higher entropy", parts)), number)


def settled(walks):
    """Networks (n,) both of whose walks settled, and their measured over regular coefficients (n, 2), in that order."""
    pairs = np.array([walks[MEMORISED], walks[GENERALISED]], dtype=object).T.reshape(-1, 2)
    both = np.array([i for i, pair in enumerate(pairs) if all(row.measured.mixed for row in pair)], int)
    shares = [[row.measured.value / row.predicted.value for row in pairs[i]] for i in both]
    return both, np.array(shares).reshape(-1, 2)


def exponent_is_smaller(walks, ranks):
    """The exponent of generalised weights is smaller by more than DIFFERENT.

    The exponent is half of the rank, which is that of a regular minimum, times measured over regular coefficient: this
    ratio has no bias by pull and step. `ranks` are those of the networks, by name.
    """
    both, shares = settled(walks)
    tried = len(walks[MEMORISED])
    if not len(shares):
        number = f"the walks of 0 of {tried} networks settled"
        if not tried:
            number = "only the full run measures learning coefficients, of networks that generalised"
        return Finding(EXPONENT, verdict_of(below(unknown("ratio of exponents"), 1.0)), number)
    halves = np.column_stack([ranks[name][both] / 2 for name in walks])
    exponents = shares * halves
    ratio = factor_over(exponents[:, 1] / exponents[:, 0], "ratio of exponents")
    words = ", ".join(
        f"{told(mean_over(share))} times {half.mean():g} for {name} weights"
        for name, share, half in zip(walks, shares.T, halves.T, strict=True)
    )
    number = (
        f"exponent, that is learning coefficient over that of a regular minimum of the same rank, times half of the "
        f"rank: {words}; generalised over memorised {told(ratio)} (a smaller exponent: below {1 - DIFFERENT:g}); "
        f"n = {ratio.n} networks whose walks settled, of {tried}"
    )
    smaller = below(ratio, 1 - DIFFERENT, "the exponent of generalised weights is smaller")
    return Finding(EXPONENT, verdict_of(smaller), number)


def draw(path, found, walks):
    """Entropy and test accuracy of each kind of weights, and the learning coefficients."""
    names = [MEMORISED, GENERALISED, RANDOM]
    with canvas(path, "Local entropy at zero loss", width=11.0, height=4.0) as place:
        axes, middle, right = panels(place, 1, 3)
        drawn = {law: kinds for law, kinds in found.items() if len(kinds[GENERALISED].entropy) > 1}
        for i, (law, kinds) in enumerate(drawn.items()):
            places = np.arange(3) + 0.12 * (i - (len(drawn) - 1) / 2)
            for panel, key in ((axes, "entropy"), (middle, "accuracy")):
                means = [mean_over(getattr(kinds[name], key)) for name in names]
                bars(panel, places, means, COLOURS[i], "os"[i], f"{law}, 95 % interval")
        axes.set(ylabel="$-\\frac{1}{2} \\log \\det J J^T$ (nats)")
        middle.set(ylabel="test accuracy", ylim=(0.4, 1.05))
        middle.set_title("Generalisation", loc="left")
        for panel in (axes, middle):
            panel.set_xticks(range(3), names)
            panel.set_xlim(-0.4, 2.4)
        right.set_title("Learning coefficient, label noise", loc="left")
        ratios = settled(walks)[1].T
        if ratios.shape[1] > 1:
            bars(right, [0, 1], [mean_over(row) for row in ratios], COLOURS[0], "o", "mean, 95 % interval")
            for i, row in enumerate(ratios):
                label = None if i else "each network"
                right.plot(np.full(len(row), i + 0.12), row, ".", color="0.4", markersize=5, label=label)
            right.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2)
        right.axhline(1.0, linestyle="--", color="0.4", linewidth=0.8)
        right.set(ylabel="$\\lambda$, measured / regular minimum", xlim=(-0.4, 1.5))
        right.set_xticks(range(2), names[:2])
        axes.figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
